import {
  emptyBarSeries,
  emptyTradeSeries,
  expectOk,
  inferInstrument,
  instrumentId,
  sliceBarSeries,
  unknownBarFlow,
  type BarFlow,
  type BarSeries,
  type InstrumentTerms,
  type Result,
  type TradeSeries,
} from '@monsta/core';
import type { Catalog, StoredBarQuery, StoredTradeQuery } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface CatalogRig {
  /** An empty catalogue. */
  readonly catalog: Catalog;
  /** Another one on the same store, as another process has. */
  another(): Catalog;
  dispose(): Promise<void>;
}

const MINUTE = 60_000;
/** Five days before a month ends, so that what is made spans two. */
const START = Date.UTC(2024, 0, 27);
const BTC: InstrumentTerms & { readonly tick: { units: number; scale: number } } = {
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quote: null,
};
const all: StoredBarQuery = { instrument: BTC, interval: '1h', fromMs: null, toMs: null };
const allTrades: StoredTradeQuery = { instrument: BTC, fromMs: null, toMs: null };

/** Bars of hours, `skip` telling after which of them one is missing; prices that no two bars share. */
function hours(count: number, skip: ReadonlySet<number> = new Set()): BarSeries {
  const series = emptyBarSeries(inferInstrument(BTC), '1h', count);
  let openMs = START;
  for (let index = 0; index < count; index += 1) {
    const open = 6_000_000 + index * 7;
    series.openTimeMs[index] = openMs;
    series.open[index] = open;
    series.high[index] = open + 50;
    series.low[index] = open - 33;
    series.close[index] = open + 11;
    series.volume[index] = index === 3 ? 2 ** 60 : 123_456_789 + index;
    openMs += 60 * MINUTE * (skip.has(index) ? 2 : 1);
  }
  return series;
}

function someTrades(count: number): TradeSeries {
  const series = emptyTradeSeries(inferInstrument(BTC), count);
  for (let index = 0; index < count; index += 1) {
    series.tradeId[index] = 3_735_683_259 + index * 2;
    // Several share a time; all together span three days.
    series.timeUs[index] = START * 1_000 + Math.floor(index / 3) * 3 * Math.floor((2 * 86_400e6) / count) + 1;
    series.price[index] = 6_183_763 + (index % 17);
    series.quantity[index] = 1 + (index % 5);
    series.buyerIsMaker[index] = index % 2;
  }
  return series;
}

const columnsOf = (series: BarSeries | TradeSeries): Record<string, readonly number[]> =>
  Object.fromEntries(
    Object.entries(series).flatMap(([name, value]) =>
      value instanceof Float64Array || value instanceof Uint8Array ? [[name, [...value]]] : [],
    ),
  );

