import type { ExchangeModel } from '@monsta/binance-server';
import {
  expectOk,
  instrumentId,
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
  /** True once something was traded at the best price that was told last. */
  #swept = false;
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
    else if (event.kind === 'quote') {
      this.#quote = event;
      this.#swept = false;
    } else if (this.#loaded) this.#follow(event);
    else this.#kept.push(event);
  }

  #require(met: boolean, fault: string): void {
    if (!met) this.faults.push(`${this.#instrument.id}: ${fault}`);
  }

  #seeTrade(trade: TradeTick): void {
    const { tradeId, price, quantity } = trade;
    this.#require(this.#tradeId === null || tradeId === this.#tradeId + 1, `trade ${tradeId} after ${this.#tradeId}`);
    this.#tradeId = tradeId;
    const touch = (trade.buyerIsMaker ? this.#quote?.bidPrice : this.#quote?.askPrice) ?? 0;
    // A large order goes on beyond the best price.
    const beyond = trade.buyerIsMaker ? touch - price : price - touch;
    this.#require(beyond === 0 || (beyond > 0 && this.#swept), `trade ${tradeId} at ${price}, the touch was ${touch}`);
    this.#swept = true;
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
      await clock.advance(1_000);
      model.trading?.advance();
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

  it('tell all that was slept through, as it would have been told', async () => {
    const hear = async (lateMs: number): Promise<readonly Told[]> => {
      const virtual = new VirtualClock(START_MS * 1_000);
      const model = createSimulatedExchange({ seed: 7, clock: lateMs === 0 ? virtual : lateClock(virtual, lateMs) });
      const { told } = listenToAll(model, BTC);
      await virtual.advance(50_000);
      model.trading?.advance();
      model.close();
      return told;
    };
    const late = await hear(40_000);
    expect(late.length).toBeGreaterThan(500);
    expect(late).toEqual(await hear(0));
  });

  it('begin for a new listener when it comes, though other feeds have been heard before', async () => {
    const clock = new VirtualClock(START_MS * 1_000);
    const model = createSimulatedExchange({ seed: 7, clock });
    model.listen('trade', BTC, () => undefined);
    await clock.advance(12_345);
    const cameUs = model.nowUs();
    const standing = expectOk(model.book(BTC, 1));
    const deltas: BookDelta[] = [];
    model.listen('depth', BTC, ({ value }) => deltas.push(value));
    await clock.advance(201);
    expect(deltas[0]?.firstUpdateId).toBe(standing.lastUpdateId + 1);
    expect(deltas[0]?.tsEventUs).toBeGreaterThan(cameUs);
    model.close();
  });
});
