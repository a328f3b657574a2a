import { timestampUs, usFromMs, type Bar, type Interval, type TradeTick } from '@monsta/core';
import { BarBuilder } from '@monsta/market-data';
import { recordingTelemetry } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { BTC, LiveMarket } from './live-market.test-support.ts';
import { EPOCH_MS } from './profiles.ts';

/** In the middle of a minute. */
const START_MS = EPOCH_MS + 1_000 * 3_600_000 + 31_234;
const SEED = 5;
const COIN = 100_000;
const all = { fromUs: null, toUs: null };

const open = (startMs = START_MS): LiveMarket => new LiveMarket(startMs, SEED, [BTC]);

function depthOf(market: LiveMarket, side: 'bids' | 'asks'): number {
  const book = market.model.book(BTC, 5_000);
  return book.ok ? book.value[side].reduce((sum, [, lots]) => sum + lots, 0) : 0;
}

describe('a user of the simulated market', () => {
  it('who buys much pays more and more, and moves the price for a while: half of it is forgotten after half a minute', () => {
    const [touched, untouched] = [open(), open()];
    touched.pass(5_000);
    untouched.pass(5_000);
    expect(touched.mid()).toBe(untouched.mid());
    const order = touched.place({ side: 'buy', type: 'MARKET', lots: 30 * COIN });
    expect(order.status).toBe('FILLED');
    const prices = touched.fills().map((fill) => fill.price as number);
    expect(prices.length).toBeGreaterThan(10);
    expect(prices).toEqual(prices.toSorted((left, right) => left - right));
    expect(touched.fills().reduce((sum, fill) => sum + fill.quantity, 0)).toBe(30 * COIN);
    const away = (afterMs: number): number => {
      touched.pass(afterMs);
      untouched.pass(afterMs);
      return touched.mid() - untouched.mid();
    };
    const first = away(200);
    expect(first).toBeGreaterThan(1_000);
    const second = away(30_000);
    expect(second / first).toBeGreaterThan(0.45);
    expect(second / first).toBeLessThan(0.55);
    // 5,000 ticks are below half a tick after fourteen half-lives.
    for (let minute = 0; minute < 7; minute += 1) away(60_000);
    expect(Math.abs(away(100))).toBeLessThanOrEqual(6);
  });

  it('who buys everything there is finds sellers again a step later', () => {
    const market = open();
    market.pass(5_000);
    for (let round = 0; round < 20 && depthOf(market, 'asks') > 0; round += 1) {
      market.place({ side: 'buy', type: 'MARKET', lots: Math.min(400 * COIN, depthOf(market, 'asks')) });
    }
    expect(depthOf(market, 'asks')).toBe(0);
    expect(market.model.quote(BTC)?.askPrice).toBe(0);
    market.pass(100);
    expect(market.ask()).toBeGreaterThan(market.bid());
    expect(depthOf(market, 'asks')).toBeGreaterThan(10 * COIN);
    // Nobody holds the price higher than half a per cent above what it would have been.
    market.pass(60_000);
    const untouched = open();
    untouched.pass(65_100);
    expect(Math.abs(market.mid() / untouched.mid() - 1)).toBeLessThan(0.005);
  });

  it('who waits at the best price is filled in parts, at that price, by those who come', () => {
    const market = open();
    market.pass(2_000);
    const limit = market.bid();
    const order = market.place({ side: 'buy', type: 'LIMIT', lots: 3 * COIN, ticks: limit });
    expect(order.status).toBe('NEW');
    for (let second = 0; second < 1_200 && market.statusOf(order) !== 'FILLED'; second += 1) market.pass(1_000);
    expect(market.statusOf(order)).toBe('FILLED');
    const fills = market.fills();
    expect(fills.length).toBeGreaterThan(1);
    expect(new Set(fills.map((fill) => fill.price))).toEqual(new Set([limit]));
    expect(fills.every(({ isMaker }) => isMaker)).toBe(true);
  });

  it('who offers far below the price is bought from, so much in each step, and the book is never crossed', () => {
    const market = open();
    market.pass(2_000);
    const fair = market.mid();
    const limit = Math.round(fair * 0.998);
    const order = market.place({ side: 'sell', type: 'LIMIT', lots: 80 * COIN, ticks: limit });
    const before = order.executed;
    expect(order.status).toBe('PARTIALLY_FILLED');
    expect(market.ask()).toBe(limit);
    let steps = 0;
    while (market.statusOf(order) === 'PARTIALLY_FILLED' && steps < 3_000) {
      market.pass(100);
      steps += 1;
      const book = market.model.book(BTC, 1);
      if (!book.ok) throw new Error(book.fault.message);
      const [bid, ask] = [book.value.bids[0]?.[0] ?? 0, book.value.asks[0]?.[0] ?? Number.POSITIVE_INFINITY];
      expect(bid).toBeLessThan(ask);
    }
    expect(market.statusOf(order)).toBe('FILLED');
    // What is taken in a step has a bound: it lasts.
    expect(steps).toBeGreaterThan((80 * COIN - before) / (1.3 * COIN) - 1);
    market.pass(1_000);
    expect(market.ask()).toBeGreaterThan(limit);
  });
});

