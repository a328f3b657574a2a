import { formatPrice, formatQuantity, PLAIN_TERMS, type Instrument, type Price, type Quantity } from '@monsta/core';
import { REASONS, type Cover } from './cover.ts';
import type { ExitPrices } from './exit-prices.ts';
import type { OrderWish } from './order-desk.ts';
import { exitSideOf, type Position } from './position.ts';
import { PROFIT_TAG, STOP_TAG } from './protection.ts';

/** What all orders have in common that close (a part of) a position: they sell, or buy what a short one owes. */
export function closing(position: Pick<Position, 'strategyId' | 'instrument' | 'quantity'>, quantity: Quantity) {
  const { strategyId, instrument } = position;
  const whose = { strategyId, instrument, quantity, side: exitSideOf(position) };
  return { ...PLAIN_TERMS, ...whose, limitPrice: null, timeInForce: 'gtc', reduceOnly: true } as const;
}

/** The take profit of a pair, or alone. */
export const profitOrder = (position: Position, { takeProfit }: ExitPrices, quantity: Quantity): OrderWish => ({
  ...closing(position, quantity),
  type: 'limit_maker',
  limitPrice: takeProfit,
  tag: PROFIT_TAG,
});

/** The one order that is placed for coins next, or the stop of a pair; `fixed`: it may not trail at the venue. */
export function exitOrder(
  position: Position,
  prices: ExitPrices,
  quantity: Quantity,
  next: Cover['next'],
  fixed: boolean,
): OrderWish {
  const { stop, takeProfit } = prices;
  const plain = closing(position, quantity);
  if (next === 'take') return { ...plain, type: 'limit', limitPrice: takeProfit, tag: PROFIT_TAG };
  if (next === 'market') return { ...plain, type: 'market', tag: STOP_TAG };
  if (stop === null) return profitOrder(position, prices, quantity);
  if (next === 'limit') return { ...plain, type: 'limit', limitPrice: stop.limit, tag: STOP_TAG };
  const terms = stop.trails && !fixed ? { trailingBps: stop.trailingBps } : { stopPrice: stop.trigger };
  return { ...plain, ...terms, type: 'stop_loss_limit', limitPrice: stop.limit, tag: STOP_TAG };
}

/** What was placed and why, for the decision that it leaves. */
export function wordsOf(
  wish: OrderWish,
  { stop, takeProfit }: ExitPrices,
  next: Cover['next'],
  pair: boolean,
  instrument: Instrument,
): unknown {
  const text = (at: Price | null | undefined): string | null =>
    at === null || at === undefined ? null : formatPrice(at, instrument);
  const waits = wish.type === 'stop_loss_limit' || next === 'market';
  return {
    reason: REASONS[next],
    stopPrice: waits ? text(stop?.trigger) : null,
    limitPrice: text(wish.limitPrice),
    ...(pair ? { takeProfitPrice: text(takeProfit) } : {}),
    ...(wish.trailingBps === null ? {} : { trailingBps: wish.trailingBps }),
    quantity: formatQuantity(wish.quantity, instrument),
  };
}
