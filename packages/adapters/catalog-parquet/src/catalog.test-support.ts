import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  emptyBarSeries,
  inferInstrument,
  instrumentId,
  type BarSeries,
  type InstrumentTerms,
  type Step,
} from '@monsta/core';
import type { CatalogRig } from '@monsta/testkit';
import { ParquetCatalog } from './parquet-catalog.ts';

export interface ParquetRig extends CatalogRig {
  readonly catalog: ParquetCatalog;
  readonly path: string;
  another(): ParquetCatalog;
}

/** A catalogue in a folder of its own, gone with `dispose`. */
export function parquetRig(): ParquetRig {
  const path = mkdtempSync(join(tmpdir(), 'monsta-catalog-'));
  const opened: ParquetCatalog[] = [];
  const another = (): ParquetCatalog => {
    const catalog = new ParquetCatalog({ path, memoryMaxMb: 256, threads: 1 });
    opened.push(catalog);
    return catalog;
  };
  return {
    path,
    catalog: another(),
    another,
    async dispose() {
      await Promise.all(opened.map((catalog) => catalog.close()));
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const BTC: InstrumentTerms & { readonly tick: Step } = {
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quote: null,
};
const HOUR = 3_600_000;
export const START = Date.UTC(2024, 0, 1);

/** `count` hours from the `from`-th on, each with prices of its own. */
export function hoursOf(from: number, count: number): BarSeries {
  const series = emptyBarSeries(inferInstrument(BTC), '1h', count);
  for (let index = 0; index < count; index += 1) {
    const price = 4_000_000 + from + index;
    series.openTimeMs[index] = START + (from + index) * HOUR;
    for (const column of [series.open, series.high, series.low, series.close]) column[index] = price;
    series.volume[index] = from + index;
  }
  return series;
}
