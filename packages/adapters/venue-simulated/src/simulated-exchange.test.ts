import type { ExchangeModel } from '@monsta/binance-server';
import {
  floorToInterval,
  instrumentId,
  INTERVALS,
  intervalUs,
  timestampUs,
  usFromMs,
  type Bar,
  type Interval,
  type TradeTick,
} from '@monsta/core';
import { BarBuilder } from '@monsta/market-data';
import { VirtualClock } from '@monsta/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestForecast, DEFAULT_EDGE } from './disclosure.ts';
import { createSimulatedExchange, SIMULATED_PROFILES, SIMULATION_EPOCH_MS } from './index.ts';

const BTC = instrumentId('BTCUSDT');
const DAY_MS = 86_400_000;
/** Some odd moment, 47 days into the market. */
const NOW_MS = SIMULATION_EPOCH_MS + 47 * DAY_MS + 13 * 3_600_000 + 17 * 60_000 + 42_123;

function market(nowMs: number, seed = 7): ExchangeModel {
  return createSimulatedExchange({ seed, clock: new VirtualClock(nowMs * 1_000) });
}

function tradesBetween(
  model: ExchangeModel,
  id: TradeTick['instrument'],
  firstId: number,
  lastId: number,
): TradeTick[] {
  const trades: TradeTick[] = [];
  while (trades.length < lastId - firstId + 1) {
    const page = model.trades(id, {
      fromId: firstId + trades.length,
      limit: Math.min(1_000, lastId - firstId + 1 - trades.length),
    });
    if (page.length === 0) break;
    trades.push(...page);
  }
  return trades;
}

/** What an independent count of the trades says of a bar, without the fields that say when it was known. */
function counted(model: ExchangeModel, bar: Bar): Partial<Bar> {
  const symbol = model.symbols().find(({ instrument }) => instrument.id === bar.instrument);
  if (symbol === undefined || bar.firstTradeId === null || bar.lastTradeId === null)
    throw new Error('a bar without ids');
  const builder = new BarBuilder(symbol.instrument, bar.interval);
  const trades = tradesBetween(model, bar.instrument, bar.firstTradeId, bar.lastTradeId);
  for (const trade of trades) if (builder.apply(trade) !== null) throw new Error('a trade of the bar lies in another');
  const { closed: _closed, tsEventUs: _event, tsInitUs: _init, ...content } = builder.forming() ?? {};
  return content;
}

const contentOf = ({ closed: _closed, tsEventUs: _event, tsInitUs: _init, ...content }: Bar): Partial<Bar> => content;

