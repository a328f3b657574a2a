import { approximatePrice, intervalMs, price, type BarSeries } from '@monsta/core';
import { movedPrice, moveOf, type BarRules, type FeedAccountOptions } from '@monsta/matching';

const PPM = 1_000_000;

/** One instrument bought and held. */
interface Holding {
  readonly series: BarSeries;
  /** Close of the bar that it was bought in. */
  readonly fromMs: number;
  readonly quantity: number;
  /** The newest bar that had closed. */
  at: number;
}

/**
 * What buying and holding made of the same cash. It is spread evenly over the instruments; in each, the whole of its part buys, fee and slippage included, at the price that an order
 * sent at the first close fills at: the next open, or with `this-close` that close. Any fraction of a lot; valued at the closes, in binary numbers. `series` begin with the first
 * bar that is traded; an instrument without the bar that it would be bought in leaves its part in cash.
 */
export function buyAndHold(
  timeMs: Float64Array,
  series: readonly BarSeries[],
  cash: number,
  { rules, fees }: Pick<FeedAccountOptions, 'rules' | 'fees'>,
): Float64Array {
  const part = cash / series.length;
  const holdings = series.map((each) => bought(each, part, fees.takerPpm, rules.kind === 'bars' ? rules : null));
  return timeMs.map((nowMs) =>
    holdings.reduce((sum, holding) => sum + (holding === null ? part : valueAt(holding, nowMs, part)), 0),
  );
}

function bought(series: BarSeries, part: number, feePpm: number, rules: BarRules | null): Holding | null {
  const lengthMs = intervalMs(series.interval);
  const close = rules?.acts === 'this-close';
  const index = close ? 0 : 1;
  const ticks = (close ? series.close : series.open)[index];
  const openMs = series.openTimeMs[index];
  if (ticks === undefined || openMs === undefined) return null;
  const { instrument } = series;
  // How large the order is in the bar's volume is not asked: the benchmark is no order.
  const move = rules === null ? null : moveOf(rules.slippage, { spread: 0, size: 0, volume: 1 });
  const paid = approximatePrice(price(move === null ? ticks : movedPrice(ticks, true, move)), instrument);
  return {
    series,
    fromMs: openMs + lengthMs,
    quantity: part / (paid * (1 + feePpm / PPM)),
    at: index,
  };
}

/** Asked with times that rise. */
function valueAt(holding: Holding, nowMs: number, part: number): number {
  const { series, fromMs, quantity } = holding;
  const lengthMs = intervalMs(series.interval);
  if (nowMs < fromMs) return part;
  while ((series.openTimeMs[holding.at + 1] ?? Infinity) + lengthMs <= nowMs) holding.at += 1;
  return quantity * approximatePrice(price(series.close[holding.at] ?? 0), series.instrument);
}
