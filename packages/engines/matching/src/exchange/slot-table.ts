import { invariant } from '@monsta/core';
import { NONE } from './records.ts';

const SLOTS_MIN = 16;

/**
 * A hash table of slots: open addressing with linear probing, each slot beside its hash in one array, so that a search looks at one place in memory. What a slot stands for,
 * and whether it is the one searched for, its user knows. It doubles when it is half full and never shrinks.
 */
export class SlotTable {
  /** In pairs: the slot + 1, or 0 where nothing is; its hash. */
  #pairs = new Int32Array(SLOTS_MIN * 2);
  #mask = SLOTS_MIN - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Where the search for a hash begins; goes on with `next`. */
  first(hash: number): number {
    return this.#seek(hash, hash & this.#mask);
  }

  /** The place of the next slot of that hash. */
  next(hash: number, place: number): number {
    return this.#seek(hash, (place + 1) & this.#mask);
  }

  /** The slot at a place; -1 where the search is over. */
  at(place: number): number {
    return (this.#pairs[place * 2] as number) - 1;
  }

  /** The slot must not be there yet. */
  add(slot: number, hash: number): void {
    if ((this.#size + 1) * 2 > this.#mask + 1) this.#grow();
    this.#enter(slot, hash);
  }

  /** Takes out a slot that was added with this hash. Throws `InvariantError` where it is not there. */
  delete(slot: number, hash: number): void {
    const pairs = this.#pairs;
    const mask = this.#mask;
    let gap = hash & mask;
    while (pairs[gap * 2] !== slot + 1) {
      invariant(pairs[gap * 2] !== 0, 'only what is in the table can be taken out');
      gap = (gap + 1) & mask;
    }
    this.#size -= 1;
    // What was pushed on by the one that goes moves back, so that no search stops too early.
    for (let place = (gap + 1) & mask; pairs[place * 2] !== 0; place = (place + 1) & mask) {
      const home = (pairs[place * 2 + 1] as number) & mask;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      pairs[gap * 2] = pairs[place * 2] as number;
      pairs[gap * 2 + 1] = pairs[place * 2 + 1] as number;
      gap = place;
    }
    pairs[gap * 2] = 0;
  }

  /** In no order. */
  slots(): number[] {
    const slots: number[] = [];
    for (let place = 0; place <= this.#mask; place += 1) if (this.at(place) !== NONE) slots.push(this.at(place));
    return slots;
  }

  /** From `place` on, the first place of that hash or the first empty one. */
  #seek(hash: number, from: number): number {
    const pairs = this.#pairs;
    let place = from;
    while (pairs[place * 2] !== 0 && pairs[place * 2 + 1] !== hash) place = (place + 1) & this.#mask;
    return place;
  }

  #enter(slot: number, hash: number): void {
    let place = hash & this.#mask;
    while (this.#pairs[place * 2] !== 0) place = (place + 1) & this.#mask;
    this.#pairs[place * 2] = slot + 1;
    this.#pairs[place * 2 + 1] = hash;
    this.#size += 1;
  }

  #grow(): void {
    const before = this.#pairs;
    this.#pairs = new Int32Array(before.length * 2);
    this.#mask = before.length - 1;
    this.#size = 0;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] !== 0) this.#enter((before[at] as number) - 1, before[at + 1] as number);
    }
  }
}
