import { Level } from './order.ts';

/** Levels a chunk holds before it is split in two. */
const CHUNK_LEVELS_MAX = 64;
const CHUNKS_MIN = 16;

/**
 * The price levels of one side of a book, best last, in sorted chunks of at most 64: finding, inserting and removing a level take some sixteen steps at 100,000 levels,
 * whatever the prices. The key of a level is its price for bids and the negated price for asks, so that the greatest key is the best. All chunks lie in two arrays: a chunk
 * is a run of them, so that a search follows no pointers.
 */
export class PriceLevels {
  readonly #sign: 1 | -1;
  /** By chunk: its levels' keys, ascending, and its levels. */
  #keys = new Float64Array(CHUNKS_MIN * CHUNK_LEVELS_MAX);
  #levels: (Level | null)[] = new Array<Level | null>(CHUNKS_MIN * CHUNK_LEVELS_MAX).fill(null);
  #counts = new Int32Array(CHUNKS_MIN);
  /** The chunks in the order of their keys, the least key of each, and how many there are. */
  #order = new Int32Array(CHUNKS_MIN);
  #lows = new Float64Array(CHUNKS_MIN);
  #chunks = 1;
  /** Chunks that were given back. */
  readonly #free: number[] = [];
  #best: Level | null = null;
  #size = 0;

  constructor(side: 'bids' | 'asks') {
    this.#sign = side === 'bids' ? 1 : -1;
  }

  /** True where the best price is the lowest. */
  get ascending(): boolean {
    return this.#sign === -1;
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
    const chunk = this.#order[this.#placeOf(key)] as number;
    const at = this.#lowerBound(chunk, key);
    const level = at < this.#endOf(chunk) ? (this.#levels[at] as Level) : null;
    return level !== null && level.key === key ? level : null;
  }

  /** The level at `price`, made where there is none. */
  obtain(price: number): Level {
    const key = price * this.#sign;
    const best = this.#best;
    if (best !== null && key === best.key) return best;
    const place = this.#placeOf(key);
    const chunk = this.#order[place] as number;
    const at = this.#lowerBound(chunk, key);
    if (at < this.#endOf(chunk) && this.#keys[at] === key) return this.#levels[at] as Level;
    const level = new Level(key, price);
    this.#link(level, place, at);
    this.#insert(place, at - chunk * CHUNK_LEVELS_MAX, level);
    return level;
  }

  /** Takes an empty level out. */
  remove(level: Level): void {
    const place = this.#placeOf(level.key);
    const chunk = this.#order[place] as number;
    const at = this.#lowerBound(chunk, level.key);
    const last = this.#endOf(chunk) - 1;
    const keys = this.#keys;
    const levels = this.#levels;
    for (let i = at; i < last; i += 1) {
      keys[i] = keys[i + 1] as number;
      levels[i] = levels[i + 1] as Level;
    }
    levels[last] = null;
    const first = chunk * CHUNK_LEVELS_MAX;
    this.#counts[chunk] = last - first;
    if (last === first) this.#leave(place, chunk);
    else if (at === first) this.#lows[place] = keys[first] as number;
    const { better, worse } = level;
    if (better === null) this.#best = worse;
    else better.worse = worse;
    if (worse !== null) worse.better = better;
    level.better = null;
    level.worse = null;
    this.#size -= 1;
  }

  #endOf(chunk: number): number {
    return chunk * CHUNK_LEVELS_MAX + (this.#counts[chunk] as number);
  }

  /** The first position of a chunk whose key is at least `key`; its end where none is. */
  #lowerBound(chunk: number, key: number): number {
    const keys = this.#keys;
    let from = chunk * CHUNK_LEVELS_MAX;
    let to = from + (this.#counts[chunk] as number);
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((keys[middle] as number) < key) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Which chunk, in order, `key` is in or belongs to: the last whose least key is not above it. */
  #placeOf(key: number): number {
    const lows = this.#lows;
    let from = 1;
    let to = this.#chunks;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((lows[middle] as number) <= key) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  #link(level: Level, place: number, at: number): void {
    let better: Level | null = null;
    if (at < this.#endOf(this.#order[place] as number)) better = this.#levels[at] as Level;
    else if (place + 1 < this.#chunks) {
      better = this.#levels[(this.#order[place + 1] as number) * CHUNK_LEVELS_MAX] as Level;
    }
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

  /** Puts a level at the `at`th position of the chunk at `place`. */
  #insert(place: number, at: number, level: Level): void {
    const chunk = this.#order[place] as number;
    const count = this.#counts[chunk] as number;
    if (count === CHUNK_LEVELS_MAX) {
      const half = this.#split(place, chunk);
      if (at <= half) this.#insert(place, at, level);
      else this.#insert(place + 1, at - half, level);
      return;
    }
    const keys = this.#keys;
    const levels = this.#levels;
    const first = chunk * CHUNK_LEVELS_MAX;
    for (let i = first + count; i > first + at; i -= 1) {
      keys[i] = keys[i - 1] as number;
      levels[i] = levels[i - 1] as Level;
    }
    keys[first + at] = level.key;
    levels[first + at] = level;
    this.#counts[chunk] = count + 1;
    if (at === 0) this.#lows[place] = level.key;
  }

  /** Moves the upper half of a full chunk into one of its own; answers how many stay. */
  #split(place: number, chunk: number): number {
    const upper = this.#enter(place + 1);
    const half = CHUNK_LEVELS_MAX >>> 1;
    const from = chunk * CHUNK_LEVELS_MAX + half;
    const to = upper * CHUNK_LEVELS_MAX;
    for (let i = 0; i < CHUNK_LEVELS_MAX - half; i += 1) {
      this.#keys[to + i] = this.#keys[from + i] as number;
      this.#levels[to + i] = this.#levels[from + i] as Level;
      this.#levels[from + i] = null;
    }
    this.#counts[chunk] = half;
    this.#counts[upper] = CHUNK_LEVELS_MAX - half;
    this.#lows[place + 1] = this.#keys[to] as number;
    return half;
  }

  /** Takes an unused chunk and gives it a place in the order. */
  #enter(place: number): number {
    const chunk = this.#free.pop() ?? this.#chunks;
    if (this.#chunks === this.#order.length) this.#grow();
    this.#order.copyWithin(place + 1, place, this.#chunks);
    this.#lows.copyWithin(place + 1, place, this.#chunks);
    this.#order[place] = chunk;
    this.#chunks += 1;
    return chunk;
  }

  /** Gives an empty chunk back; the last one stays. */
  #leave(place: number, chunk: number): void {
    if (this.#chunks === 1) return;
    this.#free.push(chunk);
    this.#order.copyWithin(place, place + 1, this.#chunks);
    this.#lows.copyWithin(place, place + 1, this.#chunks);
    this.#chunks -= 1;
  }

  #grow(): void {
    const chunks = this.#order.length * 2;
    this.#order = widened(this.#order, new Int32Array(chunks));
    this.#counts = widened(this.#counts, new Int32Array(chunks));
    this.#lows = widened(this.#lows, new Float64Array(chunks));
    this.#keys = widened(this.#keys, new Float64Array(chunks * CHUNK_LEVELS_MAX));
    const levels = new Array<Level | null>(chunks * CHUNK_LEVELS_MAX).fill(null);
    for (const [at, level] of this.#levels.entries()) levels[at] = level;
    this.#levels = levels;
  }
}

function widened<T extends Float64Array | Int32Array>(values: T, wider: T): T {
  wider.set(values);
  return wider;
}
