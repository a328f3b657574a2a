import type { AccountId, TimestampUs } from '@monsta/core';
import { BinanceError } from '../parameters.ts';
import type { UserDataHub, UserDataListener } from '../user-data/user-data-hub.ts';
import { streamTerminatedJson } from '../user-data/user-data-json.ts';
import type { TimeUnit } from '../wire.ts';

/** Subscriptions that a connection may have at a time, and have had in its life. */
const ACTIVE_MAX = 1_000;
const TOTAL_MAX = 65_535;

/** How a subscription came about: by the session's own key, or by a signature of its own. */
export type SubscriptionOrigin = 'session' | 'signature';

interface Subscription {
  readonly account: AccountId;
  readonly origin: SubscriptionOrigin;
  readonly stop: () => void;
}

export interface SubscriptionsOptions {
  readonly hub: UserDataHub;
  readonly unit: TimeUnit;
  send(frame: string): void;
  /** Events were lost: the connection can't go on. */
  overflowed(): void;
}

/** The user data that one connection listens to. Events go out with the number of their subscription. */
export class SessionSubscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #active = new Map<number, Subscription>();
  #next = 0;
  /** Subscriptions that have ended and whose client has not been told. */
  #ended: number[] = [];

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  get ids(): readonly number[] {
    return [...this.#active.keys()];
  }

  /** Its number. Throws −2035 where the connection listens to the account already, −1191 and −2042 beyond the limits. */
  open(account: AccountId, origin: SubscriptionOrigin): number {
    if ([...this.#active.values()].some((subscription) => subscription.account === account)) {
      throw new BinanceError(-2035, 'User Data Stream subscription already active.');
    }
    if (this.#active.size >= ACTIVE_MAX) {
      const most = `Connection may create up to '${ACTIVE_MAX}' subscriptions at a time.`;
      throw new BinanceError(-1191, `Too many subscriptions. ${most}`);
    }
    if (this.#next >= TOTAL_MAX) {
      throw new BinanceError(-2042, 'Maximum subscription ID reached for this connection.');
    }
    const id = this.#next;
    this.#next += 1;
    const listener: UserDataListener = {
      unit: this.#options.unit,
      deliver: (json) => {
        if (this.#active.has(id)) this.#options.send(`{"subscriptionId":${id},"event":${json}}`);
      },
      overflowed: () => this.#options.overflowed(),
    };
    this.#active.set(id, { account, origin, stop: this.#options.hub.subscribe(account, listener) });
    return id;
  }

  /** Ends one, or all. Throws −2036 for a number that is none of them. */
  close(id: number | null): void {
    if (id !== null && !this.#active.has(id)) {
      throw new BinanceError(-2036, 'User Data Stream subscription not active.');
    }
    for (const each of id === null ? this.ids : [id]) this.#end(each);
  }

  /** Ends what the session's own key opened. */
  closeOfSession(): void {
    for (const [id, { origin }] of this.#active) if (origin === 'session') this.#end(id);
  }

  /** Tells the client of what has ended since, each in its last event. */
  tellEnded(eventUs: TimestampUs): void {
    const event = streamTerminatedJson({ eventUs, unit: this.#options.unit });
    for (const id of this.#ended) this.#options.send(`{"subscriptionId":${id},"event":${event}}`);
    this.#ended = [];
  }

  /** The connection is gone. */
  drop(): void {
    for (const { stop } of this.#active.values()) stop();
    this.#active.clear();
    this.#ended = [];
  }

  #end(id: number): void {
    this.#active.get(id)?.stop();
    this.#active.delete(id);
    this.#ended.push(id);
  }
}
