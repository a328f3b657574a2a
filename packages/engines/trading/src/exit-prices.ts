import { AMOUNT_SCALE, divide, pow10, price, RATE_UNIT } from '@monsta/core';
import type { Amount, Instrument, Price } from '@monsta/core';
import type { ExitPlan, PlannedProfit, PlannedStop } from './exit-plan.ts';
import { averagePrice, positionKey, type Position } from './position.ts';

const BASIS_POINTS = 10_000n;

export interface StopPrices {
  /** Where it triggers as things stand. */
  readonly trigger: Price;
  readonly limit: Price;
  /** How far a trailing stop follows the market; null: it stands still. */
  readonly trailingBps: number | null;
  /** True where a stop that the venue lets trail from the market of now would trigger no later than this one. */
  readonly trails: boolean;
}

/** Where a position is to be left; one of the two is there. */
export interface ExitPrices {
  readonly stop: StopPrices | null;
  readonly takeProfit: Price | null;
}

const atLeastOneTick = (ticks: bigint): Price => price(ticks < 1n ? 1 : Number(ticks));

/** `ratePpm` of an average price, to the tick. */
function ofAverage(average: bigint, ratePpm: bigint, { tick }: Instrument, rounding: 'ceil' | 'floor'): Price {
  const unit = BigInt(tick.units) * pow10(AMOUNT_SCALE - tick.scale);
  return atLeastOneTick(divide(average * ratePpm, RATE_UNIT * unit, rounding));
}

/** Where an order triggers that trails the best price of a market by so much: below the highest rounded down, above the lowest up, as exchanges do. */
const behind = (peak: Price, trailingBps: number, short: boolean): Price =>
  short
    ? atLeastOneTick(divide(BigInt(peak) * (BASIS_POINTS + BigInt(trailingBps)), BASIS_POINTS, 'ceil'))
    : atLeastOneTick(divide(BigInt(peak) * (BASIS_POINTS - BigInt(trailingBps)), BASIS_POINTS, 'floor'));

interface Held {
  readonly average: bigint;
  readonly short: boolean;
  readonly instrument: Instrument;
}

/** At a distance from the average price: for a loss on the one side, for a profit on the other; rounded to where it is nearer to a loss, further on to a profit. */
function away({ average, short, instrument }: Held, distancePpm: number, side: 'loss' | 'profit'): Price {
  const rises = (side === 'profit') !== short;
  const rate = rises ? RATE_UNIT + BigInt(distancePpm) : RATE_UNIT - BigInt(distancePpm);
  return ofAverage(average, rate, instrument, short ? 'floor' : 'ceil');
}

function stopOf(planned: PlannedStop, held: Held, peak: Price | null, last: Price | null): StopPrices {
  const { distancePpm, limitOffsetPpm, trailingBps } = planned;
  const { short } = held;
  const standing = planned.price ?? (distancePpm === null ? null : away(held, distancePpm, 'loss'));
  const best = trailingBps === null ? null : (peak ?? away(held, 0, 'loss'));
  const trailing = trailingBps === null || best === null ? null : behind(best, trailingBps, short);
  // Of two the one that the market comes to first.
  const nearest = short ? Math.min : Math.max;
  const nothing = short ? Number.MAX_SAFE_INTEGER : 1;
  const trigger = price(nearest(standing ?? nothing, trailing ?? nothing));
  const worst = short ? RATE_UNIT + BigInt(limitOffsetPpm) : RATE_UNIT - BigInt(limitOffsetPpm);
  const limit = atLeastOneTick(divide(BigInt(trigger) * worst, RATE_UNIT, short ? 'floor' : 'ceil'));
  const now = trailingBps === null || best === null ? null : behind(last ?? best, trailingBps, short);
  const trails = now !== null && (short ? now <= trigger : now >= trigger);
  return { trigger, limit, trailingBps, trails };
}

function profitOf({ price: at, distancePpm }: PlannedProfit, held: Held): Price | null {
  if (at !== null) return at;
  return distancePpm === null ? null : away(held, distancePpm, 'profit');
}

/**
 * Where a position is to be left by a plan; `peak` is the highest price since it was opened (of a short one the lowest), `last` the market's last trade, both null while unknown. What
 * counts from the average price is rounded to the tick so that a stop is never further away than planned, a profit never less. Null while flat, and where nothing is planned.
 */
function exitPricesOf(
  position: Position,
  instrument: Instrument,
  { stop, takeProfit }: ExitPlan,
  peak: Price | null,
  last: Price | null,
): ExitPrices | null {
  const average = averagePrice(position);
  if (average === null) return null;
  const held = { average, short: position.quantity < 0n, instrument };
  const prices = {
    stop: stop === null ? null : stopOf(stop, held, peak, last),
    takeProfit: takeProfit === null ? null : profitOf(takeProfit, held),
  };
  return prices.stop === null && prices.takeProfit === null ? null : prices;
}

interface Known {
  readonly quantity: Amount;
  readonly costBasis: Amount;
  readonly instrument: Instrument;
  readonly plan: ExitPlan;
  readonly peak: Price | null;
  readonly last: Price | null;
  readonly prices: ExitPrices | null;
}

/** `exitPricesOf` for positions that are asked for again and again, mostly with nothing moved since. */
export class KnownExitPrices {
  readonly #known = new Map<string, Known>();

  of(
    position: Position,
    instrument: Instrument,
    { plan, peak }: { readonly plan: ExitPlan; readonly peak: Price | null },
    market: Price | null,
  ): ExitPrices | null {
    const { quantity, costBasis } = position;
    // Where nothing trails the market has no part in it.
    const last = typeof plan.stop?.trailingBps === 'number' ? market : null;
    const key = positionKey(position.strategyId, position.instrument);
    const known = this.#known.get(key);
    if (
      known !== undefined &&
      known.quantity === quantity &&
      known.costBasis === costBasis &&
      known.plan === plan &&
      known.peak === peak &&
      known.last === last &&
      known.instrument === instrument
    )
      return known.prices;
    const prices = exitPricesOf(position, instrument, plan, peak, last);
    this.#known.set(key, { quantity, costBasis, instrument, plan, peak, last, prices });
    return prices;
  }
}
