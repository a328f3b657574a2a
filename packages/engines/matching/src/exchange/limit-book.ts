import { invariant } from '@monsta/core';
import type { Price, Quantity } from '@monsta/core';
import { DirtyLevels, type SavedDirtyLevels } from './dirty-levels.ts';
import type { Order, OrderPool } from './order.ts';
import { LEVEL, NEXT, ORDER_WORDS, PREVIOUS, SHOWN } from './order-records.ts';
import { PriceLevels } from './price-levels.ts';
import { NONE, type Records } from './records.ts';
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
  readonly #pool: OrderPool;
  readonly #records: Records;
  readonly #publishes: boolean;

  /** `pool`: of its orders; `publishes`: whether changes are kept for `drain`; `updateId`: of the last change before the first. */
  constructor(pool: OrderPool, publishes: boolean, updateId = 0) {
    this.#pool = pool;
    this.#records = pool.records;
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
    const side = this.#sideOf(order);
    const level = side.obtain(order.price);
    this.#append(order.slot, side, level, partOf(order));
    order.place = 'resting';
    this.#changed(order, side, level);
  }

  /** Takes an order out. */
  remove(order: Order): void {
    const side = this.#sideOf(order);
    const level = this.#levelOf(order);
    this.#detach(order.slot, side, level);
    this.#left(order, side, level);
  }

  /**
   * Books that `quantity` of the shown part is gone, after the order's own `executed` or `prevented` was raised. An order with nothing left leaves the book; an iceberg
   * whose part is used up shows the next one at the end of the queue.
   */
  consume(order: Order, quantity: number): void {
    const side = this.#sideOf(order);
    const level = this.#levelOf(order);
    const { shown } = order;
    invariant(quantity <= shown, 'no more than what is shown can be taken');
    if (quantity < shown) {
      this.#show(order, side, level, shown - quantity);
      return;
    }
    this.#detach(order.slot, side, level);
    const part = partOf(order);
    if (part > 0) this.#append(order.slot, side, level, part);
    this.#left(order, side, level);
  }

  /** After the order's quantity was lowered: shows no more than remains. The place in the queue stays. */
  shrink(order: Order): void {
    const { remaining } = order;
    invariant(remaining > 0, 'only a resting order can be made smaller');
    if (order.shown > remaining) this.#show(order, this.#sideOf(order), this.#levelOf(order), remaining);
  }

  /** The order that came first to a level. */
  firstAt(side: PriceLevels, level: number): Order {
    const first = side.firstOf(level);
    invariant(first !== NONE, 'a level without orders does not stay in the book');
    return this.#pool.at(first);
  }

  /** The order that stands behind another in its queue; null where none does. */
  behind(order: Order): Order | null {
    const next = this.#records.ints[order.slot * ORDER_WORDS * 2 + NEXT] as number;
    return next === NONE ? null : this.#pool.at(next);
  }

  /** What waits to be published. */
  pending(): PendingDepth {
    return { publishedId: this.#publishedId, bids: this.#dirtyBids.saved(), asks: this.#dirtyAsks.saved() };
  }

  /** Puts an order of a snapshot at the end of its price's queue as it was: counts no change. */
  restore(order: Order, shown: number): void {
    const side = this.#sideOf(order);
    this.#append(order.slot, side, side.obtain(order.price), shown);
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

  #sideOf(order: Order): PriceLevels {
    return order.isBuy ? this.bids : this.asks;
  }

  #levelOf(order: Order): number {
    const level = this.#records.ints[order.slot * ORDER_WORDS * 2 + LEVEL] as number;
    invariant(level !== NONE, 'only an order in the book can be changed there');
    return level;
  }

  /** Shows less of an order. */
  #show(order: Order, side: PriceLevels, level: number, shown: number): void {
    side.addQuantity(level, shown - order.shown);
    this.#records.values[order.slot * ORDER_WORDS + SHOWN] = shown;
    this.#changed(order, side, level);
  }

  #changed(order: Order, side: PriceLevels, level: number): void {
    this.#updateId += 1;
    if (!this.#publishes || side.isDirty(level)) return;
    (order.isBuy ? this.#dirtyBids : this.#dirtyAsks).add(level);
  }

  /** After an order has left the queue of a level, or has gone to its end: the level goes with the last order. */
  #left(order: Order, side: PriceLevels, level: number): void {
    this.#changed(order, side, level);
    if (side.firstOf(level) === NONE) side.remove(level);
  }

  /** Puts an order at the end of a queue. */
  #append(slot: number, side: PriceLevels, level: number, shown: number): void {
    const { values, ints } = this.#records;
    const at = slot * ORDER_WORDS;
    const last = side.lastOf(level);
    values[at + SHOWN] = shown;
    ints[at * 2 + LEVEL] = level;
    ints[at * 2 + PREVIOUS] = last;
    ints[at * 2 + NEXT] = NONE;
    if (last === NONE) side.setFirst(level, slot);
    else ints[last * ORDER_WORDS * 2 + NEXT] = slot;
    side.setLast(level, slot);
    side.addQuantity(level, shown);
  }

  /** Takes an order out of its queue. */
  #detach(slot: number, side: PriceLevels, level: number): void {
    const { values, ints } = this.#records;
    const at = slot * ORDER_WORDS;
    const previous = ints[at * 2 + PREVIOUS] as number;
    const next = ints[at * 2 + NEXT] as number;
    if (previous === NONE) side.setFirst(level, next);
    else ints[previous * ORDER_WORDS * 2 + NEXT] = next;
    if (next === NONE) side.setLast(level, previous);
    else ints[next * ORDER_WORDS * 2 + PREVIOUS] = previous;
    side.addQuantity(level, -(values[at + SHOWN] as number));
    ints[at * 2 + LEVEL] = NONE;
    values[at + SHOWN] = 0;
  }
}

/** What an order is to show: all that remains, or its iceberg part. */
function partOf({ remaining, icebergQuantity }: Order): number {
  return icebergQuantity > 0 && icebergQuantity < remaining ? icebergQuantity : remaining;
}

function levelsOf(side: PriceLevels, limit: number): readonly DepthLevel[] {
  const levels: DepthLevel[] = [];
  for (let level = side.best; level !== NONE && levels.length < limit; level = side.worse(level)) {
    levels.push([side.priceOf(level) as Price, side.quantityOf(level) as Quantity]);
  }
  return levels;
}
