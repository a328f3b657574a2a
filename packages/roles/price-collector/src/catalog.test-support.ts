import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { err, expectOk, type BarSeries, type Interval, type Result } from '@monsta/core';
import type { AppendOutcome, Catalog } from '@monsta/ports';
import { onTestFinished } from 'vitest';
import { retentionSchema } from './config.ts';
import { BTC } from './price-collector.test-support.ts';

/** A catalogue on disk whose disk a test can take away. */
export class MovableDisk extends ParquetCatalog {
  /** What appends answer with; null: what the catalogue says. */
  fault: string | null = null;
  appends = 0;

  override appendBars(series: BarSeries): Promise<Result<AppendOutcome>> {
    this.appends += 1;
    return this.fault === null
      ? super.appendBars(series)
      : Promise.resolve(err(this.fault, 'the disk is full', { retry: 'retryable' }));
  }
}

/** An empty catalogue, gone after the test. */
export function catalogForTest(): MovableDisk {
  const path = mkdtempSync(join(tmpdir(), 'monsta-collector-'));
  const catalog = new MovableDisk({ path, memoryMaxMb: 256, threads: 1 });
  onTestFinished(async () => {
    await catalog.close();
    rmSync(path, { recursive: true, force: true });
  });
  return catalog;
}

export const forEver = retentionSchema.parse({});

export async function storedBars(catalog: Catalog, interval: Interval): Promise<BarSeries> {
  const { id, tick, lot, quote } = BTC;
  return expectOk(await catalog.bars({ instrument: { id, tick, lot, quote }, interval, fromMs: null, toMs: null }));
}