describe('bars of the simulated market', () => {
  it('are the sums of its trades, for every instrument and interval, closed and forming', () => {
    const model = market(NOW_MS);
    for (const { instrument } of model.symbols()) {
      for (const interval of INTERVALS) {
        const bars = model.klines(instrument.id, interval, { fromUs: null, toUs: null, limit: 3 });
        expect(bars.map((bar) => bar.closed)).toEqual([true, true, false]);
        // Hours of trades are checked once, not for each instrument; of days the one that is forming.
        const span = intervalUs(interval);
        const longer = span > intervalUs('1d') ? 2 : span > intervalUs('1h') ? 1 : 0;
        const checked = longer > 0 && instrument.id !== BTC ? [] : bars.slice(longer);
        for (const bar of checked) expect(contentOf(bar)).toEqual(counted(model, bar));
      }
    }
  }, 60_000);

  it('are the sums of its trades at any time and for any seed', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff_ffff),
        fc.integer({ min: 60_000, max: 300 * DAY_MS }),
        fc.constantFrom<Interval>('1m', '5m', '15m', '1h'),
        fc.constantFrom(...SIMULATED_PROFILES),
        (seed, sinceEpochMs, interval, { symbol }) => {
          const model = market(SIMULATION_EPOCH_MS + sinceEpochMs, seed);
          const bars = model.klines(symbol.instrument.id, interval, { fromUs: null, toUs: null, limit: 2 });
          for (const bar of bars) expect(contentOf(bar)).toEqual(counted(model, bar));
          return bars.length > 0;
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it('follow each other without a gap, and their trade ids too', () => {
    const model = market(NOW_MS);
    for (const interval of INTERVALS) {
      const bars = model.klines(BTC, interval, { fromUs: null, toUs: null, limit: 40 });
      bars.slice(1).forEach((bar, index) => {
        const before = bars[index];
        expect(bar.openTimeUs).toBe(before?.closeTimeUs);
        expect(bar.firstTradeId).toBe((before?.lastTradeId ?? 0) + 1);
      });
    }
  });

  it('of weeks begin on Mondays, the first with the week in which the market began, and are the sums of their days', () => {
    const model = market(NOW_MS);
    const weeks = model.klines(BTC, '1w', { fromUs: timestampUs(0), toUs: null, limit: 100 });
    const days = model.klines(BTC, '1d', { fromUs: timestampUs(0), toUs: null, limit: 1_000 });
    // The market began on Wednesday, 1 January 2025.
    expect(weeks[0]?.openTimeUs).toBe(usFromMs(Date.UTC(2024, 11, 30)));
    for (const week of weeks) {
      const within = days.filter(({ openTimeUs }) => openTimeUs >= week.openTimeUs && openTimeUs < week.closeTimeUs);
      expect(week).toMatchObject({
        ...{ open: within[0]?.open, close: within.at(-1)?.close, firstTradeId: within[0]?.firstTradeId },
        volume: within.reduce((sum, { volume }) => sum + volume, 0n),
      });
    }
    expect(weeks.length).toBeGreaterThan(5);
  });

  it('are chosen by start, end and limit as the exchange does', () => {
    const model = market(NOW_MS);
    const openUs = floorToInterval(usFromMs(NOW_MS), '1h');
    const hour = intervalUs('1h');
    const opens = (query: { from?: number; to?: number; limit: number }): number[] =>
      model
        .klines(BTC, '1h', {
          fromUs: query.from === undefined ? null : timestampUs(query.from),
          toUs: query.to === undefined ? null : timestampUs(query.to),
          limit: query.limit,
        })
        .map((bar) => (bar.openTimeUs - openUs) / hour);
    expect(opens({ limit: 3 })).toEqual([-2, -1, 0]);
    expect(opens({ to: openUs - 1, limit: 2 })).toEqual([-2, -1]);
    expect(opens({ from: openUs - 5 * hour, limit: 2 })).toEqual([-5, -4]);
    expect(opens({ from: openUs - 5 * hour + 1, to: openUs - 3 * hour, limit: 9 })).toEqual([-4, -3]);
    expect(opens({ from: openUs + 1, limit: 9 })).toEqual([]);
    expect(opens({ from: 0, limit: 2 })[0]).toBe(-(openUs - SIMULATION_EPOCH_MS * 1_000) / hour);
  });

  it('begin with their first trade, so that the newest one at the start of a minute is the one before', () => {
    const minuteMs = NOW_MS - (NOW_MS % 60_000);
    const bars = market(minuteMs).klines(BTC, '1m', { fromUs: null, toUs: null, limit: 3 });
    expect(bars.map(({ closed }) => closed)).toEqual([true, true, true]);
    expect(bars.at(-1)?.closeTimeUs).toBe(minuteMs * 1_000);
  });

  it('are the same whenever and in whatever order they are asked for', () => {
    const late = market(NOW_MS + 30 * DAY_MS);
    const early = market(NOW_MS);
    const query = { fromUs: usFromMs(NOW_MS - 3 * DAY_MS), toUs: usFromMs(NOW_MS - DAY_MS), limit: 1_000 };
    late.klines(BTC, '1d', { fromUs: null, toUs: null, limit: 60 });
    for (const interval of ['1d', '1m', '4h'] as const) {
      expect(late.klines(BTC, interval, query)).toEqual(early.klines(BTC, interval, query));
    }
  });

  it('move by the volatility of their profile, and the direction of returns foretells the next as far as is stated', () => {
    const model = createSimulatedExchange({
      seed: 3,
      clock: new VirtualClock((SIMULATION_EPOCH_MS + 65 * DAY_MS) * 1_000),
    });
    for (const { symbol, annualVolatility } of SIMULATED_PROFILES) {
      const closes: number[] = [];
      for (let day = 0; day < 60; day += 30) {
        const bars = model.klines(symbol.instrument.id, '1h', {
          fromUs: usFromMs(SIMULATION_EPOCH_MS + day * DAY_MS),
          toUs: null,
          limit: 720,
        });
        closes.push(...bars.map((bar) => bar.close));
      }
      const returns = closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? close)));
      const variance = returns.reduce((sum, value) => sum + value * value, 0) / returns.length;
      const measured = Math.sqrt(variance * 8_760);
      expect(measured / annualVolatility).toBeGreaterThan(0.6);
      expect(measured / annualVolatility).toBeLessThan(1.7);
      const agreeing = returns.slice(1).filter((value, index) => value * (returns[index] ?? 0) > 0).length;
      // 1,438 pairs, of which 51.6 % should agree: a share beyond this would be over four standard deviations off.
      expect(Math.abs(agreeing / (returns.length - 1) - bestForecast(DEFAULT_EDGE))).toBeLessThan(0.055);
    }
  }, 60_000);
});

