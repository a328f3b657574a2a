import { expectOk, msFromUs, ok, type Result } from '@monsta/core';
import type {
  Clock,
  HttpRoute,
  HttpServer,
  IncomingRequest,
  Logger,
  OutgoingResponse,
  ServerSocket,
  ServerSocketHandlers,
  Timer,
  WebSocketRoute,
} from '@monsta/ports';
import { ApiDesk } from './api-desk.ts';
import { archiveRoutes } from './archive/archive-routes.ts';
import { DEFAULT_ARCHIVE_LIMITS, type ArchiveLimits } from './archive/archive-zips.ts';
import type { ExchangeModel } from './exchange-model.ts';
import { FaultDesk, type FaultControl } from './faults/fault-desk.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import { faultRoutes } from './faults/fault-routes.ts';
import { apiMethods } from './method-table.ts';
import { BinanceError } from './parameters.ts';
import { DEFAULT_REQUEST_LIMITS, RequestCounter, type RequestLimits } from './request-limits.ts';
import { errorResponse, restRoutes } from './rest-routes.ts';
import { SocketApi } from './socket-api/socket-api.ts';
import { StreamHub } from './stream-hub.ts';
import { DEFAULT_SOCKET_LIMITS, StreamSocket, type SocketLimits } from './stream-socket.ts';
import { parseTimeUnit, timeUnitError } from './time-unit.ts';
import { ApiKeys } from './trading/api-keys.ts';
import { DEMO_ACCOUNTS, openDemoAccount, type AccountCredentials, type DemoAccount } from './trading/demo-accounts.ts';
import { ListedModel } from './listed-model.ts';
import { simulationRoutes } from './trading/simulation-routes.ts';
import { TradingDesk } from './trading/trading-desk.ts';
import { listenKeyRoutes } from './user-data/listen-key-routes.ts';
import { UserDataHub } from './user-data/user-data-hub.ts';
import type { TimeUnit } from './wire.ts';

const TEND_EVERY_MS = 1_000;
const BODY_BYTES_MAX = 65_536;
const DEFAULT_KEY_SEED = 1;

export interface BinanceServerOptions {
  readonly model: ExchangeModel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly requestLimits?: Partial<RequestLimits>;
  readonly socketLimits?: Partial<SocketLimits>;
  readonly archiveLimits?: Partial<ArchiveLimits>;
  /** Accounts that are opened where the model takes orders; default `DEMO_ACCOUNTS`. */
  readonly accounts?: readonly DemoAccount[];
  /** From which the accounts' keys follow; default 1. */
  readonly keySeed?: number;
  /** Faults from the start on; see `readFaultPlan`. */
  readonly faults?: FaultPlan;
}

/** Binance's face over a model, as routes for the port `HttpServer`. */
export interface BinanceServer {
  readonly routes: readonly HttpRoute[];
  readonly webSockets: readonly WebSocketRoute[];
  /** How to sign in to the accounts that were opened at the start; empty where the model takes no orders. */
  readonly accounts: readonly AccountCredentials[];
  /** Faults on demand. */
  readonly faults: FaultControl;
  notFound(request: IncomingRequest): OutgoingResponse;
  failure(code: string, message: string): OutgoingResponse;
  /** Sends `serverShutdown` to every client, as Binance does before a planned stop. */
  announceShutdown(): void;
  stats(): { readonly connections: number; readonly streams: number; readonly framesEncoded: number };
  /** Stops timers and streams; the model is the caller's to close. */
  close(): void;
}

/** Headers that say that this is not the exchange; on every REST answer. */
function originHeadersOf(model: ExchangeModel): Readonly<Record<string, string>> {
  return {
    'x-monsta-origin': model.origin,
    ...(model.origin === 'simulated' ? { 'x-monsta-simulated': 'true' } : {}),
  };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape is no stream's name either way: taken as it is, it never gets a frame.
    return text;
  }
}

const names = (text: string): readonly string[] =>
  text
    .split('/')
    .map(decodeName)
    .flatMap((part) => part.split('/'))
    .filter((name) => name !== '');

/** The streams that a URL names: `/ws/a/b`, `/stream?streams=a/b`. */
function namesInUrl(request: IncomingRequest, combined: boolean): readonly string[] {
  if (!combined) return names(request.path.replace(/^\/ws\/?/, ''));
  const parameter = request.rawQuery.split('&').find((part) => part.startsWith('streams='));
  return parameter === undefined ? [] : names(parameter.slice('streams='.length));
}

/** `timeUnit=MICROSECOND` in the URL; null where it says something else. */
function unitInUrl(request: IncomingRequest): TimeUnit | null {
  const parameter = request.rawQuery.split('&').find((part) => part.startsWith('timeUnit='));
  return parameter === undefined ? 'ms' : parseTimeUnit(parameter.slice('timeUnit='.length));
}

