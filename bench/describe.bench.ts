import { emptyBarSeries, expectOk, inferInstrument, instrumentId, seededRandom, type BarSeries } from '@monsta/core';
import { describeBars } from '@monsta/simulation';
import type { BenchOptions, BenchReport } from './report.ts';

const TITLE = 'Description of bars: all that monsta data describe tells, in one thread';
const BARS = 1_000_000;
const LAGS = 48;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2020, 0, 1);
const BTC = { id: instrumentId('BTCUSDT'), tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 8 }, quote: null };

/** A random walk of minutes, one in ten thousand of which is missing. */
function minutes(count: number, seed: number): BarSeries {
  const random = seededRandom(seed);
  const series = emptyBarSeries(inferInstrument(BTC), '1m', count);
  let [last, openMs] = [4_000_000, START_MS];
  for (let index = 0; index < count; index += 1) {
    const close = Math.max(10_000, last + random.integer(2_001) - 1_000);
    series.openTimeMs[index] = openMs;
    series.open[index] = last;
    series.high[index] = Math.max(last, close);
    series.low[index] = Math.min(last, close);
    series.close[index] = close;
    series.volume[index] = random.integer(1_000_000_000);
    openMs += random.integer(10_000) === 0 ? 2 * MINUTE_MS : MINUTE_MS;
    last = close;
  }
  return series;
}

export function run(options: BenchOptions): Promise<BenchReport> {
  const bars = Number(options.settings['bars'] ?? BARS);
  const lags = Number(options.settings['lags'] ?? LAGS);
  const series = minutes(bars, options.seed);
  const before = process.memoryUsage().arrayBuffers;
  const samples: number[] = [];
  let [gaps, most] = [0, before];
  for (let round = 0; round < options.rounds; round += 1) {
    const cpu = process.cpuUsage();
    const found = expectOk(
      describeBars(series, { source: { kind: 'catalogue', market: 'simulated', file: null }, simulated: true, lags }),
    );
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    const { user, system } = process.cpuUsage(cpu);
    samples.push((user + system) / 1_000);
    gaps = found.missing.gaps;
    if (found.returns.count !== bars - 1 - gaps) throw new Error('returns were lost');
  }
  return Promise.resolve({
    title: TITLE,
    cases: [{ name: 'description, processor time', unit: 'ms', better: 'lower', samples, aimAtMost: 5_000 }],
    comparisons: [],
    facts: { bars, lags, gaps, columnsMbMost: Math.round((most - before) / 2 ** 20) },
    skipped: null,
  });
}