describe('trades of the simulated market', () => {
  it('have consecutive ids and ascending times, and none lies in the future', () => {
    const model = market(NOW_MS);
    for (const { instrument } of model.symbols()) {
      const trades = model.trades(instrument.id, { fromId: null, limit: 1_000 });
      expect(trades).toHaveLength(1_000);
      trades.slice(1).forEach((trade, index) => {
        expect(trade.tradeId).toBe((trades[index]?.tradeId ?? 0) + 1);
        expect(trade.tsEventUs).toBeGreaterThanOrEqual(trades[index]?.tsEventUs ?? 0);
      });
      expect(trades.at(-1)?.tsEventUs).toBeLessThanOrEqual(NOW_MS * 1_000);
      expect(model.trades(instrument.id, { fromId: (trades.at(-1)?.tradeId ?? 0) + 1, limit: 10 })).toEqual([]);
      expect(model.trades(instrument.id, { fromId: 1, limit: 2 }).map(({ tradeId }) => tradeId)).toEqual([1, 2]);
    }
  });

  it('come as aggregates by id, by time and as the newest', () => {
    const model = market(NOW_MS);
    const newest = model.aggregateTrades(BTC, { fromId: null, fromUs: null, toUs: null, limit: 50 });
    const first = newest[10];
    if (first === undefined) throw new Error('no trades');
    const byId = model.aggregateTrades(BTC, { fromId: first.aggregateId, fromUs: null, toUs: null, limit: 5 });
    const byTime = model.aggregateTrades(BTC, { fromId: null, fromUs: first.tsEventUs, toUs: null, limit: 5 });
    expect(byId).toEqual(newest.slice(10, 15));
    expect(byTime[0]?.tsEventUs).toBe(first.tsEventUs);
    const until = model.aggregateTrades(BTC, { fromId: null, fromUs: null, toUs: first.tsEventUs, limit: 5 });
    expect(until.at(-1)?.tsEventUs).toBe(first.tsEventUs);
  });
});

