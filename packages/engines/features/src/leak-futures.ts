import { intervalMs, mixSeed, seededRandom } from '@monsta/core';
import type { BarColumns } from './bar-columns.ts';
import type { OtherBars } from './feature-matrix.ts';
import { sliceBarColumns } from './user-values.ts';

/**
 * What is done to the bars after a time.
 * - `the same again`: nothing, so that what is not repeatable is told from what looks ahead.
 * - `cut off`: they are not there.
 * - `NaN`: nothing of them is a number. `huge`: prices and volumes of 10¹²⁰. `another market`: a plausible walk from another price. `other times`: the same bars, 13 bars later.
 */
export const FUTURES = ['the same again', 'cut off', 'NaN', 'huge', 'another market', 'other times'] as const;
export type Future = (typeof FUTURES)[number];

const HUGE = 1e120;
const GAP_BARS = 13;

/** The bars up to `last`, and after it nothing or another future. */
export function barsUpTo(columns: BarColumns, last: number, future: Future, seed: number): BarColumns {
  if (future === 'the same again') return columns;
  if (future === 'cut off') return sliceBarColumns(columns, 0, last + 1);
  const changed: Record<string, Float64Array> = {};
  for (const [name, column] of Object.entries(columns))
    if (column instanceof Float64Array) changed[name] = column.slice();
  const bars: BarColumns = { ...columns, ...changed };
  const from = last + 1;
  if (future === 'other times') {
    const shiftMs = GAP_BARS * intervalMs(columns.interval);
    for (let index = from; index < bars.length; index += 1)
      bars.openTimeMs[index] = (bars.openTimeMs[index] as number) + shiftMs;
    return bars;
  }
  const value = future === 'NaN' ? Number.NaN : HUGE;
  for (const [name, column] of Object.entries(changed)) if (name !== 'openTimeMs') column.fill(value, from);
  if (future === 'another market') anotherMarket(bars, from, seed);
  return bars;
}

function anotherMarket(bars: BarColumns, from: number, seed: number): void {
  const random = seededRandom(mixSeed(seed, from));
  let close = 3 * (bars.close[from - 1] as number);
  for (let index = from; index < bars.length; index += 1) {
    const open = close;
    close *= Math.exp(0.02 * random.gaussian());
    bars.open[index] = open;
    bars.close[index] = close;
    bars.high[index] = Math.max(open, close) * (1 + 0.01 * random.next());
    bars.low[index] = Math.min(open, close) / (1 + 0.01 * random.next());
    const volume = 1_000 * random.next();
    bars.volume[index] = volume;
    const { takerBuyVolume, trades, bookImbalance } = bars;
    if (takerBuyVolume !== undefined) takerBuyVolume[index] = volume * random.next();
    if (trades !== undefined) trades[index] = random.integer(1_000);
    if (bookImbalance !== undefined) bookImbalance[index] = 2 * random.next() - 1;
  }
}

/** How many bars opened at or before a time. */
function openedBy({ openTimeMs, length }: BarColumns, timeMs: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] as number) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of other instruments what opened at the times of `columns`, and between: the same memory. */
export function otherBarsBeside(others: OtherBars, { openTimeMs }: BarColumns): OtherBars {
  const [firstMs = 0, lastMs = 0] = [openTimeMs[0], openTimeMs.at(-1)];
  return new Map(
    [...others].map(([instrument, each]) => [
      instrument,
      sliceBarColumns(each, openedBy(each, firstMs - 1), openedBy(each, lastMs)),
    ]),
  );
}

/** The same for bars of other instruments: what opened later than `openTimeMs` is the future. */
export function otherBarsUpTo(others: OtherBars, openTimeMs: number, future: Future, seed: number): OtherBars {
  const changed = new Map<string, BarColumns>();
  for (const [instrument, columns] of others) {
    const last = openedBy(columns, openTimeMs) - 1;
    changed.set(instrument, last < 0 ? sliceBarColumns(columns, 0, 0) : barsUpTo(columns, last, future, seed));
  }
  return changed;
}
