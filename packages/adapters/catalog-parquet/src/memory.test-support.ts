import { writeSync } from 'node:fs';
import { emptyBarSeries, expectOk, inferInstrument } from '@monsta/core';
import { BTC, START } from './catalog.test-support.ts';
import { ParquetCatalog } from './parquet-catalog.ts';

/** A process of its own: `write BARS` stores so many minutes; `read MB` reads all of them with that much memory for DuckDB, and prints how many there were and by how many bytes the process grew at most. */
const [path = '', role = '', given = '0'] = process.argv.slice(2);
const KB = 1_024;
const MINUTE_MS = 60_000;
const all = { instrument: BTC, interval: '1m', fromMs: null, toMs: null } as const;

if (role === 'write') {
  const catalog = new ParquetCatalog({ path, memoryMaxMb: 256, threads: 2 });
  const series = emptyBarSeries(inferInstrument(BTC), '1m', Number(given));
  for (let index = 0; index < series.length; index += 1) {
    // No two alike, so that nothing is stored as a repetition.
    const price = 4_000_000 + ((index * 7_919) % 1_000_003);
    series.openTimeMs[index] = START + index * MINUTE_MS;
    for (const column of [series.open, series.high, series.low, series.close]) column[index] = price;
    series.volume[index] = (index * 104_729) % 1_000_000_007;
  }
  expectOk(await catalog.appendBars(series));
  await catalog.close();
} else {
  const catalog = new ParquetCatalog({ path, memoryMaxMb: Number(given), threads: 2 });
  // The library is loaded, and what it always takes is taken.
  expectOk(await catalog.bars({ ...all, toMs: START + MINUTE_MS }));
  const before = process.memoryUsage.rss();
  const { length } = expectOk(await catalog.bars(all));
  const grewBytes = process.resourceUsage().maxRSS * KB - before;
  writeSync(1, JSON.stringify({ length, grewBytes }));
  await catalog.close();
}
