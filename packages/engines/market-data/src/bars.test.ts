import {
  AMOUNT_SCALE,
  assetId,
  baseAmount,
  INTERVALS,
  instrumentId,
  notional,
  pow10,
  price,
  quantity,
  timestampUs,
  usFromMs,
  VOLUME_SCALE,
  type Bar,
  type Instrument,
  type Interval,
  type TradeTick,
} from '@monsta/core';
import { floorToInterval } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarBuilder } from './bar-builder.ts';
import { ExactTotal } from './exact-total.ts';
import { LiveBars, type ClosedBar } from './live-bars.ts';

const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};
const START_MS = Date.UTC(2024, 7, 8, 23, 50);

interface RawTrade {
  readonly waitMs: number;
  readonly ticks: number;
  readonly lots: number;
  readonly buyerIsMaker: boolean;
}
const rawTrade = fc.record({
  // Mostly within a bar, at times over several and over midnight.
  waitMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 7_200_000 }) },
  ),
  ticks: fc.integer({ min: 1, max: 20_000_000 }),
  lots: fc.integer({ min: 1, max: 900_000_000 }),
  buyerIsMaker: fc.boolean(),
});
const tradesOf = (raw: readonly RawTrade[], firstId = 1_000): TradeTick[] => {
  let timeMs = START_MS;
  return raw.map(({ waitMs, ticks, lots, buyerIsMaker }, index) => {
    timeMs += waitMs;
    const at = usFromMs(timeMs);
    return {
      kind: 'trade',
      instrument: BTC.id,
      tradeId: firstId + index,
      price: price(ticks),
      quantity: quantity(lots),
      buyerIsMaker,
      tsEventUs: at,
      tsInitUs: at,
    };
  });
};

const toVolume = (units: bigint): bigint => units / pow10(AMOUNT_SCALE - VOLUME_SCALE);

/** Bars counted the slow way: all trades of a bar together, sums as amounts of 18 digits. */
function countBars(trades: readonly TradeTick[], interval: Interval): Omit<Bar, 'closed' | 'tsEventUs' | 'tsInitUs'>[] {
  const groups = Map.groupBy(trades, (trade) => floorToInterval(trade.tsEventUs, interval));
  return [...groups].map(([openTimeUs, group]) => {
    const prices = group.map((trade) => trade.price);
    const taken = group.filter((trade) => !trade.buyerIsMaker);
    const base = (list: TradeTick[]): bigint =>
      toVolume(list.reduce((sum, trade) => sum + baseAmount(trade.quantity, BTC), 0n));
    const quote = (list: TradeTick[]): bigint =>
      toVolume(list.reduce((sum, trade) => sum + notional(trade.price, trade.quantity, BTC), 0n));
    return {
      kind: 'bar',
      instrument: BTC.id,
      interval,
      openTimeUs,
      closeTimeUs: timestampUs(openTimeUs + intervalLength(interval)),
      open: prices[0] ?? price(0),
      high: price(Math.max(...prices)),
      low: price(Math.min(...prices)),
      close: prices.at(-1) ?? price(0),
      volume: base(group),
      quoteVolume: quote(group),
      takerBuyVolume: base(taken),
      takerBuyQuoteVolume: quote(taken),
      trades: group.length,
      firstTradeId: group[0]?.tradeId ?? null,
      lastTradeId: group.at(-1)?.tradeId ?? null,
      bookImbalance: null,
    };
  });
}
const MINUTES: Readonly<Record<Interval, number>> = {
  ...{ '1m': 1, '3m': 3, '5m': 5, '15m': 15, '30m': 30 },
  ...{ '1h': 60, '2h': 120, '4h': 240, '6h': 360, '8h': 480, '12h': 720 },
  ...{ '1d': 1_440, '3d': 4_320, '1w': 10_080 },
};
const intervalLength = (interval: Interval): number => MINUTES[interval] * 60_000_000;

const intervals = fc.constantFrom(...INTERVALS);

