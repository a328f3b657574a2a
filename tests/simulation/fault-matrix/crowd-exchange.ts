import type { ExchangeModel, ExchangeSymbol, FeedKind, TradingModel } from '@monsta/binance-server';
import {
  accountId,
  assetId,
  err,
  expectOk,
  ok,
  parseAmount,
  quantity,
  US_PER_MS,
  type AccountId,
  type Amount,
  type BookSnapshot,
  type Fill,
  type Instrument,
  type InstrumentId,
  type OrderSide,
  type Price,
  type Quantity,
  type QuoteTick,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import {
  Exchange,
  rulesOfInstrument,
  type ExchangeListener,
  type ExecutionReport,
  type SymbolRules,
} from '@monsta/matching';
import type { Timer } from '@monsta/ports';
import type { VirtualClock } from '@monsta/testkit';

const MAKER = accountId('crowd-maker');
const TAKER = accountId('crowd-taker');
const PLENTY = expectOk(parseAmount('1000000000'));
const PLENTY_LOTS = quantity(10_000_000);
/** Of a trade that only shows a price. */
const TICKER_LOTS = quantity(20);
const PLAIN = {
  type: 'LIMIT',
  quoteOrderQuantity: null,
  stopPrice: null,
  trailingDelta: null,
  icebergQuantity: null,
  clientOrderId: null,
  selfTradeMode: null,
  strategyId: null,
  strategyType: null,
} as const;

/** One trade of an order as a line: the same from both sides. */
export const fillLine = (
  fill: Pick<Fill, 'instrument' | 'side' | 'price' | 'quantity' | 'fee' | 'feeAsset'> & {
    readonly fillId: string | number;
    readonly clientOrderId: string;
  },
): string =>
  `${fill.instrument} ${fill.fillId} of ${fill.clientOrderId}: ${fill.side} ${fill.quantity} at ${fill.price}, fee ${fill.fee} ${fill.feeAsset}`;

/** An order as the exchange has it. */
export interface ArchivedOrder {
  readonly clientOrderId: string;
  readonly status: ExecutionReport['status'];
  readonly filled: Quantity;
}

/** What one trade did to one order. */
export interface ArchivedTrade {
  readonly instrument: InstrumentId;
  readonly clientOrderId: string;
  readonly timeUs: number;
  readonly tradeId: number;
  readonly side: OrderSide;
  readonly quantity: Quantity;
  /** What was charged of the base asset. */
  readonly feeInBase: Amount;
  readonly line: string;
}

/** What everybody else does with one instrument. */
export class Crowd {
  readonly #exchange: Exchange;
  readonly #symbol: InstrumentId;
  readonly #clock: VirtualClock;
  #byHand = 0;

  constructor(exchange: Exchange, symbol: InstrumentId, clock: VirtualClock) {
    this.#exchange = exchange;
    this.#symbol = symbol;
    this.#clock = clock;
  }

  /** From now on the crowd offers so much at each of these prices, and nothing else. */
  offer(bid: Price, ask: Price, lots: Quantity): void {
    this.#exchange.cancelAll(MAKER, this.#symbol, this.#clock.nowUs());
    this.#place(MAKER, 'sell', ask, lots);
    this.#place(MAKER, 'buy', bid, lots);
  }

  /** Somebody trades so much with what rests at this price or better; the crowd's own offers are out of the way. */
  hit(side: OrderSide, limit: Price, lots: Quantity): void {
    this.#exchange.cancelAll(MAKER, this.#symbol, this.#clock.nowUs());
    this.#place(TAKER, side, limit, lots, 'ioc');
  }

  /** The price falls: all that was bid above is sold to, the last trade is at this price, and so much more is bid there. */
  fall(at: Price, lots: Quantity): void {
    this.hit('sell', at, PLENTY_LOTS);
    this.#place(MAKER, 'buy', at, quantity(lots + TICKER_LOTS));
    this.#place(TAKER, 'sell', at, TICKER_LOTS, 'ioc');
  }

  /** The price rises: all that was asked below is bought, the last trade is at this price, and so much more is asked there. */
  climb(at: Price, lots: Quantity): void {
    this.hit('buy', at, PLENTY_LOTS);
    this.#place(MAKER, 'sell', at, quantity(lots + TICKER_LOTS));
    this.#place(TAKER, 'buy', at, TICKER_LOTS, 'ioc');
  }

  /** The price is back: the crowd offers so much again at these prices, and the last trade is at the higher one. */
  rise(bid: Price, ask: Price, lots: Quantity): void {
    this.offer(bid, ask, lots);
    this.#place(TAKER, 'buy', ask, TICKER_LOTS, 'ioc');
  }

  /** The market is here from now on: whatever was bid above or asked below is traded with, so far as this many lots go, and the last trade is at one of the two prices. */
  move(bid: Price, ask: Price, lots: Quantity): void {
    this.#exchange.cancelAll(MAKER, this.#symbol, this.#clock.nowUs());
    this.#place(TAKER, 'sell', bid, lots, 'ioc');
    this.#place(TAKER, 'buy', ask, lots, 'ioc');
    this.offer(bid, ask, lots);
    this.#place(TAKER, 'sell', bid, TICKER_LOTS, 'ioc');
  }

  /** Somebody with the account's password trades by hand. */
  byHand(account: AccountId, side: OrderSide, limit: Price, lots: Quantity): void {
    this.#byHand += 1;
    const terms = {
      account,
      symbol: this.#symbol,
      side,
      price: limit,
      quantity: lots,
      timeInForce: 'ioc',
    } as const;
    void this.#exchange.place({ ...PLAIN, ...terms, clientOrderId: `web_${this.#byHand}` }, this.#clock.nowUs());
  }

  #place(
    account: AccountId,
    side: OrderSide,
    price: Price,
    quantity: Quantity,
    timeInForce: 'gtc' | 'ioc' = 'gtc',
  ): void {
    const terms = { account, symbol: this.#symbol, side, price, quantity, timeInForce };
    // A halted symbol takes no orders, the crowd's neither.
    void this.#exchange.place({ ...PLAIN, ...terms }, this.#clock.nowUs());
  }
}

/**
 * An exchange where a crowd offers what the case says and nothing else happens by itself: minutes of it cost nothing. It remembers all that accounts did.
 */
export class CrowdExchange implements ExchangeModel, TradingModel {
  readonly origin = 'simulated';
  readonly disclosure = 'An exchange on which only a crowd and the clients of a test trade.';
  readonly publishLagMs = 0;
  readonly trading: TradingModel = this;
  readonly exchange: Exchange;
  /** By instrument. */
  readonly rules: ReadonlyMap<InstrumentId, SymbolRules>;
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly #crowds: ReadonlyMap<InstrumentId, Crowd>;
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<ExchangeListener>();
  /** The last report of each order, by account. */
  readonly #orders = new Map<AccountId, Map<string, ArchivedOrder>>();
  readonly #trades = new Map<AccountId, ArchivedTrade[]>();

  constructor(clock: VirtualClock, instruments: readonly Instrument[]) {
    this.#clock = clock;
    this.#instruments = new Map(instruments.map((instrument) => [instrument.id, instrument]));
    this.rules = new Map(
      instruments.map((each) => [each.id, { ...rulesOfInstrument(each), ordersMax: 200, algoOrdersMax: 5 }]),
    );
    const all = (tell: (listener: ExchangeListener) => void): void => this.#listeners.forEach(tell);
    this.exchange = new Exchange({
      symbols: [...this.rules.values()].map((rules) => ({ rules, openingPrice: null })),
      listener: {
        onReport: (report) => {
          this.#archive(report);
          all((each) => each.onReport(report));
        },
        onTrade: (trade) => all((each) => each.onTrade(trade)),
        onBest: (best) => all((each) => each.onBest(best)),
        onListStatus: (status) => all((each) => each.onListStatus(status)),
        onAccount: (...told) => all((each) => each.onAccount(...told)),
      },
    });
    const assets = new Set(instruments.flatMap(({ base, quote }) => [assetId(base), assetId(quote)]));
    for (const account of [MAKER, TAKER]) {
      this.exchange.addAccount(account, {
        balances: [...assets].map((asset) => ({ asset, free: PLENTY })),
        fees: { makerPpm: 0, takerPpm: 0 },
      });
    }
    this.#crowds = new Map(instruments.map(({ id }) => [id, new Crowd(this.exchange, id, clock)]));
  }

  crowd(id: InstrumentId): Crowd {
    const crowd = this.#crowds.get(id);
    if (crowd === undefined) throw new RangeError(`${id} is not traded here`);
    return crowd;
  }

  #archive(report: ExecutionReport): void {
    const { account, orderId, execution, side, timeUs, symbol } = report;
    const orders = this.#orders.get(account) ?? new Map<string, ArchivedOrder>();
    this.#orders.set(account, orders);
    // The report of a cancel carries the cancel's id.
    const key = `${symbol}:${orderId}`;
    const clientOrderId = orders.get(key)?.clientOrderId ?? report.clientOrderId;
    orders.set(key, { clientOrderId, status: report.status, filled: report.cumulativeQuantity });
    if (execution === null) return;
    const { tradeId, price, quantity, commission, commissionAsset } = execution;
    const line = fillLine({
      instrument: symbol,
      fillId: tradeId,
      clientOrderId,
      side,
      price,
      quantity,
      fee: commission,
      feeAsset: commissionAsset,
    });
    const base = this.#instruments.get(symbol)?.base;
    const feeInBase = commissionAsset === base ? commission : (0n as Amount);
    const trade = { instrument: symbol, clientOrderId, timeUs, tradeId, side, quantity, feeInBase, line };
    const trades = this.#trades.get(account);
    if (trades === undefined) this.#trades.set(account, [trade]);
    else trades.push(trade);
  }

  /** All orders that ever came from an account, as they stand. */
  ordersOf(account: AccountId): readonly ArchivedOrder[] {
    return [...(this.#orders.get(account)?.values() ?? [])];
  }

  tradesOf(account: AccountId): readonly ArchivedTrade[] {
    return this.#trades.get(account) ?? [];
  }

  nowUs(): TimestampUs {
    return this.#clock.nowUs();
  }
  advance(): void {
    // Nothing happens here by itself.
  }
  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#clock.setTimer(Math.max(0, (atUs - this.nowUs()) / US_PER_MS), task);
  }
  symbols(): readonly ExchangeSymbol[] {
    return [...this.#instruments.values()].map((instrument) => ({ instrument, rules: 'listed' }));
  }
  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    const book = this.exchange.depth(instrument, depth);
    const nowUs = this.nowUs();
    return book === null
      ? err('book_unknown', `${instrument} is not traded here`)
      : ok({ kind: 'book-snapshot', instrument, ...book, tsEventUs: nowUs, tsInitUs: nowUs });
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