describe('the simulated market as a whole', () => {
  async function frames(startMs: number, forMs: number, stepMs: number): Promise<string[]> {
    const clock = new VirtualClock(startMs * 1_000);
    const model = createSimulatedExchange({ seed: 11, clock });
    const told: string[] = [];
    for (const { instrument } of model.symbols()) {
      model.listen('trade', instrument.id, ({ json }) => told.push(json));
      model.listen('depth', instrument.id, ({ json }) => told.push(json));
    }
    for (let passed = 0; passed < forMs; passed += stepMs) await clock.advance(stepMs);
    model.close();
    expect(clock.pendingTimers).toBe(0);
    return told;
  }

  it('tells the same frames at the same time, however the time passes', async () => {
    const steady = await frames(NOW_MS, 6_000, 100);
    expect(steady.length).toBeGreaterThan(150);
    expect(steady.some((frame) => frame.startsWith('{"e":"trade"'))).toBe(true);
    expect(await frames(NOW_MS, 6_000, 2_000)).toEqual(steady);
  });

  it('is after a restart the market that it would have been, but for what agents and users did to it', async () => {
    const clock = new VirtualClock(NOW_MS * 1_000);
    const old = createSimulatedExchange({ seed: 11, clock });
    await clock.advance(10 * 60_000);
    const young = createSimulatedExchange({ seed: 11, clock });
    for (const { instrument } of old.symbols()) {
      const query = { fromUs: null, toUs: null, limit: 30 };
      const [lived, told] = [old, young].map((model) =>
        model.klines(instrument.id, '1m', query).filter(({ closed }) => closed),
      );
      expect(lived?.length).toBe(told?.length);
      lived?.forEach((bar, index) => {
        const other = told?.[index];
        expect(bar.openTimeUs).toBe(other?.openTimeUs);
        // Before the seam they are the same; after it the live spread and sweeps of several levels make some difference.
        if (bar.closeTimeUs <= NOW_MS * 1_000) expect(bar).toEqual(other);
        expect(Math.abs(bar.close / (other?.close ?? 0) - 1)).toBeLessThan(0.000_5);
        // The fills of one large order may be ahead of what the process counts.
        expect(bar.lastTradeId).toBeLessThanOrEqual((other?.lastTradeId ?? 0) + 10);
      });
      const ids = [old, young].map((model) => model.trades(instrument.id, { fromId: null, limit: 1 })[0]?.tradeId ?? 0);
      // No more ids than the process counts, but hardly fewer.
      expect((ids[1] ?? 0) - (ids[0] ?? 0)).toBeGreaterThanOrEqual(-10);
      expect((ids[1] ?? 0) - (ids[0] ?? 0)).toBeLessThan(50);
    }
    old.close();
    young.close();
  }, 60_000);

  it('is another one under another seed', () => {
    const closes = (seed: number): number[] =>
      market(NOW_MS, seed)
        .klines(BTC, '1h', { fromUs: null, toUs: null, limit: 20 })
        .map(({ close }) => close);
    expect(closes(1)).not.toEqual(closes(2));
  });

  it('needs one timer, and none once it is closed; nothing exists before its epoch', async () => {
    const clock = new VirtualClock((SIMULATION_EPOCH_MS - 1) * 1_000);
    const model = createSimulatedExchange({ seed: 1, clock });
    expect(clock.pendingTimers).toBe(1);
    expect(model.klines(BTC, '1m', { fromUs: null, toUs: null, limit: 5 })).toEqual([]);
    expect(model.trades(BTC, { fromId: null, limit: 5 })).toEqual([]);
    expect(model.quote(BTC)).toBeNull();
    expect(model.book(BTC, 5).ok).toBe(false);
    const stop = model.listen('trade', BTC, () => undefined);
    await clock.advance(20_000);
    expect(clock.pendingTimers).toBe(1);
    expect(model.trades(BTC, { fromId: null, limit: 1_000 })[0]?.tradeId).toBe(1);
    expect(model.book(BTC, 5).ok).toBe(true);
    stop();
    model.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses instruments it has no behaviour for', () => {
    expect(() =>
      createSimulatedExchange({ seed: 1, clock: new VirtualClock(), instruments: [instrumentId('DOGEUSDT')] }),
    ).toThrow('DOGEUSDT');
  });

  it('refuses a seed that is no whole number', () => {
    expect(() => createSimulatedExchange({ seed: 0.5, clock: new VirtualClock() })).toThrow('whole number, not 0.5');
  });
});
