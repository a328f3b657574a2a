import { intervalMs, seededRandom, type BarSeries } from '@monsta/core';
import type { BacktestOptions } from '../backtest/backtest-options.ts';
import { Backtest } from '../backtest/backtest.ts';
import { firstClosingAfter, garbageAfter, truncatedAfter } from './altered-series.ts';
import { FirstFindings, Observed, type Finding } from './findings.ts';
import { withProbe } from './probe.ts';

export interface LookaheadReport {
  /** The moments behind which the future was changed. */
  readonly cutsMs: readonly number[];
  /** Runs that were compared with the one on all the data. */
  readonly runs: number;
  /** Calls of handlers in that one. */
  readonly calls: number;
  /** The first of each kind; empty where nothing that was said depended on what came later. */
  readonly findings: readonly Finding[];
}

export interface LookaheadOptions {
  /** How many moments. */
  readonly cuts: number;
  readonly seed: number;
}

const CLOSES_PER_STEP = 1_000;
/** Closes before each cut at which every indicator is compared, whether the strategy looks at it or not. */
const SEEN_BEFORE_CUT = 50;

/** Runs a backtest with a probe in each strategy; yields now and then, so that a caller can do other things in between. */
export function* observe(
  options: BacktestOptions,
  series: readonly BarSeries[],
  sees: (atMs: number) => boolean,
): Generator<void, Observed> {
  const observed = new Observed();
  const strategies = options.strategies.map((each) => withProbe(each, sees, (seen) => observed.add(seen)));
  const run = new Backtest({ ...options, series, strategies, records: 'trades' });
  while (run.step(CLOSES_PER_STEP)) yield;
  return observed;
}

/** Moments to cut at: closes spread evenly over the time in which there is something to say. */
function cutsOf(series: BarSeries, fromMs: number, count: number): readonly number[] {
  const closeMs = (index: number): number => (series.openTimeMs[index] ?? 0) + intervalMs(series.interval);
  const first = firstClosingAfter(series, fromMs);
  // At least one bar comes after the last cut: something has to be changed.
  const last = series.length - 2;
  if (last < first) return [];
  const cuts = Array.from({ length: count }, (_, at) => first + Math.floor(((at + 1) * (last - first)) / count));
  return [...new Set(cuts)].map(closeMs);
}

/**
 * Looks for what knows the future. The strategies run on all the data, and then, for each of several moments, on data of which everything later is cut off, and on data in which
 * it is garbage. Up to that moment every handler must ask for the same and every indicator have the same value, to the last bit. What is told names the ask or the indicator, and
 * when. A strategy that reads data of its own from elsewhere can't be caught so. Throws `RangeError` for fewer than three bars.
 */
export function* lookaheadSteps(
  options: BacktestOptions,
  { cuts, seed }: LookaheadOptions,
): Generator<{ readonly done: number; readonly total: number }, LookaheadReport> {
  const [main] = options.series;
  if (main === undefined || main.length < 3) throw new RangeError('to look for look-ahead, three bars are the least');
  const fromMs = options.fromMs ?? main.openTimeMs[0] ?? 0;
  const cutsMs = cutsOf(main, fromMs, cuts);
  const span = SEEN_BEFORE_CUT * intervalMs(main.interval);
  const sees = (atMs: number): boolean => cutsMs.some((cutMs) => atMs <= cutMs && atMs > cutMs - span);
  const total = 1 + 2 * cutsMs.length;
  let done = 0;
  const played = function* (series: readonly BarSeries[]): Generator<{ done: number; total: number }, Observed> {
    const run = observe(options, series, sees);
    for (let next = run.next(); ; next = run.next()) {
      if (next.done === true) {
        done += 1;
        return next.value;
      }
      yield { done, total };
    }
  };
  const whole = yield* played(options.series);
  const findings = new FirstFindings();
  for (const [index, cutMs] of cutsMs.entries()) {
    const random = seededRandom(seed + index);
    const altered = {
      truncated: options.series.map((series) => truncatedAfter(series, cutMs)),
      garbage: options.series.map((series) => garbageAfter(series, cutMs, random)),
    };
    for (const change of ['truncated', 'garbage'] as const) {
      const observed = yield* played(altered[change]);
      for (const finding of whole.differences(observed, fromMs, cutMs, { change, changed: cutMs }))
        findings.add(finding);
    }
  }
  return { cutsMs, runs: total - 1, calls: whole.count, findings: findings.all };
}
