/** The keys that were added last, so many at most: the oldest is let go of for each one more. Each step is O(1), which a `Set` asked for its oldest again and again is not. */
export class RecentKeys<K> {
  readonly #capacity: number;
  readonly #keys = new Set<K>();
  /** In a ring, the oldest at `#oldest` once it is full. */
  readonly #ring: K[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError('RecentKeys: capacity must be a whole number above 0');
    this.#capacity = capacity;
  }

  has(key: K): boolean {
    return this.#keys.has(key);
  }

  /** Each key once; the order is that in which they were added. */
  get keys(): ReadonlySet<K> {
    return this.#keys;
  }

  /** Adds a key that is not there; the one that is let go of for it, null: none is. One that is there stays in its place. */
  add(key: K): K | null {
    const { size } = this.#keys;
    this.#keys.add(key);
    if (this.#keys.size === size) return null;
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(key);
      return null;
    }
    const gone = this.#ring[this.#oldest] as K;
    this.#ring[this.#oldest] = key;
    this.#oldest = this.#oldest + 1 === this.#capacity ? 0 : this.#oldest + 1;
    this.#keys.delete(gone);
    return gone;
  }
}
