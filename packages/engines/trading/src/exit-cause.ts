import { isContingent, type ExitCause, type Order } from '@monsta/core';
import { MANUAL } from './kernel-action.ts';
import { isProtective, PROFIT_TAG } from './protection.ts';

/** What persons' exits from a strategy's position are called; no strategy can give its own orders a tag with a slash. */
export const CLOSE_TAG = 'person/close';
export const FLATTEN_TAG = 'person/flatten';
/** What closes what is open when the data of a backtest ends. */
export const END_TAG = 'data/end';

type Closing = Pick<Order, 'clientOrderId' | 'strategyId' | 'type' | 'tag' | 'listId'>;

/**
 * Why the order that closed a position was there. A stop is a stop whoever placed it and whatever became of it at the venue: resting, trailing, one of a pair, a limit order after its price was passed, or watched
 * here and sold at the market.
 */
export function exitCauseOf(order: Closing): ExitCause {
  if (isProtective(order)) return order.tag === PROFIT_TAG ? 'take_profit' : 'stop';
  if (isContingent(order.type)) return order.type.startsWith('stop_') ? 'stop' : 'take_profit';
  // The other one of a pair is its stop.
  if (order.listId !== null) return 'take_profit';
  const byPerson = order.strategyId === MANUAL || [CLOSE_TAG, FLATTEN_TAG, END_TAG].includes(order.tag ?? '');
  return byPerson ? 'person' : 'strategy';
}
