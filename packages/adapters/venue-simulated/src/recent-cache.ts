/** The values used last, by whole number; beyond `capacity` the one unused for longest goes. */
export class RecentCache<T> {
  readonly #capacity: number;
  readonly #values = new Map<number, T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: number): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  put(key: number, value: T): T {
    this.#values.set(key, value);
    if (this.#values.size > this.#capacity) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    return value;
  }
}
