import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { systemClock } from '@monsta/clock-system';
import { optimizationSpecSchema, type OptimizationSpec } from '@monsta/contracts';
import { expectOk, type BarSeries } from '@monsta/core';
import { prepareBacktest } from '../apps/monsta/src/backtest/prepare.ts';
import { planOptimization } from '../apps/monsta/src/optimize/plan.ts';
import { trialBaseOf } from '../apps/monsta/src/optimize/trial-base.ts';
import { runOptimization } from '../apps/monsta/src/optimize/run-optimization.ts';
import { keepCompiledCode } from '../apps/monsta/src/runtime/compiled-code.ts';
import { peerPackages, peerSearch } from './backtest/grademark.ts';
import { bareCross } from './optimize/bare-loop.ts';
import { minuteBars } from './optimize/market.ts';
import type { BenchCase, BenchOptions, BenchReport } from './report.ts';

const role = aiTradingConfigSchema.parse({});
const PEER = 'grademark 0.3.0, one core';
/** It is slower by so much that this many tell its pace. */
const PEER_TRIALS_MAX = 20;

/** A file of a user's own, as docs/strategies.md tells how to write one. */
const FILE = `import { defineStrategy, ema, rsi } from 'monsta';

export default defineStrategy({
  name: 'dips',
  parameters: {
    length: { kind: 'integer', default: 50, min: 5, max: 400 },
    period: { kind: 'integer', default: 14, min: 2, max: 60 },
    low: { kind: 'number', default: 35, min: 5, max: 50 },
  },
  intervals: () => ['1m'],
  indicators: ({ length, period }) => ({ trend: ema(length), strength: rsi(period) }),
  onBar({ bar, indicators: { trend, strength }, parameters: { low }, position, setTarget }) {
    if (position.quantity === 0 && strength < low && bar.close > trend) setTarget(1);
    else if (position.quantity > 0 && bar.close < trend) setTarget(0);
  },
});
`;

function specOf(strategy: string, space: object, trials: number, seed: number): OptimizationSpec {
  return optimizationSpecSchema.parse({
    // The bars are given; nothing is read from there.
    backtest: { strategy, data: { kind: 'file', paths: ['generated'] }, instruments: ['BTCUSDT'] },
    space,
    trials,
    sampler: 'random',
    walkForward: null,
    mapReach: 0,
    seed,
  });
}

const later = (name: string): string => `${name}, second half of the trials`;

interface Measured {
  readonly barsPerSecond: number;
  /** From half of the trials on: threads have long begun. */
  readonly laterBarsPerSecond: number;
  readonly peakBytes: number;
}

/** A whole optimisation, threads, statistics and all, by the road that `monsta optimize` takes. */
async function measure(spec: OptimizationSpec, series: BarSeries, workers: number): Promise<Measured> {
  const clock = systemClock();
  const data = { series: [series], finer: [] };
  const prepared = expectOk(await prepareBacktest(spec.backtest, { role, data }));
  const [strategy] = prepared.strategies;
  if (strategy === undefined) throw new Error('there is no strategy');
  const plan = expectOk(planOptimization(spec, strategy.definition, prepared.parameters, data.series));
  let peakBytes = 0;
  let [tried, halfMs, endMs] = [0, 0, 0];
  const beganMs = clock.monotonicMs();
  const ended = expectOk(
    await runOptimization({
      ...{ plan, workers, clock, heapMbMax: 2_048, stuckAfterMs: 600_000, known: new Map() },
      base: trialBaseOf(prepared, spec.backtest.strategy),
      signal: new AbortController().signal,
      onTrial: () => {
        tried += 1;
        endMs = clock.monotonicMs();
        if (tried * 2 === spec.trials) halfMs = endMs;
      },
      onProgress: () => {
        peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      },
    }),
  );
  const failed = ended.optimization.windows[0]?.counts.failed ?? 0;
  if (failed > 0) throw new Error(`${failed} trials failed`);
  const rate = (bars: number, ms: number): number => (bars / ms) * 1_000;
  return {
    barsPerSecond: rate(ended.bars, clock.monotonicMs() - beganMs),
    laterBarsPerSecond: rate((series.length * spec.trials) / 2, endMs - halfMs),
    peakBytes,
  };
}

