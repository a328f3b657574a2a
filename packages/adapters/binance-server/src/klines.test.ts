import { instrumentId, timestampUs, type Bar } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import type { ExchangeModel } from './exchange-model.ts';
import { KLINE_INTERVALS, KlineGrid } from './kline-intervals.ts';
import { klinesOf, type Kline } from './klines.ts';
import { tradedWindow } from './rolling-window.ts';
import { findSymbol } from './parameters.ts';

const MINUTE_US = 60_000_000;
const DAY_US = 1_440 * MINUTE_US;
/** 2025-03-01T12:34:56.789Z */
const NOW_US = 1_740_832_496_789_000;

const model: ExchangeModel = createSimulatedExchange({ seed: 5, clock: new VirtualClock(NOW_US) });
const { instrument } = findSymbol(model.symbols(), instrumentId('XRPUSDT'));
const nowUs = model.nowUs();

/** One kline of the minutes that open within it, counted the long way. */
function counted(minutes: readonly Bar[], openUs: number, closeUs: number): object | null {
  const inside = minutes.filter(({ openTimeUs }) => openTimeUs >= openUs && openTimeUs < closeUs);
  const [first] = inside;
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    openTimeUs: openUs,
    closeTimeUs: closeUs,
    open: first.open,
    close: last.close,
    high: Math.max(...inside.map(({ high }) => high)),
    low: Math.min(...inside.map(({ low }) => low)),
    volume: inside.reduce((sum, { volume }) => sum + volume, 0n),
    quoteVolume: inside.reduce((sum, { quoteVolume }) => sum + (quoteVolume ?? 0n), 0n),
    takerBuyVolume: inside.reduce((sum, { takerBuyVolume }) => sum + (takerBuyVolume ?? 0n), 0n),
    trades: inside.reduce((sum, { trades }) => sum + (trades ?? 0), 0),
    firstTradeId: first.firstTradeId,
    lastTradeId: last.lastTradeId,
    closed: closeUs <= nowUs,
  };
}

const opens = (klines: readonly Kline[]): number[] => klines.map(({ openTimeUs }) => openTimeUs);

describe('klines of intervals that the model does not have', () => {
  const minutes = model.klines(instrument.id, '1m', { fromUs: null, toUs: null, limit: 6 * 1_440 });

  it.each(KLINE_INTERVALS.filter((interval) => !['1s', '1w', '1M'].includes(interval)))(
    '%s is the sum of its minutes, in UTC and elsewhere',
    (interval) => {
      for (const offsetMinutes of [0, 480, -90, 345]) {
        const grid = new KlineGrid(interval, offsetMinutes * MINUTE_US);
        const klines = klinesOf(model, instrument, grid, { fromUs: null, toUs: null, limit: 3 });
        expect(klines).toHaveLength(3);
        const whole = klines.filter(({ openTimeUs }) => openTimeUs >= (minutes[0]?.openTimeUs ?? 0));
        expect(whole.length).toBeGreaterThanOrEqual(1);
        for (const kline of whole) {
          expect(kline).toMatchObject(counted(minutes, kline.openTimeUs, grid.next(kline.openTimeUs)) ?? {});
        }
        expect(klines.at(-1)?.openTimeUs).toBe(grid.floor(nowUs));
      }
    },
  );

  it('1w and 1M are the sums of their days', () => {
    const days = klinesOf(model, instrument, new KlineGrid('1d'), { fromUs: null, toUs: null, limit: 100 });
    expect(days).toHaveLength(60);
    const months = klinesOf(model, instrument, new KlineGrid('1M'), { fromUs: null, toUs: null, limit: 100 });
    expect(opens(months).map((us) => new Date(us / 1_000).toISOString().slice(0, 10))).toEqual([
      '2025-01-01',
      '2025-02-01',
      '2025-03-01',
    ]);
    const weeks = klinesOf(model, instrument, new KlineGrid('1w'), { fromUs: null, toUs: null, limit: 100 });
    expect(new Set(opens(weeks).map((us) => new Date(us / 1_000).getUTCDay()))).toEqual(new Set([1]));
    for (const klines of [months, weeks]) {
      expect(klines.reduce((sum, { volume }) => sum + volume, 0n)).toBe(
        days.reduce((sum, { volume }) => sum + volume, 0n),
      );
      expect(klines.filter(({ closed }) => !closed)).toHaveLength(1);
      klines.slice(1).forEach((kline, index) => expect(kline.firstTradeId).toBe((klines[index]?.lastTradeId ?? 0) + 1));
    }
  });

  it('are counted from the start where there is one, else from the end, and never after the end asked for', () => {
    const grid = new KlineGrid('30m');
    const span = 30 * MINUTE_US;
    const start = grid.floor(nowUs) - 20 * span;
    const ask = (fromUs: number | null, toUs: number | null, limit: number): number[] =>
      opens(
        klinesOf(model, instrument, grid, {
          fromUs: fromUs === null ? null : timestampUs(fromUs),
          toUs: toUs === null ? null : timestampUs(toUs),
          limit,
        }),
      );
    const list = (first: number, count: number): number[] =>
      Array.from({ length: count }, (_, index) => start + (first + index) * span);
    expect(ask(start, null, 5)).toEqual(list(0, 5));
    expect(ask(start - 1, null, 5)).toEqual(list(0, 5));
    expect(ask(start + 1, null, 5)).toEqual(list(1, 5));
    expect(ask(start, start + 2 * span, 5)).toEqual(list(0, 3));
    expect(ask(null, start + 2 * span, 5)).toEqual(list(-2, 5));
    expect(ask(null, start + 2 * span - 1, 5)).toEqual(list(-3, 5));
    expect(ask(start + span, start, 5)).toEqual([]);
    expect(ask(null, null, 2)).toEqual(list(19, 2));
    expect(ask(nowUs + DAY_US, null, 5)).toEqual([]);
  });
});

