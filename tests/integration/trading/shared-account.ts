import {
  addAmounts,
  expectOk,
  parseAmount,
  ok,
  type Amount,
  type AssetId,
  type VenueAccountEvent,
  type TimestampUs,
} from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';

/** An account that somebody else moves money on too: what they do is in the venue's balances at once, and is told to who listens, or to the next who does. */
export class SharedAccount {
  readonly #moved = new Map<AssetId, Amount>();
  #listeners: ((event: VenueAccountEvent) => void)[] = [];
  #untold: VenueAccountEvent[] = [];
  #transfers = 0;

  /** A deposit, or a withdrawal where `amount` is below zero. */
  transfer(asset: AssetId, text: string, tsEventUs: TimestampUs): void {
    const amount = expectOk(parseAmount(text));
    this.#moved.set(asset, addAmounts(this.#moved.get(asset) ?? (0n as Amount), amount));
    this.#transfers += 1;
    const cause = amount < 0n ? 'withdrawal' : 'deposit';
    this.#tell({ kind: 'transfer', id: `transfer-${this.#transfers}`, cause, asset, amount, tsEventUs });
  }

  /** Whether the venue's reports come. */
  reports(state: 'live' | 'lost', tsEventUs: TimestampUs): void {
    this.#tell({ kind: 'reports', state, reason: 'the connection is silent', tsEventUs });
  }

  /** Nobody listens any more. */
  leave(): void {
    this.#listeners = [];
  }

  wrap(venue: ExecutionVenue): ExecutionVenue {
    return new Proxy(venue, {
      get: (target, name) => {
        if (name === 'onAccountEvent') return (listener: (event: VenueAccountEvent) => void) => this.#listen(listener);
        if (name === 'balances') return () => this.#balances(target);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #listen(listener: (event: VenueAccountEvent) => void): void {
    this.#listeners.push(listener);
    for (const event of this.#untold.splice(0)) listener(event);
  }

  #tell(event: VenueAccountEvent): void {
    if (this.#listeners.length === 0) this.#untold.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  async #balances(venue: ExecutionVenue): ReturnType<ExecutionVenue['balances']> {
    const own = await venue.balances();
    if (!own.ok) return own;
    const moved = (asset: AssetId): Amount => this.#moved.get(asset) ?? (0n as Amount);
    return ok(own.value.map((each) => ({ ...each, free: addAmounts(each.free, moved(each.asset)) })));
  }
}
