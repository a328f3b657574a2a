import { BoundedQueue, type BookDelta, type BookSnapshot } from '@monsta/core';
import type { OrderBook } from './order-book.ts';

/**
 * What became of a change:
 * - `buffered`: no snapshot yet, it waits for one;
 * - `applied`: it is in the book;
 * - `ignored`: the book has it already;
 * - `gap`: updates before it are missing. The book is void, the change is the first of a new buffer, a snapshot is needed;
 * - `crossed`: after it the best bid was at or above the best ask. The book is void, a snapshot is needed.
 */
export type DeltaOutcome = 'buffered' | 'applied' | 'ignored' | 'gap' | 'crossed';

/**
 * What became of a snapshot:
 * - `synced`: the book is the snapshot with every buffered change after it;
 * - `too_old`: it ends before the first buffered change begins; fetch another;
 * - `gap`: a hole between buffered changes; the buffer starts after it, fetch another;
 * - `crossed`: the result makes no sense; the buffer is empty, fetch another;
 * - `not_needed`: the book is in step already.
 */
export type SnapshotOutcome = 'synced' | 'too_old' | 'gap' | 'crossed' | 'not_needed';

/**
 * Brings an order book in step with a venue that sends changes with update ids and gives snapshots on request, as Binance
 * documents it: buffer the changes, take a snapshot that reaches the buffer, drop what it contains, apply the rest, and
 * from then on accept only the change that continues the last one. A pure state machine: fetching is its owner's.
 */
export class BookSynchroniser {
  readonly #book: OrderBook;
  readonly #buffer: BoundedQueue<BookDelta>;
  #inStep = false;

  /** `bufferMax`: changes held while waiting for a snapshot; when full the oldest is dropped, and only a newer snapshot fits. */
  constructor(book: OrderBook, bufferMax = 2_000) {
    this.#book = book;
    this.#buffer = new BoundedQueue(bufferMax, 'drop-oldest');
  }

  /** True when the book holds every update up to its `lastUpdateId`. */
  get inStep(): boolean {
    return this.#inStep;
  }

  /** Changes waiting for a snapshot. */
  get buffered(): number {
    return this.#buffer.size;
  }

  onDelta(delta: BookDelta): DeltaOutcome {
    if (!this.#inStep) {
      this.#buffer.push(delta);
      return 'buffered';
    }
    const outcome = this.#apply(delta);
    if (outcome === 'gap') {
      this.reset();
      this.#buffer.push(delta);
    } else if (outcome === 'crossed') this.reset();
    return outcome;
  }

  onSnapshot(snapshot: BookSnapshot): SnapshotOutcome {
    if (this.#inStep) return 'not_needed';
    const first = this.#buffer.peek();
    // A snapshot that ends right before the first change continues into it without a hole, too.
    if (first !== undefined && snapshot.lastUpdateId + 1 < first.firstUpdateId) return 'too_old';
    this.#book.load(snapshot);
    if (this.#book.isCrossed()) {
      this.reset();
      return 'crossed';
    }
    for (let delta = this.#buffer.peek(); delta !== undefined; delta = this.#buffer.peek()) {
      const outcome = this.#apply(delta);
      // The change after the hole stays: the next snapshot must reach it.
      if (outcome === 'gap') return 'gap';
      if (outcome === 'crossed') {
        this.reset();
        return 'crossed';
      }
      this.#buffer.shift();
    }
    this.#inStep = true;
    return 'synced';
  }

  /** Forgets book and buffer: the connection was lost. */
  reset(): void {
    this.#inStep = false;
    this.#buffer.clear();
  }

  #apply(delta: BookDelta): 'applied' | 'ignored' | 'gap' | 'crossed' {
    if (delta.lastUpdateId <= this.#book.lastUpdateId) return 'ignored';
    if (delta.firstUpdateId > this.#book.lastUpdateId + 1) return 'gap';
    this.#book.apply(delta);
    return this.#book.isCrossed() ? 'crossed' : 'applied';
  }
}
