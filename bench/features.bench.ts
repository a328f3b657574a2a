import { expectOk, seededRandom } from '@monsta/core';
import {
  CORE_SET,
  emptyBarColumns,
  featureMatrixSteps,
  FeatureStream,
  featureSet,
  leakGateSteps,
  runSteps,
  STANDARD_SET,
  writeBar,
  type BarColumns,
  type BarValues,
  type FeatureSet,
} from '@monsta/features';
import type { BenchCase, BenchOptions, BenchReport } from './report.ts';

const TITLE = 'Features: in batch over a history and bar by bar, in one thread, processor time';
/** As many as there are hours of BTCUSDT from August 2017 to April 2024. */
const BARS = 58_419;
const HOUR_MS = 3_600_000;
/** The O(1) of a bar: the same features over windows of these lengths. */
const WINDOWS = [20, 200, 2_000] as const;
const WARM_UP_ROUNDS = 2;

/** A random walk of hours without a gap. */
function hours(count: number, seed: number): BarColumns {
  const random = seededRandom(seed);
  const columns = emptyBarColumns('1h', count);
  let close = 30_000;
  for (let index = 0; index < count; index += 1) {
    const open = close;
    close *= Math.exp(0.005 * random.gaussian());
    const [high, low] = [Math.max(open, close) * 1.001, Math.min(open, close) / 1.001];
    writeBar(columns, index, { openTimeMs: index * HOUR_MS, open, high, low, close, volume: 1 + random.next() });
  }
  return columns;
}

const barsOf = ({ length, openTimeMs, open, high, low, close, volume }: BarColumns): readonly BarValues[] =>
  Array.from({ length }, (_, index) => ({
    openTimeMs: openTimeMs[index] as number,
    open: open[index] as number,
    high: high[index] as number,
    low: low[index] as number,
    close: close[index] as number,
    volume: volume[index] as number,
  }));

/** Windows of one length in five kinds of sliding figures. */
const windowsOf = (bars: number): FeatureSet =>
  expectOk(
    featureSet({
      id: 'windows',
      version: 1,
      features: [
        { feature: 'realized_volatility', bars },
        { feature: 'sma_distance', period: bars },
        { feature: 'bollinger_width', period: bars },
        { feature: 'range_position', bars },
        { feature: 'obv_change', bars },
      ],
    }),
  );

/** Milliseconds of processor time. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function stream(bars: readonly BarValues[], set: FeatureSet): void {
  const features = new FeatureStream('1h', { set });
  let rows = 0;
  for (const bar of bars) {
    expectOk(features.push(bar));
    if (features.current().kind === 'row') rows += 1;
  }
  if (rows !== bars.length - set.warmUpBars + 1) throw new Error(`the stream gave ${rows} rows`);
}

export function run(options: BenchOptions): Promise<BenchReport> {
  const count = Number(options.settings['bars'] ?? BARS);
  const columns = hours(count, options.seed);
  const bars = barsOf(columns);
  const cases: BenchCase[] = [];
  const measure = (name: string, unit: string, scale: number, work: () => void, aimAtMost?: number): void => {
    options.log(name);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) work();
    const samples = Array.from({ length: options.rounds }, () => timed(work) * scale);
    cases.push({ name, unit, better: 'lower', samples, ...(aimAtMost === undefined ? {} : { aimAtMost }) });
  };
  for (const set of [CORE_SET, STANDARD_SET]) {
    const perValue = 1e6 / (count * set.features.length);
    const batch = (): void => void expectOk(runSteps(featureMatrixSteps(columns, set)));
    measure(`${set.id}: batch, whole history`, 'ms', 1, batch, 1_000);
    measure(`${set.id}: batch`, 'ns a bar and feature', perValue, batch);
    measure(`${set.id}: stream`, 'ns a bar and feature', perValue, () => stream(bars, set));
    measure(`${set.id}: stream`, 'µs a bar', 1_000 / count, () => stream(bars, set));
  }
  for (const window of WINDOWS) {
    const set = windowsOf(window);
    const perValue = 1e6 / (count * set.features.length);
    const name = `windows of ${window}`;
    measure(
      `${name}: batch`,
      'ns a bar and feature',
      perValue,
      () => void expectOk(runSteps(featureMatrixSteps(columns, set))),
    );
    measure(`${name}: stream`, 'ns a bar and feature', perValue, () => stream(bars, set));
  }
  measure('leak gate over the standard set', 'ms', 1, () => {
    const report = expectOk(runSteps(leakGateSteps(columns, { set: STANDARD_SET, horizons: [1, 4, 24] })));
    if (report.leaks.length > 0) throw new Error('a feature that ships leaks');
  });
  return Promise.resolve({
    title: TITLE,
    cases,
    comparisons: [],
    facts: {
      bars: count,
      coreFeatures: CORE_SET.features.length,
      standardFeatures: STANDARD_SET.features.length,
    },
    skipped: null,
  });
}
