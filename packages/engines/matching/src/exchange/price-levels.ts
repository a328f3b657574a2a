import { NONE, Records } from './records.ts';

/** Levels a chunk holds before it is split in two. */
const CHUNK_LEVELS_MAX = 64;
const CHUNKS_MIN = 1;

/** Words in the record of a level, and where its numbers lie in it. */
const LEVEL_WORDS = 4;
const PRICE = 0;
/** What is shown, in lots. */
const QUANTITY = 1;
/** Half words: the slots of its first and last order, and 1 while a change waits to be published. */
const FIRST = 4;
const LAST = 5;
const DIRTY = 6;

/**
 * The price levels of one side of a book, best last, in sorted chunks of at most 64: finding, inserting and removing a level take some sixteen steps at 100,000 levels,
 * whatever the prices. The key of a level is its price for bids and the negated price for asks, so that the greatest key is the best. All chunks lie in two arrays: a chunk
 * is a run of them, so that a search follows no pointers. A level is named by the slot of its record.
 */
export class PriceLevels {
  readonly #sign: 1 | -1;
  readonly #records = new Records(LEVEL_WORDS);
  /** By chunk: its levels' keys, ascending, and their slots. */
  #keys = new Float64Array(CHUNKS_MIN * CHUNK_LEVELS_MAX);
  #slots = new Int32Array(CHUNKS_MIN * CHUNK_LEVELS_MAX);
  #counts = new Int32Array(CHUNKS_MIN);
  /** The chunks in the order of their keys, the least key of each, and how many there are. */
  #order = new Int32Array(CHUNKS_MIN);
  #lows = new Float64Array(CHUNKS_MIN);
  #chunks = 1;
  /** Chunks that were given back. */
  readonly #free: number[] = [];
  #best = NONE;
  #bestKey = -Infinity;
  #size = 0;

  constructor(side: 'bids' | 'asks') {
    this.#sign = side === 'bids' ? 1 : -1;
  }

  /** True where the best price is the lowest. */
  get ascending(): boolean {
    return this.#sign === -1;
  }

  /** The best level; -1 where there is none. */
  get best(): number {
    return this.#best;
  }

  /** The best price and what is shown there; 0 where there is none. */
  get bestPrice(): number {
    return this.#best === NONE ? 0 : this.#bestKey * this.#sign;
  }

  get bestQuantity(): number {
    return this.#best === NONE ? 0 : this.quantityOf(this.#best);
  }

  /** How many levels there are. */
  get size(): number {
    return this.#size;
  }

  priceOf(level: number): number {
    return this.#records.values[level * LEVEL_WORDS + PRICE] as number;
  }

  quantityOf(level: number): number {
    return this.#records.values[level * LEVEL_WORDS + QUANTITY] as number;
  }

  addQuantity(level: number, quantity: number): void {
    const at = level * LEVEL_WORDS + QUANTITY;
    this.#records.values[at] = (this.#records.values[at] as number) + quantity;
  }

  /** The slot of the order that came first; -1 where there is none. */
  firstOf(level: number): number {
    return this.#records.ints[level * LEVEL_WORDS * 2 + FIRST] as number;
  }

  setFirst(level: number, order: number): void {
    this.#records.ints[level * LEVEL_WORDS * 2 + FIRST] = order;
  }

  lastOf(level: number): number {
    return this.#records.ints[level * LEVEL_WORDS * 2 + LAST] as number;
  }

  setLast(level: number, order: number): void {
    this.#records.ints[level * LEVEL_WORDS * 2 + LAST] = order;
  }

  /** True once a change of it waits to be published. */
  isDirty(level: number): boolean {
    return this.#records.ints[level * LEVEL_WORDS * 2 + DIRTY] === 1;
  }

  setDirty(level: number, dirty: boolean): void {
    this.#records.ints[level * LEVEL_WORDS * 2 + DIRTY] = dirty ? 1 : 0;
  }

