import { createRequire } from 'node:module';
import type { Addresses, ClientKey } from './other-clients.test-support.ts';

type Payload = Readonly<Record<string, string | number | boolean>>;
type Row = Readonly<Record<string, unknown>>;
type Level = { readonly price: string; readonly quantity: string };
/** Ends a subscription. */
type Stop = (options?: object) => unknown;
type Hear = (event: Row) => void;

/** The calls used here, as the client answers them: the types it is published with say otherwise in places. */
export interface BinanceApiNode {
  ping(): Promise<boolean>;
  time(): Promise<number>;
  exchangeInfo(payload?: Payload): Promise<{ readonly timezone: string; readonly symbols: readonly Row[] }>;
  book(payload: Payload): Promise<{ readonly bids: readonly Level[]; readonly asks: readonly Level[] }>;
  trades(payload: Payload): Promise<readonly Row[]>;
  aggTrades(payload: Payload): Promise<readonly Row[]>;
  candles(payload: Payload): Promise<readonly Row[]>;
  prices(): Promise<Readonly<Record<string, string>>>;
  avgPrice(payload: Payload): Promise<Row>;
  dailyStats(payload: Payload): Promise<Row>;
  allBookTickers(): Promise<Readonly<Record<string, Row>>>;
  accountInfo(
    payload?: Payload,
  ): Promise<
    Row & { readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[] }
  >;
  order(payload: Payload): Promise<Row>;
  orderTest(payload: Payload): Promise<Row>;
  orderOco(payload: Payload): Promise<Row & { readonly orderReports: readonly Row[] }>;
  getOrder(payload: Payload): Promise<Row>;
  getOrderOco(payload: Payload): Promise<Row>;
  cancelOrder(payload: Payload): Promise<Row>;
  cancelOrderOco(payload: Payload): Promise<Row>;
  cancelOpenOrders(payload: Payload): Promise<readonly Row[]>;
  openOrders(payload?: Payload): Promise<readonly Row[]>;
  allOrders(payload: Payload): Promise<readonly Row[]>;
  allOrdersOCO(payload: Payload): Promise<readonly Row[]>;
  myTrades(payload: Payload): Promise<readonly Row[]>;
  privateRequest(method: string, path: string, payload: Payload): Promise<Row>;
  readonly ws: {
    trades(symbol: string, hear: Hear): Stop;
    aggTrades(symbol: string, hear: Hear): Stop;
    candles(symbol: string, interval: string, hear: Hear): Stop;
    depth(symbol: string, hear: Hear): Stop;
    partialDepth(payload: Payload, hear: Hear): Stop;
    ticker(symbol: string, hear: Hear): Stop;
    miniTicker(symbol: string, hear: Hear): Stop;
    bookTicker(symbol: string, hear: Hear): Stop;
    user(hear: Hear): Promise<Stop>;
  };
}

interface Options extends Partial<ClientKey> {
  /** A private key as PEM, instead of a secret: RSA or Ed25519. */
  readonly privateKey?: string;
  readonly getTime?: () => number;
}

// CommonJS: `require` gives the same under every loader.
const require = createRequire(import.meta.url);
const { default: create } = require('binance-api-node') as {
  readonly default: (options: Readonly<Record<string, unknown>>) => BinanceApiNode;
};

/** binance-api-node pointed at a server of ours, every address set. */
export function binanceApiNode({ restUrl, wsUrl }: Addresses, options: Options = {}): BinanceApiNode {
  return create({
    ...options,
    httpBase: restUrl,
    wsBase: `${wsUrl}/ws`,
    wsApi: `${wsUrl}/ws-api/v3`,
    httpFutures: restUrl,
    httpDelivery: restUrl,
    httpPortfolioMargin: restUrl,
    wsFutures: wsUrl,
    wsDelivery: wsUrl,
  });
}
