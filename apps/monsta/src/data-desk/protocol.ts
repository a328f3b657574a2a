import type { DataDescription } from '@monsta/contracts';
import type { Fault, Interval } from '@monsta/core';
import type { CatalogConfig } from '../config/catalog.ts';

/** Which bars are to be described, and how. */
export interface DescribedBars {
  /** The whole name of a market. */
  readonly market: string;
  readonly instrument: string;
  readonly interval: Interval;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly lags: number;
}

export interface DescriptionThreadData extends DescribedBars {
  readonly dataDir: string;
  readonly catalog: CatalogConfig;
  /** See `DescriptionState`. */
  readonly state: SharedArrayBuffer;
}

export type FromDescriptionThread =
  | { readonly kind: 'done'; readonly description: DataDescription }
  | { readonly kind: 'failed'; readonly fault: Fault };

const [READ, STOPPED] = [0, 1];

/**
 * What both threads know of a description. While DuckDB reads, its thread must not be ended from outside: its library would take the whole process with it. Then it is only told to stop, and goes once it has read.
 */
export class DescriptionState {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** By the describing thread, when DuckDB is closed. False: nobody waits any more. */
  hasRead(): boolean {
    Atomics.store(this.#words, READ, 1);
    return Atomics.load(this.#words, STOPPED) === 0;
  }

  /** From outside. True: the thread may be ended; false: it ends by itself when it has read. */
  stop(): boolean {
    Atomics.store(this.#words, STOPPED, 1);
    return Atomics.load(this.#words, READ) === 1;
  }
}
