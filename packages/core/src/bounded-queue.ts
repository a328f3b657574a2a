/** What a full queue does with one item more. */
export type OverflowPolicy = 'refuse' | 'drop-oldest';

/** How long a ring begins: most queues never hold more. */
const FIRST_ROOM = 16;

/** First in, first out, at most so many; amortised O(1). The ring grows as it is needed. */
export class BoundedQueue<T> {
  readonly capacity: number;
  readonly policy: OverflowPolicy;
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;
  #dropped = 0;

  constructor(capacity: number, policy: OverflowPolicy) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError('BoundedQueue: capacity must be a whole number above 0');
    this.capacity = capacity;
    this.policy = policy;
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
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) % this.#items.length] = item;
    this.#size += 1;
    return true;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#size -= 1;
    // An empty queue begins anew, so that one that is mostly empty stays in one place of memory.
    this.#head = this.#size === 0 ? 0 : (this.#head + 1) % this.#items.length;
    return item;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head];
  }

  /** All items, oldest first. */
  items(): readonly T[] {
    const items: T[] = [];
    for (let index = 0; index < this.#size; index += 1) {
      const item = this.#items[(this.#head + index) % this.#items.length];
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const grown = new Array<T | undefined>(Math.min(this.capacity, Math.max(FIRST_ROOM, 2 * this.#items.length)));
    for (let index = 0; index < this.#size; index += 1)
      grown[index] = this.#items[(this.#head + index) % this.#items.length];
    this.#items = grown;
    this.#head = 0;
  }
}
