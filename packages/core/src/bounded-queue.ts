/** What a full queue does with one item more. */
export type OverflowPolicy = 'refuse' | 'drop-oldest';

/** First in, first out, in a ring of fixed capacity; amortised O(1). */
export class BoundedQueue<T> {
  readonly capacity: number;
  readonly policy: OverflowPolicy;
  readonly #items: (T | undefined)[];
  #head = 0;
  #size = 0;
  #dropped = 0;

  constructor(capacity: number, policy: OverflowPolicy) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError('BoundedQueue: capacity must be a whole number above 0');
    this.capacity = capacity;
    this.policy = policy;
    this.#items = new Array<T | undefined>(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Items dropped by `drop-oldest` or refused by `refuse` since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** True when the item is in the queue; false when it was refused. */
  push(item: T): boolean {
    if (this.#size === this.capacity) {
      this.#dropped += 1;
      if (this.policy === 'refuse') return false;
      this.shift();
    }
    this.#items[(this.#head + this.#size) % this.capacity] = item;
    this.#size += 1;
    return true;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#size -= 1;
    // An empty queue begins anew, so that one that is mostly empty stays in one place of memory.
    this.#head = this.#size === 0 ? 0 : (this.#head + 1) % this.capacity;
    return item;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  /** All items, oldest first. */
  items(): readonly T[] {
    const items: T[] = [];
    for (let index = 0; index < this.#size; index += 1) {
      const item = this.#items[(this.#head + index) % this.capacity];
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#head = 0;
    this.#size = 0;
  }
}
