import { Level } from './order.ts';

/** Levels a chunk holds before it is split in two. */
const CHUNK_LEVELS_MAX = 128;

class Chunk {
  readonly keys = new Float64Array(CHUNK_LEVELS_MAX);
  readonly levels: (Level | null)[] = new Array<Level | null>(CHUNK_LEVELS_MAX).fill(null);
  count = 0;
}

/** The first index whose key is at least `key`; `count` where none is. */
function lowerBound(chunk: Chunk, key: number): number {
  const { keys } = chunk;
  let from = 0;
  let to = chunk.count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] as number) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The price levels of one side of a book, best last, in sorted chunks of at most 128: finding, inserting and removing a level take some twenty steps at 100,000 levels,
 * whatever the prices. The key of a level is its price for bids and the negated price for asks, so that the greatest key is the best.
 */
export class PriceLevels {
  readonly #sign: 1 | -1;
  readonly #chunks: Chunk[] = [new Chunk()];
  /** The least key of each chunk, side by side, because every search begins here. */
  #lows = new Float64Array(16);
  #best: Level | null = null;
  #size = 0;

  constructor(side: 'bids' | 'asks') {
    this.#sign = side === 'bids' ? 1 : -1;
  }

  get best(): Level | null {
    return this.#best;
  }

  /** How many levels there are. */
  get size(): number {
    return this.#size;
  }

  find(price: number): Level | null {
    const key = price * this.#sign;
    const best = this.#best;
    if (best === null || key > best.key) return null;
    if (key === best.key) return best;
    const chunk = this.#chunks[this.#chunkOf(key)] as Chunk;
    const level = chunk.levels[lowerBound(chunk, key)] ?? null;
    return level !== null && level.key === key ? level : null;
  }

  /** The level at `price`, made where there is none. */
  obtain(price: number): Level {
    const key = price * this.#sign;
    const best = this.#best;
    if (best !== null && key === best.key) return best;
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index] as Chunk;
    const at = lowerBound(chunk, key);
    if (at < chunk.count) {
      const present = chunk.levels[at] as Level;
      if (present.key === key) return present;
    }
    const level = new Level(key, price);
    this.#link(level, index, at);
    this.#insert(index, at, level);
    return level;
  }

  /** Takes an empty level out. */
  remove(level: Level): void {
    const index = this.#chunkOf(level.key);
    const chunk = this.#chunks[index] as Chunk;
    const at = lowerBound(chunk, level.key);
    const last = chunk.count - 1;
    chunk.keys.copyWithin(at, at + 1, chunk.count);
    for (let i = at; i < last; i += 1) chunk.levels[i] = chunk.levels[i + 1] as Level;
    chunk.levels[last] = null;
    chunk.count = last;
    if (last === 0) {
      if (this.#chunks.length > 1) {
        this.#chunks.splice(index, 1);
        this.#lows.copyWithin(index, index + 1, this.#chunks.length + 1);
      }
    } else if (at === 0) this.#lows[index] = chunk.keys[0] as number;
    const { better, worse } = level;
    if (better === null) this.#best = worse;
    else better.worse = worse;
    if (worse !== null) worse.better = better;
    level.better = null;
    level.worse = null;
    this.#size -= 1;
  }

  /** The index of the chunk that `key` is in or belongs to: the last whose least key is not above it. */
  #chunkOf(key: number): number {
    const lows = this.#lows;
    let from = 1;
    let to = this.#chunks.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((lows[middle] as number) <= key) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  #link(level: Level, index: number, at: number): void {
    const chunk = this.#chunks[index] as Chunk;
    let better: Level | null = null;
    if (at < chunk.count) better = chunk.levels[at] as Level;
    else if (index + 1 < this.#chunks.length) better = (this.#chunks[index + 1] as Chunk).levels[0] as Level;
    let worse: Level | null;
    if (better !== null) worse = better.worse;
    else {
      worse = this.#best;
      this.#best = level;
    }
    level.better = better;
    level.worse = worse;
    if (better !== null) better.worse = level;
    if (worse !== null) worse.better = level;
    this.#size += 1;
  }

  #insert(index: number, at: number, level: Level): void {
    const chunk = this.#chunks[index] as Chunk;
    const { count, keys, levels } = chunk;
    if (count === CHUNK_LEVELS_MAX) {
      const half = CHUNK_LEVELS_MAX >>> 1;
      const upper = new Chunk();
      upper.keys.set(keys.subarray(half));
      for (let i = half; i < count; i += 1) {
        upper.levels[i - half] = levels[i] as Level;
        levels[i] = null;
      }
      upper.count = count - half;
      chunk.count = half;
      this.#enter(index + 1, upper);
      if (at <= half) this.#insert(index, at, level);
      else this.#insert(index + 1, at - half, level);
      return;
    }
    keys.copyWithin(at + 1, at, count);
    keys[at] = level.key;
    for (let i = count; i > at; i -= 1) levels[i] = levels[i - 1] as Level;
    levels[at] = level;
    chunk.count = count + 1;
    if (at === 0) this.#lows[index] = level.key;
  }

  #enter(index: number, chunk: Chunk): void {
    const count = this.#chunks.length;
    this.#chunks.splice(index, 0, chunk);
    if (count === this.#lows.length) {
      const wider = new Float64Array(count * 2);
      wider.set(this.#lows);
      this.#lows = wider;
    }
    this.#lows.copyWithin(index + 1, index, count);
    this.#lows[index] = chunk.keys[0] as number;
  }
}
