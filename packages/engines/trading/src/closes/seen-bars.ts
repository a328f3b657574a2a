import type { Extremes, Portfolio } from '../portfolio.ts';
import type { Lane } from './lane.ts';

/** Open positions have seen the prices of the bars from one index on and before another, as far as these began after them; of the one that they were opened in, only the close is known to have come after. */
export function seeBars({ series, extremes }: Lane, from: number, to: number, portfolio: Portfolio): void {
  const { openTimeMs, low, high, close } = series;
  for (const each of extremes) {
    let whole = from;
    while (whole < to && (openTimeMs[whole] as number) * 1_000 < each.openedUs) whole += 1;
    seeBetween(close, close, from, whole, each, portfolio);
    seeBetween(low, high, whole, to, each, portfolio);
  }
}

function seeBetween(
  lows: Float64Array,
  highs: Float64Array,
  from: number,
  to: number,
  extremes: Extremes,
  portfolio: Portfolio,
): void {
  if (to <= from) return;
  let lowest = Infinity;
  let highest = -Infinity;
  for (let at = from; at < to; at += 1) {
    const low = lows[at] as number;
    const high = highs[at] as number;
    if (low < lowest) lowest = low;
    if (high > highest) highest = high;
  }
  portfolio.see(extremes, lowest, highest);
}
