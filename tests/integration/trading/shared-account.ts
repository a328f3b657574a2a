import {
  addAmounts,
  baseAmount,
  expectOk,
  negateAmount,
  notional,
  ok,
  parseAmount,
  ZERO_AMOUNT,
  type Amount,
  type AssetId,
  type ForeignFill,
  type Instrument,
  type TimestampUs,
  type VenueAccountEvent,
} from '@monsta/core';
import type { ExecutionVenue } from '@monsta/ports';

/** An account that somebody else moves money on too: what they do is in the venue's balances at once, and is told to who listens, or to the next who does. */
export class SharedAccount {
  readonly #moved = new Map<AssetId, Amount>();
  #listeners: ((event: VenueAccountEvent) => void)[] = [];
  #untold: VenueAccountEvent[] = [];
  readonly #fills: ForeignFill[] = [];
  #transfers = 0;

  /** A deposit, or a withdrawal where `amount` is below zero. */
  transfer(asset: AssetId, text: string, tsEventUs: TimestampUs): void {
    const amount = expectOk(parseAmount(text));
    this.#move(asset, amount);
    this.#transfers += 1;
    const cause = amount < 0n ? 'withdrawal' : 'deposit';
    this.#tell({ kind: 'transfer', id: `transfer-${this.#transfers}`, cause, asset, amount, tsEventUs });
  }

  /** A purchase by hand, of which nobody is told: it has to be asked for. */
  buys(fill: ForeignFill, instrument: Instrument): void {
    this.#fills.push(fill);
    this.#move(instrument.base, baseAmount(fill.quantity, instrument));
    this.#move(instrument.quote, negateAmount(notional(fill.price, fill.quantity, instrument)));
  }

  /** Money that goes without a word, ever. */
  losesUntold(asset: AssetId, text: string): void {
    this.#move(asset, negateAmount(expectOk(parseAmount(text))));
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
        if (name === 'fillsSince')
          return (...asked: Parameters<ExecutionVenue['fillsSince']>) => this.#fillsSince(target, ...asked);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #move(asset: AssetId, by: Amount): void {
    this.#moved.set(asset, addAmounts(this.#moved.get(asset) ?? ZERO_AMOUNT, by));
  }

  #listen(listener: (event: VenueAccountEvent) => void): void {
    this.#listeners.push(listener);
    for (const event of this.#untold.splice(0)) listener(event);
  }

  #tell(event: VenueAccountEvent): void {
    if (this.#listeners.length === 0) this.#untold.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  async #fillsSince(
    venue: ExecutionVenue,
    ...[instrument, fromUs]: Parameters<ExecutionVenue['fillsSince']>
  ): ReturnType<ExecutionVenue['fillsSince']> {
    const own = await venue.fillsSince(instrument, fromUs);
    return own.ok ? ok([...own.value, ...this.#fills.filter(({ tsEventUs }) => tsEventUs >= fromUs)]) : own;
  }

  async #balances(venue: ExecutionVenue): ReturnType<ExecutionVenue['balances']> {
    const own = await venue.balances();
    if (!own.ok) return own;
    const moved = (asset: AssetId): Amount => this.#moved.get(asset) ?? ZERO_AMOUNT;
    return ok(own.value.map((each) => ({ ...each, free: addAmounts(each.free, moved(each.asset)) })));
  }
}
