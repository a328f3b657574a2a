import type { BarSeries } from '@monsta/core';

/** Farther than this no price goes from one bar to the next but by a fault, or in a market that broke. */
const JUMP_RATIO = 5;
/** A jump that is undone within so many bars is one. */
const RETURN_BARS_MAX = 48;

/** A price that is far from those around it. */
export interface PriceJump {
  readonly openTimeMs: number;
  readonly price: 'open' | 'high' | 'low' | 'close';
  /** It, over the price it is held against: the close before it; of high and low what is nearest of open and close. */
  readonly ratio: number;
  /** How many bars later prices were back where they had been; null where they were not within 48 bars. */
  readonly backAfterBars: number | null;
}

const isFar = (ratio: number): boolean => ratio >= JUMP_RATIO || ratio <= 1 / JUMP_RATIO;

/** The first bar, `from` or later, at whose open or close prices are near `level` again; of the first bar only its close is asked where `closeOnly` says so. Null: not within 48 bars. */
function returnTo({ open, close, length }: BarSeries, from: number, level: number, closeOnly: boolean): number | null {
  const end = Math.min(length, from + RETURN_BARS_MAX + 1);
  for (let index = from; index < end; index += 1) {
    const byOpen = !(closeOnly && index === from) && !isFar((open[index] ?? 0) / level);
    if (byOpen || !isFar((close[index] ?? 0) / level)) return index;
  }
  return null;
}

interface Leap {
  readonly price: 'open' | 'close';
  readonly ratio: number;
  readonly level: number;
}

/** From the close before to the open, or from the open to the close. */
function leapOf(before: number, open: number, close: number): Leap | null {
  if (isFar(open / before)) return { price: 'open', ratio: open / before, level: before };
  return isFar(close / open) ? { price: 'close', ratio: close / open, level: open } : null;
}

/** Prices that are five times, or a fifth, of what is beside them; the way back is no jump of its own. By time. */
export function priceJumps(series: BarSeries): readonly PriceJump[] {
  const { openTimeMs, open, high, low, close, length } = series;
  const jumps: PriceJump[] = [];
  let before = open[0] ?? 0;
  for (let index = 0; index < length; index += 1) {
    const [o = 0, h = 0, l = 0, c = 0] = [open[index], high[index], low[index], close[index]];
    const openMs = openTimeMs[index] ?? 0;
    const leap = leapOf(before, o, c);
    before = c;
    if (leap === null) {
      const [top, bottom] = [Math.max(o, c), Math.min(o, c)];
      if (isFar(h / top)) jumps.push({ openTimeMs: openMs, price: 'high', ratio: h / top, backAfterBars: 0 });
      if (isFar(l / bottom)) jumps.push({ openTimeMs: openMs, price: 'low', ratio: l / bottom, backAfterBars: 0 });
      continue;
    }
    const { price, ratio, level } = leap;
    const byOpen = price === 'open';
    const back = returnTo(series, byOpen ? index : index + 1, level, byOpen);
    jumps.push({ openTimeMs: openMs, price, ratio, backAfterBars: back === null ? null : back - index });
    if (back === null || back === index) continue;
    // The bars up to the return stand where the jump has brought them; what comes then is held against what was before it.
    index = back - 1;
    before = level;
  }
  return jumps;
}
