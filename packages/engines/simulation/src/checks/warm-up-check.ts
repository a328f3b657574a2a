import { intervalMs, sliceBarSeries, type BarSeries } from '@monsta/core';
import type { BacktestOptions } from '../backtest/backtest-options.ts';
import { Backtest } from '../backtest/backtest.ts';
import { firstClosingAfter } from './altered-series.ts';
import { FirstFindings, type Finding } from './findings.ts';
import { observe } from './lookahead.ts';

export interface WarmUpReport {
  /** When trading began. */
  readonly fromMs: number;
  /** How many bars the strategies say they need before that. */
  readonly neededBars: number;
  /** The numbers of bars of history that were tried beside all there are. */
  readonly tried: readonly number[];
  readonly findings: readonly Finding[];
}

/** Histories that are tried, in multiples of what is needed. */
const MULTIPLES = [1, 2, 4, 8] as const;

/** How many bars of the series' interval the windows of the strategies span. */
function neededOf(options: BacktestOptions, main: BarSeries): number {
  const { kernel } = new Backtest(options);
  const spans = kernel.windows().map(({ interval, window }) => window.capacity * intervalMs(interval));
  // A longer bar that begins in the middle of the history is not whole.
  const longest = Math.max(0, ...kernel.windows().map(({ interval }) => intervalMs(interval)));
  return Math.ceil((Math.max(0, ...spans) + longest) / intervalMs(main.interval));
}

/**
 * Looks for what depends on when somebody began to watch. Trading begins at `fromMs` (without one in the middle of the data) after histories of different lengths, the shortest being
 * what the strategies say they need: from then on all must ask for the same. What is told names the ask or the indicator. Throws `RangeError` where the data before the start is shorter
 * than that.
 */
export function* warmUpSteps(
  options: BacktestOptions,
): Generator<{ readonly done: number; readonly total: number }, WarmUpReport> {
  const [main] = options.series;
  if (main === undefined || main.length < 3) throw new RangeError('to check the warm-up, three bars are the least');
  const middleMs = (main.openTimeMs[Math.floor(main.length / 2)] ?? 0) + intervalMs(main.interval);
  const fromMs = options.fromMs ?? middleMs;
  const from = firstClosingAfter(main, fromMs);
  const neededBars = neededOf(options, main);
  if (from < neededBars)
    throw new RangeError(
      `the strategies need ${neededBars} bars before they trade, and only ${from} come before the start; begin later, or give more data`,
    );
  const tried = MULTIPLES.map((multiple) => multiple * Math.max(1, neededBars)).filter((bars) => bars < from);
  const total = tried.length + 1;
  const always = (): boolean => true;
  const played = function* (bars: number, done: number) {
    const beginMs = main.openTimeMs[from - bars] ?? 0;
    const series = options.series.map((each) => {
      const at = each.openTimeMs.findIndex((openMs) => openMs >= beginMs);
      return sliceBarSeries(each, at === -1 ? each.length : at, each.length);
    });
    const run = observe({ ...options, fromMs }, series, always);
    for (let next = run.next(); ; next = run.next()) {
      if (next.done === true) return next.value;
      yield { done, total };
    }
  };
  const whole = yield* played(from, 0);
  const findings = new FirstFindings();
  for (const [index, bars] of tried.entries()) {
    const observed = yield* played(bars, index + 1);
    for (const finding of whole.differences(observed, fromMs, Infinity, { change: 'history', changed: bars }))
      findings.add(finding);
  }
  return { fromMs, neededBars, tried, findings: findings.all };
}