/** Numbers up to the limits of each, and some that are not known. */
function someFlow(count: number): BarFlow {
  const flow = unknownBarFlow(count);
  for (let index = 0; index < count; index += 1) {
    if (index % 7 !== 3) flow.takerBuyVolume[index] = index % 5 === 0 ? Number.MAX_SAFE_INTEGER - index : index * 1_000;
    if (index % 7 !== 4) flow.trades[index] = index % 5 === 1 ? Number.MAX_SAFE_INTEGER - index : index;
    if (index % 7 !== 5) flow.bookImbalance[index] = index % 5 === 2 ? -1_000_000 + index : 10_000 * (index - 90);
  }
  return flow;
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

/** What every `Catalog` must keep. */
export function catalogConformance(name: string, make: () => Promise<CatalogRig>): void {
  describe(`${name} keeps the promises of a catalogue`, () => {
    let rig: CatalogRig;
    let catalog: Catalog;
    beforeEach(async () => {
      rig = await make();
      catalog = rig.catalog;
    });
    afterEach(() => rig.dispose());

    it('is empty at first', async () => {
      expect(expectOk(await catalog.bars(all)).length).toBe(0);
      expect(expectOk(await catalog.trades(allTrades)).length).toBe(0);
      expect(expectOk(await catalog.list())).toEqual([]);
      expect(expectOk(await catalog.coverage(BTC.id, '1h'))).toEqual({
        rows: 0,
        firstMs: null,
        lastMs: null,
        missing: 0,
        gaps: [],
      });
    });

    it('gives back bars exactly, over months, to whoever opens it', async () => {
      const series = hours(200);
      expect(expectOk(await catalog.appendBars(series))).toEqual({ added: 200, known: 0 });
      const read = expectOk(await rig.another().bars(all));
      expect(columnsOf(read)).toEqual(columnsOf(series));
      expect(read).toMatchObject({ interval: '1h', length: 200, instrument: { id: 'BTCUSDT', tick: BTC.tick } });
    });

    it('gives the bars that open from one time on and before another, in shared memory where asked', async () => {
      expectOk(await catalog.appendBars(hours(200)));
      const fromMs = START + 150 * 60 * MINUTE;
      const read = expectOk(await catalog.bars({ ...all, fromMs, toMs: fromMs + 180 * MINUTE, shared: true }));
      expect([...read.openTimeMs]).toEqual([fromMs, fromMs + 60 * MINUTE, fromMs + 120 * MINUTE]);
      expect(read.close.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(expectOk(await catalog.bars({ ...all, toMs: START })).length).toBe(0);
      expect(expectOk(await catalog.bars({ ...all, interval: '1m' })).length).toBe(0);
    });

    it('takes the finest digit of its prices for the tick where none is given, and refuses one that is too coarse', async () => {
      expectOk(await catalog.appendBars(hours(50)));
      const free = expectOk(await catalog.bars({ ...all, instrument: { ...BTC, tick: null } }));
      expect([free.instrument.tick, free.open[1]]).toEqual([{ units: 1, scale: 2 }, 6_000_007]);
      const fine = expectOk(await catalog.bars({ ...all, instrument: { ...BTC, tick: { units: 5, scale: 3 } } }));
      expect(fine.open[1]).toBe(12_000_014);
      const coarse = await catalog.bars({ ...all, instrument: { ...BTC, tick: { units: 1, scale: 1 } } });
      expect(codeOf(coarse)).toBe('catalog_off_tick');
    });

    it('knows rows that it has, and adds the others', async () => {
      const series = hours(100);
      expectOk(await catalog.appendBars(sliceBarSeries(series, 20, 60)));
      expect(expectOk(await catalog.appendBars(series))).toEqual({ added: 60, known: 40 });
      expect(expectOk(await catalog.appendBars(series))).toEqual({ added: 0, known: 100 });
      expect(columnsOf(expectOk(await catalog.bars(all)))).toEqual(columnsOf(series));
    });

    it('takes rows in coarser steps than those that it has', async () => {
      expectOk(await catalog.appendBars(hours(30)));
      const coarse = emptyBarSeries(inferInstrument({ ...BTC, tick: { units: 1, scale: 0 } }), '1h', 2);
      for (let index = 0; index < 2; index += 1) {
        coarse.openTimeMs[index] = START + (30 + index) * 60 * MINUTE;
        for (const column of [coarse.open, coarse.high, coarse.low, coarse.close]) column[index] = 60_000 + index;
      }
      expect(expectOk(await catalog.appendBars(coarse))).toEqual({ added: 2, known: 0 });
      expect(expectOk(await catalog.appendBars(coarse))).toEqual({ added: 0, known: 2 });
      expect([...expectOk(await catalog.bars(all)).close.slice(-2)]).toEqual([6_000_000, 6_000_100]);
    });

    it('refuses rows that disagree with those it has, tells how many, and stores none of them', async () => {
      expectOk(await catalog.appendBars(sliceBarSeries(hours(150), 100, 150)));
      const other = hours(200);
      other.close[120] = (other.close[120] ?? 0) + 1;
      other.volume[121] = 0;
      const refused = await catalog.appendBars(other);
      expect(refused).toMatchObject({
        ok: false,
        fault: { code: 'catalog_disagrees', details: { count: 2, first: other.openTimeMs[120] } },
      });
      expect(expectOk(await catalog.bars(all)).length).toBe(50);
    });

    it('gives back what is known of flow where that is asked for, and nothing of it where it is not', async () => {
      const flow = someFlow(200);
      expectOk(await catalog.appendBars({ ...hours(200), flow }));
      const read = expectOk(await rig.another().bars({ ...all, flow: true, shared: true }));
      expect(read.flow).toEqual(flow);
      expect(read.flow?.trades.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(expectOk(await catalog.bars(all)).flow).toBeUndefined();
      expectOk(await catalog.compact(null));
      expect(expectOk(await catalog.bars({ ...all, flow: true })).flow).toEqual(flow);
    });

    it('adds what was not known of rows that it has, and takes rows that say less for known', async () => {
      const series = hours(60);
      const { trades, bookImbalance } = someFlow(60);
      const [first, second] = [
        { ...unknownBarFlow(60), trades },
        { ...unknownBarFlow(60), bookImbalance },
      ];
      const more = bookImbalance.filter((value) => !Number.isNaN(value)).length;
      expectOk(await catalog.appendBars({ ...series, flow: first }));
      expect(expectOk(await catalog.appendBars({ ...series, flow: second }))).toEqual({
        added: more,
        known: 60 - more,
      });
      expect(expectOk(await catalog.appendBars(series))).toEqual({ added: 0, known: 60 });
      const read = expectOk(await catalog.bars({ ...all, flow: true }));
      expect(read.flow).toEqual({ ...first, bookImbalance });
      expect(columnsOf(read)).toEqual(columnsOf(series));
      expect(expectOk(await catalog.list()).map(({ rows }) => rows)).toEqual([60]);
      const other = { ...unknownBarFlow(60), trades: trades.map((count) => count + 1) };
      expect(codeOf(await catalog.appendBars({ ...series, flow: other }))).toBe('catalog_disagrees');
    });

    it('refuses disorder, and steps that are finer than it can store', async () => {
      const series = hours(10);
      series.openTimeMs[5] = series.openTimeMs[4] ?? 0;
      expect(codeOf(await catalog.appendBars(series))).toBe('catalog_refused');
      const fine = { ...hours(2), instrument: { ...inferInstrument(BTC), tick: { units: 1, scale: 9 } } };
      expect(codeOf(await catalog.appendBars(fine))).toBe('catalog_refused');
      const escaping = { ...hours(2), instrument: { ...inferInstrument(BTC), id: instrumentId('../up') } };
      expect(codeOf(await catalog.appendBars(escaping))).toBe('catalog_refused');
    });

    it('lists what it has, and says which bars are missing', async () => {
      const series = hours(100, new Set([9, 49]));
      expectOk(await catalog.appendBars(series));
      expectOk(await catalog.appendTrades(someTrades(30)));
      const listed = expectOk(await catalog.list());
      expect(listed).toMatchObject([
        { kind: 'bars', instrument: 'BTCUSDT', interval: '1h', rows: 100, first: START, last: series.openTimeMs[99] },
        { kind: 'trades', instrument: 'BTCUSDT', interval: null, rows: 30, first: 3_735_683_259, last: 3_735_683_317 },
      ]);
      expect(expectOk(await catalog.coverage(BTC.id, '1h'))).toEqual({
        rows: 100,
        firstMs: START,
        lastMs: series.openTimeMs[99],
        missing: 2,
        gaps: [
          { beforeMs: series.openTimeMs[9], afterMs: series.openTimeMs[10] },
          { beforeMs: series.openTimeMs[49], afterMs: series.openTimeMs[50] },
        ],
      });
    });

    it('gives back trades exactly, by time, and knows those that it has', async () => {
      const trades = someTrades(500);
      expect(expectOk(await catalog.appendTrades(trades))).toEqual({ added: 500, known: 0 });
      expect(expectOk(await catalog.appendTrades(trades))).toEqual({ added: 0, known: 500 });
      const read = expectOk(await rig.another().trades(allTrades));
      expect(columnsOf(read)).toEqual(columnsOf(trades));
      const fromMs = START + 86_400_000;
      const later = expectOk(await catalog.trades({ ...allTrades, fromMs, shared: true }));
      expect(later.length).toBe([...trades.timeUs].filter((time) => time >= fromMs * 1_000).length);
      expect(later.buyerIsMaker.buffer).toBeInstanceOf(SharedArrayBuffer);
    });

    it('tells the days that it has trades of, with their ids', async () => {
      expect(expectOk(await catalog.tradeDays(BTC.id))).toEqual([]);
      const trades = someTrades(500);
      expectOk(await catalog.appendTrades(trades));
      const dayOf = (index: number): number => Math.floor((trades.timeUs[index] ?? 0) / 86_400e6) * 86_400_000;
      const groups = Map.groupBy(trades.tradeId.keys(), dayOf);
      expect(groups.size).toBeGreaterThan(1);
      expect(expectOk(await rig.another().tradeDays(BTC.id))).toEqual(
        [...groups].map(([dayMs, indices]) => ({
          dayMs,
          firstId: trades.tradeId[indices[0] ?? 0],
          lastId: trades.tradeId[indices.at(-1) ?? 0],
          rows: indices.length,
        })),
      );
    });

    it('holds the same after it was tidied up, all of it or what is of months that are over', async () => {
      const series = hours(200);
      for (let from = 180; from >= 0; from -= 20)
        expectOk(await catalog.appendBars(sliceBarSeries(series, from, from + 20)));
      expectOk(await catalog.appendTrades(someTrades(60)));
      for (const endedByMs of [Date.UTC(2024, 1, 1), null]) {
        expectOk(await catalog.compact(endedByMs));
        expect(columnsOf(expectOk(await rig.another().bars(all)))).toEqual(columnsOf(series));
        expect(columnsOf(expectOk(await rig.another().trades(allTrades)))).toEqual(columnsOf(someTrades(60)));
      }
    });

    it('removes whole days before a time, of one table, and only counts them in a dry run', async () => {
      const series = hours(200);
      expectOk(await catalog.appendBars(series));
      expectOk(await catalog.appendTrades(someTrades(60)));
      const bars = { kind: 'bars', instrument: BTC.id, interval: '1h' } as const;
      const beforeMs = START + 60 * 60 * MINUTE;
      expect(expectOk(await catalog.prune({ ...bars, beforeMs, dryRun: true })).rows).toBe(48);
      expect(expectOk(await catalog.bars(all)).length).toBe(200);
      expect(expectOk(await catalog.prune({ ...bars, beforeMs })).rows).toBe(48);
      expect(columnsOf(expectOk(await rig.another().bars(all)))).toEqual(columnsOf(sliceBarSeries(series, 48, 200)));
      expect(expectOk(await catalog.prune({ ...bars, beforeMs })).rows).toBe(0);
      expect(expectOk(await catalog.trades(allTrades)).length).toBe(60);
      const trades = { kind: 'trades', instrument: BTC.id, interval: null } as const;
      const { rows } = expectOk(await catalog.prune({ ...trades, beforeMs: START + 24 * 60 * MINUTE }));
      const left = expectOk(await catalog.trades(allTrades));
      expect([rows > 0, rows + left.length]).toEqual([true, 60]);
      expect((left.timeUs[0] ?? 0) / 1_000).toBeGreaterThanOrEqual(START + 24 * 60 * MINUTE);
      // What was removed may come again.
      expect(expectOk(await catalog.appendBars(series))).toEqual({ added: 48, known: 152 });
    });

    it('is the same however what it holds was cut into appends, and in whatever order', async () => {
      const series = hours(120, new Set([30, 31]));
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 119 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(cuts, fc.infiniteStream(fc.nat()), fc.nat({ max: 10 }), async (inner, order, overlap) => {
          const fresh = await make();
          try {
            const ends = [0, ...inner.toSorted((left, right) => left - right), 120];
            const parts = ends
              .slice(1)
              .map((end, index) => sliceBarSeries(series, Math.max(0, (ends[index] ?? 0) - overlap), end))
              .map((part) => ({ part, rank: Number(order.next().value) }))
              .toSorted((left, right) => left.rank - right.rank);
            for (const { part } of parts) expectOk(await fresh.catalog.appendBars(part));
            expect(columnsOf(expectOk(await fresh.catalog.bars(all)))).toEqual(columnsOf(series));
          } finally {
            await fresh.dispose();
          }
        }),
        { numRuns: 8 },
      );
    }, 60_000);

    it('shows a reader each append wholly or not at all, while two writers are at work', async () => {
      const series = hours(160);
      const writers = [catalog, rig.another()];
      const reader = rig.another();
      let writing = true;
      const written = Promise.all(
        writers.map(async (writer, which) => {
          for (let part = which; part < 16; part += 2)
            expectOk(await writer.appendBars(sliceBarSeries(series, part * 10, part * 10 + 10)));
        }),
      ).finally(() => {
        writing = false;
      });
      while (writing) {
        const seen = expectOk(await reader.bars(all));
        expect(seen.length % 10).toBe(0);
        for (let row = 0; row < seen.length; row += 1) {
          const index = ((seen.openTimeMs[row] ?? 0) - START) / (60 * MINUTE);
          expect(seen.close[row]).toBe(series.close[index]);
        }
      }
      await written;
      expect(columnsOf(expectOk(await reader.bars(all)))).toEqual(columnsOf(series));
    }, 60_000);
  });
}
