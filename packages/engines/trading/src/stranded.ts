import { notional, sameSteps } from '@monsta/core';
import type { Amount, Instrument, Order, Price, TimestampUs } from '@monsta/core';
import { SOON_US } from './cover.ts';
import { leftOf } from './reservations.ts';

/** How long what is left of a take profit may go on selling while no stop stands beside it and the market has left its price. */
const LEFT_ALONE_US = 5_000_000;

interface Market {
  readonly instrument: Instrument;
  readonly last: Price | null;
  /** What an order is worth at least. */
  readonly notionalMin: Amount;
  readonly nowUs: TimestampUs;
}

/** Whether what is left of a take profit, in its `steps`, stands where nobody buys any more; when to look again. Pure. */
export function strandedness(
  order: Order,
  steps: Instrument,
  { instrument, last, notionalMin, nowUs }: Market,
): { readonly stranded: boolean; readonly againUs: number | null } {
  const { limitPrice, updatedUs } = order;
  if (limitPrice === null || !sameSteps(steps, instrument)) return { stranded: true, againUs: null };
  const worth = notional(limitPrice, leftOf(order), steps);
  // Too small for another order: it stays where it is.
  if (worth < notionalMin || worth < (instrument.notionalMin ?? 0n)) return { stranded: false, againUs: null };
  const sinceUs = nowUs - updatedUs;
  if (sinceUs < LEFT_ALONE_US) return { stranded: false, againUs: updatedUs + LEFT_ALONE_US };
  const left = last === null || (order.side === 'sell' ? last < limitPrice : last > limitPrice);
  return { stranded: left, againUs: left ? null : nowUs + SOON_US };
}
