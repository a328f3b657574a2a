import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import {
  emptyBarSeries,
  expectOk,
  inferInstrument,
  instrumentId,
  seededRandom,
  type BarSeries,
  type InstrumentTerms,
} from '@monsta/core';
import type { BenchOptions, BenchReport } from './report.ts';

const TITLE = 'Bars of the catalogue: partitioned Parquet, in order, into typed arrays';
const BARS = 2_000_000;
const START_MS = Date.UTC(2020, 0, 1);
const MINUTE_MS = 60_000;
const THREADS = 2;
const WARM_UPS = 5;
const BTC: InstrumentTerms & { readonly tick: { units: number; scale: number } } = {
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quote: null,
};

/** A random walk of minutes. */
function minutes(count: number, seed: number): BarSeries {
  const random = seededRandom(seed);
  const series = emptyBarSeries(inferInstrument(BTC), '1m', count);
  let last = 700_000;
  for (let index = 0; index < count; index += 1) {
    const close = Math.max(1_000, last + random.integer(1_201) - 600);
    series.openTimeMs[index] = START_MS + index * MINUTE_MS;
    series.open[index] = last;
    series.high[index] = Math.max(last, close) + random.integer(300);
    series.low[index] = Math.min(last, close) - random.integer(300);
    series.close[index] = close;
    series.volume[index] = random.integer(1_000_000_000);
    last = close;
  }
  return series;
}

interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Waits for what has begun, and says what it cost; processor time of all threads too, which other work on the machine disturbs less. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1_000 };
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const count = Number(options.settings['bars'] ?? BARS);
  const memoryMaxMb = Number(options.settings['memory_max_mb'] ?? 256);
  const path = mkdtempSync(join(tmpdir(), 'monsta-bench-catalog-'));
  const catalog = new ParquetCatalog({ path, memoryMaxMb, threads: THREADS });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMaxMb}MB`,
    threads: String(THREADS),
  });
  const bare = await instance.connect();
  try {
    const series = minutes(count, options.seed);
    const written = await costOf(async () => expectOk(await catalog.appendBars(series)));
    const [entry] = expectOk(await catalog.list());
    options.log(`${count} bars written in ${written.ms.toFixed(0)} ms, ${entry?.files} files, ${entry?.bytes} bytes`);
    const folder = join(path, 'kind=bars/instrument=BTCUSDT/interval=1m');
    const query = `SELECT open_time, open, high, low, close, volume FROM read_parquet('${folder}/**/*.parquet') ORDER BY open_time`;
    const query1 = query.replace(' ORDER BY open_time', '');
    const samples = { ours: [] as Cost[], inFileOrder: [] as Cost[], ordered: [] as Cost[] };
    let checked = 0;
    const read = async (): Promise<void> => {
      const bars = expectOk(await catalog.bars({ instrument: BTC, interval: '1m', fromMs: null, toMs: null }));
      if (bars.length !== count || bars.close[count - 1] !== series.close[count - 1])
        throw new Error('the catalogue gave back other bars');
      checked += 1;
    };
    const materialise = async (sql: string): Promise<void> => {
      const { rowCount } = await bare.run(sql);
      if (rowCount !== count) throw new Error(`DuckDB found ${rowCount} bars`);
    };
    // The first of each load and compile.
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) {
      await read();
      await materialise(query1);
    }
    for (let round = 0; round < options.rounds; round += 1) {
      samples.ours.push(await costOf(read));
      samples.inFileOrder.push(await costOf(() => materialise(query1)));
      samples.ordered.push(await costOf(() => materialise(query)));
    }
    const ms = (costs: readonly Cost[]): readonly number[] => costs.map((cost) => cost.ms);
    const cpu = (costs: readonly Cost[]): readonly number[] => costs.map((cost) => cost.cpuMs);
    const lower = { unit: 'ms', better: 'lower' } as const;
    return {
      title: TITLE,
      cases: [
        { name: 'catalogue into typed arrays', ...lower, samples: ms(samples.ours) },
        { name: 'bare DuckDB, materialised in file order', ...lower, samples: ms(samples.inFileOrder) },
        { name: 'bare DuckDB, materialised by ORDER BY', ...lower, samples: ms(samples.ordered) },
        { name: 'catalogue into typed arrays, processor time', ...lower, samples: cpu(samples.ours) },
        { name: 'bare DuckDB, in file order, processor time', ...lower, samples: cpu(samples.inFileOrder) },
        { name: 'bare DuckDB, by ORDER BY, processor time', ...lower, samples: cpu(samples.ordered) },
      ],
      comparisons: [
        { case: 'catalogue into typed arrays', baseline: 'bare DuckDB, materialised in file order', aimAtMost: 2 },
        { case: 'catalogue into typed arrays', baseline: 'bare DuckDB, materialised by ORDER BY', aimAtMost: 2 },
        {
          case: 'catalogue into typed arrays, processor time',
          baseline: 'bare DuckDB, in file order, processor time',
          aimAtMost: 2,
        },
      ],
      facts: {
        bars: count,
        files: entry?.files ?? null,
        bytes: entry?.bytes ?? null,
        memoryMaxMb,
        threads: THREADS,
        writtenMs: Math.round(written.ms),
        peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_024),
        checked,
      },
      skipped: null,
    };
  } finally {
    bare.closeSync();
    instance.closeSync();
    await catalog.close();
    rmSync(path, { recursive: true, force: true });
  }
}