/** The same sets over the same arrays in one bare loop, on one core. */
function bare(series: BarSeries, trials: number): number {
  const beganMs = performance.now();
  let best = -Infinity;
  for (let trial = 0; trial < trials; trial += 1)
    best = Math.max(best, bareCross(series.open, series.close, 20 + (trial % 180), 250 + (trial % 1_250)));
  if (Number.isNaN(best)) throw new Error('the bare loop came to nothing');
  return ((series.length * trials) / (performance.now() - beganMs)) * 1_000;
}

/** 1,000 parameter sets on 60,000 bars; `--set trials=N`, `--set bars=N`, `--set workers=N`. */
export async function run({ rounds, seed, settings, log }: BenchOptions): Promise<BenchReport> {
  // As the command does, for its threads.
  keepCompiledCode();
  const number = (name: string, otherwise: number): number => Number(settings[name] ?? otherwise);
  const [trials, bars] = [number('trials', 1_000), number('bars', 60_000)];
  const workers = number('workers', availableParallelism());
  const series = minuteBars(bars, seed);
  const peer = peerPackages();
  if (peer === null) log(`${PEER} is left out: it is not installed (npm ci)`);
  const folder = mkdtempSync(join(tmpdir(), 'monsta-bench-'));
  try {
    const file = join(folder, 'dips.ts');
    writeFileSync(file, FILE);
    const searches = [
      { name: 'sma-cross', spec: specOf('sma-cross', { fast: [20, 200], slow: [250, 1_500] }, trials, seed) },
      {
        name: 'a strategy file (ema, rsi)',
        spec: specOf(
          file,
          { length: { from: 20, to: 200, step: 20 }, period: { from: 4, to: 40, step: 4 }, low: [10, 50] },
          trials,
          seed,
        ),
      },
    ];
    const samples = new Map<string, number[]>([
      ...searches.flatMap(({ name }) => [name, later(name)].map((each) => [each, []] as [string, number[]])),
      ['bare loop, one core', []],
      ...(peer === null ? [] : [[PEER, []] as [string, number[]]]),
    ]);
    let peakBytes = 0;
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, spec } of searches) {
        const measured = await measure(spec, series, workers);
        peakBytes = Math.max(peakBytes, measured.peakBytes);
        samples.get(name)?.push(measured.barsPerSecond);
        samples.get(later(name))?.push(measured.laterBarsPerSecond);
        log(`round ${round}: ${name}: ${(measured.barsPerSecond / 1e6).toFixed(2)}M bars/s`);
      }
      samples.get('bare loop, one core')?.push(bare(series, trials));
      if (peer === null) continue;
      const search = peerSearch(peer, series, Math.min(trials, PEER_TRIALS_MAX));
      const beganMs = performance.now();
      samples.get(PEER)?.push((search() / (performance.now() - beganMs)) * 1_000);
    }
    const cases: BenchCase[] = [...samples].map(([name, each]) => ({
      name,
      unit: 'bars/s',
      better: 'higher',
      samples: each,
    }));
    return {
      title: 'optimize: parameter sets through the kernel, over threads, statistics included',
      cases,
      comparisons: searches.flatMap(({ name }) => [
        { case: name, baseline: 'bare loop, one core' },
        ...(peer === null ? [] : [{ case: name, baseline: PEER }]),
      ]),
      facts: {
        trials,
        bars,
        workers,
        'trials of the peer': peer === null ? null : Math.min(trials, PEER_TRIALS_MAX),
        seed,
        'peak memory (MB)': Math.round(peakBytes / 2 ** 20),
        'aimed at (bars/s on 2 cores)': 20_000_000,
      },
      skipped: null,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
