import { approximatePrice, type Instrument, type InstrumentId, type Price } from '@monsta/core';

const PPM = 1_000_000;

interface Held {
  readonly quantity: number;
  readonly price: number;
}

/** What was bought, by instrument. */
export type HoldingState = readonly (readonly [InstrumentId, Held])[];

/** Buying and holding: each instrument's part of the cash buys at its first trade, fee included, in any fraction. */
export class Holding {
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly #part: number;
  readonly #feePpm: number;
  readonly #held = new Map<InstrumentId, Held>();

  constructor(instruments: readonly Instrument[], cash: number, feePpm: number) {
    this.#instruments = new Map(instruments.map((instrument) => [instrument.id, instrument]));
    this.#part = cash / instruments.length;
    this.#feePpm = feePpm;
  }

  traded(id: InstrumentId, at: Price): void {
    const instrument = this.#instruments.get(id);
    if (instrument === undefined) return;
    const price = approximatePrice(at, instrument);
    const quantity = this.#held.get(id)?.quantity ?? this.#part / (price * (1 + this.#feePpm / PPM));
    this.#held.set(id, { quantity, price });
  }

  get value(): number {
    const idle = (this.#instruments.size - this.#held.size) * this.#part;
    return [...this.#held.values()].reduce((sum, { quantity, price }) => sum + quantity * price, idle);
  }

  /** For `goOn`. */
  state(): HoldingState {
    return [...this.#held];
  }

  goOn(state: HoldingState): void {
    for (const [id, held] of state) this.#held.set(id, held);
  }
}
