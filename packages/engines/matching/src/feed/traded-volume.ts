const US_PER_SECOND = 1_000_000;
const SECONDS = 60;

export interface TradedVolumeState {
  readonly lots: Float64Array;
  readonly second: number;
  readonly total: number;
}

/** The lots traded in the last minute, kept by the second. */
export class TradedVolume {
  readonly #lots = new Float64Array(SECONDS);
  #second = 0;
  #total = 0;

  add(quantity: number, timeUs: number): void {
    this.#advance(timeUs);
    const slot = this.#second % SECONDS;
    this.#lots[slot] = (this.#lots[slot] as number) + quantity;
    this.#total += quantity;
  }

  at(timeUs: number): number {
    this.#advance(timeUs);
    return this.#total;
  }

  /** Everything, for `goOn`. */
  state(): TradedVolumeState {
    return { lots: this.#lots.slice(), second: this.#second, total: this.#total };
  }

  goOn({ lots, second, total }: TradedVolumeState): void {
    this.#lots.set(lots);
    this.#second = second;
    this.#total = total;
  }

  #advance(timeUs: number): void {
    const second = Math.floor(timeUs / US_PER_SECOND);
    const steps = Math.min(SECONDS, second - this.#second);
    if (steps <= 0) return;
    this.#second = second;
    for (let step = 0; step < steps; step += 1) {
      const slot = (second - step) % SECONDS;
      this.#total -= this.#lots[slot] as number;
      this.#lots[slot] = 0;
    }
  }
}
