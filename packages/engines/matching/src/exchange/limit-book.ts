import { invariant } from '@monsta/core';
import type { Price, Quantity } from '@monsta/core';
import { DirtyLevels, type SavedDirtyLevels } from './dirty-levels.ts';
import type { Level, Order } from './order.ts';
import { PriceLevels } from './price-levels.ts';
import type { DepthDelta, DepthLevel, DepthSnapshot } from './vocabulary.ts';

/** What of a book waits to be published: the changed levels of both sides, since the update that was published last. */
export interface PendingDepth {
  readonly publishedId: number;
  readonly bids: SavedDirtyLevels;
  readonly asks: SavedDirtyLevels;
}

/**
 * The resting orders of a symbol by price and then by time. It holds what is shown and what is hidden of an order, counts every change of a level's shown quantity as an
 * update, and knows nothing of accounts.
 */
export class LimitBook {
  readonly bids = new PriceLevels('bids');
  readonly asks = new PriceLevels('asks');
  #updateId = 0;
  #publishedId = 0;
  readonly #dirtyBids: DirtyLevels;
  readonly #dirtyAsks: DirtyLevels;
  readonly #publishes: boolean;

  /** `publishes`: whether changes are kept for `drain`; `updateId`: of the last change before the first. */
  constructor(publishes: boolean, updateId = 0) {
    this.#publishes = publishes;
    this.#updateId = updateId;
    this.#publishedId = updateId;
    this.#dirtyBids = new DirtyLevels(this.bids);
    this.#dirtyAsks = new DirtyLevels(this.asks);
  }

  /** Counts up with every change that can be seen. */
  get updateId(): number {
    return this.#updateId;
  }

  /** Puts an order at the end of its price's queue, showing all of it or its iceberg part. */
  add(order: Order): void {
    const level = (order.isBuy ? this.bids : this.asks).obtain(order.price);
    const { remaining, icebergQuantity } = order;
    order.shown = icebergQuantity > 0 && icebergQuantity < remaining ? icebergQuantity : remaining;
    this.#append(order, level);
    level.quantity += order.shown;
    order.place = 'resting';
    this.#changed(order, level);
  }

  /** Takes an order out. */
  remove(order: Order): void {
    const { level } = order;
    invariant(level !== null, 'only a resting order can be taken out of the book');
    level.quantity -= order.shown;
    order.shown = 0;
    this.#detach(order, level);
    if (level.first === null) (order.isBuy ? this.bids : this.asks).remove(level);
    this.#changed(order, level);
  }

  /**
   * Books that `quantity` of the shown part is gone, after the order's own `executed` or `prevented` was raised. An order with nothing left leaves the book; an iceberg
   * whose part is used up shows the next one at the end of the queue.
   */
  consume(order: Order, quantity: number): void {
    const { level } = order;
    invariant(level !== null && quantity <= order.shown, 'no more than what is shown can be taken');
    order.shown -= quantity;
    level.quantity -= quantity;
    if (order.shown === 0) {
      const { remaining } = order;
      this.#detach(order, level);
      if (remaining > 0) {
        order.shown = order.icebergQuantity < remaining ? order.icebergQuantity : remaining;
        level.quantity += order.shown;
        this.#append(order, level);
      } else if (level.first === null) (order.isBuy ? this.bids : this.asks).remove(level);
    }
    this.#changed(order, level);
  }

  /** After the order's quantity was lowered: shows no more than remains. The place in the queue stays. */
  shrink(order: Order): void {
    const { level, remaining } = order;
    invariant(level !== null && remaining > 0, 'only a resting order can be made smaller');
    if (order.shown <= remaining) return;
    level.quantity -= order.shown - remaining;
    order.shown = remaining;
    this.#changed(order, level);
  }

  /** What waits to be published. */
  pending(): PendingDepth {
    return { publishedId: this.#publishedId, bids: this.#dirtyBids.saved(), asks: this.#dirtyAsks.saved() };
  }

  /** Puts an order of a snapshot at the end of its price's queue as it was: counts no change. */
  restore(order: Order, shown: number): void {
    const level = (order.isBuy ? this.bids : this.asks).obtain(order.price);
    order.shown = shown;
    this.#append(order, level);
    level.quantity += shown;
    order.place = 'resting';
  }

  /** After all orders of a snapshot are back: what waited to be published waits again. */
  restorePending({ publishedId, bids, asks }: PendingDepth, updateId: number): void {
    this.#updateId = updateId;
    this.#publishedId = publishedId;
    this.#dirtyBids.restore(bids);
    this.#dirtyAsks.restore(asks);
  }

  /** Up to `limit` levels a side, best first. */
  snapshot(limit: number): DepthSnapshot {
    return {
      lastUpdateId: this.#updateId,
      bids: levelsOf(this.bids, limit),
      asks: levelsOf(this.asks, limit),
    };
  }

  /**
   * What changed since the last call, or null where nothing did. Where more levels changed than are kept, `overflowed` is told instead: whoever follows must take a
   * snapshot.
   */
  drain(): DepthDelta | 'overflowed' | null {
    if (this.#publishedId === this.#updateId) return null;
    const firstUpdateId = this.#publishedId + 1;
    this.#publishedId = this.#updateId;
    const bids = this.#dirtyBids.take();
    const asks = this.#dirtyAsks.take();
    if (bids === 'overflowed' || asks === 'overflowed') return 'overflowed';
    return { firstUpdateId, lastUpdateId: this.#updateId, bids, asks };
  }

  #changed(order: Order, level: Level): void {
    this.#updateId += 1;
    if (level.dirty || !this.#publishes) return;
    (order.isBuy ? this.#dirtyBids : this.#dirtyAsks).add(level);
  }

  #append(order: Order, level: Level): void {
    const { last } = level;
    order.level = level;
    order.previous = last;
    order.next = null;
    if (last === null) level.first = order;
    else last.next = order;
    level.last = order;
  }

  #detach(order: Order, level: Level): void {
    const { previous, next } = order;
    if (previous === null) level.first = next;
    else previous.next = next;
    if (next === null) level.last = previous;
    else next.previous = previous;
    order.level = null;
    order.next = null;
    order.previous = null;
  }
}

function levelsOf(side: PriceLevels, limit: number): readonly DepthLevel[] {
  const levels: DepthLevel[] = [];
  for (let level = side.best; level !== null && levels.length < limit; level = level.worse) {
    levels.push([level.price as Price, level.quantity as Quantity]);
  }
  return levels;
}
