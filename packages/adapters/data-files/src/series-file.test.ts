import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  emptyBarSeries,
  emptyTradeSeries,
  err,
  expectOk,
  inferInstrument,
  instrumentId,
  floorMsToInterval,
  intervalMs,
  INTERVALS,
  ok,
  type BarFlow,
  type BarSeries,
  type Interval,
  type TradeSeries,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBarFile } from './bar-file.ts';
import { surveyBarFile } from './bar-survey.ts';
import { temporaryFile } from './files.test-support.ts';
import { writeBarFile, writeTradeFile } from './series-file.ts';
import { readTradeFile, surveyTradeFile } from './trade-file.ts';

const folder = (): string => dirname(temporaryFile('beside.txt', ''));
const BTC = instrumentId('BTCUSDT');
const FORMS = ['csv', 'csv.gz', 'csv.zip', 'zip', 'json', 'json.gz', 'ndjson', 'ndjson.zip', 'parquet'];
/** Parquet asks DuckDB twice each time. */
const runsOf = (form: string): number => (form === 'parquet' ? 4 : 10);

const instrumentOf = (scale: number, lotScale = 8): BarSeries['instrument'] =>
  inferInstrument({ id: BTC, tick: { units: 1, scale }, lot: { units: 1, scale: lotScale }, quote: null });

/** Bars of any interval, scale and size that a catalogue can hold, with gaps and quiet bars. */
const anyBars = fc
  .record({
    scale: fc.nat({ max: 8 }),
    interval: fc.constantFrom(...INTERVALS),
    // From the year 2001: a whole number of seconds below 10^11 in a column without a unit would be just that.
    start: fc.integer({ min: 12_000, max: 80_000 }),
    bars: fc.array(
      fc.record({
        skipped: fc.oneof(fc.constant(0), fc.nat({ max: 50 })),
        prices: fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 4, maxLength: 4 }),
        volume: fc.oneof(fc.constant(0), fc.maxSafeNat(), fc.nat({ max: 1_000 })),
      }),
      // Of twenty bars that all lie farther apart than their interval, a file tells another one.
      { minLength: 1, maxLength: 20 },
    ),
  })
  .map(({ scale, interval, start, bars }): BarSeries => {
    const series = emptyBarSeries(instrumentOf(scale), interval, bars.length);
    let openMs = floorMsToInterval(start * intervalMs('1d'), interval);
    bars.forEach(({ skipped, prices, volume }, row) => {
      openMs += intervalMs(interval) * (1 + skipped);
      const [low = 0, open = 0, close = 0, high = 0] = prices.toSorted((left, right) => left - right);
      series.openTimeMs[row] = openMs;
      [series.open, series.high, series.low, series.close].forEach((column, index) => {
        column[row] = [open, high, low, close][index] ?? 0;
      });
      series.volume[row] = volume;
    });
    return series;
  });

const barColumns = ({ openTimeMs, open, high, low, close, volume }: BarSeries): number[][] =>
  [openTimeMs, open, high, low, close, volume].map((column) => [...column]);

/** Flow of bars, parts of it unknown. */
const anyFlow = (length: number): fc.Arbitrary<BarFlow> => {
  const column = (value: fc.Arbitrary<number>) =>
    fc
      .array(fc.oneof(value, fc.constant(Number.NaN)), { minLength: length, maxLength: length })
      .map((values) => Float64Array.from(values));
  return fc.record({
    takerBuyVolume: column(fc.maxSafeNat()),
    trades: column(fc.maxSafeNat()),
    bookImbalance: column(fc.integer({ min: -1_000_000, max: 1_000_000 })),
  });
};

const termsOf = ({ instrument, interval }: Pick<BarSeries, 'instrument'> & { interval?: Interval }) => ({
  instrument: { id: BTC, tick: instrument.tick, lot: instrument.lot, quote: null },
  interval: interval ?? null,
  fromMs: null,
  toMs: null,
});

