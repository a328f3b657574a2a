import {
  expectOk,
  floorToInterval,
  instrumentId,
  INTERVALS,
  intervalUs,
  timestampUs,
  type Bar,
  type BookDelta,
  type BookSnapshot,
  type FeedState,
  type Instrument,
  type InstrumentId,
  type Interval,
  type MarketEvent,
  type Price,
  type Quantity,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { MarketDataVenue } from '@monsta/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A venue with a market that trades all the time, and as many clients of it as asked for. */
export interface MarketDataVenueRig {
  /** A client that has not been started. */
  connect(): MarketDataVenue;
  /** A client of an address where nobody listens; `name` is what its fault has to name. */
  connectNowhere(): { readonly venue: MarketDataVenue; readonly name: string };
  /** What the venue has, all of it wanted by the tests. */
  readonly instruments: readonly [InstrumentId, ...InstrumentId[]];
  /** At least 2,100 bars of the first instrument, one right after the other, all of which closed long ago. */
  readonly history: { readonly interval: Interval; readonly fromUs: TimestampUs; readonly toUs: TimestampUs };
  /** Lets time pass until the condition holds; throws when it does not within some seconds. */
  until(condition: () => boolean): Promise<void>;
  dispose(): Promise<void>;
}

type Levels = Map<Price, Quantity>;

/** What a client told, and a book of our own made from nothing else. */
class Listener {
  readonly events: MarketEvent[] = [];
  readonly #books = new Map<InstrumentId, { readonly bids: Levels; readonly asks: Levels }>();
  /** The venue's book and ours at each change, as they stood while the change was told. */
  readonly compared: { readonly theirs: BookSnapshot | null; readonly ours: unknown; readonly delta: BookDelta }[] = [];
  readonly #venue: MarketDataVenue;

  constructor(venue: MarketDataVenue) {
    this.#venue = venue;
  }

  hear(event: MarketEvent): void {
    this.events.push(event);
    if (event.kind === 'book-snapshot') {
      this.#books.set(event.instrument, { bids: new Map(event.bids), asks: new Map(event.asks) });
    } else if (event.kind === 'book-delta') this.#change(event);
  }

  #change(delta: BookDelta): void {
    const book = this.#books.get(delta.instrument);
    if (book === undefined) throw new Error('a change of a book of which no snapshot was told');
    for (const side of ['bids', 'asks'] as const) {
      for (const [price, quantity] of delta[side]) {
        if (quantity === 0) book[side].delete(price);
        else book[side].set(price, quantity);
      }
    }
    if (this.compared.length >= 200) return;
    const theirs = this.#venue.book(delta.instrument, 20);
    const top = (levels: Levels, direction: 1 | -1) =>
      [...levels].toSorted(([left], [right]) => (left - right) * direction).slice(0, 20);
    this.compared.push({ theirs, ours: { bids: top(book.bids, -1), asks: top(book.asks, 1) }, delta });
  }

  trades(instrument: InstrumentId): readonly TradeTick[] {
    return this.events.filter((event): event is TradeTick => event.kind === 'trade' && event.instrument === instrument);
  }
  feeds(instrument: InstrumentId): readonly FeedState[] {
    return this.events.filter((event): event is FeedState => event.kind === 'feed' && event.instrument === instrument);
  }
  bars(): readonly Bar[] {
    return this.events.filter((event): event is Bar => event.kind === 'bar');
  }
}

/** A trade without the time at which we learned it. */
const withoutInit = ({ tsInitUs: _init, ...trade }: TradeTick) => trade;
const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.fault.code);
const NOBODY = instrumentId('NOSUCHPAIR');