describe('the seam between history and the live market', () => {
  const contentOf = ({ closed: _closed, tsEventUs: _event, tsInitUs: _init, ...content }: Bar): Partial<Bar> => content;

  it('is in no bar and no id: bars are the sums of the trades on both sides, and ids go on', () => {
    const market = open();
    market.pass(400_000);
    const [newest] = market.model.trades(BTC, { fromId: null, limit: 1 });
    const trades: TradeTick[] = [];
    let id = (newest?.tradeId ?? 0) - 3_000;
    for (;;) {
      const page = market.model.trades(BTC, { fromId: id, limit: 1_000 });
      trades.push(...page);
      id += page.length;
      if (page.length < 1_000) break;
    }
    trades.slice(1).forEach((trade, index) => {
      expect(trade.tradeId).toBe((trades[index]?.tradeId ?? 0) + 1);
      expect(trade.tsEventUs).toBeGreaterThanOrEqual(trades[index]?.tsEventUs ?? 0);
    });
    const [symbol] = market.model.symbols();
    if (symbol === undefined) throw new Error('no symbol');
    for (const interval of ['1m', '5m', '15m'] as readonly Interval[]) {
      const builder = new BarBuilder(symbol.instrument, interval);
      const built: Bar[] = [];
      for (const trade of trades) {
        const ended = builder.apply(trade);
        if (ended !== null) built.push(ended);
      }
      const forming = builder.forming();
      if (forming !== null) built.push(forming);
      // The first one built lacks the trades before those that were asked for.
      const told = market.model.klines(BTC, interval, { ...all, limit: built.length - 1 });
      expect(
        told.some(({ openTimeUs, closeTimeUs }) => openTimeUs < usFromMs(START_MS) && closeTimeUs > usFromMs(START_MS)),
      ).toBe(true);
      expect(told.map(contentOf)).toEqual(built.slice(1).map(contentOf));
    }
  });

  it('leaves aggregates what they are: trades of one order at one price, under consecutive ids', () => {
    const market = open();
    market.pass(30_000);
    market.place({ side: 'sell', type: 'MARKET', lots: 5 * COIN });
    market.pass(30_000);
    const aggregates = market.model.aggregateTrades(BTC, { fromId: null, fromUs: null, toUs: null, limit: 150 });
    expect(aggregates).toHaveLength(150);
    expect(aggregates[0]?.tsEventUs).toBeLessThan(usFromMs(START_MS));
    aggregates.slice(1).forEach((aggregate, index) => {
      const before = aggregates[index];
      expect(aggregate.aggregateId).toBe((before?.aggregateId ?? 0) + 1);
      expect(aggregate.firstTradeId).toBe((before?.lastTradeId ?? 0) + 1);
    });
    for (const { firstTradeId, lastTradeId, quantity, price } of aggregates) {
      const trades = market.model.trades(BTC, { fromId: firstTradeId, limit: lastTradeId - firstTradeId + 1 });
      expect(trades.reduce((sum, trade) => sum + trade.quantity, 0)).toBe(quantity);
      expect(new Set(trades.map((trade) => trade.price))).toEqual(new Set([price]));
    }
    const third = aggregates[130];
    const since = { fromId: null, fromUs: timestampUs(third?.tsEventUs ?? 0), toUs: null, limit: 3 };
    expect(market.model.aggregateTrades(BTC, since)[0]?.tsEventUs).toBe(third?.tsEventUs);
    const byId = { fromId: third?.aggregateId ?? 0, fromUs: null, toUs: null, limit: 2 };
    expect(market.model.aggregateTrades(BTC, byId)).toEqual(aggregates.slice(130, 132));
  });

  it('gives out numbers after a restart that no session before it can have come to', () => {
    const first = open();
    first.pass(600_000);
    const late = open(START_MS + 600_000);
    const [before, after] = [first, late].map(({ trading }) => trading.exchange.counters(BTC));
    expect(after?.orderId).toBeGreaterThan(before?.orderId ?? Number.NaN);
    expect(after?.updateId).toBeGreaterThan(before?.updateId ?? Number.NaN);
    expect(after?.generatedId).toBeGreaterThan(before?.generatedId ?? Number.NaN);
    expect(after?.tradeId).toBeGreaterThanOrEqual((before?.tradeId ?? Number.NaN) - 10);
  });
});