const anyTrades = fc
  .record({
    scale: fc.nat({ max: 8 }),
    lotScale: fc.nat({ max: 8 }),
    firstId: fc.nat({ max: 1e12 }),
    startUs: fc.integer({ min: 1.1e15, max: 8e15 }),
    trades: fc.array(
      fc.record({
        skipped: fc.oneof(fc.constant(0), fc.nat({ max: 9 })),
        waitUs: fc.nat({ max: 1e9 }),
        price: fc.integer({ min: 1, max: 1e9 }),
        quantity: fc.integer({ min: 1, max: 1e6 }),
        maker: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ scale, lotScale, firstId, startUs, trades }): TradeSeries => {
    const series = emptyTradeSeries(instrumentOf(scale, lotScale), trades.length);
    let [id, us] = [firstId, startUs];
    trades.forEach(({ skipped, waitUs, price, quantity, maker }, row) => {
      series.tradeId[row] = id += 1 + skipped;
      series.timeUs[row] = us += waitUs;
      series.price[row] = price;
      series.quantity[row] = quantity;
      series.buyerIsMaker[row] = maker ? 1 : 0;
    });
    return series;
  });

const tradeColumns = ({ tradeId, timeUs, price, quantity, buyerIsMaker }: TradeSeries): number[][] =>
  [tradeId, timeUs, price, quantity, buyerIsMaker].map((column) => [...column]);

describe('bars that are written', { timeout: 60_000 }, () => {
  it.each(FORMS)('as .%s are read to the same, exactly', async (form) => {
    const path = join(folder(), `BTCUSDT.${form}`);
    await fc.assert(
      fc.asyncProperty(anyBars, async (series) => {
        expect(expectOk(await writeBarFile(path, [ok(series)], true))).toBe(series.length);
        const terms = termsOf(series);
        const read = expectOk(await readBarFile(path, terms));
        expect(barColumns(read)).toEqual(barColumns(series));
        const survey = expectOk(await surveyBarFile(path, terms, 5));
        expect(survey).toMatchObject({ faults: [], notices: [], clockSetBack: [], offsetMinutes: 0 });
        expect(barColumns(survey.series)).toEqual(barColumns(series));
      }),
      { numRuns: runsOf(form) },
    );
  });

  it.each(FORMS)('as .%s with their flow are read to the same, what is not known being empty', async (form) => {
    const path = join(folder(), `BTCUSDT.${form}`);
    const withFlow = anyBars.chain((series) => anyFlow(series.length).map((flow) => ({ ...series, flow })));
    await fc.assert(
      fc.asyncProperty(withFlow, async (series) => {
        expectOk(await writeBarFile(path, [ok(series)], true, true));
        const terms = { ...termsOf(series), withFlow: true };
        const read = expectOk(await readBarFile(path, terms));
        expect([barColumns(read), read.flow]).toEqual([barColumns(series), series.flow]);
        const survey = expectOk(await surveyBarFile(path, terms, 5));
        expect(survey).toMatchObject({ faults: [], notices: [], series: { flow: series.flow } });
      }),
      { numRuns: runsOf(form) },
    );
  });

  it('and read without a tick are worth the same', async () => {
    const path = join(folder(), 'bars.csv');
    await fc.assert(
      fc.asyncProperty(anyBars, async (series) => {
        expectOk(await writeBarFile(path, [ok(series)], true));
        const terms = termsOf(series);
        const read = expectOk(await readBarFile(path, { ...terms, instrument: { ...terms.instrument, tick: null } }));
        const factor = 10 ** (series.instrument.tick.scale - read.instrument.tick.scale);
        expect([...read.close].map((ticks) => ticks * factor)).toEqual([...series.close]);
      }),
      { numRuns: 30 },
    );
  });

  it('are the same bytes each time, which other programs unpack', async () => {
    const [series] = fc.sample(anyBars, { numRuns: 1, seed: 3 });
    if (series === undefined) throw new Error('no series');
    for (const form of FORMS) {
      const [one, other] = ['a', 'b'].map((name) => join(folder(), `${name}.${form}`));
      for (const path of [one, other]) expectOk(await writeBarFile(path ?? '', [ok(series)], false));
      const bytes = (path: string | undefined): string =>
        readFileSync(path ?? '')
          .toString('latin1')
          .replaceAll(/[ab]\.(csv|ndjson)/g, 'x');
      expect(bytes(one)).toBe(bytes(other));
    }
    const plain = join(folder(), 'bars.csv');
    const zipped = join(folder(), 'bars.csv.gz');
    for (const path of [plain, zipped]) expectOk(await writeBarFile(path, [ok(series)], false));
    expect(execFileSync('gzip', ['-dc', zipped]).toString()).toBe(readFileSync(plain, 'utf8'));
  });
});

describe('trades that are written', { timeout: 60_000 }, () => {
  it.each(FORMS)('as .%s are read to the same, exactly', async (form) => {
    const path = join(folder(), `BTCUSDT.${form}`);
    await fc.assert(
      fc.asyncProperty(anyTrades, async (series) => {
        // In pieces, as a catalogue gives them.
        const cut = Math.floor(series.length / 2);
        const part = (from: number, to: number): TradeSeries => ({
          ...series,
          length: to - from,
          tradeId: series.tradeId.subarray(from, to),
          timeUs: series.timeUs.subarray(from, to),
          price: series.price.subarray(from, to),
          quantity: series.quantity.subarray(from, to),
          buyerIsMaker: series.buyerIsMaker.subarray(from, to),
        });
        const pieces = [ok(part(0, cut)), ok(part(cut, series.length))];
        expect(expectOk(await writeTradeFile(path, pieces, true))).toBe(series.length);
        const terms = termsOf(series);
        expect(tradeColumns(expectOk(await readTradeFile(path, terms)))).toEqual(tradeColumns(series));
        const survey = expectOk(await surveyTradeFile(path, terms, 5));
        expect(survey).toMatchObject({ faults: [], notices: [] });
        expect(tradeColumns(survey.series)).toEqual(tradeColumns(series));
      }),
      { numRuns: runsOf(form) },
    );
  });
});

describe('a file of a series', () => {
  const one = emptyBarSeries(instrumentOf(2), '1h', 1);
  for (const column of [one.openTimeMs, one.open, one.high, one.low, one.close]) column[0] = 3_600_000_000;

  it('that is there is kept unless it is to be replaced', async () => {
    const path = temporaryFile('bars.csv', 'older');
    expect(await writeBarFile(path, [ok(one)], false)).toMatchObject({ fault: { code: 'data_exists' } });
    expect(readFileSync(path, 'utf8')).toBe('older');
    expectOk(await writeBarFile(path, [ok(one)], true));
    expect(readFileSync(path, 'utf8')).toContain('openTimeMs');
  });

  it('is not there when its rows end with a fault, or there are none', async () => {
    const at = folder();
    for (const form of FORMS) {
      const path = join(at, `bars.${form}`);
      const torn = [ok(one), err('catalog_damaged', 'a file is damaged')];
      expect(await writeBarFile(path, torn, false)).toMatchObject({ fault: { code: 'catalog_damaged' } });
      expect(await writeBarFile(path, [ok(emptyBarSeries(instrumentOf(2), '1h', 0))], false)).toMatchObject({
        fault: { code: 'data_none' },
      });
      expect(await writeBarFile(path, [], false)).toMatchObject({ fault: { code: 'data_none' } });
      expect(existsSync(path)).toBe(false);
    }
    expect(readdirSync(at)).toEqual(['beside.txt']);
  });

  it('has to be named by what it is', async () => {
    for (const name of ['bars', 'bars.txt', 'bars.gz', 'bars.parquet.gz'])
      expect(await writeBarFile(join(folder(), name), [ok(one)], false)).toMatchObject({
        fault: { code: 'data_form' },
      });
    writeFileSync(join(folder(), 'plain'), '');
    expect(await writeBarFile(join(temporaryFile('plain', ''), 'below.csv'), [ok(one)], false)).toMatchObject({
      fault: { code: 'data_unwritable' },
    });
  });

  it('of Parquet refuses prices that it can’t hold', async () => {
    const path = join(folder(), 'bars.parquet');
    const large = { ...one, high: Float64Array.of(1e12) };
    expect(await writeBarFile(path, [ok(large)], false)).toMatchObject({ fault: { code: 'data_too_large' } });
    const fine = { ...one, instrument: instrumentOf(9) };
    expect(await writeBarFile(path, [ok(fine)], false)).toMatchObject({ fault: { code: 'data_form' } });
  });
});
