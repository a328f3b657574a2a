import { US_PER_MS, type InstrumentId, type TimestampUs } from '@monsta/core';

/** Books are present states, and many: one is taken at most this often for each instrument, those that come sooner are let by. */
export class BookRhythm {
  readonly #everyUs: number;
  readonly #takenUs = new Map<InstrumentId, TimestampUs>();

  constructor(everyMs: number) {
    this.#everyUs = everyMs * US_PER_MS;
  }

  /** When the newest book of each instrument was taken, for `goOn`. */
  state(): readonly (readonly [InstrumentId, TimestampUs])[] {
    return [...this.#takenUs];
  }

  goOn(state: readonly (readonly [InstrumentId, TimestampUs])[]): void {
    for (const [instrument, us] of state) this.#takenUs.set(instrument, us);
  }

  /** True where the book of that time is taken. A time that goes back begins anew. */
  takes(instrument: InstrumentId, us: TimestampUs): boolean {
    const last = this.#takenUs.get(instrument);
    if (last !== undefined && us >= last && us - last < this.#everyUs) return false;
    this.#takenUs.set(instrument, us);
    return true;
  }
}
