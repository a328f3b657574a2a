import type { ExchangeModel, ExchangeSymbol, FeedKind, TradingModel } from '@monsta/binance-server';
import { LISTED_SYMBOLS } from '@monsta/binance-server';
import {
  accountId,
  assetId,
  err,
  expectOk,
  instrumentId,
  msFromUs,
  parseAmount,
  price,
  quantity,
  timestampUs,
  type AccountId,
  type BookSnapshot,
  type Instrument,
  type InstrumentId,
  type OrderSide,
  type Price,
  type Quantity,
  type QuoteTick,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import { Exchange, rulesOfInstrument, type ExchangeListener, type SymbolRules } from '@monsta/matching';
import type { Timer } from '@monsta/ports';
import type { VirtualClock } from '@monsta/testkit';

const CROWD: readonly [AccountId, AccountId] = [accountId('crowd-1'), accountId('crowd-2')];
const PLENTY = expectOk(parseAmount('1000000000'));
export const TRADED: InstrumentId = instrumentId('BTCUSDT');

const symbolOf = (id: InstrumentId): ExchangeSymbol => {
  const found = LISTED_SYMBOLS.find(({ instrument }) => instrument.id === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
};

/** An exchange of one symbol on which only the test's crowd and the clients of the server trade. */
export class TestExchange implements ExchangeModel, TradingModel {
  readonly origin = 'simulated';
  readonly disclosure = 'An exchange without a market of its own, for tests.';
  readonly publishLagMs = 0;
  readonly trading: TradingModel = this;
  readonly exchange: Exchange;
  readonly instrument: Instrument = symbolOf(TRADED).instrument;
  readonly rules: SymbolRules = { ...rulesOfInstrument(this.instrument), ordersMax: 200, algoOrdersMax: 5 };
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<ExchangeListener>();

  constructor(clock: VirtualClock, discount: string | null = null) {
    this.#clock = clock;
    const all = (tell: (listener: ExchangeListener) => void): void => this.#listeners.forEach(tell);
    this.exchange = new Exchange({
      symbols: [{ rules: this.rules, openingPrice: null }],
      discount: discount === null ? null : { asset: assetId(discount), payPpm: 750_000 },
      listener: {
        onReport: (report) => all((each) => each.onReport(report)),
        onTrade: (trade) => all((each) => each.onTrade(trade)),
        onBest: (best) => all((each) => each.onBest(best)),
        onListStatus: (status) => all((each) => each.onListStatus(status)),
        onAccount: (...told) => all((each) => each.onAccount(...told)),
      },
    });
    for (const account of CROWD) {
      this.exchange.addAccount(account, {
        balances: ['BTC', 'USDT'].map((asset) => ({ asset: assetId(asset), free: PLENTY })),
        fees: { makerPpm: 0, takerPpm: 0 },
      });
    }
  }

  /** From now on the crowd offers so much at each of these prices and nothing else, and has traded in the middle last. */
  offer(bid: Price, ask: Price, lots: Quantity): void {
    const nowUs = this.nowUs();
    // Refused where there is none.
    for (const account of CROWD) this.exchange.cancelAll(account, TRADED, nowUs);
    this.#place(CROWD[0], 'sell', ask, lots);
    this.#place(CROWD[0], 'buy', bid, lots);
    const best = this.exchange.best(TRADED);
    const [above, below] = [best?.askPrice ?? ask, best?.bidPrice ?? bid];
    const middle = price(Math.min(Math.max(Math.floor((bid + ask) / 2), below + 1), above - 1));
    if (middle <= below || middle >= above) return;
    this.#place(CROWD[0], 'sell', middle, quantity(20));
    this.#place(CROWD[1], 'buy', middle, quantity(20));
  }

  /** The owner of an account buys at the market, on the exchange's own page. False where nothing is offered. */
  tradeByHand(account: AccountId, clientId: string, lots: Quantity): boolean {
    const nothing = { quoteOrderQuantity: null, stopPrice: null, trailingDelta: null, icebergQuantity: null };
    const labels = { clientOrderId: clientId, selfTradeMode: null, strategyId: null, strategyType: null };
    const terms = { side: 'buy', type: 'MARKET', timeInForce: null, quantity: lots, price: null } as const;
    const placed = this.exchange.place({ account, symbol: TRADED, ...terms, ...nothing, ...labels }, this.nowUs());
    return placed.ok && placed.value.executed > 0;
  }

  #place(account: AccountId, side: OrderSide, limit: Price, lots: Quantity): void {
    const nothing = { quoteOrderQuantity: null, stopPrice: null, trailingDelta: null, icebergQuantity: null };
    const labels = { clientOrderId: null, selfTradeMode: null, strategyId: null, strategyType: null };
    const terms = { side, type: 'LIMIT', timeInForce: 'gtc', quantity: lots, price: limit } as const;
    expectOk(this.exchange.place({ account, symbol: TRADED, ...terms, ...nothing, ...labels }, this.nowUs()));
  }

  nowUs(): TimestampUs {
    return this.#clock.nowUs();
  }
  advance(): void {
    // Nothing happens here by itself.
  }
  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#clock.setTimer(Math.max(0, msFromUs(timestampUs(atUs - this.nowUs()))), task);
  }
  symbols(): readonly ExchangeSymbol[] {
    return [symbolOf(TRADED)];
  }
  book(): Result<BookSnapshot> {
    return err('book_unknown', 'nobody asks for the book');
  }
  quote(): QuoteTick | null {
    return null;
  }
  klines(): readonly never[] {
    return [];
  }
  trades(): readonly never[] {
    return [];
  }
  aggregateTrades(): readonly never[] {
    return [];
  }
  listen(heard: ExchangeListener | FeedKind): () => void {
    if (typeof heard === 'string') return () => undefined;
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }
  ended(): boolean {
    return false;
  }
  close(): void {
    this.#listeners.clear();
  }
}