/** What never reached a method, in the exchange's words: only a fault of the server's own is an unknown one. */
function failureError(code: string): BinanceError {
  if (code === 'internal') {
    return new BinanceError(-1000, 'An unknown error occurred while processing the request.', 500);
  }
  return code === 'body_too_large'
    ? new BinanceError(-1101, 'Too many parameters sent for this endpoint.', 413)
    : new BinanceError(-1100, 'Illegal characters found in a parameter.', 400);
}

class Server implements BinanceServer {
  readonly routes: readonly HttpRoute[];
  readonly webSockets: readonly WebSocketRoute[];
  readonly accounts: readonly AccountCredentials[];
  readonly faults: FaultControl;
  readonly #model: ExchangeModel;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #hub: StreamHub;
  readonly #counter: RequestCounter;
  readonly #trading: TradingDesk | null;
  readonly #limits: SocketLimits;
  /** WebSocket connections that an address may open in five minutes. */
  readonly #attemptsMax: number;
  readonly #originHeaders: Readonly<Record<string, string>>;
  readonly #sockets = new Set<StreamSocket>();
  readonly #userData: UserDataHub | null;
  readonly #socketApi: SocketApi;
  #tending: Timer | null = null;

  constructor(options: BinanceServerOptions) {
    const { clock, logger, requestLimits, socketLimits, keySeed = DEFAULT_KEY_SEED } = options;
    const model = new ListedModel(options.model);
    const limits = { ...DEFAULT_REQUEST_LIMITS, ...requestLimits };
    this.#model = model;
    this.#clock = clock;
    this.#logger = logger;
    this.#hub = new StreamHub(model);
    this.#counter = new RequestCounter(limits);
    this.#attemptsMax = limits.connectionsPerFiveMinutes;
    this.#limits = { ...DEFAULT_SOCKET_LIMITS, ...socketLimits };
    this.#originHeaders = originHeadersOf(model);
    const { trading } = model;
    const desk = trading === null ? null : new TradingDesk({ model, trading, keys: new ApiKeys(), clock, limits });
    this.#trading = desk;
    const demos = options.accounts ?? DEMO_ACCOUNTS;
    this.accounts = desk === null ? [] : demos.map((demo) => openDemoAccount(desk, demo, keySeed));
    const faults = new FaultDesk({
      model,
      clock,
      originHeaders: this.#originHeaders,
      streamsInUrl: (request) => namesInUrl(request, request.path.startsWith('/stream')),
      accountOf: (apiKey) => desk?.keys.get(apiKey)?.account ?? null,
      hooks: {
        ban: (address, untilMs) => this.#counter.ban(address, untilMs),
        announceShutdown: () => this.announceShutdown(),
      },
    });
    this.faults = faults;
    const api = new ApiDesk({
      model,
      clock,
      logger,
      limits,
      counter: this.#counter,
      trading: desk,
      driftUs: () => faults.driftUs(),
    });
    const methods = apiMethods(desk !== null);
    const userData =
      trading === null ? null : new UserDataHub(trading, () => api.nowUs(), this.#limits.userEventsWaitingMax);
    this.#userData = userData;
    desk?.listenToTransfers(({ account, asset, change, timeUs }) =>
      userData?.transferred(account, asset, change, timeUs),
    );
    this.#socketApi = new SocketApi({
      desk: api,
      methods,
      trading: desk === null || userData === null ? null : { keys: desk.keys, userData },
      counter: this.#counter,
      requestLimits: limits,
      socketLimits: this.#limits,
      clock,
      logger,
      originHeaders: this.#originHeaders,
      admit: (request) => this.#authorize(request),
    });
    const routes = [
      ...restRoutes(api, methods, this.#originHeaders),
      ...listenKeyRoutes(this.#originHeaders),
      ...archiveRoutes({
        model,
        clock,
        logger,
        limits: { ...DEFAULT_ARCHIVE_LIMITS, ...options.archiveLimits },
        originHeaders: this.#originHeaders,
      }),
    ];
    this.routes = [
      ...routes.map((route) => faults.wrapRoute(route)),
      ...(model.origin === 'simulated' ? faultRoutes(faults, this.#originHeaders) : []),
      ...(desk !== null && model.origin === 'simulated'
        ? simulationRoutes(desk, model, keySeed, this.#originHeaders)
        : []),
    ];
    const streams = (['/ws', '/ws/*', '/stream', '/stream/*'] as const).map((path): WebSocketRoute => ({
      path,
      messageBytesMax: this.#limits.messageBytesMax,
      authorize: (request) => this.#authorize(request),
      accept: (socket, request) => this.#accept(socket, request, path.startsWith('/stream')),
    }));
    this.webSockets = [...streams, this.#socketApi.route].map((route) => faults.wrapSocket(route));
    if (options.faults !== undefined) expectOk(faults.load(options.faults));
  }

  #authorize(request: IncomingRequest): OutgoingResponse | null {
    if (unitInUrl(request) === null) return errorResponse(timeUnitError(), this.#originHeaders);
    if (this.#sockets.size + this.#socketApi.size >= this.#limits.connectionsMax) {
      return errorResponse(
        new BinanceError(
          -1034,
          `Too many concurrent connections; current limit is '${this.#limits.connectionsMax}'.`,
          503,
        ),
        this.#originHeaders,
      );
    }
    const waitSeconds = this.#counter.connect(request.remoteAddress, msFromUs(this.#clock.nowUs()));
    if (waitSeconds === 0) return null;
    const error = new BinanceError(
      -1034,
      `Too many connection attempts from IP; current limit is ${this.#attemptsMax} per '5 MINUTE'.`,
      429,
    );
    return errorResponse(error, { ...this.#originHeaders, 'retry-after': String(waitSeconds) });
  }

  #accept(socket: ServerSocket, request: IncomingRequest, combined: boolean): ServerSocketHandlers {
    const client = new StreamSocket({
      socket,
      hub: this.#hub,
      limits: this.#limits,
      combined,
      unit: unitInUrl(request) ?? 'ms',
      nowMs: this.#clock.monotonicMs(),
    });
    this.#sockets.add(client);
    client.subscribe(namesInUrl(request, combined));
    this.#tend();
    return {
      onMessage: (text) => client.receive(text, this.#clock.monotonicMs()),
      onPing: () => client.ping(this.#clock.monotonicMs()),
      onPong: (payload) => client.pong(payload, this.#clock.monotonicMs()),
      onClose: (code) => {
        client.left();
        this.#sockets.delete(client);
        this.#logger.debug('stream client left', { id: socket.id, code });
      },
    };
  }

  /** One timer for all sockets, running while there are any. */
  #tend(): void {
    if (this.#tending !== null) return;
    this.#tending = this.#clock.setTimer(TEND_EVERY_MS, () => {
      this.#tending = null;
      const nowMs = this.#clock.monotonicMs();
      for (const socket of this.#sockets) socket.tend(nowMs, this.#model.nowUs());
      if (this.#sockets.size > 0) this.#tend();
    });
  }

  notFound(request: IncomingRequest): OutgoingResponse {
    const error = new BinanceError(-5000, `Path ${request.path}, Method ${request.method} is invalid`, 404);
    return errorResponse(error, this.#originHeaders);
  }

  failure(code: string, message: string): OutgoingResponse {
    this.#logger.debug('request could not be read', { code, message });
    return errorResponse(failureError(code), this.#originHeaders);
  }

  announceShutdown(): void {
    const nowUs = this.#model.nowUs();
    for (const socket of this.#sockets) socket.announceShutdown(nowUs);
    this.#socketApi.announceShutdown();
  }

  stats(): { readonly connections: number; readonly streams: number; readonly framesEncoded: number } {
    return {
      connections: this.#sockets.size + this.#socketApi.size,
      streams: this.#hub.running,
      framesEncoded: this.#hub.framesEncoded,
    };
  }

  close(): void {
    this.#tending?.cancel();
    this.#tending = null;
    this.faults.clear();
    this.#hub.close();
    this.#socketApi.close();
    this.#userData?.close();
    this.#trading?.close();
  }
}

/** Routes that answer as Binance Spot does, in form, limits, errors and streams; with orders and accounts where the model takes them. */
export function createBinanceServer(options: BinanceServerOptions): BinanceServer {
  return new Server(options);
}

export interface ServedExchange {
  /** `http://127.0.0.1:41234`: before `/api/v3`. */
  readonly restUrl: string;
  /** `ws://127.0.0.1:41234`: before `/ws`, `/stream` and `/ws-api/v3`. */
  readonly wsUrl: string;
  readonly port: number;
  readonly server: BinanceServer;
  /** How to sign in to the accounts that were opened at the start; empty where the model takes no orders. */
  readonly accounts: readonly AccountCredentials[];
  /** Announces the stop, closes the server within `graceMs` and then the model. */
  close(graceMs: number): Promise<void>;
}

/** Serves a model on a port (0: any free one). Faults are those of `HttpServer.listen`. */
export async function serveExchange(
  options: BinanceServerOptions & { readonly httpServer: HttpServer; readonly host: string; readonly port: number },
): Promise<Result<ServedExchange>> {
  const server = createBinanceServer(options);
  const listening = await options.httpServer.listen({
    host: options.host,
    port: options.port,
    bodyBytesMax: BODY_BYTES_MAX,
    routes: server.routes,
    webSockets: server.webSockets,
    notFound: (request) => server.notFound(request),
    failure: (code, message) => server.failure(code, message),
  });
  if (!listening.ok) {
    server.close();
    return listening;
  }
  const running = listening.value;
  return ok({
    restUrl: running.url,
    wsUrl: running.url.replace(/^http/, 'ws'),
    port: running.port,
    server,
    accounts: server.accounts,
    close: async (graceMs) => {
      server.announceShutdown();
      await running.close(graceMs);
      server.close();
      options.model.close();
    },
  });
}
