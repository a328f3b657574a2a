import { formatPrice, type AccountId, type Instrument, type Price, type TimestampUs } from '@monsta/core';
import type { Cover } from './cover.ts';
import type { ExitPrices } from './exit-prices.ts';
import type { DecisionRecord } from './records.ts';
import type { OrderWish } from './order-desk.ts';
import { isProfit, isProtective, type Guard, type Protection } from './protection.ts';
import type { Reservation } from './reservations.ts';

interface Says {
  readonly prices: ExitPrices;
  readonly instrument: Instrument;
}

/** The prices that were written last, a stop and a take profit mostly: they stand for as long as the position is held. */
const lastStop = { at: -1, tick: null as Instrument['tick'] | null, text: '' };
const lastProfit = { at: -1, tick: null as Instrument['tick'] | null, text: '' };

function textOf(at: Price | null, instrument: Instrument, last: typeof lastStop): string | null {
  if (at === null) return null;
  if (last.at !== at || last.tick !== instrument.tick) {
    last.text = formatPrice(at, instrument);
    last.at = at;
    last.tick = instrument.tick;
  }
  return last.text;
}

/** What is told of a position's protection. */
export function shown(mode: Protection['mode'], { prices, instrument }: Says, reason: string | null): Protection {
  const stopPrice = textOf(prices.stop?.trigger ?? null, instrument, lastStop);
  return { mode, stopPrice, takeProfitPrice: textOf(prices.takeProfit, instrument, lastProfit), reason };
}

interface Covered extends Says {
  readonly guard: Guard | null;
  readonly others: readonly Reservation[];
}

/** What is told of a position all of whose coins are in orders. */
export function protectionOf(each: Covered, { alone, fixed }: Pick<Cover, 'alone' | 'fixed'>): Protection {
  const { guard, others, prices } = each;
  const sells = others.length === 0 ? [] : others.flatMap(({ orders }) => orders);
  const own = sells.find((order) => !isProtective(order));
  if (own !== undefined) {
    const reason = `its coins are in the strategy's own order ${own.clientOrderId}`;
    return shown(own.type === 'market' ? 'exiting' : 'watched', each, reason);
  }
  const selling = sells.find(isProtective);
  if (selling !== undefined) {
    const reason = `its price was reached; order ${selling.clientOrderId} is selling`;
    if (isProfit(selling) && prices.stop !== null)
      return shown('watched', each, `${reason}, and the stop is watched here`);
    return shown(selling.type === 'limit' ? 'limit' : 'exiting', each, reason);
  }
  if (alone !== null && guard?.kind === 'stop' && prices.takeProfit !== null)
    return shown('resting', each, `the take profit is watched here (${alone.code}: ${alone.reason})`);
  const moved = fixed === null ? null : `the stop is moved here, not by the venue (${fixed.code}: ${fixed.reason})`;
  return shown('resting', each, moved);
}

/** What the protection of a position did, as a decision. */
export const protectionDecision = (
  accountId: AccountId,
  { strategyId, instrument }: OrderWish,
  what: string,
  said: Pick<DecisionRecord, 'action' | 'wanted' | 'risk' | 'orders'>,
  tsEventUs: TimestampUs,
): DecisionRecord => ({
  id: `${strategyId}:${instrument}:protection:${what}`,
  accountId,
  strategyId,
  instrument,
  tsEventUs,
  prediction: null,
  ...said,
});
