import { price, quantity, timestampUs, type Bar, type QuoteTick, type TradeTick } from '@monsta/core';
import type { NewAccount } from '../exchange/exchange.ts';
import { ANN, OPEN_RULES, order, RICH, SYMBOL, terms } from '../exchange/exchange.test-support.ts';
import type { SymbolRules } from '../exchange/symbol-rules.ts';
import { FeedExchange } from './feed-exchange.ts';
import type { FeedCommand, FeedMessage } from './feed-messages.ts';
import { DEFAULT_BAR_RULES, DEFAULT_TICK_RULES, type BarRules, type FillRules, type TickRules } from './fill-rules.ts';
import type { LatencyModel } from './latency.ts';

const MINUTE_US = 60_000_000;
/** Lots are thousandths, volumes have 8 digits. */
const VOLUME_OF_LOT = 100_000n;

export type Draft = Parameters<typeof order>[1];

/** One rich account on an exchange that fills from a feed; keeps what it hears in short texts. */
export class Desk {
  readonly exchange: FeedExchange;
  readonly messages: FeedMessage[] = [];
  readonly heardUs: number[] = [];
  /** `side quantity@price maker|taker`, in order. */
  readonly fills: string[] = [];
  /** `orderId STATUS` of every order that has ended, and `refused code`. */
  readonly ends: string[] = [];
  nowUs = 0;
  bars = 0;

  constructor(rules: FillRules, options: DeskOptions = {}) {
    const { latency, symbol = OPEN_RULES, ...account } = options;
    this.exchange = new FeedExchange({
      symbols: [symbol],
      rules,
      ...(latency === undefined ? {} : { latency }),
      accounts: [{ id: ANN, balances: RICH, fees: { makerPpm: 0, takerPpm: 0 }, ...account }],
      hear: (message, heardUs) => this.#hear(message, heardUs),
    });
  }

  send(command: FeedCommand): this {
    this.exchange.send(command, this.nowUs);
    return this;
  }

  place(draft: Draft): this {
    return this.send({ kind: 'place', order: order(ANN, draft) });
  }

  limit(side: 'buy' | 'sell', at: number, size: number, draft: Draft = {}): this {
    return this.place({ side, type: 'LIMIT', timeInForce: 'gtc', price: at, quantity: size, ...draft });
  }

  market(side: 'buy' | 'sell', size: number): this {
    return this.place({ side, type: 'MARKET', quantity: size });
  }

  oco(above: Draft, below: Draft): this {
    const list = { kind: 'OCO', account: ANN, symbol: SYMBOL, listClientOrderId: null } as const;
    return this.send({ kind: 'place-list', list: { ...list, above: terms(above), below: terms(below) } });
  }

  oto(working: Draft, pending: Draft): this {
    const list = { kind: 'OTO', account: ANN, symbol: SYMBOL, listClientOrderId: null } as const;
    return this.send({ kind: 'place-list', list: { ...list, working: terms(working), pending: terms(pending) } });
  }

  otoco(working: Draft, above: Draft, below: Draft): this {
    const list = { kind: 'OTOCO', account: ANN, symbol: SYMBOL, listClientOrderId: null } as const;
    const legs = { working: terms(working), above: terms(above), below: terms(below) };
    return this.send({ kind: 'place-list', list: { ...list, ...legs } });
  }

  cancel(orderId: number): this {
    const named = { account: ANN, symbol: SYMBOL, orderId, clientOrderId: null };
    return this.send({ kind: 'cancel', cancel: { ...named, newClientOrderId: null, restriction: null } });
  }

  /** The next minute's bar; what is sent after it is sent at its close. */
  bar(...shape: BarShape): this {
    const bar = barOf(this.bars, shape);
    this.bars += 1;
    this.exchange.observeBar(bar);
    this.nowUs = bar.closeTimeUs;
    return this;
  }

  quote(bid: number, ask: number, bidQuantity = 100, askQuantity = 100): this {
    this.nowUs += 1_000;
    this.exchange.observe(quoteOf(this.nowUs, bid, ask, bidQuantity, askQuantity));
    return this;
  }

  /** A trade that took from the bids unless `taker` says that a buyer took. */
  trade(at: number, size: number, taker: 'buy' | 'sell' = 'sell', eventUs?: number): this {
    this.nowUs += 1_000;
    this.exchange.observe(tradeOf(this.nowUs, at, size, taker, eventUs ?? this.nowUs));
    return this;
  }