describe('the exchange of the simulated market', () => {
  it('makes up for five minutes in which it did not run, and was closed for longer ones, which it says', () => {
    const { logger, records } = recordingTelemetry();
    const market = new LiveMarket(START_MS, SEED, [BTC], logger);
    const [asleep, awake] = [market, open()];
    asleep.pass(290_000);
    for (let second = 0; second < 290; second += 1) awake.pass(1_000);
    expect(asleep.model.book(BTC, 5_000)).toEqual(awake.model.book(BTC, 5_000));
    expect(records).toEqual([]);
    const last = market.model.trades(BTC, { fromId: null, limit: 1 })[0];
    market.pass(7_200_000);
    expect(market.model.trades(BTC, { fromId: null, limit: 1 })[0]).toEqual(last);
    expect(records).toHaveLength(1);
    market.pass(10_000);
    const next = market.model.trades(BTC, { fromId: (last?.tradeId ?? 0) + 1, limit: 1 })[0];
    expect(next?.tsEventUs).toBeGreaterThan(usFromMs(START_MS + 7_200_000));
    expect(market.ask() - market.bid()).toBeLessThan(15);
    expect(market.model.klines(BTC, '1m', { ...all, limit: 3 }).map(({ closed }) => closed)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('does the same for the same requests at the same times, in how many pieces the time passes', () => {
    const run = (pieces: number): readonly string[] => {
      const market = open();
      const told: string[] = [];
      const tell = ({ json }: { readonly json: string }): void => void told.push(json);
      for (const kind of ['trade', 'aggTrade', 'bookTicker', 'depth'] as const) market.model.listen(kind, BTC, tell);
      for (let round = 0; round < 12; round += 1) {
        for (let piece = 0; piece < pieces; piece += 1) market.pass(1_200 / pieces);
        const side = round % 2 === 0 ? 'buy' : 'sell';
        if (round % 3 === 0) market.place({ side, type: 'MARKET', lots: (round + 1) * COIN });
        else market.place({ side, type: 'LIMIT', lots: COIN, ticks: side === 'buy' ? market.bid() : market.ask() });
      }
      for (const report of market.reports) {
        const { executionType, status, orderId, executionId, timeUs, execution } = report;
        told.push(JSON.stringify([executionType, status, orderId, executionId, timeUs, execution?.tradeId]));
      }
      return told;
    };
    const whole = run(1);
    expect(whole.length).toBeGreaterThan(250);
    expect(run(1)).toEqual(whole);
    expect(run(240)).toEqual(whole);
  });

  it('is refused nothing that its agents want', () => {
    const { logger, records } = recordingTelemetry();
    const market = new LiveMarket(START_MS, SEED, [BTC], logger);
    for (let minute = 0; minute < 20; minute += 1) market.pass(60_000);
    expect(records).toEqual([]);
  });
});
