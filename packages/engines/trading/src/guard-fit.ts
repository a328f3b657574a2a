import { baseAmount, sameSteps, type Instrument, type Order, type Quantity, type TimestampUs } from '@monsta/core';
import { LATER_US } from './cover.ts';
import type { ExitPrices } from './exit-prices.ts';
import type { Guard } from './protection.ts';
import { coinsOf } from './reservations.ts';

/** What should wait at the venue. */
interface Planned {
  readonly wanted: Quantity;
  readonly instrument: Instrument;
  readonly prices: ExitPrices;
}

/** How far the venue was found not to take it: the stop has to stand alone, and has to stand still. */
interface Standing {
  readonly alone: boolean;
  readonly fixed: boolean;
}

export interface Fit {
  readonly fits: boolean;
  /** When it has to be looked at again; null: when something moves. */
  readonly againUs: number | null;
}

const YES: Fit = { fits: true, againUs: null };
const NO: Fit = { fits: false, againUs: null };
const yesIf = (fits: boolean): Fit => (fits ? YES : NO);

function stopFits(order: Order, steps: Instrument, planned: Planned, { fixed }: Standing, nowUs: TimestampUs): Fit {
  const { stop } = planned.prices;
  if (stop === null) return NO;
  const { stopPrice, trailingBps, createdUs } = order;
  if (trailingBps !== null) return yesIf(trailingBps === stop.trailingBps);
  if (stop.trails && !fixed) return NO;
  if (stopPrice === stop.trigger || !sameSteps(steps, planned.instrument)) return YES;
  // Where the venue trails nothing the stop is moved here, not at each trade.
  if (stop.trailingBps === null || !fixed || nowUs >= createdUs + LATER_US) return NO;
  return { fits: true, againUs: createdUs + LATER_US };
}

/** Whether a guard is what is planned: of the right size, at the right prices; one in older steps keeps its prices. Pure. */
export function fits(guard: Guard, planned: Planned, standing: Standing, nowUs: TimestampUs): Fit {
  const { wanted, instrument, prices } = planned;
  if (coinsOf(guard.sale) !== baseAmount(wanted, instrument)) return NO;
  const steps = guard.sale.instrument;
  const profits = ({ limitPrice }: Order): boolean =>
    limitPrice === prices.takeProfit || (prices.takeProfit !== null && !sameSteps(steps, instrument));
  switch (guard.kind) {
    case 'list':
      return profits(guard.profit) ? stopFits(guard.stop, steps, planned, standing, nowUs) : NO;
    case 'stop':
      return prices.takeProfit === null || standing.alone ? stopFits(guard.stop, steps, planned, standing, nowUs) : NO;
    case 'profit':
      return yesIf(prices.stop === null && profits(guard.profit));
  }
}
