import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, msFromUs, seededRandom, type Result } from '@monsta/core';
import type { HttpRequest } from '@monsta/ports';
import { recordingTelemetry, ScriptedTransport, VirtualClock, type ScriptedReply } from '@monsta/testkit';
import type { BinanceRestSettings } from './config.ts';
import { createBinanceConnection } from './connection.ts';
import type { RestCall, RestClient, RestReply } from './rest-client.ts';
import { createBinanceCredentials } from './signing.ts';

/** The pair of Binance's documentation. */
export const DOCUMENTED_KEY = {
  apiKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
  kind: 'hmac',
  secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
} as const;
/** The time of its signed samples. */
const DOCUMENTED_TIME_MS = 1_499_827_319_559;

const CREDENTIALS = expectOk(createBinanceCredentials(DOCUMENTED_KEY));

export interface RestWorldOptions {
  readonly settings?: BinanceRestSettings;
  readonly latencyMs?: number;
  readonly startMs?: number;
  /** The venue's clock less ours at the beginning. */
  readonly offsetMs?: number;
}

/** A connection to a venue that is a script, under a virtual clock. `state.answer` says what it does with a request other than for its time. */
export function makeRestWorld({
  settings = {},
  latencyMs = 5,
  startMs = DOCUMENTED_TIME_MS,
  offsetMs = 0,
}: RestWorldOptions = {}) {
  const clock = new VirtualClock(startMs * 1_000);
  const telemetry = recordingTelemetry();
  const state = {
    offsetMs,
    answer: (_request: HttpRequest): ScriptedReply => ({ status: 200, body: '{}' }),
    /** Null: as it should be. */
    time: null as (() => ScriptedReply) | null,
  };
  const timeNow = (): ScriptedReply => ({
    status: 200,
    body: JSON.stringify({ serverTime: msFromUs(clock.nowUs()) + latencyMs + state.offsetMs }),
  });
  const transport = new ScriptedTransport({
    clock,
    latencyMs,
    server: {
      handle: (request) =>
        new URL(request.url).pathname === '/api/v3/time' ? (state.time ?? timeNow)() : state.answer(request),
    },
  });
  const connection = createBinanceConnection({
    restUrl: 'https://api.binance.com',
    wsUrl: 'wss://stream.binance.com:9443',
    wsApiUrl: null,
    clock,
    transport,
    ...telemetry,
    random: seededRandom(3),
    cache: createMemoryCache({ clock }),
    config: settings,
  });
  const account = connection.accountClient({ name: 'main', credentials: CREDENTIALS });
  /** Makes a call and lets time pass until it is over. */
  const call = async (asked: RestCall, client: RestClient = account): Promise<Result<RestReply>> => {
    let done = false;
    const calling = client.call(asked).finally(() => (done = true));
    await clock.advanceUntil(() => done, { stepMs: 5, timeoutMs: 600_000 });
    return calling;
  };
  return {
    clock,
    telemetry,
    state,
    transport,
    connection,
    account,
    call,
    /** What was sent, but for questions after the time. */
    sent: () => transport.requests.filter(({ url }) => new URL(url).pathname !== '/api/v3/time'),
    timesAsked: () => transport.requests.filter(({ url }) => new URL(url).pathname === '/api/v3/time').length,
  };
}

export const READ: RestCall = {
  method: 'GET',
  path: '/api/v3/account',
  security: 'signed',
  weight: 20,
  priority: 'trading',
};
export const ORDER: RestCall = {
  method: 'POST',
  path: '/api/v3/order',
  parameters: { symbol: 'LTCBTC', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 1, price: '0.1' },
  security: 'signed',
  weight: 1,
  orders: 1,
  priority: 'trading',
};

export const venueError = (status: number, code: number, msg: string, headers = {}): ScriptedReply => ({
  status,
  headers,
  body: JSON.stringify({ code, msg }),
});
