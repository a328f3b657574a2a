import type { InstrumentId, Order, OrderStatus, StrategyId } from '@monsta/core';
import type { KernelOutput } from '../kernel-types.ts';
import { isProtectiveOrderId } from '../order-ids.ts';
import type { StrategyHandler } from '../strategy-watch.ts';
import { fillSight, orderSight } from './sight.ts';
import type { StrategySlot } from './slot.ts';

/** What a strategy is told of its orders: what the venue did. */
const TOLD: ReadonlySet<OrderStatus> = new Set([
  'accepted',
  'partially_filled',
  'filled',
  'canceled',
  'expired',
  'rejected',
]);

/** Hears what the kernel records of orders and fills, wherever they come from, and keeps it for the strategies that want to know. */
export class Hearing {
  readonly #slotOf: (id: StrategyId, instrument: InstrumentId, handler: StrategyHandler) => StrategySlot | null;
  /** The order that was told just now: a fill follows its order at once. Nothing of it reaches further, so that a restored kernel goes on the same. */
  #last: Order | null = null;

  constructor(slotOf: (id: StrategyId, instrument: InstrumentId, handler: StrategyHandler) => StrategySlot | null) {
    this.#slotOf = slotOf;
  }

  /** True where a strategy is to be told of it. */
  heard(output: KernelOutput): boolean {
    const before = this.#last;
    this.#last = output.kind === 'order' ? output.order : null;
    if (output.kind === 'order') {
      const { order, instrument } = output;
      if (TOLD.has(order.status) && !isProtectiveOrderId(order.clientOrderId)) {
        const slot = this.#slotOf(order.strategyId, order.instrument, 'onOrder');
        slot?.notice({ kind: 'order', order: orderSight(order, instrument) });
        return slot !== null;
      }
      return false;
    }
    if (output.kind !== 'fill') return false;
    const { fill, instrument } = output;
    const slot = this.#slotOf(fill.strategyId, fill.instrument, 'onFill');
    if (slot === null) return false;
    const ordered = before?.clientOrderId === fill.clientOrderId ? before.tag : null;
    const tag = ordered ?? (isProtectiveOrderId(fill.clientOrderId) ? 'stop' : null);
    slot.notice({ kind: 'fill', fill: fillSight(fill, tag, instrument) });
    return true;
  }
}
