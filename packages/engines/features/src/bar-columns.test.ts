import {
  barAt,
  emptyBarSeries,
  inferInstrument,
  instrumentId,
  parseStep,
  parseVolume,
  price,
  timestampUs,
  expectOk,
  unknownBarFlow,
  type Bar,
  type BarSeries,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barColumnsSteps, barValues, checkBarColumns, seriesColumns } from './bar-columns.ts';
import { START_MS, walkColumns } from './bars.test-support.ts';
import { runSteps } from './steps.ts';

const tick = expectOk(parseStep('0.01'));

const bar = (hour: number, change: Partial<Bar> = {}): Bar => {
  const openTimeUs = timestampUs((START_MS + hour * 3_600_000) * 1_000);
  const closeTimeUs = timestampUs(openTimeUs + 3_600_000_000);
  return {
    kind: 'bar',
    instrument: instrumentId('BTCUSDT'),
    interval: '1h',
    openTimeUs,
    closeTimeUs,
    open: price(10_000),
    high: price(10_150),
    low: price(9_950),
    close: price(10_101),
    volume: 123_456_789n,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: null,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed: true,
    tsEventUs: closeTimeUs,
    tsInitUs: closeTimeUs,
    ...change,
  };
};

describe('bars as columns', () => {
  it('hold the bars in order, in binary approximation', () => {
    const columns = expectOk(runSteps(barColumnsSteps([bar(0), bar(1)], '1h', { tick })));
    expect([...columns.openTimeMs]).toEqual([START_MS, START_MS + 3_600_000]);
    expect([...columns.close]).toEqual([101.01, 101.01]);
    expect([...columns.high]).toEqual([101.5, 101.5]);
    expect([...columns.low]).toEqual([99.5, 99.5]);
    expect([...columns.volume]).toEqual([1.23456789, 1.23456789]);
  });

  it('hold what is known of the trades, and nothing where it is not', () => {
    const known = bar(0, { takerBuyVolume: 50_000_000n, trades: 12, bookImbalance: -250_000 });
    const columns = expectOk(runSteps(barColumnsSteps([known, bar(1)], '1h', { tick })));
    expect([...(columns.takerBuyVolume ?? [])]).toEqual([0.5, Number.NaN]);
    expect([...(columns.trades ?? [])]).toEqual([12, Number.NaN]);
    expect([...(columns.bookImbalance ?? [])]).toEqual([-0.25, Number.NaN]);
    expect(expectOk(runSteps(barColumnsSteps([bar(0)], '1h', { tick }))).trades).toBeUndefined();
  });

  it('of a series are the same numbers as of its bars', () => {
    const instrument = inferInstrument({ id: instrumentId('BTCUSDT'), tick, lot: { units: 1, scale: 8 }, quote: null });
    const series = emptyBarSeries(instrument, '1h', 2);
    for (const index of [0, 1]) {
      series.openTimeMs[index] = START_MS + index * 3_600_000;
      series.open[index] = 10_000;
      series.high[index] = 10_150;
      series.low[index] = 9_950;
      series.close[index] = 10_101;
      series.volume[index] = 123_456_789;
    }
    const columnsOf = (of: BarSeries) =>
      expectOk(runSteps(barColumnsSteps([barAt(of, 0), barAt(of, 1)], '1h', { tick })));
    expect(expectOk(seriesColumns(series))).toEqual(columnsOf(series));
    const flow = unknownBarFlow(2);
    expect(expectOk(seriesColumns({ ...series, flow }))).toEqual(columnsOf(series));
    flow.takerBuyVolume[0] = 50_000_000;
    flow.bookImbalance[1] = -123_457;
    expect(expectOk(seriesColumns({ ...series, flow }))).toEqual(columnsOf({ ...series, flow }));
    expect(expectOk(seriesColumns({ ...series, flow })).bookImbalance).toEqual(Float64Array.of(Number.NaN, -0.123457));
  });

  it('hold the numbers that the same decimals on the wire parse to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000_000 }),
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        (ticks, volume) => {
          const values = barValues(bar(0, { close: price(ticks), volume }), { tick });
          const cents = String(ticks).padStart(3, '0');
          expect(values.close).toBe(Number(`${cents.slice(0, -2)}.${cents.slice(-2)}`));
          const units = String(volume).padStart(9, '0');
          const text = `${units.slice(0, -8)}.${units.slice(-8)}`;
          expect(expectOk(parseVolume(text))).toBe(volume);
          expect(values.volume).toBe(Number(text));
        },
      ),
    );
  });

  it.each([
    ['bar_not_closed', [bar(0), bar(1, { closed: false })]],
    ['interval_mismatch', [bar(0), bar(1, { interval: '5m' })]],
    ['bars_disordered', [bar(1), bar(0)]],
    ['bars_disordered', [bar(1), bar(1)]],
    ['bar_invalid', [bar(0, { low: price(0) })]],
    ['bar_invalid', [bar(0, { close: price(10_200) })]],
  ])('are refused with %s', (code, bars) => {
    const result = runSteps(barColumnsSteps(bars, '1h', { tick }));
    expect(result.ok ? 'ok' : result.fault.code).toBe(code);
  });

  it.each(['high', 'low', 'close', 'volume', 'openTimeMs'] as const)('are refused when a %s is not finite', (name) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const columns = walkColumns(1, 10);
      columns[name][4] = value;
      const result = checkBarColumns(columns);
      expect(result.ok ? 'ok' : result.fault.code).toBe('bar_invalid');
      expect(result.ok ? '' : result.fault.message).toContain('bar 4 of 10');
    }
  });

  it('are refused when a column is shorter than the others', () => {
    const result = checkBarColumns({ ...walkColumns(1, 10), close: new Float64Array(9) });
    expect(result.ok ? 'ok' : result.fault.code).toBe('columns_unequal');
  });
});
