import type { Random } from '@monsta/core';

export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Delays between attempts, each drawn between the shortest and three times the last one (decorrelated jitter). */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: Random;
  #lastMs: number;

  constructor(limits: BackoffLimits, random: Random) {
    this.#limits = limits;
    this.#random = random;
    this.#lastMs = limits.minMs;
  }

  next(): number {
    const { minMs, maxMs } = this.#limits;
    this.#lastMs = Math.min(maxMs, minMs + this.#random.next() * (this.#lastMs * 3 - minMs));
    return this.#lastMs;
  }

  /** The next delay is among the shortest again. */
  reset(): void {
    this.#lastMs = this.#limits.minMs;
  }
}
