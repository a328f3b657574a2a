import {
  expectOk,
  instrumentId,
  intervalUs,
  price,
  quantity,
  timestampUs,
  type Bar,
  type BookLevel,
  type FeedStatus,
  type Instrument,
  type Interval,
  type Result,
} from '@monsta/core';
import type { MarketDataVenue, MarketHistory } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HELD_BTC, HELD_ETH, heldBar, HeldMarket } from './held-market.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A market history over the venue given: of BTCUSDT and ETHUSDT, at least 60 bars of each interval and 100 trades of each. */
export interface MarketHistoryRig {
  readonly history: MarketHistory;
  /** Begins to collect; resolves when all bars that the venue has are in. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const HOUR_US = intervalUs('1h');
const HOURS = 60;
/** Half past midnight, 2024-08-09 UTC. */
const NOW_US = timestampUs(Date.UTC(2024, 7, 9, 0, 30, 10) * 1_000);
const FORMING_US = timestampUs(Date.UTC(2024, 7, 9) * 1_000);
/** Hours before now whose bars the venue does not have: an outage. */
const OUTAGE = new Set([17, 18]);
const NOBODY = instrumentId('NOSUCHPAIR');
const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.fault.code);

/** What every `MarketHistory` must keep. */
export function marketHistoryConformance(
  name: string,
  make: (venue: MarketDataVenue, clock: VirtualClock) => Promise<MarketHistoryRig>,
): void {
  describe(`${name} keeps the promises of a market history`, () => {
    let market: HeldMarket;
    let rig: MarketHistoryRig;
    let history: MarketHistory;
    const closed = Array.from({ length: HOURS }, (_, index) => HOURS - index)
      .filter((before) => !OUTAGE.has(before))
      .map((before) => heldBar('1h', FORMING_US - before * HOUR_US));

    beforeEach(async () => {
      const clock = new VirtualClock();
      market = new HeldMarket(clock, NOW_US);
      market.bars = closed;
      rig = await make(market, clock);
      ({ history } = rig);
    });
    afterEach(() => rig.stop());

    /** The hour's bar as the venue has it after 100 trades, and then 30 trades more. */
    const trade = (): void => {
      const part = { closed: false, firstTradeId: 1, lastTradeId: 100, tsEventUs: NOW_US, tsInitUs: NOW_US };
      market.emit(heldBar('1h', FORMING_US, part));
      for (let id = 101; id <= 130; id += 1) market.trade(id);
    };
    const bars = async (limit: number, beforeUs: number | null, interval: Interval = '1h'): Promise<readonly Bar[]> =>
      expectOk(
        await history.bars({
          instrument: HELD_BTC.id,
          interval,
          limit,
          beforeUs: beforeUs === null ? null : timestampUs(beforeUs),
        }),
      );
    const tell = (instrument: Instrument, status: FeedStatus, reason: string | null): void => {
      const nowUs = market.nowUs();
      market.emit({ kind: 'feed', instrument: instrument.id, status, reason, tsEventUs: nowUs, tsInitUs: nowUs });
    };

    it('is not ready before the venue is there, says so, and knows no time', async () => {
      const answers = [
        await history.instruments(),
        await history.bars({ instrument: HELD_BTC.id, interval: '1h', limit: 1, beforeUs: null }),
        await history.trades(HELD_BTC.id, 1),
        await history.book(HELD_BTC.id, 1),
        await history.feeds(),
      ];
      for (const answer of answers)
        expect(answer).toMatchObject({ ok: false, fault: { code: 'not_ready', retry: 'retryable' } });
      expect(expectOk(await history.venueTimeUs())).toBeNull();
    });

    it('knows the instruments, and the time on the venue’s clock', async () => {
      await rig.start();
      expect(expectOk(await history.instruments())).toEqual([HELD_BTC, HELD_ETH]);
      expect(expectOk(await history.venueTimeUs())).toBe(market.nowUs());
    });

    it('refuses an instrument that it does not have, by name', async () => {
      await rig.start();
      const answers = [
        await history.bars({ instrument: NOBODY, interval: '1h', limit: 1, beforeUs: null }),
        await history.trades(NOBODY, 1),
        await history.book(NOBODY, 1),
      ];
      for (const answer of answers) {
        expect(codeOf(answer)).toBe('instrument_unknown');
        expect(answer.ok ? '' : answer.fault.message).toContain(NOBODY);
      }
    });

    it('gives the newest bars that opened before a time, oldest first; a missing bar stays missing', async () => {
      await rig.start();
      expect(await bars(1_000, FORMING_US)).toEqual(closed);
      expect(await bars(1_000, null, '4h')).toEqual([]);
      const times = fc.oneof(
        fc.integer({ min: FORMING_US - (HOURS + 2) * HOUR_US, max: FORMING_US }),
        fc.integer({ min: -2, max: HOURS }).map((hours) => FORMING_US - hours * HOUR_US),
      );
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.option(times), async (limit, beforeUs) => {
          const before = closed.filter(({ openTimeUs }) => beforeUs === null || openTimeUs < beforeUs);
          expect(await bars(limit, beforeUs)).toEqual(before.slice(-limit));
        }),
        { numRuns: 60 },
      );
    });

    it('has the forming bar as the newest of all, made of every trade, and only where it opened before the time asked for', async () => {
      await rig.start();
      trade();
      const [last, forming] = await bars(2, null);
      expect(last).toEqual(closed.at(-1));
      expect(forming).toMatchObject({
        openTimeUs: FORMING_US,
        closed: false,
        trades: 130,
        firstTradeId: 1,
        lastTradeId: 130,
        close: 6_000_000 + (130 % 50),
        volume: heldBar('1h', FORMING_US).volume + 30n * 1_000n * 1_000n,
      });
      expect(await bars(1, null)).toEqual([forming]);
      expect(await bars(1, FORMING_US + 1)).toEqual([forming]);
      expect(await bars(1, FORMING_US)).toEqual([last]);
      expect(await bars(1_000, null)).toEqual([...closed, forming]);
    });

    it('gives the newest trades, oldest first, each as it was told', async () => {
      await rig.start();
      expect(expectOk(await history.trades(HELD_BTC.id, 10))).toEqual([]);
      const told = Array.from({ length: 40 }, (_, index) => market.trade(1 + index));
      expect(expectOk(await history.trades(HELD_BTC.id, 3))).toEqual(told.slice(-3));
      expect(expectOk(await history.trades(HELD_BTC.id, 1_000))).toEqual(told);
      expect(expectOk(await history.trades(HELD_ETH.id, 10))).toEqual([]);
    });

    it('gives nothing where nothing is asked for', async () => {
      await rig.start();
      trade();
      expect(await bars(0, null)).toEqual([]);
      expect(await bars(0, FORMING_US)).toEqual([]);
      expect(expectOk(await history.trades(HELD_BTC.id, 0))).toEqual([]);
    });

    it('gives the book as deep as asked for, and null while it is not in step', async () => {
      await rig.start();
      expect(expectOk(await history.book(HELD_BTC.id, 5))).toBeNull();
      const side = (from: number, step: number): readonly BookLevel[] =>
        Array.from({ length: 30 }, (_, index) => [price(from + step * index), quantity(1 + index)] as const);
      market.held = { bids: side(6_000_000, -1), asks: side(6_000_001, 1) };
      expect(expectOk(await history.book(HELD_BTC.id, 5))).toEqual(market.book(HELD_BTC.id, 5));
      expect(expectOk(await history.book(HELD_BTC.id, 5))?.bids).toHaveLength(5);
      expect(expectOk(await history.book(HELD_BTC.id, 100))?.asks).toHaveLength(30);
      market.held = null;
      expect(expectOk(await history.book(HELD_BTC.id, 5))).toBeNull();
    });

    it('gives each feed’s newest state', async () => {
      await rig.start();
      tell(HELD_BTC, 'connecting', 'not connected yet');
      tell(HELD_ETH, 'live', null);
      tell(HELD_BTC, 'stale', 'no event for 15 s');
      const feeds = expectOk(await history.feeds());
      expect(feeds.map(({ instrument, status, reason }) => [instrument, status, reason])).toEqual([
        [HELD_BTC.id, 'stale', 'no event for 15 s'],
        [HELD_ETH.id, 'live', null],
      ]);
    });

    it('lets no answer change after it was given', async () => {
      await rig.start();
      trade();
      const ask = async () => [
        await bars(1_000, null),
        expectOk(await history.trades(HELD_BTC.id, 1_000)),
        expectOk(await history.feeds()),
      ];
      const answers = await ask();
      const copy = structuredClone(answers);
      for (let id = 131; id <= 180; id += 1) market.trade(id);
      tell(HELD_BTC, 'stale', 'later');
      expect(answers).toEqual(copy);
      expect(await ask()).not.toEqual(copy);
    });

    it('answers many questions at once, each with its own answer', async () => {
      await rig.start();
      const limits = Array.from({ length: 40 }, (_, index) => 1 + index);
      const answers = await Promise.all(limits.map((limit) => bars(limit, FORMING_US)));
      expect(answers.map(({ length }) => length)).toEqual(limits);
    });
  });
}