describe('klines of one second', () => {
  const grid = new KlineGrid('1s');
  const minuteUs = Math.floor(nowUs / MINUTE_US) * MINUTE_US - MINUTE_US;

  it('are sixty to a minute, without a gap, and together the minute', () => {
    const seconds = klinesOf(model, instrument, grid, {
      fromUs: timestampUs(minuteUs),
      toUs: timestampUs(minuteUs + MINUTE_US - 1),
      limit: 1_000,
    });
    expect(opens(seconds)).toEqual(Array.from({ length: 60 }, (_, second) => minuteUs + second * 1_000_000));
    const [minute] = model.klines(instrument.id, '1m', {
      fromUs: timestampUs(minuteUs),
      toUs: timestampUs(minuteUs),
      limit: 1,
    });
    expect(seconds.reduce((sum, { volume }) => sum + volume, 0n)).toBe(minute?.volume);
    expect(seconds.reduce((sum, { quoteVolume }) => sum + (quoteVolume ?? 0n), 0n)).toBe(minute?.quoteVolume);
    expect(seconds.reduce((sum, { trades }) => sum + (trades ?? 0), 0)).toBe(minute?.trades);
    expect(Math.max(...seconds.filter(({ trades }) => trades !== 0).map(({ high }) => high))).toBe(minute?.high);
    expect(seconds.at(-1)?.close).toBe(minute?.close);
    const quiet = seconds.flatMap((kline, index) => (kline.trades === 0 && index > 0 ? [index] : []));
    expect(quiet.length).toBeGreaterThan(5);
    for (const index of quiet) {
      const { close, open, high, low, firstTradeId } = seconds[index] ?? {};
      const before = seconds[index - 1]?.close;
      expect([open, high, low, close, firstTradeId]).toEqual([before, before, before, before, null]);
    }
  });

  it('end with the second that is running, once it has traded, and begin with the first trade', () => {
    const newest = klinesOf(model, instrument, grid, { fromUs: null, toUs: null, limit: 1_000 });
    expect(newest).toHaveLength(1_000);
    const last = newest.at(-1);
    expect(last?.closed === true ? grid.floor(nowUs) - 1_000_000 : grid.floor(nowUs)).toBe(last?.openTimeUs);
    const oldest = klinesOf(model, instrument, grid, { fromUs: timestampUs(0), toUs: null, limit: 3 });
    const [first] = model.aggregateTrades(instrument.id, {
      fromId: null,
      fromUs: timestampUs(0),
      toUs: null,
      limit: 1,
    });
    expect(oldest[0]).toMatchObject({ firstTradeId: 1, openTimeUs: grid.floor(first?.tsEventUs ?? 0) });
    expect(klinesOf(model, instrument, grid, { fromUs: null, toUs: timestampUs(5), limit: 3 })).toEqual([]);
  });
});

describe('a rolling window', () => {
  it('holds the trades of exactly its span', () => {
    for (const spanMs of [61_234, 300_000, 7_654_321]) {
      const window = tradedWindow(model, instrument, spanMs);
      const fromUs = (Math.floor(nowUs / 1_000) - spanMs) * 1_000;
      const [first] = model.aggregateTrades(instrument.id, {
        fromId: null,
        fromUs: timestampUs(fromUs),
        toUs: null,
        limit: 1,
      });
      const [last] = model.trades(instrument.id, { fromId: null, limit: 1 });
      const [before] = model.trades(instrument.id, { fromId: (first?.firstTradeId ?? 0) - 1, limit: 1 });
      expect(window).toMatchObject({
        openTimeUs: fromUs,
        closeTimeUs: nowUs,
        firstTradeId: first?.firstTradeId,
        lastTradeId: last?.tradeId,
        open: first?.price,
        close: last?.price,
        previousClose: before?.price,
        trades: (last?.tradeId ?? 0) - (first?.firstTradeId ?? 0) + 1,
      });
    }
  });
});
