import { AMOUNT_SCALE, divide, pow10, price, RATE_UNIT } from '@monsta/core';
import type { Instrument, Price } from '@monsta/core';
import type { ExitPlan, PlannedProfit, PlannedStop } from './exit-plan.ts';
import { averagePrice, type Position } from './position.ts';

const BASIS_POINTS = 10_000n;

export interface StopPrices {
  /** Where it triggers as things stand. */
  readonly trigger: Price;
  readonly limit: Price;
  /** How far a trailing stop follows the market; null: it stands still. */
  readonly trailingBps: number | null;
  /** True where a stop that the venue lets trail from the market of now would trigger no lower than this one. */
  readonly trails: boolean;
}

/** Where a position is to be left; one of the two is there. */
export interface ExitPrices {
  readonly stop: StopPrices | null;
  readonly takeProfit: Price | null;
}

const atLeastOneTick = (ticks: bigint): Price => price(ticks < 1n ? 1 : Number(ticks));

/** `ratePpm` of the average price paid, rounded up to the tick. */
function ofAverage(average: bigint, ratePpm: bigint, { tick }: Instrument): Price {
  const unit = BigInt(tick.units) * pow10(AMOUNT_SCALE - tick.scale);
  return atLeastOneTick(divide(average * ratePpm, RATE_UNIT * unit, 'ceil'));
}

/** Where an order triggers that trails the highest price of a market by so much: rounded down, as exchanges do. */
const below = (peak: Price, trailingBps: number): Price =>
  atLeastOneTick(divide(BigInt(peak) * (BASIS_POINTS - BigInt(trailingBps)), BASIS_POINTS, 'floor'));

function stopOf(planned: PlannedStop, average: bigint, peak: Price | null, last: Price | null, instrument: Instrument) {
  const { distancePpm, limitOffsetPpm, trailingBps } = planned;
  const highest = peak ?? ofAverage(average, RATE_UNIT, instrument);
  const standing =
    planned.price ?? (distancePpm === null ? null : ofAverage(average, RATE_UNIT - BigInt(distancePpm), instrument));
  const trailing = trailingBps === null ? null : below(highest, trailingBps);
  const trigger = price(Math.max(standing ?? 1, trailing ?? 1));
  const limit = atLeastOneTick(divide(BigInt(trigger) * (RATE_UNIT - BigInt(limitOffsetPpm)), RATE_UNIT, 'ceil'));
  const trails = trailingBps !== null && below(last ?? highest, trailingBps) >= trigger;
  return { trigger, limit, trailingBps, trails };
}

function profitOf({ price: at, distancePpm }: PlannedProfit, average: bigint, instrument: Instrument): Price | null {
  if (at !== null) return at;
  return distancePpm === null ? null : ofAverage(average, RATE_UNIT + BigInt(distancePpm), instrument);
}

/**
 * Where a position is to be left by a plan; `peak` is the highest price since it was opened, `last` the market's last trade, both null while unknown. What counts from the average price paid is rounded up to the
 * tick: a stop is never further away than planned, a profit never less. Null while nothing is held, and where nothing is planned.
 */
export function exitPricesOf(
  position: Position,
  instrument: Instrument,
  { stop, takeProfit }: ExitPlan,
  peak: Price | null,
  last: Price | null,
): ExitPrices | null {
  const average = averagePrice(position);
  if (average === null) return null;
  const prices = {
    stop: stop === null ? null : stopOf(stop, average, peak, last, instrument),
    takeProfit: takeProfit === null ? null : profitOf(takeProfit, average, instrument),
  };
  return prices.stop === null && prices.takeProfit === null ? null : prices;
}
