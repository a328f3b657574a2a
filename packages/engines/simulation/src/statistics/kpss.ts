import { at } from './columns.ts';
import type { Stretch } from './stretches.ts';
import type { Critical } from './unit-root.ts';

export interface StationarityTest {
  readonly statistic: number;
  readonly p: number;
  /** Beyond the ends of the published table p is only known to be at most, or at least, its last. */
  readonly pIs: 'at_most' | 'at_least' | 'interpolated';
  readonly lags: number;
  readonly critical: readonly Critical[];
}

/** Upper tail of the statistic for a level (Kwiatkowski, Phillips, Schmidt and Shin 1992, table 1). */
const CRITICAL: readonly Critical[] = [
  { level: 0.1, value: 0.347 },
  { level: 0.05, value: 0.463 },
  { level: 0.025, value: 0.574 },
  { level: 0.01, value: 0.739 },
];
const VALUES_MIN = 20;

function probabilityOf(statistic: number): Pick<StationarityTest, 'p' | 'pIs'> {
  const [first, last] = [CRITICAL[0], CRITICAL.at(-1)];
  if (first === undefined || last === undefined) throw new Error('the table is empty');
  if (statistic <= first.value) return { p: first.level, pIs: statistic === first.value ? 'interpolated' : 'at_least' };
  if (statistic >= last.value) return { p: last.level, pIs: statistic === last.value ? 'interpolated' : 'at_most' };
  const above = CRITICAL.findIndex(({ value }) => value >= statistic);
  const [low = first, high = last] = [CRITICAL[above - 1], CRITICAL[above]];
  const share = (statistic - low.value) / (high.value - low.value);
  return { p: low.level + share * (high.level - low.level), pIs: 'interpolated' };
}

/**
 * KPSS test of stationarity around a level: Σ S_t² ÷ (n² s²), S the running sum of y − ȳ, s² the long-run variance by Newey and West 1987 with a Bartlett window of ⌈12 (n ÷ 100)^¼⌉ lags (the l₁₂ of the
 * paper, rounded up). Products of s² lie within one stretch. Null of fewer than 20 values, of a constant, and where gaps leave no positive s².
 */
export function kpss(levels: Float64Array, stretches: readonly Stretch[]): StationarityTest | null {
  const count = levels.length;
  if (count < VALUES_MIN) return null;
  const lags = Math.min(Math.ceil(12 * (count / 100) ** 0.25), count - 1);
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += at(levels, index);
  const mean = sum / count;
  const apart = new Float64Array(count);
  let [running, runningSquares, squares, largest] = [0, 0, 0, 0];
  for (let index = 0; index < count; index += 1) {
    const value = at(levels, index) - mean;
    apart[index] = value;
    running += value;
    runningSquares += running * running;
    squares += value * value;
    largest = Math.max(largest, Math.abs(at(levels, index)));
  }
  if (Math.sqrt(squares / count) <= 1e-12 * largest || squares === 0) return null;
  let longRun = squares;
  for (let lag = 1; lag <= lags; lag += 1) {
    let product = 0;
    for (const { from, to } of stretches)
      for (let index = from + lag; index < to; index += 1) product += at(apart, index) * at(apart, index - lag);
    longRun += 2 * (1 - lag / (lags + 1)) * product;
  }
  if (!(longRun > 0)) return null;
  const statistic = runningSquares / (count * longRun);
  return { statistic, ...probabilityOf(statistic), lags, critical: CRITICAL };
}
