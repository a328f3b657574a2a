const SLOTS_MIN = 16;

interface Named {
  readonly clientOrderId: string;
  /** Set here when it is added, so that the name need not be read again to take it out. */
  nameHash: number;
}

/** FNV-1a over the UTF-16 units. Names come from clients, but a client can only slow down its own index. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  // The low bits choose the slot: mix the high ones in.
  return hash ^ (hash >>> 15);
}

/**
 * The open orders of a trader by the client's id: open addressing with linear probing. A `Map` does the same in twice the time of all the rest of placing an order, because it
 * asks the runtime to hash every new string.
 */
export class NameIndex<T extends Named> {
  #slots: (T | null)[] = new Array<T | null>(SLOTS_MIN).fill(null);
  #hashes = new Int32Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): T | undefined {
    return this.#slots[this.#slotOf(name, hashOf(name))] ?? undefined;
  }

  has(name: string): boolean {
    return this.#slots[this.#slotOf(name, hashOf(name))] !== null;
  }

  /** The order's name must not be there yet. */
  add(order: T): void {
    order.nameHash = hashOf(order.clientOrderId);
    this.#enter(order);
  }

  #enter(order: T): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    const hash = order.nameHash;
    let slot = hash & this.#mask;
    while (this.#slots[slot] !== null) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = order;
    this.#hashes[slot] = hash;
    this.#size += 1;
  }

  /** Takes out an order that is there under the name that it was added with; does nothing for any other. */
  delete(order: T): void {
    let gap = order.nameHash & this.#mask;
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

  /** In no order. */
  values(): T[] {
    return this.#slots.filter((order) => order !== null);
  }

  /** The slot of the order of that name, or the empty one where it would be. */
  #slotOf(name: string, hash: number): number {
    let slot = hash & this.#mask;
    for (let order = this.#slots[slot] ?? null; order !== null; order = this.#slots[slot] ?? null) {
      if (this.#hashes[slot] === hash && order.clientOrderId === name) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #grow(): void {
    const orders = this.values();
    const length = this.#slots.length * 2;
    this.#slots = new Array<T | null>(length).fill(null);
    this.#hashes = new Int32Array(length);
    this.#mask = length - 1;
    this.#size = 0;
    for (const order of orders) this.#enter(order);
  }
}