describe('building bars', () => {
  it('gives what counting each bar’s trades gives', () => {
    fc.assert(
      fc.property(fc.array(rawTrade, { minLength: 1, maxLength: 60 }), intervals, (raw, interval) => {
        const trades = tradesOf(raw);
        const builder = new BarBuilder(BTC, interval);
        const bars = trades.flatMap((trade) => builder.apply(trade) ?? []);
        expect(bars.every((bar) => bar.closed && bar.tsEventUs === bar.closeTimeUs)).toBe(true);
        const forming = builder.forming();
        expect([...bars, ...(forming === null ? [] : [forming])]).toMatchObject(countBars(trades, interval));
      }),
    );
  });

  it('gives the same bars however the trades are split by a restart that goes on from the forming bar', () => {
    fc.assert(
      fc.property(
        fc.array(rawTrade, { minLength: 2, maxLength: 40 }),
        fc.array(fc.nat(39)),
        intervals,
        (raw, cuts, interval) => {
          const trades = tradesOf(raw);
          let builder = new BarBuilder(BTC, interval);
          const bars: Bar[] = [];
          trades.forEach((trade, index) => {
            if (cuts.includes(index)) {
              const forming = builder.forming();
              builder = new BarBuilder(BTC, interval);
              if (forming !== null) expect(builder.seed(forming)).toBe(true);
            }
            const ended = builder.apply(trade);
            if (ended !== null) bars.push(ended);
          });
          const forming = builder.forming();
          expect([...bars, ...(forming === null ? [] : [forming])]).toMatchObject(countBars(trades, interval));
        },
      ),
    );
  });

  it('sums exactly far beyond what a double holds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.nat(2 ** 31)), { maxLength: 50 }), (pairs) => {
        const total = new ExactTotal();
        for (const [left, right] of pairs) total.addProduct(left, right);
        expect(total.value()).toBe(pairs.reduce((sum, [left, right]) => sum + BigInt(left) * BigInt(right), 0n));
      }),
    );
  });
});

/** The exchange's own view of the bar that trade number `at` fell into, or of the one before it, closed. */
function exchangeBar(trades: readonly TradeTick[], at: number, interval: Interval, closed: boolean): Bar | null {
  const seen = trades.slice(0, at + 1);
  const counted = countBars(seen, interval);
  const bar = closed ? counted.at(-2) : counted.at(-1);
  const now = seen.at(-1)?.tsEventUs ?? timestampUs(0);
  return bar === undefined ? null : { ...bar, closed, tsEventUs: closed ? bar.closeTimeUs : now, tsInitUs: now };
}