/** What every `MarketDataVenue` must keep. */
export function marketDataVenueConformance(name: string, make: () => Promise<MarketDataVenueRig>): void {
  describe(`${name} keeps the promises of a market-data venue`, { timeout: 20_000 }, () => {
    let rig: MarketDataVenueRig;
    let venue: MarketDataVenue;
    let listener: Listener;
    let started: Result<readonly Instrument[]>;
    let first: InstrumentId;
    const clients: MarketDataVenue[] = [];

    const listen = async (client: MarketDataVenue, instruments: readonly InstrumentId[] = rig.instruments) => {
      clients.push(client);
      const heard = new Listener(client);
      const result = await client.start({ instruments, intervals: INTERVALS, onEvent: (event) => heard.hear(event) });
      return { heard, result };
    };
    beforeAll(async () => {
      rig = await make();
      [first] = rig.instruments;
      venue = rig.connect();
      ({ heard: listener, result: started } = await listen(venue));
    });
    afterAll(async () => {
      await Promise.all(clients.map((client) => client.stop()));
      // Where the rig could not be made, that is the failure to be seen.
      if (clients.length > 0) await rig.dispose();
    });

    it('starts with the instruments asked for, and knows them from then on', () => {
      const instruments = expectOk(started);
      expect(instruments.map(({ id }) => id).toSorted()).toEqual([...rig.instruments].toSorted());
      expect(venue.instruments()).toEqual(instruments);
      for (const { tick, lot, quantityMin, quantityMax } of instruments) {
        expect(Math.min(tick.units, lot.units, quantityMin)).toBeGreaterThan(0);
        expect(quantityMax).toBeGreaterThan(quantityMin);
      }
    });

    it('tells how each feed is: connecting first, then live', async () => {
      await rig.until(() => rig.instruments.every((id) => listener.feeds(id).at(-1)?.status === 'live'));
      for (const id of rig.instruments) {
        const [connecting, ...later] = listener.feeds(id);
        expect(connecting).toMatchObject({ status: 'connecting', reason: expect.stringMatching(/\w/) as string });
        expect(later.at(-1)).toMatchObject({ status: 'live', reason: null });
      }
    });

    it('tells every trade once, in the order of their ids, without a hole', async () => {
      await rig.until(() => rig.instruments.every((id) => listener.trades(id).length >= 10));
      for (const id of rig.instruments) {
        const ids = listener.trades(id).map(({ tradeId }) => tradeId);
        expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? Number.NaN) + index));
      }
      for (const { price, quantity } of listener.trades(first)) expect(Math.min(price, quantity)).toBeGreaterThan(0);
    });

    it('has a book that is in step: what it told makes the same one, and it is never crossed', async () => {
      await rig.until(() => listener.compared.length >= 20);
      for (const { theirs, ours, delta } of listener.compared) {
        if (theirs === null) throw new Error('a change was told of a book that is not in step');
        expect({ bids: theirs.bids, asks: theirs.asks }).toEqual(ours);
        expect(theirs.lastUpdateId).toBe(delta.lastUpdateId);
        expect(theirs.bids[0]?.[0]).toBeLessThan(theirs.asks[0]?.[0] ?? Number.NaN);
      }
      const deep = venue.book(first, 20);
      const shallow = venue.book(first, 3);
      expect(shallow?.bids).toHaveLength(3);
      expect([shallow?.bids, shallow?.asks]).toEqual([deep?.bids.slice(0, 3), deep?.asks.slice(0, 3)]);
    });

    it('tells the best bid and ask, never crossed, with update ids that count up', async () => {
      const quotes = () => listener.events.filter((event) => event.kind === 'quote' && event.instrument === first);
      await rig.until(() => quotes().length >= 5);
      let before = -1;
      for (const quote of quotes()) {
        if (quote.kind !== 'quote') continue;
        expect(quote.bidPrice).toBeLessThan(quote.askPrice);
        expect(quote.updateId).toBeGreaterThan(before);
        before = quote.updateId;
      }
    });

    it('tells the venue’s own bars, each with its times and prices in order', async () => {
      await rig.until(() => listener.bars().length >= 3);
      for (const bar of listener.bars()) {
        expect(floorToInterval(bar.openTimeUs, bar.interval)).toBe(bar.openTimeUs);
        expect(bar.closeTimeUs - bar.openTimeUs).toBe(intervalUs(bar.interval));
        expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
        expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
        if (bar.closed) expect(bar.tsEventUs).toBe(bar.closeTimeUs);
        else expect(bar.tsEventUs).toBeLessThan(bar.closeTimeUs);
      }
    });

    it('tells of nothing but what was asked for, and of nothing later than its now, which does not go back', async () => {
      const nows: TimestampUs[] = [];
      for (let index = 0; index < 3; index += 1) {
        const count = listener.events.length;
        await rig.until(() => listener.events.length > count);
        nows.push(venue.nowUs());
      }
      expect(nows).toEqual(nows.toSorted((left, right) => left - right));
      const now = nows.at(-1) ?? 0;
      for (const event of listener.events) {
        expect(rig.instruments).toContain(event.instrument);
        // What goes out right now may have been told after we looked.
        if (event.tsEventUs > now) expect(event.tsEventUs).toBeLessThanOrEqual(venue.nowUs());
      }
    });

    describe('in its history', () => {
      const range = (fromUs: number, toUs: number) =>
        venue.history(first, rig.history.interval, timestampUs(fromUs), timestampUs(toUs));
      const opens = (bars: readonly Bar[]): readonly number[] => bars.map(({ openTimeUs }) => openTimeUs);

      it('has all bars of a range longer than a page, oldest first, closed, each once', async () => {
        const { interval, fromUs, toUs } = rig.history;
        const step = intervalUs(interval);
        const count = (toUs - fromUs) / step;
        expect(count).toBeGreaterThan(2_000);
        const bars = expectOk(await range(fromUs, toUs));
        expect(opens(bars)).toEqual(Array.from({ length: count }, (_, index) => fromUs + index * step));
        for (const bar of bars) {
          expect([bar.closed, bar.instrument, bar.interval]).toEqual([true, first, interval]);
          expect([bar.closeTimeUs, bar.tsEventUs]).toEqual([bar.openTimeUs + step, bar.openTimeUs + step]);
          expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close));
          expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close));
        }
      });

      it('counts the range’s beginning in and its end out, to the microsecond', async () => {
        const step = intervalUs(rig.history.interval);
        const { fromUs } = rig.history;
        const at = (index: number): number => fromUs + index * step;
        expect(opens(expectOk(await range(at(0), at(3))))).toEqual([at(0), at(1), at(2)]);
        expect(opens(expectOk(await range(at(0) + 1, at(3) + 1)))).toEqual([at(1), at(2), at(3)]);
        expect(opens(expectOk(await range(at(1) - 1, at(2) - 1)))).toEqual([at(1)]);
        expect(opens(expectOk(await range(at(1), at(1))))).toEqual([]);
        expect(opens(expectOk(await range(at(2), at(1))))).toEqual([]);
        expect(opens(expectOk(await range(at(0) + 1, at(1))))).toEqual([]);
        // A page exactly, and one more than a page.
        for (const count of [1_000, 1_001]) expect(expectOk(await range(at(0), at(count)))).toHaveLength(count);
      });

      it('gives the same bars in one piece and in two', async () => {
        const { interval, fromUs, toUs } = rig.history;
        const middle = fromUs + 1_234 * intervalUs(interval);
        const plain = (bars: readonly Bar[]) => bars.map(({ tsInitUs: _init, ...bar }) => bar);
        const whole = plain(expectOk(await range(fromUs, toUs)));
        const parts = [...expectOk(await range(fromUs, middle)), ...expectOk(await range(middle, toUs))];
        expect(plain(parts)).toEqual(whole);
      });

      it('leaves out the bar that is forming, and has none of the future', async () => {
        const step = intervalUs(rig.history.interval);
        const nowUs = venue.nowUs();
        const bars = expectOk(await range(nowUs - 5 * step, nowUs + 5 * step));
        for (const bar of bars) {
          expect(bar.closed).toBe(true);
          expect(bar.closeTimeUs).toBeLessThanOrEqual(venue.nowUs());
        }
        expect(expectOk(await range(nowUs + 100 * step, nowUs + 105 * step))).toEqual([]);
      });

      it('knows no instrument that was not asked for', async () => {
        const { interval, fromUs, toUs } = rig.history;
        expect(codeOf(await venue.history(NOBODY, interval, fromUs, toUs))).toBe('instrument_unknown');
        expect(codeOf(await venue.tradesFrom(NOBODY, 1, 10))).toBe('instrument_unknown');
        expect(venue.book(NOBODY, 5)).toBeNull();
      });
    });

    it('gives trades from an id on: those that were told, at most as many as asked for', async () => {
      await rig.until(() => listener.trades(first).length >= 10);
      const told = listener.trades(first).slice(0, 10);
      const fromId = told[0]?.tradeId ?? Number.NaN;
      const asked = expectOk(await venue.tradesFrom(first, fromId, 10));
      expect(asked.map(withoutInit)).toEqual(told.map(withoutInit));
      expect(expectOk(await venue.tradesFrom(first, fromId + 2, 3)).map(({ tradeId }) => tradeId)).toEqual([
        fromId + 2,
        fromId + 3,
        fromId + 4,
      ]);
      expect(expectOk(await venue.tradesFrom(first, fromId + 1_000_000_000, 10))).toEqual([]);
    });

    it('fails to start where nobody listens, says where, and tells nothing', async () => {
      const { venue: lost, name: where } = rig.connectNowhere();
      const { heard, result } = await listen(lost);
      expect(result).toMatchObject({ ok: false, fault: { code: 'venue_unreachable', retry: 'retryable' } });
      expect(result.ok ? '' : result.fault.message).toContain(where);
      expect(heard.events).toEqual([]);
      expect(lost.instruments()).toEqual([]);
    });

    it('names an instrument that it does not have, and starts without it', async () => {
      const client = rig.connect();
      const { heard, result } = await listen(client, [first, NOBODY]);
      expect(codeOf(result)).toBe('instrument_unknown');
      expect(result.ok ? '' : result.fault.message).toContain(NOBODY);
      expect(heard.events).toEqual([]);
      const again = await listen(client, [first]);
      expect(expectOk(again.result)).toHaveLength(1);
      await rig.until(() => again.heard.trades(first).length > 0);
    });

    it('tells that its feeds have ended when it stops, then nothing more, and answers questions with a fault', async () => {
      const client = rig.connect();
      const { heard } = await listen(client);
      await rig.until(() => heard.trades(first).length > 0 && client.book(first, 1) !== null);
      await client.stop();
      const told = heard.events.length;
      for (const id of rig.instruments) expect(heard.feeds(id).at(-1)?.status).toBe('ended');
      // The market goes on: the other client hears of it.
      const trades = listener.trades(first).length;
      const changes = listener.events.length;
      await rig.until(() => listener.trades(first).length >= trades + 3 && listener.events.length >= changes + 30);
      expect(heard.events).toHaveLength(told);
      expect(client.book(first, 1), 'a book that nobody keeps in step').toBeNull();
      const { interval, fromUs, toUs } = rig.history;
      expect((await client.history(first, interval, fromUs, toUs)).ok).toBe(false);
      expect((await client.tradesFrom(first, 1, 1)).ok).toBe(false);
      await client.stop();
    });

    it('can be stopped before it was started', async () => {
      const client = rig.connect();
      await client.stop();
      expect(client.instruments()).toEqual([]);
    });
  });
}