  book(bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): this {
    this.nowUs += 1_000;
    const times = { tsEventUs: timestampUs(this.nowUs), tsInitUs: timestampUs(this.nowUs) };
    const levels = (side: typeof bids) => side.map(([at, size]) => [price(at), quantity(size)] as const);
    const [best] = bids;
    // A book with a first level is told whole, one without as changes.
    if (best === undefined) throw new Error('a book needs a bid');
    this.exchange.observe({
      kind: 'book-snapshot',
      instrument: SYMBOL,
      lastUpdateId: this.nowUs,
      bids: levels(bids),
      asks: levels(asks),
      ...times,
    });
    return this;
  }

  change(bids: readonly (readonly [number, number])[], asks: readonly (readonly [number, number])[]): this {
    this.nowUs += 1_000;
    const levels = (side: typeof bids) => side.map(([at, size]) => [price(at), quantity(size)] as const);
    this.exchange.observe({
      kind: 'book-delta',
      instrument: SYMBOL,
      firstUpdateId: this.nowUs,
      lastUpdateId: this.nowUs,
      bids: levels(bids),
      asks: levels(asks),
      tsEventUs: timestampUs(this.nowUs),
      tsInitUs: timestampUs(this.nowUs),
    });
    return this;
  }

  #hear(message: FeedMessage, heardUs: number): void {
    this.messages.push(message);
    this.heardUs.push(heardUs);
    if (message.kind === 'refused') this.ends.push(`refused ${message.fault.code}`);
    if (message.kind !== 'report') return;
    const { report } = message;
    const { execution } = report;
    if (execution !== null) {
      const liquidity = execution.isMaker ? 'maker' : 'taker';
      this.fills.push(`${report.side} ${execution.quantity}@${execution.price} ${liquidity}`);
    }
    if (report.executionType !== 'NEW' && report.status !== 'PARTIALLY_FILLED') {
      this.ends.push(`${report.orderId} ${report.status}`);
    }
  }
}

export interface DeskOptions extends Partial<NewAccount> {
  readonly latency?: LatencyModel;
  readonly symbol?: SymbolRules;
}

export type BarShape = readonly [open: number, high: number, low: number, close: number, lots?: number];

export function barOf(index: number, [open, high, low, close, lots = 1_000]: BarShape, minutes = 1): Bar {
  const openTimeUs = timestampUs(index * minutes * MINUTE_US);
  const closeTimeUs = timestampUs(openTimeUs + minutes * MINUTE_US);
  return {
    kind: 'bar',
    instrument: SYMBOL,
    interval: minutes === 5 ? '5m' : '1m',
    openTimeUs,
    closeTimeUs,
    open: price(open),
    high: price(high),
    low: price(low),
    close: price(close),
    volume: BigInt(lots) * VOLUME_OF_LOT,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: null,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed: true,
    tsEventUs: closeTimeUs,
    tsInitUs: closeTimeUs,
  };
}

function quoteOf(us: number, bid: number, ask: number, bidQuantity: number, askQuantity: number): QuoteTick {
  return {
    kind: 'quote',
    instrument: SYMBOL,
    updateId: us,
    bidPrice: price(bid),
    bidQuantity: quantity(bidQuantity),
    askPrice: price(ask),
    askQuantity: quantity(askQuantity),
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  };
}

function tradeOf(us: number, at: number, size: number, taker: 'buy' | 'sell', eventUs: number): TradeTick {
  return {
    kind: 'trade',
    instrument: SYMBOL,
    tradeId: us,
    price: price(at),
    quantity: quantity(size),
    buyerIsMaker: taker === 'sell',
    tsEventUs: timestampUs(eventUs),
    tsInitUs: timestampUs(us),
  };
}

export const barDesk = (rules: Partial<BarRules> = {}, options: DeskOptions = {}): Desk =>
  new Desk({ ...DEFAULT_BAR_RULES, slippage: { kind: 'none' }, ...rules }, options);

export const tickDesk = (rules: Partial<TickRules> = {}, options: DeskOptions = {}): Desk =>
  new Desk({ ...DEFAULT_TICK_RULES, slippage: { kind: 'none' }, beyondPpm: null, ...rules }, options);
