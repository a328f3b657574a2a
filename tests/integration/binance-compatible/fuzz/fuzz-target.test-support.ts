import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serveExchange, type ServedExchange } from '@monsta/binance-server';
import { expectOk, instrumentId, ok } from '@monsta/core';
import type { HttpServer, HttpServerOptions, IncomingRequest, OutgoingResponse, ServerSocket } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import type { Signer } from './request-fuzz.test-support.ts';

/** 2026-03-02T12:00:00Z. */
const START_US = 1_772_452_800_000_000;
const MANY = 1_000_000_000;
/** What is traded by those who fuzz. */
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;

/** A client's end of a socket inside the process. */
export interface FrameClient {
  say(text: string): void;
  /** What came since the last call. */
  heard(): readonly string[];
  /** The close code, null while the socket is open. */
  closedWith(): number | null;
  leave(): void;
}

/** The exchange without a network: requests and frames go straight to its routes. */
export interface FuzzTarget {
  readonly clock: VirtualClock;
  readonly served: ServedExchange;
  readonly signer: Signer;
  request(request: IncomingRequest): Promise<OutgoingResponse>;
  /** Lets time pass and looks at the market, for what the signer says of both. */
  pass(ms: number): Promise<void>;
  connect(target: string): FrameClient;
  /** What orders would change: the account's open ones, the books' and trades' counts. No time passes between two requests, so only they do. */
  footprint(): string;
  /** Messages of level error that the server has logged: none is expected. */
  errors(): readonly string[];
  close(): Promise<void>;
}

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path;

/** Takes what a server would listen with, and listens to nothing. */
function capturingServer(): { readonly httpServer: HttpServer; readonly options: () => HttpServerOptions } {
  let captured: HttpServerOptions | null = null;
  return {
    httpServer: {
      listen(options) {
        captured = options;
        return Promise.resolve(ok({ url: 'http://127.0.0.1:1', port: 1, close: () => Promise.resolve() }));
      },
    },
    options() {
      if (captured === null) throw new Error('the exchange was not served');
      return captured;
    },
  };
}

function connectTo(options: HttpServerOptions, target: string): FrameClient {
  const [path = '', rawQuery = ''] = target.split('?');
  const request = { method: 'GET', path, params: {}, rawQuery, headers: {}, body: '', remoteAddress: '10.0.0.7' };
  const route = options.webSockets
    .filter((candidate) => matches(candidate.path, path))
    .toSorted((left, right) => right.path.length - left.path.length)[0];
  if (route === undefined) throw new Error(`no WebSocket at ${path}`);
  const refusal = route.authorize?.(request) ?? null;
  if (refusal !== null) throw new Error(`refused with ${refusal.status}`);
  let frames: string[] = [];
  let code: number | null = null;
  const socket: ServerSocket = {
    id: 1,
    remoteAddress: request.remoteAddress,
    bufferedBytes: () => 0,
    send: (data) => void frames.push(typeof data === 'string' ? data : new TextDecoder().decode(data)),
    ping: () => undefined,
    close: (with_) => (code ??= with_),
    terminate: () => (code ??= 1006),
  };
  const handlers = route.accept(socket, request);
  return {
    say: (text) => handlers.onMessage(text),
    heard() {
      const heard = frames;
      frames = [];
      return heard;
    },
    closedWith: () => code,
    leave: () => handlers.onClose(code ?? 1000, ''),
  };
}

const bookTickerRequest = (symbol: string): IncomingRequest => ({
  method: 'GET',
  path: '/api/v3/ticker/bookTicker',
  params: {},
  rawQuery: `symbol=${symbol}`,
  headers: {},
  body: '',
  remoteAddress: '10.0.0.8',
});

export async function openFuzzTarget(seed: number): Promise<FuzzTarget> {
  const clock = new VirtualClock(START_US);
  const telemetry = recordingTelemetry();
  const { logger } = telemetry;
  const model = createSimulatedExchange({ seed, clock });
  const { trading } = model;
  if (trading === null) throw new Error('the market takes no orders');
  const { exchange } = trading;
  const { httpServer, options } = capturingServer();
  const served = expectOk(
    await serveExchange({
      model,
      clock,
      logger,
      httpServer,
      host: '127.0.0.1',
      port: 0,
      // What is fuzzed is the requests, not the limits, which would soon answer everything.
      requestLimits: {
        weightPerMinute: MANY,
        rawRequestsPerFiveMinutes: MANY,
        ordersPerTenSeconds: MANY,
        ordersPerDay: MANY,
        connectionsPerFiveMinutes: MANY,
      },
      socketLimits: { messagesPerSecond: MANY },
    }),
  );
  const [credentials] = served.accounts;
  if (credentials === undefined) throw new Error('the exchange has no account');
  const { routes, webSockets } = options();
  const byName = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const prefixed = routes.filter(({ path }) => path.endsWith('*'));
  const prices = new Map<string, string>();
  const ask = async (request: IncomingRequest): Promise<OutgoingResponse> => {
    const route =
      byName.get(`${request.method} ${request.path}`) ??
      prefixed.find(({ method, path }) => method === request.method && matches(path, request.path));
    return route === undefined ? options().notFound(request) : route.handle(request);
  };
  return {
    clock,
    served,
    signer: {
      ...credentials,
      nowMs: () => Math.floor(clock.nowUs() / 1_000),
      price: (symbol, side) => prices.get(`${symbol} ${side}`) ?? '1.00',
    },
    request: ask,
    async pass(ms) {
      await clock.advance(ms);
      for (const symbol of SYMBOLS) {
        const { bidPrice, askPrice } = JSON.parse(String((await ask(bookTickerRequest(symbol))).body)) as {
          readonly bidPrice: string;
          readonly askPrice: string;
        };
        prices.set(`${symbol} bid`, (Number(bidPrice) * 0.9).toFixed(2));
        prices.set(`${symbol} ask`, (Number(askPrice) * 1.1).toFixed(2));
      }
    },
    footprint: () =>
      JSON.stringify([
        exchange.openOrders(credentials.account, null).length,
        SYMBOLS.map((symbol) => exchange.counters(instrumentId(symbol))).map((one) => [one?.updateId, one?.tradeId]),
      ]),
    connect: (target) => connectTo({ ...options(), webSockets }, target),
    errors: () =>
      telemetry.records
        .filter(({ level }) => level === 'error')
        .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`),
    close: () => served.close(0),
  };
}

/** Bytes in use after everything that can be collected was. */
export function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
