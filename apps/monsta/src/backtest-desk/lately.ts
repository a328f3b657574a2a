import type { Result } from '@monsta/core';

/** What was read lately, at most so much of it: what was not asked for the longest goes first. Faults are not kept. */
export class Lately<T> {
  readonly #most: number;
  readonly #held = new Map<string, Result<T>>();

  constructor(most: number) {
    this.#most = most;
  }

  of(key: string, read: () => Result<T>): Result<T> {
    const found = this.#held.get(key) ?? read();
    this.#held.delete(key);
    if (!found.ok) return found;
    this.#held.set(key, found);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#most) break;
      this.#held.delete(oldest);
    }
    return found;
  }
}
