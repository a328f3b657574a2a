import type { Order } from '@monsta/core';
import { isProtectiveOrderId } from './order-ids.ts';
import type { Reservation } from './reservations.ts';

/** What the orders of an exit plan are called. */
export const STOP_TAG = 'stop';
export const PROFIT_TAG = 'take-profit';

/**
 * What protects a position. `resting`: its stop, its take profit or both wait at the venue. `limit`: the price of the stop had been reached already, and what the stop would have become rests at the venue.
 * `watched`: (a part of) the position has no stop at the venue; the kernel watches the trades itself. `exiting`: its price was reached, and it is being sold. `paused`: trading is halted and nothing is sent.
 */
export interface Protection {
  readonly mode: 'resting' | 'limit' | 'watched' | 'exiting' | 'paused';
  /** Decimal text, as are all prices here. Where a trailing stop stands as far as is known. Null: none is planned. */
  readonly stopPrice: string | null;
  readonly takeProfitPrice: string | null;
  /** Why it is not all at the venue; null where it is. */
  readonly reason: string | null;
}

/** True for an order that was placed to protect a position, whatever has become of it. */
export const isProtective = ({ clientOrderId }: Pick<Order, 'clientOrderId'>): boolean =>
  isProtectiveOrderId(clientOrderId);

/** True for an order of an exit plan that takes a profit. */
export const isProfit = (order: Order): boolean => isProtective(order) && order.tag === PROFIT_TAG;

/** True for an order that waits for its price to protect a position, nothing of which has been sold yet. */
export const isUntouchedGuard = (order: Order): boolean =>
  isProtective(order) &&
  order.filledQuantity === 0 &&
  (order.type === 'stop_loss_limit' || order.type === 'limit_maker');

/** True while the venue has not said what became of a request. */
export const isPending = ({ status }: Order): boolean => status === 'pending_submit' || status === 'pending_cancel';

/** What waits at the venue for a position's prices. */
export type Guard =
  | { readonly kind: 'list'; readonly profit: Order; readonly stop: Order; readonly sale: Reservation }
  | { readonly kind: 'stop'; readonly stop: Order; readonly sale: Reservation }
  | { readonly kind: 'profit'; readonly profit: Order; readonly sale: Reservation };

function asGuard(sale: Reservation): Guard | null {
  let [profit, stop]: [Order | null, Order | null] = [null, null];
  let listed = false;
  for (const order of sale.orders) {
    if (!isUntouchedGuard(order)) return null;
    if (order.listId !== null) listed = true;
    if (order.tag === PROFIT_TAG) profit ??= order;
    else stop ??= order;
  }
  if (profit !== null && stop !== null) return { kind: 'list', profit, stop, sale };
  // One whose pair has ended is selling, or about to end.
  if (listed) return null;
  if (stop !== null) return { kind: 'stop', stop, sale };
  return profit === null ? null : { kind: 'profit', profit, sale };
}

/** What protects a position among what sells it, and the rest. */
function guardAmong(sales: readonly Reservation[]): {
  readonly guard: Guard | null;
  readonly others: readonly Reservation[];
} {
  for (const sale of sales) {
    const guard = asGuard(sale);
    if (guard !== null) return { guard, others: sales.filter((each) => each !== sale) };
  }
  return { guard: null, others: sales };
}

interface Sales {
  readonly guard: Guard | null;
  readonly others: readonly Reservation[];
  readonly orders: readonly Order[];
  readonly protecting: readonly Order[];
}

const NOTHING_SELLS: Sales = { guard: null, others: [], orders: [], protecting: [] };

/** The same with all orders that sell it, and those of them that protect it. */
export function salesAmong(sales: readonly Reservation[]): Sales {
  if (sales.length === 0) return NOTHING_SELLS;
  const [only, another] = sales;
  const orders = only !== undefined && another === undefined ? only.orders : sales.flatMap((sale) => sale.orders);
  const { guard, others } = guardAmong(sales);
  // A guard is of protective orders alone.
  const protecting = guard !== null && others.length === 0 ? orders : orders.filter(isProtective);
  return { guard, others, orders, protecting };
}

/** The order in whose stead another can be placed in one request; null for a list, and for none. */
export function replaceable(guard: Guard | null): Order | null {
  if (guard === null || guard.kind === 'list') return null;
  return guard.kind === 'stop' ? guard.stop : guard.profit;
}
