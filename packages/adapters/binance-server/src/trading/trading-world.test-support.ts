import { createHmac } from 'node:crypto';
import {
  accountId,
  assetId,
  err,
  expectOk,
  instrumentId,
  msFromUs,
  ok,
  parseAmount,
  timestampUs,
  type AccountId,
  type Amount,
  type BookSnapshot,
  type InstrumentId,
  type QuoteTick,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { Exchange, readOrder, readSymbolRules, type ExchangeListener, type OrderFields } from '@monsta/matching';
import type { OutgoingResponse, Timer } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createBinanceServer, type BinanceServer, type BinanceServerOptions } from '../binance-server.ts';
import type { ExchangeModel, TradeQuery, TradingModel } from '../exchange-model.ts';
import { LISTED_SYMBOLS, symbolInfo } from '../symbols.ts';
import type { AccountCredentials } from './demo-accounts.ts';

/** 2025-03-01T12:00:00Z, at the start of a minute, of five minutes and of an hour. */
export const START_MS = 1_740_830_400_000;
export const LIQUIDITY: AccountId = accountId('liquidity');

const WEALTH: Amount = expectOk(parseAmount('1000000000'));

/** An exchange on which nothing happens but what a test does; its market data is what was traded on it. */
export class BareModel implements ExchangeModel, TradingModel {
  readonly origin = 'simulated';
  readonly disclosure = 'An exchange without agents, for tests.';
  readonly publishLagMs = 0;
  readonly trading: TradingModel = this;
  readonly exchange: Exchange;
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<ExchangeListener>();
  readonly #trades: TradeTick[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    const tell =
      <K extends keyof ExchangeListener>(name: K) =>
      (...args: Parameters<ExchangeListener[K]>): void => {
        for (const listener of this.#listeners) {
          const hear = listener[name] as (...heard: Parameters<ExchangeListener[K]>) => void;
          hear.apply(listener, args);
        }
      };
    this.exchange = new Exchange({
      symbols: LISTED_SYMBOLS.map((symbol) => ({
        rules: expectOk(readSymbolRules(symbolInfo(symbol))),
        openingPrice: null,
      })),
      listener: {
        onReport: tell('onReport'),
        onTrade: tell('onTrade'),
        onBest: tell('onBest'),
        onListStatus: tell('onListStatus'),
        onAccount: tell('onAccount'),
      },
    });
    this.listen({
      onReport: () => undefined,
      onTrade: (trade) => {
        this.#trades.push({
          kind: 'trade',
          instrument: trade.symbol,
          tradeId: trade.tradeId,
          price: trade.price,
          quantity: trade.quantity,
          buyerIsMaker: trade.buyerIsMaker,
          tsEventUs: timestampUs(trade.timeUs),
          tsInitUs: timestampUs(trade.timeUs),
        });
      },
      onBest: () => undefined,
      onListStatus: () => undefined,
      onAccount: () => undefined,
    });
    this.exchange.addAccount(LIQUIDITY, {
      balances: ['BTC', 'ETH', 'BNB', 'SOL', 'XRP', 'USDT'].map((asset) => ({ asset: assetId(asset), free: WEALTH })),
      fees: { makerPpm: 0, takerPpm: 0 },
    });
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
  symbols(): typeof LISTED_SYMBOLS {
    return LISTED_SYMBOLS;
  }
  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    const snapshot = this.exchange.depth(instrument, depth);
    if (snapshot === null) return err('book_unknown', 'there is no such book');
    const nowUs = this.nowUs();
    return ok({ kind: 'book-snapshot', instrument, ...snapshot, tsEventUs: nowUs, tsInitUs: nowUs });
  }
  quote(instrument: InstrumentId): QuoteTick | null {
    const best = this.exchange.best(instrument);
    if (best === null || best.bidPrice === 0 || best.askPrice === 0) return null;
    const nowUs = this.nowUs();
    const { updateId, bidPrice, bidQuantity, askPrice, askQuantity } = best;
    return {
      kind: 'quote',
      instrument,
      updateId,
      bidPrice,
      bidQuantity,
      askPrice,
      askQuantity,
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
  }
  klines(): readonly never[] {
    return [];
  }
  trades(instrument: InstrumentId, { fromId, limit }: TradeQuery): readonly TradeTick[] {
    const all = this.#trades.filter((trade) => trade.instrument === instrument);
    return fromId === null ? all.slice(-limit) : all.filter(({ tradeId }) => tradeId >= fromId).slice(0, limit);
  }
  aggregateTrades(): readonly never[] {
    return [];
  }
  listen(listener: ExchangeListener): () => void;
  listen(kind: string): () => void;
  listen(heard: ExchangeListener | string): () => void {
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

export interface JsonResponse extends OutgoingResponse {
  readonly json: unknown;
}
type Fields = Readonly<Record<string, string | number | boolean>>;

export interface TradingWorld {
  readonly clock: VirtualClock;
  readonly model: BareModel;
  readonly server: BinanceServer;
  readonly ann: AccountCredentials;
  readonly ben: AccountCredentials;
  /** Sends a request as it is, to `/api/v3/<path>` unless the path begins with a slash. */
  readonly send: (
    method: string,
    path: string,
    request?: {
      readonly query?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly address?: string;
    },
  ) => Promise<JsonResponse>;
  /** Signs with the account's key and sends everything in the query. */
  readonly signed: (who: AccountCredentials, method: string, path: string, fields?: Fields) => Promise<JsonResponse>;
  /** An order of the account without limits, e.g. `provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', … })`; its number. */
  readonly provide: (symbol: string, fields: OrderFields) => number;
}

const formOf = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

/** The HMAC signature of a text, in hex. */
export const hmacHex = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');

/** The server over an exchange without agents; Ann and Ben have 100,000 USDT, 10 BTC and some of the others, and pay 0.1 %. */
export function makeTradingWorld(options: Partial<BinanceServerOptions> = {}): TradingWorld {
  const clock = new VirtualClock(START_MS * 1_000);
  const model = new BareModel(clock);
  const balances = { USDT: '100000', BTC: '10', ETH: '20', BNB: '100', SOL: '500', XRP: '50000' };
  const server = createBinanceServer({
    model,
    clock,
    logger: silentTelemetry().logger,
    accounts: [
      { name: 'ann', balances },
      { name: 'ben', balances },
    ],
    ...options,
  });
  const [ann, ben] = server.accounts;
  if (ann === undefined || ben === undefined) throw new Error('the world needs two accounts');

  const send: TradingWorld['send'] = async (method, path, request = {}) => {
    const full = path.startsWith('/') ? path : `/api/v3/${path}`;
    const incoming = {
      method,
      path: full,
      params: {},
      rawQuery: request.query ?? '',
      headers: request.headers ?? {},
      body: request.body ?? '',
      remoteAddress: request.address ?? '127.0.0.1',
    };
    const route = server.routes.find((each) => each.path === full && each.method === method);
    const response = await (route === undefined ? server.notFound(incoming) : route.handle(incoming));
    const json: unknown = JSON.parse(typeof response.body === 'string' ? response.body : '');
    return { ...response, json };
  };
  return {
    clock,
    model,
    server,
    ann,
    ben,
    send,
    signed: (who, method, path, fields = {}) => {
      const query = formOf({ ...fields, timestamp: msFromUs(model.nowUs()) });
      return send(method, path, {
        query: `${query}&signature=${hmacHex(who.apiSecret, query)}`,
        headers: { 'x-mbx-apikey': who.apiKey },
      });
    },
    provide: (symbol, fields) => {
      const id = instrumentId(symbol);
      const rules = model.exchange.rules(id);
      if (rules === null) throw new Error(`no symbol ${symbol}`);
      const read = readOrder(fields, rules);
      if (!('terms' in read)) throw new Error(read.fault.message);
      return expectOk(model.exchange.place({ ...read.terms, account: LIQUIDITY, symbol: id }, model.nowUs())).orderId;
    },
  };
}