  /** The level at `price`; -1 where there is none. */
  find(price: number): number {
    const key = price * this.#sign;
    if (key === this.#bestKey) return this.#best;
    if (key > this.#bestKey) return NONE;
    const chunk = this.#order[this.#placeOf(key)] as number;
    const at = this.#lowerBound(chunk, key);
    return at < this.#endOf(chunk) && this.#keys[at] === key ? (this.#slots[at] as number) : NONE;
  }

  /** The level at `price`, made where there is none. */
  obtain(price: number): number {
    const key = price * this.#sign;
    if (key === this.#bestKey) return this.#best;
    const place = this.#placeOf(key);
    const chunk = this.#order[place] as number;
    const at = this.#lowerBound(chunk, key);
    if (at < this.#endOf(chunk) && this.#keys[at] === key) return this.#slots[at] as number;
    const level = this.#create(price);
    this.#insert(place, at - chunk * CHUNK_LEVELS_MAX, key, level);
    this.#size += 1;
    if (key > this.#bestKey) {
      this.#best = level;
      this.#bestKey = key;
    }
    return level;
  }

  /** Takes an empty level out. */
  remove(level: number): void {
    const key = this.#keyOf(level);
    const place = this.#placeOf(key);
    const chunk = this.#order[place] as number;
    const at = this.#lowerBound(chunk, key);
    const last = this.#endOf(chunk) - 1;
    const keys = this.#keys;
    const slots = this.#slots;
    for (let i = at; i < last; i += 1) {
      keys[i] = keys[i + 1] as number;
      slots[i] = slots[i + 1] as number;
    }
    const first = chunk * CHUNK_LEVELS_MAX;
    this.#counts[chunk] = last - first;
    if (last === first) this.#leave(place, chunk);
    else if (at === first) this.#lows[place] = keys[first] as number;
    this.#records.leave(level);
    this.#size -= 1;
    if (level === this.#best) this.#findBest();
  }

  /** The next level behind another; -1 where there is none. */
  worse(level: number): number {
    const key = this.#keyOf(level);
    const place = this.#placeOf(key);
    const chunk = this.#order[place] as number;
    const at = this.#lowerBound(chunk, key);
    if (at > chunk * CHUNK_LEVELS_MAX) return this.#slots[at - 1] as number;
    return place === 0 ? NONE : (this.#slots[this.#endOf(this.#order[place - 1] as number) - 1] as number);
  }

  #keyOf(level: number): number {
    return this.priceOf(level) * this.#sign;
  }

  #create(price: number): number {
    const level = this.#records.enter();
    const { values, ints } = this.#records;
    const at = level * LEVEL_WORDS;
    values[at + PRICE] = price;
    values[at + QUANTITY] = 0;
    ints[at * 2 + FIRST] = NONE;
    ints[at * 2 + LAST] = NONE;
    ints[at * 2 + DIRTY] = 0;
    return level;
  }

  #findBest(): void {
    const chunk = this.#order[this.#chunks - 1] as number;
    const at = this.#endOf(chunk) - 1;
    const isEmpty = this.#size === 0;
    this.#best = isEmpty ? NONE : (this.#slots[at] as number);
    this.#bestKey = isEmpty ? -Infinity : (this.#keys[at] as number);
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

  /** Puts a level at the `at`th position of the chunk at `place`. */
  #insert(place: number, at: number, key: number, level: number): void {
    const chunk = this.#order[place] as number;
    const count = this.#counts[chunk] as number;
    if (count === CHUNK_LEVELS_MAX) {
      const half = this.#split(place, chunk);
      if (at <= half) this.#insert(place, at, key, level);
      else this.#insert(place + 1, at - half, key, level);
      return;
    }
    const keys = this.#keys;
    const slots = this.#slots;
    const first = chunk * CHUNK_LEVELS_MAX;
    for (let i = first + count; i > first + at; i -= 1) {
      keys[i] = keys[i - 1] as number;
      slots[i] = slots[i - 1] as number;
    }
    keys[first + at] = key;
    slots[first + at] = level;
    this.#counts[chunk] = count + 1;
    if (at === 0) this.#lows[place] = key;
  }

  /** Moves the upper half of a full chunk into one of its own; answers how many stay. */
  #split(place: number, chunk: number): number {
    const upper = this.#enter(place + 1);
    const half = CHUNK_LEVELS_MAX >>> 1;
    const from = chunk * CHUNK_LEVELS_MAX + half;
    const to = upper * CHUNK_LEVELS_MAX;
    this.#keys.copyWithin(to, from, from + CHUNK_LEVELS_MAX - half);
    this.#slots.copyWithin(to, from, from + CHUNK_LEVELS_MAX - half);
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
    this.#slots = widened(this.#slots, new Int32Array(chunks * CHUNK_LEVELS_MAX));
  }
}

function widened<T extends Float64Array | Int32Array>(values: T, wider: T): T {
  wider.set(values);
  return wider;
}
