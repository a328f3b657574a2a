import {
  price,
  quantity,
  type BookDelta,
  type BookLevel,
  type BookSnapshot,
  type InstrumentId,
  type Stamped,
} from '@monsta/core';

/** Levels kept on each side; the ones farthest from the touch are forgotten beyond it. */
const LEVELS_MAX = 20_000;

/**
 * One side of a book: prices and quantities in two arrays with the best level last, because most changes happen there
 * and a change at the end moves nothing.
 */
class BookSide {
  /** 1: the best price is the highest (bids); -1: the lowest (asks). */
  readonly #direction: 1 | -1;
  readonly #levelsMax: number;
  #prices: number[] = [];
  #quantities: number[] = [];

  constructor(direction: 1 | -1, levelsMax: number) {
    this.#direction = direction;
    this.#levelsMax = levelsMax;
  }

  get size(): number {
    return this.#prices.length;
  }

  /** Replaces all levels. Given from the worst to the best, each goes straight to the end. */
  load(levels: readonly BookLevel[]): void {
    this.#prices = [];
    this.#quantities = [];
    for (const [at, size] of levels) this.set(at, size);
  }

  set(at: number, size: number): void {
    const prices = this.#prices;
    const key = at * this.#direction;
    // Walk the few levels at the touch first, then search the rest by halves.
    let high = prices.length;
    let low = 0;
    for (let steps = 0; steps < 8 && high > 0 && (prices[high - 1] ?? 0) * this.#direction >= key; steps += 1)
      high -= 1;
    if (high > 0 && (prices[high - 1] ?? 0) * this.#direction >= key) {
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((prices[middle] ?? 0) * this.#direction < key) low = middle + 1;
        else high = middle;
      }
    } else low = high;
    if (prices[low] === at) {
      if (size === 0) {
        prices.splice(low, 1);
        this.#quantities.splice(low, 1);
      } else this.#quantities[low] = size;
      return;
    }
    if (size === 0) return;
    if (low === prices.length) {
      prices.push(at);
      this.#quantities.push(size);
    } else {
      prices.splice(low, 0, at);
      this.#quantities.splice(low, 0, size);
    }
    if (prices.length > this.#levelsMax) {
      prices.shift();
      this.#quantities.shift();
    }
  }

  best(): BookLevel | null {
    return this.#level(this.#prices.length - 1);
  }

  /** The best price as a plain number; NaN for an empty side, which compares false with everything. */
  bestPrice(): number {
    return this.#prices[this.#prices.length - 1] ?? Number.NaN;
  }

  top(depth: number): BookLevel[] {
    const levels: BookLevel[] = [];
    for (let index = this.#prices.length - 1; index >= 0 && levels.length < depth; index -= 1) {
      const level = this.#level(index);
      if (level !== null) levels.push(level);
    }
    return levels;
  }

  #level(index: number): BookLevel | null {
    const at = this.#prices[index];
    const size = this.#quantities[index];
    return at === undefined || size === undefined ? null : [price(at), quantity(size)];
  }
}

/** An order book built from a snapshot and changes. It trusts their order: `BookSynchroniser` is what checks it. */
export class OrderBook {
  readonly instrument: InstrumentId;
  readonly #bids: BookSide;
  readonly #asks: BookSide;
  #lastUpdateId = 0;

  constructor(instrument: InstrumentId, levelsMax: number = LEVELS_MAX) {
    this.instrument = instrument;
    this.#bids = new BookSide(1, levelsMax);
    this.#asks = new BookSide(-1, levelsMax);
  }

  /** Id of the last update that is in the book; 0 for none. */
  get lastUpdateId(): number {
    return this.#lastUpdateId;
  }

  /** Levels known on both sides. */
  get size(): number {
    return this.#bids.size + this.#asks.size;
  }

  load(snapshot: BookSnapshot): void {
    this.#bids.load(snapshot.bids.toReversed());
    this.#asks.load(snapshot.asks.toReversed());
    this.#lastUpdateId = snapshot.lastUpdateId;
  }

  apply(delta: BookDelta): void {
    for (const [at, size] of delta.bids) this.#bids.set(at, size);
    for (const [at, size] of delta.asks) this.#asks.set(at, size);
    this.#lastUpdateId = delta.lastUpdateId;
  }

  bestBid(): BookLevel | null {
    return this.#bids.best();
  }

  bestAsk(): BookLevel | null {
    return this.#asks.best();
  }

  /** True when the best bid is at or above the best ask: no exchange shows that between two updates, so the book is wrong. */
  isCrossed(): boolean {
    return this.#bids.bestPrice() >= this.#asks.bestPrice();
  }

  /** The `depth` best levels of each side, bids from the highest, asks from the lowest. */
  snapshot(depth: number, stamp: Stamped): BookSnapshot {
    return {
      kind: 'book-snapshot',
      instrument: this.instrument,
      lastUpdateId: this.#lastUpdateId,
      bids: this.#bids.top(depth),
      asks: this.#asks.top(depth),
      tsEventUs: stamp.tsEventUs,
      tsInitUs: stamp.tsInitUs,
    };
  }
}
