import type { ExchangeModel } from '@monsta/binance-server';
import {
  expectOk,
  instrumentId,
  timestampUs,
  type BookDelta,
  type BookSnapshot,
  type Instrument,
  type InstrumentId,
  type QuoteTick,
  type TradeTick,
} from '@monsta/core';
import { OrderBook } from '@monsta/market-data';
import type { Clock } from '@monsta/ports';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createSimulatedExchange, SIMULATION_EPOCH_MS } from './index.ts';

const BTC = instrumentId('BTCUSDT');
const HOUR_MS = 3_600_000;
/** Half a minute before an hour ends, so that minutes and an hour change while the tests listen. */
const START_MS = SIMULATION_EPOCH_MS + 5_000 * HOUR_MS - 30_000;

/** A virtual clock in a process that is always `lateMs` behind: what a busy machine does to timers. */
function lateClock(clock: VirtualClock, lateMs: number): Clock {
  return {
    nowUs: () => clock.nowUs(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (delayMs, task) => clock.setTimer(delayMs + lateMs, task),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}

function instrumentOf(model: ExchangeModel, id: InstrumentId): Instrument {
  const symbol = model.symbols().find(({ instrument }) => instrument.id === id);
  if (symbol === undefined) throw new Error(`${id} is not simulated`);
  return symbol.instrument;
}

type Told = TradeTick | QuoteTick | BookDelta;

/** Everything a model tells of an instrument, in order, and what was told before it happened (nothing, if all is well). */
function listenToAll(model: ExchangeModel, id: InstrumentId): { readonly told: Told[]; readonly early: Told[] } {
  const told: Told[] = [];
  const early: Told[] = [];
  const take = ({ value }: { readonly value: Told }): void => {
    told.push(value);
    if (value.tsEventUs > model.nowUs()) early.push(value);
  };
  model.listen('trade', id, take);
  model.listen('bookTicker', id, take);
  model.listen('depth', id, take);
  return { told, early };
}

/**
 * Follows the events as the exchange's documentation says: changes are kept until a snapshot comes, those it holds already are dropped,
 * and each one left must follow the last. Trades must happen at the best price that was told before them.
 */
class Follower {
  readonly local: OrderBook;
  readonly faults: string[] = [];
  readonly #instrument: Instrument;
  #kept: BookDelta[] = [];
  #loaded = false;
  #quote: QuoteTick | null;
  #tradeId: number | null = null;
  compared = 0;
  trades = 0;

  constructor(model: ExchangeModel, instrument: Instrument) {
    this.#instrument = instrument;
    this.local = new OrderBook(instrument.id);
    this.#quote = model.quote(instrument.id);
  }

  load(snapshot: BookSnapshot): void {
    this.local.load(snapshot);
    this.#loaded = true;
    const kept = this.#kept;
    this.#kept = [];
    for (const delta of kept) this.#follow(delta);
  }

  see(event: Told): void {
    if (event.kind === 'trade') this.#seeTrade(event);
    else if (event.kind === 'quote') this.#quote = event;
    else if (this.#loaded) this.#follow(event);
    else this.#kept.push(event);
  }

  #require(met: boolean, fault: string): void {
    if (!met) this.faults.push(`${this.#instrument.id}: ${fault}`);
  }

  #seeTrade(trade: TradeTick): void {
    const { tradeId, price, quantity } = trade;
    this.#require(this.#tradeId === null || tradeId === this.#tradeId + 1, `trade ${tradeId} after ${this.#tradeId}`);
    this.#tradeId = tradeId;
    const touch = trade.buyerIsMaker ? this.#quote?.bidPrice : this.#quote?.askPrice;
    this.#require(price === touch, `trade ${tradeId} at ${price}, the touch was ${touch}`);
    const { quantityMin, quantityMax } = this.#instrument;
    this.#require(Number.isSafeInteger(price) && price > 0, `a price of ${price} ticks`);
    const isAllowed = Number.isSafeInteger(quantity) && quantity >= quantityMin && quantity <= quantityMax;
    this.#require(isAllowed, `a quantity of ${quantity} lots`);
    this.trades += 1;
  }

  #follow(delta: BookDelta): void {
    const { local } = this;
    if (delta.lastUpdateId <= local.lastUpdateId) return;
    this.#require(delta.firstUpdateId === local.lastUpdateId + 1, `a gap before update ${delta.firstUpdateId}`);
    local.apply(delta);
    this.#require(!local.isCrossed(), `crossed at update ${local.lastUpdateId}`);
    if (this.#quote?.updateId !== local.lastUpdateId) return;
    this.compared += 1;
    const { bidPrice, bidQuantity, askPrice, askQuantity } = this.#quote;
    const quoted = [bidPrice, bidQuantity, askPrice, askQuantity].join(' ');
    const best = [...(local.bestBid() ?? []), ...(local.bestAsk() ?? [])].join(' ');
    this.#require(best === quoted, `best of the book is ${best}, the quote says ${quoted}`);
  }
}

describe('feeds of the simulated market', () => {
  it('give the book, the quotes and the trades of one market, for every instrument, over an hour’s end', async () => {
    const clock = new VirtualClock(START_MS * 1_000);
    const model = createSimulatedExchange({ seed: 7, clock });
    const followed = model.symbols().map(({ instrument }) => {
      return { ...listenToAll(model, instrument.id), instrument, follower: new Follower(model, instrument) };
    });
    for (let step = 0; step < 90; step += 1) {
      await clock.advance(997);
      for (const { instrument, told, follower } of followed) {
        for (const event of told.splice(0)) follower.see(event);
        const standing = expectOk(model.book(instrument.id, 5_000));
        // The first seconds are kept until a snapshot of their middle.
        if (step === 3) follower.load(standing);
        if (step <= 3) continue;
        expect(follower.local.snapshot(5_000, standing)).toEqual(standing);
        expect(standing.bids.length).toBeGreaterThanOrEqual(20);
        expect(standing.asks.length).toBeGreaterThanOrEqual(20);
      }
    }
    for (const { follower, early } of followed) {
      expect(follower.faults).toEqual([]);
      expect(early).toEqual([]);
      expect(follower.compared).toBeGreaterThan(30);
      expect(follower.trades).toBeGreaterThan(20);
    }
    model.close();
  }, 60_000);

  it('keep the order of trades and books when the process is late', async () => {
    const virtual = new VirtualClock(START_MS * 1_000);
    const model = createSimulatedExchange({ seed: 7, clock: lateClock(virtual, 1_700) });
    const { told } = listenToAll(model, BTC);
    const follower = new Follower(model, instrumentOf(model, BTC));
    follower.load(expectOk(model.book(BTC, 5_000)));
    for (let step = 0; step < 60; step += 1) await virtual.advance(1_000);
    for (const event of told) follower.see(event);
    expect(follower.faults).toEqual([]);
    expect(follower.trades).toBeGreaterThan(30);
    expect(follower.compared).toBeGreaterThan(30);
    model.close();
  });

  it('tell one change of the book for all that were slept through, and no trade is lost', async () => {
    const virtual = new VirtualClock(START_MS * 1_000);
    const model = createSimulatedExchange({ seed: 7, clock: lateClock(virtual, 40_000) });
    const { told } = listenToAll(model, BTC);
    const local = new OrderBook(BTC);
    local.load(expectOk(model.book(BTC, 5_000)));
    const firstTradeId = (model.trades(BTC, { fromId: null, limit: 1 })[0]?.tradeId ?? 0) + 1;
    await virtual.advance(41_000);
    const deltas = told.filter((event) => event.kind === 'book-delta');
    expect(deltas).toHaveLength(1);
    for (const delta of deltas) {
      expect(delta.firstUpdateId).toBe(local.lastUpdateId + 1);
      local.apply(delta);
    }
    const quote = told.findLast((event) => event.kind === 'quote');
    expect(local.lastUpdateId).toBe(quote?.updateId);
    expect(local.bestBid()?.[0]).toBe(quote?.bidPrice);
    const trades = told.filter((event) => event.kind === 'trade');
    expect(trades.length).toBeGreaterThan(10);
    expect(trades).toEqual(model.trades(BTC, { fromId: firstTradeId, limit: trades.length }));
    model.close();
  });

  it('begin for a new listener when it comes, though other feeds have been heard before', async () => {
    const clock = new VirtualClock(START_MS * 1_000);
    const model = createSimulatedExchange({ seed: 7, clock });
    const trades: TradeTick[] = [];
    model.listen('trade', BTC, ({ value }) => trades.push(value));
    // A pause between two trades: books have changed since, and nothing was due for the first listener.
    let heard = -1;
    while (heard !== trades.length) {
      heard = trades.length;
      await clock.advance(450);
    }
    const cameUs = model.nowUs();
    const standing = expectOk(model.book(BTC, 1));
    const deltas: BookDelta[] = [];
    model.listen('depth', BTC, ({ value }) => deltas.push(value));
    await clock.advance(201);
    expect(deltas.map(({ firstUpdateId }) => firstUpdateId)).toEqual([standing.lastUpdateId + 1]);
    expect(deltas[0]?.tsEventUs).toBeGreaterThan(cameUs);
    model.close();
  });

  it('agree with a market that was started only now', async () => {
    const clock = new VirtualClock((START_MS - 61_234) * 1_000);
    const old = createSimulatedExchange({ seed: 7, clock });
    for (const { instrument } of old.symbols()) listenToAll(old, instrument.id);
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(33_333);
      const young = createSimulatedExchange({ seed: 7, clock: new VirtualClock(old.nowUs()) });
      for (const { instrument } of old.symbols()) {
        expect(young.book(instrument.id, 100)).toEqual(old.book(instrument.id, 100));
        expect(young.quote(instrument.id)).toEqual(old.quote(instrument.id));
        const query = { fromId: null, limit: 200 };
        expect(young.trades(instrument.id, query)).toEqual(old.trades(instrument.id, query));
        for (const interval of ['1m', '1h'] as const) {
          const bars = { fromUs: null, toUs: timestampUs(old.nowUs()), limit: 5 };
          expect(young.klines(instrument.id, interval, bars)).toEqual(old.klines(instrument.id, interval, bars));
        }
      }
    }
    old.close();
  }, 30_000);
});
