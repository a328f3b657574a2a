import { invariant } from '@monsta/core';
import type { Price, Quantity } from '@monsta/core';
import { Level, type Order } from './order.ts';
import { PriceLevels } from './price-levels.ts';
import type { DepthDelta, DepthLevel, DepthSnapshot } from './vocabulary.ts';

/** Changed levels that wait to be published; beyond it the delta is given up and a snapshot must be sent. */
const DIRTY_LEVELS_MAX = 65_536;

/** What of a book waits to be published: the prices of the changed levels, in the order in which they changed. */
export interface PendingDepth {
  readonly publishedId: number;
  readonly bids: readonly number[];
  readonly asks: readonly number[];
  readonly overflowed: boolean;
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
  #dirtyBids: Level[] = [];
  #dirtyAsks: Level[] = [];
  #overflowed = false;
  readonly #publishes: boolean;

  /** `publishes`: whether changes are kept for `drain`; `updateId`: of the last change before the first. */
  constructor(publishes: boolean, updateId = 0) {
    this.#publishes = publishes;
    this.#updateId = updateId;
    this.#publishedId = updateId;
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
    return {
      publishedId: this.#publishedId,
      bids: this.#dirtyBids.map(({ price }) => price),
      asks: this.#dirtyAsks.map(({ price }) => price),
      overflowed: this.#overflowed,
    };
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
  restorePending({ publishedId, bids, asks, overflowed }: PendingDepth, updateId: number): void {
    this.#updateId = updateId;
    this.#publishedId = publishedId;
    this.#overflowed = overflowed;
    this.#dirtyBids = dirtyAgain(this.bids, bids);
    this.#dirtyAsks = dirtyAgain(this.asks, asks);
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
    const bids = take(this.#dirtyBids, -1);
    const asks = take(this.#dirtyAsks, 1);
    this.#dirtyBids = [];
    this.#dirtyAsks = [];
    if (this.#overflowed) {
      this.#overflowed = false;
      return 'overflowed';
    }
    return { firstUpdateId, lastUpdateId: this.#updateId, bids, asks };
  }

  #changed(order: Order, level: Level): void {
    this.#updateId += 1;
    if (level.dirty || !this.#publishes) return;
    const dirty = order.isBuy ? this.#dirtyBids : this.#dirtyAsks;
    if (dirty.length >= DIRTY_LEVELS_MAX) {
      this.#overflowed = true;
      return;
    }
    level.dirty = true;
    dirty.push(level);
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

/** The levels of these prices; one that went and came again is there twice, the gone one first. */
function dirtyAgain(side: PriceLevels, prices: readonly number[]): Level[] {
  const seen = new Set<number>();
  const levels: Level[] = [];
  for (const price of prices.toReversed()) {
    const level = (seen.has(price) ? null : side.find(price)) ?? new Level(0, price);
    seen.add(price);
    level.dirty = true;
    levels.push(level);
  }
  return levels.reverse();
}

/** The changed levels, best first. A level that went and came again is there twice: the later one counts. */
function take(levels: readonly Level[], best: 1 | -1): readonly DepthLevel[] {
  const quantities = new Map<number, number>();
  for (const level of levels) {
    level.dirty = false;
    quantities.set(level.price, level.quantity);
  }
  const taken: DepthLevel[] = [];
  for (const [price, quantity] of quantities) taken.push([price as Price, quantity as Quantity]);
  return taken.sort((left, right) => best * (left[0] - right[0]));
}

function levelsOf(side: PriceLevels, limit: number): readonly DepthLevel[] {
  const levels: DepthLevel[] = [];
  for (let level = side.best; level !== null && levels.length < limit; level = level.worse) {
    levels.push([level.price as Price, level.quantity as Quantity]);
  }
  return levels;
}
