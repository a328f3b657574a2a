import type { Order } from './order.ts';

const SLOTS_MIN = 64;
const WORD = 2 ** 32;

/** Spreads numbers that follow one another over all slots (Fibonacci hashing). */
function hashOf(orderId: number): number {
  const word = orderId < WORD ? orderId | 0 : (orderId % WORD) ^ Math.floor(orderId / WORD);
  const hash = Math.imul(word, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/** Open orders by their number: open addressing with linear probing, so that an order is found with one look into one array. */
export class OrderIndex {
  #slots: (Order | null)[] = new Array<Order | null>(SLOTS_MIN).fill(null);
  #hashes = new Int32Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Oldest first. */
  values(): Order[] {
    const orders = this.#slots.filter((order) => order !== null);
    return orders.sort((left, right) => left.orderId - right.orderId);
  }

  get(orderId: number): Order | undefined {
    let slot = hashOf(orderId) & this.#mask;
    for (let order = this.#slots[slot] ?? null; order !== null; order = this.#slots[slot] ?? null) {
      if (order.orderId === orderId) return order;
      slot = (slot + 1) & this.#mask;
    }
    return undefined;
  }

  /** The order's number must not be there yet. */
  add(order: Order): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    this.#enter(order, hashOf(order.orderId));
  }

  /** Takes out an order; does nothing where it is not there. */
  delete(order: Order): void {
    let gap = hashOf(order.orderId) & this.#mask;
    while (this.#slots[gap] !== order) {
      if (this.#slots[gap] === null) return;
      gap = (gap + 1) & this.#mask;
    }
    this.#size -= 1;
    // What was pushed on by the order that goes moves back, so that no search stops too early.
    for (let slot = (gap + 1) & this.#mask; this.#slots[slot] !== null; slot = (slot + 1) & this.#mask) {
      const home = (this.#hashes[slot] as number) & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      this.#slots[gap] = this.#slots[slot] ?? null;
      this.#hashes[gap] = this.#hashes[slot] as number;
      gap = slot;
    }
    this.#slots[gap] = null;
  }

  #enter(order: Order, hash: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[slot] !== null) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = order;
    this.#hashes[slot] = hash;
    this.#size += 1;
  }

  #grow(): void {
    const orders = this.#slots.filter((order) => order !== null);
    const length = this.#slots.length * 2;
    this.#slots = new Array<Order | null>(length).fill(null);
    this.#hashes = new Int32Array(length);
    this.#mask = length - 1;
    this.#size = 0;
    for (const order of orders) this.#enter(order, hashOf(order.orderId));
  }
}
