import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import {
  emptyBarSeries,
  emptyTradeSeries,
  expectOk,
  inferInstrument,
  instrumentId,
  ok,
  unknownBarFlow,
  type BarSeries,
  type InstrumentTerms,
  type TradeSeries,
} from '@monsta/core';
import { surveyBarFile, surveyTradeFile, writeBarFile, writeTradeFile } from '@monsta/data-files';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 30);
const TERMS: InstrumentTerms = { id: instrumentId('BTCUSDT'), tick: null, lot: { units: 1, scale: 8 }, quote: null };
const ALL = { instrument: TERMS, fromMs: null, toMs: null };
const FORMS = ['csv', 'csv.gz', 'zip', 'json', 'ndjson', 'parquet'] as const;

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-import-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A catalogue of its own; the names of its files tell the sums of their bytes. */
function emptyCatalog(): { readonly catalog: ParquetCatalog; readonly files: () => readonly string[] } {
  const path = testFolder();
  const catalog = new ParquetCatalog({ path, memoryMaxMb: 256, threads: 1 });
  onTestFinished(() => catalog.close());
  const names = (): readonly string[] => readdirSync(path, { recursive: true, encoding: 'utf8' });
  return {
    catalog,
    files: () =>
      names()
        .filter((name) => name.endsWith('.parquet'))
        .toSorted(),
  };
}

const anyBars = fc
  .record({
    scale: fc.nat({ max: 8 }),
    rows: fc.array(
      fc.record({
        skipped: fc.oneof(fc.constant(0), fc.nat({ max: 90 })),
        prices: fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 4, maxLength: 4 }),
        volume: fc.oneof(fc.constant(0), fc.maxSafeNat()),
      }),
      { minLength: 1, maxLength: 19 },
    ),
  })
  .map(({ scale, rows }): BarSeries => {
    const instrument = inferInstrument({ ...TERMS, tick: { units: 1, scale } });
    const series = emptyBarSeries(instrument, '1h', rows.length);
    let openMs = START;
    rows.forEach(({ skipped, prices, volume }, row) => {
      const [low = 0, open = 0, close = 0, high = 0] = prices.toSorted((left, right) => left - right);
      series.openTimeMs[row] = openMs += HOUR * (1 + skipped);
      series.open[row] = open;
      series.high[row] = high;
      series.low[row] = low;
      series.close[row] = close;
      series.volume[row] = volume;
    });
    return series;
  });

const anyTrades = fc
  .record({
    scale: fc.nat({ max: 8 }),
    rows: fc.array(
      fc.record({
        waitMs: fc.nat({ max: 20 * HOUR }),
        price: fc.integer({ min: 1, max: 1e9 }),
        quantity: fc.integer({ min: 1, max: 1e12 }),
        maker: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ scale, rows }): TradeSeries => {
    const series = emptyTradeSeries(inferInstrument({ ...TERMS, tick: { units: 1, scale } }), rows.length);
    let timeUs = START * 1_000;
    rows.forEach(({ waitMs, price, quantity, maker }, row) => {
      series.tradeId[row] = 7 * row + 1;
      series.timeUs[row] = timeUs += waitMs * 1_000 + row;
      series.price[row] = price;
      series.quantity[row] = quantity;
      series.buyerIsMaker[row] = maker ? 1 : 0;
    });
    return series;
  });

describe('what a catalogue holds, exported and imported into another', { timeout: 60_000 }, () => {
  it('is the same bars, to the byte, in every form', async () => {
    await fc.assert(
      fc.asyncProperty(anyBars, fc.constantFrom(...FORMS), async (series, form) => {
        const [from, to] = [emptyCatalog(), emptyCatalog()];
        const flow = unknownBarFlow(series.length);
        flow.trades.forEach((_, row) => {
          if (row % 3 !== 0) flow.trades[row] = row;
          if (row % 3 !== 1) flow.bookImbalance[row] = 7 * row - 1_000_000;
        });
        expectOk(await from.catalog.appendBars({ ...series, flow }));
        const path = join(testFolder(), `bars.${form}`);
        const stored = await from.catalog.bars({ ...ALL, interval: '1h', flow: true });
        expect(expectOk(await writeBarFile(path, [stored], false, true))).toBe(series.length);
        const survey = expectOk(await surveyBarFile(path, { ...ALL, interval: '1h', withFlow: true }, 5));
        expect(survey).toMatchObject({ faults: [], notices: [], clockSetBack: [] });
        expect(expectOk(await to.catalog.appendBars(survey.series))).toEqual({ added: series.length, known: 0 });
        expect(to.files()).toEqual(from.files());
        expect(expectOk(await to.catalog.bars({ ...ALL, interval: '1h', flow: true }))).toEqual(expectOk(stored));
      }),
      { numRuns: 12, examples: FORMS.map((form) => [fc.sample(anyBars, { numRuns: 1, seed: 5 })[0] ?? never(), form]) },
    );
  });

  it('is the same trades, to the byte, in every form', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrades, fc.constantFrom(...FORMS), async (series, form) => {
        const [from, to] = [emptyCatalog(), emptyCatalog()];
        expectOk(await from.catalog.appendTrades(series));
        const path = join(testFolder(), `trades.${form}`);
        const stored = await from.catalog.trades(ALL);
        expect(expectOk(await writeTradeFile(path, [stored], false))).toBe(series.length);
        const survey = expectOk(await surveyTradeFile(path, ALL, 5));
        expect(survey).toMatchObject({ faults: [], notices: [] });
        expect(expectOk(await to.catalog.appendTrades(survey.series))).toEqual({ added: series.length, known: 0 });
        expect(to.files()).toEqual(from.files());
        expect(ok(expectOk(await to.catalog.trades(ALL)))).toEqual(stored);
      }),
      {
        numRuns: 12,
        examples: FORMS.map((form) => [fc.sample(anyTrades, { numRuns: 1, seed: 5 })[0] ?? never(), form]),
      },
    );
  });
});

function never(): never {
  throw new Error('no sample');
}
