import { approximateAmount, approximatePrice, intervalMs, price, type BarSeries } from '@monsta/core';
import { movedPrice, moveOf, type BarRules, type CommissionTerms, type FeedAccountOptions } from '@monsta/matching';

const PPM = 1_000_000;

/** One instrument bought and held. */
interface Holding {
  readonly series: BarSeries;
  /** Close of the bar that it was bought in. */
  readonly fromMs: number;
  readonly quantity: number;
  /** Index of the bar that it was bought in. */
  readonly at: number;
}

/**
 * What buying and holding made of the same cash. It is spread evenly over the instruments; in each, the whole of its part buys, fee and slippage included, at the price that an order
 * sent at the first close fills at: the next open, with `next-close` the next close, or with `this-close` that close. Any fraction of a lot; valued at the closes, in binary numbers. `series` begin with the first
 * bar that is traded; an instrument without the bar that it would be bought in leaves its part in cash, and so does a part that does not pay for the fees.
 */
export function buyAndHold(
  timeMs: Float64Array,
  series: readonly BarSeries[],
  cash: number,
  { rules, fees, commission = null }: Pick<FeedAccountOptions, 'rules' | 'fees' | 'commission'>,
): Float64Array {
  const part = cash / series.length;
  const holdings = series.map((each) =>
    bought(each, part, fees.takerPpm, commission, rules.kind === 'bars' ? rules : null),
  );
  const worth = new Float64Array(timeMs.length);
  for (const holding of holdings) addWorth(worth, timeMs, holding, part);
  return worth;
}

function bought(
  series: BarSeries,
  part: number,
  feePpm: number,
  commission: CommissionTerms | null,
  rules: BarRules | null,
): Holding | null {
  const lengthMs = intervalMs(series.interval);
  const acts = rules?.acts ?? 'next-open';
  const index = acts === 'this-close' ? 0 : 1;
  const ticks = (acts === 'next-open' ? series.open : series.close)[index];
  const openMs = series.openTimeMs[index];
  if (ticks === undefined || openMs === undefined) return null;
  const { instrument } = series;
  // How large the order is in the bar's volume is not asked: the benchmark is no order.
  const move = rules === null ? null : moveOf(rules.slippage, { spread: 0, size: 0, volume: 1 });
  const paid = approximatePrice(price(move === null ? ticks : movedPrice(ticks, true, move)), instrument);
  const quantity = quantityFor(part, paid, feePpm, commission);
  return quantity > 0 ? { series, fromMs: openMs + lengthMs, quantity, at: index } : null;
}

/** As much as a part of the cash pays for with all fees of its one order; 0 or less where it doesn't pay for these. */
function quantityFor(part: number, paid: number, feePpm: number, commission: CommissionTerms | null): number {
  const withRate = paid * (1 + feePpm / PPM);
  if (commission === null) return part / withRate;
  const { perOrder, perUnit, minimum } = commission;
  const byTerms = (part - approximateAmount(perOrder)) / (withRate + approximateAmount(perUnit));
  return Math.min(byTerms, (part - approximateAmount(minimum)) / paid);
}

/** Adds what a part of the cash was worth at times that rise; null: it stayed cash. */
function addWorth(worth: Float64Array, timeMs: Float64Array, holding: Holding | null, part: number): void {
  const { length } = timeMs;
  if (holding === null) {
    for (let point = 0; point < length; point += 1) worth[point] = (worth[point] as number) + part;
    return;
  }
  const { series, fromMs, quantity } = holding;
  const { units, scale } = series.instrument.tick;
  const unit = 10 ** scale;
  const lengthMs = intervalMs(series.interval);
  // The newest bar that had closed.
  let { at } = holding;
  for (let point = 0; point < length; point += 1) {
    const nowMs = timeMs[point] as number;
    let value = part;
    if (nowMs >= fromMs) {
      while (at + 1 < series.length && (series.openTimeMs[at + 1] as number) + lengthMs <= nowMs) at += 1;
      value = quantity * (((series.close[at] as number) * units) / unit);
    }
    worth[point] = (worth[point] as number) + value;
  }
}
