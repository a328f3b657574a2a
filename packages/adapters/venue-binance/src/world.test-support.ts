import { createMemoryCache } from '@monsta/cache-memory';
import { instrumentId, msFromUs, seededRandom, type FeedState, type MarketEvent, type TradeTick } from '@monsta/core';
import type { HttpRequest, InstrumentsRead } from '@monsta/ports';
import {
  recordingTelemetry,
  ScriptedTransport,
  VirtualClock,
  type ScriptedReply,
  type ScriptedWelcome,
} from '@monsta/testkit';
import type { BinanceMarketDataSettings, BinanceRestSettings } from './config.ts';
import { createBinanceConnection } from './connection.ts';
import { createBinanceMarketData } from './market-data-client.ts';

export const BTC = instrumentId('BTCUSDT');
/** An entry of exchangeInfo. */
export interface ServedSymbol {
  readonly symbol: string;
  readonly status: string;
  readonly filters: readonly object[];
}

/** BTCUSDT under any name, with a tick. */
export function servedSymbol(symbol = 'BTCUSDT', tickSize = '0.01000000', status = 'TRADING'): ServedSymbol {
  return {
    symbol,
    status,
    ...{ baseAsset: 'BTC', baseAssetPrecision: 8, quoteAsset: 'USDT', quotePrecision: 8 },
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00', tickSize },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '120.5', stepSize: '0.00000000' },
      { filterType: 'A_FILTER_OF_TOMORROW', anything: 1 },
    ],
  };
}

type Hook = (request: HttpRequest, path: string) => ScriptedReply | null;

/** A small exchange with a history of trades and a book, and a client on it, under a virtual clock. */
export async function makeWorld(settings: BinanceMarketDataSettings = {}, rest: BinanceRestSettings = {}) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const events: MarketEvent[] = [];
  const reads: InstrumentsRead[] = [];
  /** Every trade that ever was, id = index + 1. */
  const tape: { id: number; timeMs: number }[] = [];
  const state = {
    updateId: 100,
    snapshotId: null as number | null,
    hook: (() => null) as Hook,
    welcome: 'open' as ScriptedWelcome,
    /** What exchangeInfo lists. */
    symbols: [servedSymbol()] as readonly ServedSymbol[],
  };
  const row = (id: number, timeMs: number) => ({
    id,
    price: `${60_000 + id}.00`,
    qty: '0.01000000',
    time: timeMs,
    isBuyerMaker: id % 2 === 0,
  });
  const transport = new ScriptedTransport({
    clock,
    latencyMs: 5,
    server: {
      handle(request): ScriptedReply {
        const url = new URL(request.url);
        const path = url.pathname.replace('/api/v3/', '');
        const said = state.hook(request, path);
        if (said !== null) return said;
        const json = (body: unknown): ScriptedReply => ({
          status: 200,
          body: JSON.stringify(body),
          headers: { 'X-MBX-USED-WEIGHT-1M': '10' },
        });
        if (path === 'time') return json({ serverTime: msFromUs(clock.nowUs()) + 5 });
        if (path === 'exchangeInfo') {
          const asked = JSON.parse(url.searchParams.get('symbols') ?? '[]') as string[];
          return asked.every((name) => state.symbols.some(({ symbol }) => symbol === name))
            ? json({ symbols: state.symbols })
            : { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' };
        }
        if (path === 'depth') {
          return json({
            lastUpdateId: state.snapshotId ?? state.updateId,
            bids: [['60000.00', '1.00000']],
            asks: [['60001.00', '1.00000']],
          });
        }
        if (path === 'historicalTrades') {
          const from = Number(url.searchParams.get('fromId'));
          return json(
            tape
              .filter(({ id }) => id >= from)
              .slice(0, Number(url.searchParams.get('limit')))
              .map(({ id, timeMs }) => row(id, timeMs)),
          );
        }
        return { status: 404, body: '{"code":-1100,"msg":"no such path"}' };
      },
      welcome: () => state.welcome,
    },
  });
  const connection = createBinanceConnection({
    restUrl: 'http://exchange.test/',
    wsUrl: 'ws://exchange.test',
    wsApiUrl: null,
    clock,
    transport,
    ...telemetry,
    random: seededRandom(7),
    cache: createMemoryCache({ clock }),
    config: rest,
  });
  const venue = createBinanceMarketData({ connection, config: settings });
  const start = async (ids: readonly string[] = ['BTCUSDT']) => {
    const starting = venue.start({
      instruments: ids.map(instrumentId),
      intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
      onEvent: (event) => events.push(event),
      onInstruments: (read) => reads.push(read),
    });
    let done = false;
    void starting.then(() => (done = true));
    await clock.advanceUntil(() => done, { timeoutMs: 300_000 });
    // The handshake of the stream.
    await clock.advance(5);
    return starting;
  };
  const nowMs = () => msFromUs(clock.nowUs());
  const send = (stream: string, data: unknown) => {
    for (const socket of transport.openSockets) socket.send(JSON.stringify({ stream: `btcusdt@${stream}`, data }));
  };
  return {
    clock,
    telemetry,
    events,
    reads,
    transport,
    connection,
    venue,
    state,
    start,
    send,
    /** A trade happens; `heard` false: while nobody can hear it. */
    trade(heard = true) {
      const id = tape.length + 1;
      tape.push({ id, timeMs: nowMs() });
      if (heard)
        send('trade', {
          e: 'trade',
          E: nowMs(),
          s: 'BTCUSDT',
          t: id,
          p: `${60_000 + id}.00`,
          q: '0.01000000',
          T: nowMs(),
          m: id % 2 === 0,
          M: true,
        });
      return id;
    },
    /** The minute's bar as it stands, whose last trade is this one. */
    kline(lastTradeId: number) {
      const openMs = nowMs() - (nowMs() % 60_000);
      const prices = { o: '60000.00', c: '60000.00', h: '60000.00', l: '60000.00' };
      const sums = { v: '1', n: lastTradeId, q: '1', V: '1', Q: '1' };
      const k = {
        t: openMs,
        T: openMs + 59_999,
        s: 'BTCUSDT',
        i: '1m',
        f: 1,
        L: lastTradeId,
        ...prices,
        ...sums,
        x: false,
      };
      send('kline_1m', { e: 'kline', E: nowMs(), s: 'BTCUSDT', k });
    },
    quote(updateId: number, bid = '60000.00') {
      send('bookTicker', { u: updateId, s: 'BTCUSDT', b: bid, B: '1.00000', a: '60001.00', A: '1.00000' });
    },
    depth(heard = true, bids: readonly (readonly [string, string])[] = [['60000.00', '2.00000']]) {
      const first = state.updateId + 1;
      state.updateId += 3;
      if (heard)
        send('depth@100ms', {
          e: 'depthUpdate',
          E: nowMs(),
          s: 'BTCUSDT',
          U: first,
          u: state.updateId,
          b: bids,
          a: [],
        });
    },
    trades: () => events.filter((event): event is TradeTick => event.kind === 'trade').map(({ tradeId }) => tradeId),
    feeds: () => events.filter((event): event is FeedState => event.kind === 'feed'),
    status: () => events.findLast((event): event is FeedState => event.kind === 'feed')?.status,
    asked: (path: string) => transport.requests.filter(({ url }) => new URL(url).pathname === `/api/v3/${path}`),
    /** Depth and trades every 100 ms for a while. */
    async flow(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) {
        this.depth();
        this.trade();
        await clock.advance(100);
      }
    },
  };
}

export const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