describe('live bars', () => {
  const collect = () => {
    const closed: ClosedBar[] = [];
    const differences: unknown[] = [];
    const live = new LiveBars(BTC, INTERVALS, {
      onClosed: (bar) => closed.push(bar),
      onCompared: (_interval, difference) => {
        if (difference !== null) differences.push(difference);
      },
    });
    return { closed, differences, live };
  };

  it('are exact whenever they are given out, from any start, with trades lost and klines late, early or missing', () => {
    const step = fc.record({
      trade: rawTrade,
      lost: fc.integer({ min: 0, max: 9 }),
      kline: fc.integer({ min: 0, max: 3 }),
      lag: fc.integer({ min: -2, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(10), intervals, (steps, start, interval) => {
        const trades = tradesOf(steps.map(({ trade }) => trade));
        const truth = new Map(countBars(trades, interval).map((bar) => [bar.openTimeUs, bar]));
        const { closed, differences, live } = collect();
        steps.forEach(({ lost, kline, lag }, index) => {
          const trade = trades[index];
          if (trade === undefined || index < start) return;
          if (lost !== 0) live.onTrade(trade);
          if (lost === 1) live.onTrade(trade);
          // A frame of the exchange that is some trades ahead of ours or behind.
          const seen = Math.max(0, Math.min(trades.length - 1, index + lag));
          const theirs = kline === 0 ? null : exchangeBar(trades, seen, interval, kline === 1);
          if (theirs !== null) live.onExchangeBar(theirs);
          const forming = live.forming(interval);
          if (forming !== null) {
            const lastId = forming.lastTradeId ?? 0;
            const counted = countBars(
              trades.filter((each) => each.tradeId <= lastId),
              interval,
            ).at(-1);
            expect(forming).toMatchObject(counted ?? {});
          }
        });
        expect(differences).toEqual([]);
        for (const { bar } of closed.filter((each) => each.bar.interval === interval)) {
          expect(bar.closed).toBe(true);
          expect(bar).toMatchObject(truth.get(bar.openTimeUs) ?? { openTimeUs: 'a bar that never was' });
        }
        const opens = closed.filter((each) => each.bar.interval === interval).map((each) => each.bar.openTimeUs);
        expect(new Set(opens).size).toBe(opens.length);
      }),
      { numRuns: 500 },
    );
  });

  const at = (id: number, timeMs: number): TradeTick => ({
    kind: 'trade',
    instrument: BTC.id,
    tradeId: id,
    price: price(100 + id),
    quantity: quantity(1),
    buyerIsMaker: false,
    tsEventUs: usFromMs(START_MS + timeMs),
    tsInitUs: usFromMs(START_MS + timeMs),
  });

  it('ends a bar at once when the exchange ended it and its last trade is in', () => {
    const trades = [at(1, 0), at(2, 1_000), at(3, 59_000)];
    const { closed, live } = collect();
    const [first, second, third] = trades;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three trades');
    live.onTrade(first);
    const seed = exchangeBar(trades, 0, '1m', false);
    if (seed !== null) live.onExchangeBar(seed);
    live.onTrade(second);
    const last = exchangeBar([...trades, at(4, 61_000)], 3, '1m', true);
    if (last !== null) live.onExchangeBar(last);
    expect(closed).toEqual([]);
    live.onTrade(third);
    expect(closed).toHaveLength(1);
    expect(closed[0]).toMatchObject({ source: 'trades', reason: null, bar: { trades: 3, lastTradeId: 3 } });
  });

  it('takes the exchange’s bar, and says why, where trades of ours are missing', () => {
    const trades = [at(1, 0), at(2, 1_000), at(3, 2_000), at(4, 59_000), at(5, 61_000)];
    const { closed, live } = collect();
    const give = (index: number): void => {
      const trade = trades[index];
      if (trade !== undefined) live.onTrade(trade);
    };
    give(0);
    const seed = exchangeBar(trades, 0, '1m', false);
    if (seed !== null) live.onExchangeBar(seed);
    give(3);
    expect(live.waitingFor('1m')).toBe('trades 2 to 3 are missing');
    expect(live.forming('1m')).toBeNull();
    const last = exchangeBar(trades, 4, '1m', true);
    if (last !== null) live.onExchangeBar(last);
    expect(closed).toMatchObject([{ source: 'exchange', reason: 'trades 2 to 3 are missing', bar: { trades: 4 } }]);
    expect(live.waitingFor('1m')).toBeNull();
  });

  it('reports a bar of the exchange that differs from a complete one of ours', () => {
    const trades = [at(1, 0), at(2, 61_000)];
    const { differences, live } = collect();
    const [first, second] = trades;
    if (first === undefined || second === undefined) throw new Error('two trades');
    live.onTrade(first);
    const seed = exchangeBar(trades, 0, '1m', false);
    if (seed !== null) live.onExchangeBar(seed);
    live.onTrade(second);
    const last = exchangeBar(trades, 1, '1m', true);
    if (last !== null) live.onExchangeBar({ ...last, volume: last.volume + 1n });
    expect(differences).toMatchObject([{ fields: ['volume'] }]);
  });

  it('gives out the exchange’s bar for a time without trades', () => {
    const trades = [at(1, 0), at(2, 61_000)];
    const { closed, live } = collect();
    const [first] = trades;
    if (first === undefined) throw new Error('a trade');
    live.onTrade(first);
    const seed = exchangeBar(trades, 0, '1m', false);
    const last = exchangeBar(trades, 1, '1m', true);
    if (seed === null || last === null) throw new Error('bars');
    live.onExchangeBar(seed);
    live.onExchangeBar(last);
    const openTimeUs = last.closeTimeUs;
    live.onExchangeBar({
      ...last,
      openTimeUs,
      closeTimeUs: timestampUs(openTimeUs + 60_000_000),
      open: last.close,
      high: last.close,
      low: last.close,
      volume: 0n,
      quoteVolume: 0n,
      takerBuyVolume: 0n,
      takerBuyQuoteVolume: 0n,
      trades: 0,
      firstTradeId: null,
      lastTradeId: null,
    });
    expect(closed.map(({ source, reason }) => [source, reason])).toEqual([
      ['trades', null],
      ['exchange', 'no trade fell into it'],
    ]);
  });
});
