import { errorMapping, topics } from '@monsta/contracts';
import { fault, ok, type AccountId, type Random, type Result } from '@monsta/core';
import type { ExchangeKeys, Identity } from '@monsta/identity';
import type {
  Clock,
  EventStream,
  HttpRoute,
  HttpServer,
  IncomingRequest,
  MarketHistory,
  ModelDesk,
  ModelServer,
  OutgoingResponse,
  Readiness,
  Role,
  RunningHttpServer,
  Telemetry,
  Timer,
  WebSocketRoute,
} from '@monsta/ports';
import { accountRoutes, type LedgerReader } from './account-routes.ts';
import { bookRoutes } from './book-routes.ts';
import { AccountView } from './account-view.ts';
import { alertRoutes, type AlertSender } from './alert-routes.ts';
import { backtestRoutes, type BacktestDesk } from './backtest-routes.ts';
import type { ApiGatewayConfig } from './config.ts';
import { dataRoutes, type DataDesk } from './data-routes.ts';
import { pageMissing } from './docs-page.ts';
import { Doors } from './doors.ts';
import { exchangeKeyRoutes } from './exchange-key-routes.ts';
import { replyCounter, type CountReply } from './http-metrics.ts';
import { marketRoutes } from './market-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { openApiDocument, type OpenApiDocument } from './openapi.ts';
import type { ProgramStatus } from './program-status.ts';
import { optimizationRoutes, type OptimizationDesk } from './optimization-routes.ts';
import { page, PAGE_HEADERS, refusal } from './replies.ts';
import type { ApiRoute } from './route.ts';
import { currentStatus, systemRoutes } from './system-routes.ts';
import { TradingCommands } from './trading-commands.ts';
import { tradingRoutes } from './trading-routes.ts';

export interface ApiGatewayDependencies {
  readonly httpServer: HttpServer;
  readonly history: MarketHistory;
  readonly models: ModelServer & ModelDesk;
  readonly ledger: LedgerReader;
  /** The account is kept in it. */
  readonly quoteAsset: string;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly identity: Identity;
  readonly exchangeKeys: ExchangeKeys;
  readonly alerts: AlertSender;
  readonly backtests: BacktestDesk;
  readonly optimizations: OptimizationDesk;
  readonly data: DataDesk;
  /** Begins traces. */
  readonly random: Random;
  readonly config: ApiGatewayConfig;
  readonly accountId: AccountId;
  /** The name that the venue's lists of instruments are kept under. */
  readonly market: string;
  /** What the program as a whole knows; asked at every request that shows it. */
  readonly status: () => ProgramStatus;
  /** Carried by the same server: the routes of the WebSocket server. */
  readonly webSockets: readonly WebSocketRoute[];
  /** The dashboard's files; null while they are not built. */
  readonly filesDirectory: string | null;
}

export interface ApiGatewayRole extends Role {
  /** Where it answers, e.g. `http://127.0.0.1:8080`; null while it does not listen. */
  readonly url: string | null;
}

class ApiGateway implements ApiGatewayRole {
  readonly name = 'api-gateway';
  readonly #deps: ApiGatewayDependencies;
  readonly #view: AccountView;
  readonly #commands: TradingCommands;
  readonly #doors: Doors;
  readonly #routes: readonly ApiRoute[];
  readonly #document: OpenApiDocument;
  readonly #count: CountReply;
  #phase: 'new' | 'running' | 'draining' = 'new';
  #server: RunningHttpServer | null = null;
  #statusTimer: Timer | null = null;

  constructor(deps: ApiGatewayDependencies) {
    this.#deps = deps;
    const { history, models, ledger, stream, clock, telemetry, config, accountId, market, status } = deps;
    const { logger, metrics } = telemetry;
    this.#view = new AccountView({ stream, ledger, logger, accountId, status });
    this.#commands = new TradingCommands({
      stream,
      clock,
      random: deps.random,
      timeoutMs: config.commandTimeoutMs,
      pendingMax: config.commandsPendingMax,
    });
    this.#doors = new Doors(config, deps.identity);
    this.#count = replyCounter(metrics);
    const view = this.#view;
    this.#routes = [
      ...systemRoutes({
        history,
        clock,
        metrics,
        view,
        status,
        taking: () => this.#phase === 'running',
        document: () => this.#document,
      }),
      ...marketRoutes({ history, models, ledger, market }),
      ...modelRoutes(models),
      ...accountRoutes({ ledger, history, view, accountId }),
      ...tradingRoutes({ ledger, view, commands: this.#commands, accountId, status, logger: deps.telemetry.logger }),
      ...bookRoutes({ ledger, view, accountId, quoteAsset: deps.quoteAsset }),
      ...alertRoutes({ ledger, accountId, sender: deps.alerts }),
      ...exchangeKeyRoutes(deps.exchangeKeys),
      ...backtestRoutes(deps.backtests),
      ...optimizationRoutes(deps.optimizations),
      ...dataRoutes(deps.data),
    ];
    this.#document = openApiDocument(this.#routes, status().version);
  }

  get url(): string | null {
    return this.#server?.url ?? null;
  }

  async start(): Promise<Result<null>> {
    for (const started of [this.#view.start(), this.#commands.start()]) if (!started.ok) return started;
    const { config, httpServer, webSockets, filesDirectory } = this.#deps;
    const listening = await httpServer.listen({
      host: config.host,
      port: config.port,
      bodyBytesMax: config.bodyBytesMax,
      routes: [
        ...this.#routes.map((route) => this.#httpRoute(route)),
        ...(filesDirectory === null ? [missingPage] : []),
      ],
      webSockets,
      ...(filesDirectory === null
        ? {}
        : { files: [{ prefix: '/', directory: filesDirectory, headers: PAGE_HEADERS }] }),
      guard: (request) => {
        const refused = this.#doors.guard(request);
        return refused === null ? null : refusal(refused);
      },
      notFound: (request) => this.#notFound(request),
      failure: (code, message) => refusal({ code, message }),
    });
    if (!listening.ok) return listening;
    this.#server = listening.value;
    this.#phase = 'running';
    this.#scheduleStatus();
    return ok(null);
  }

  readiness(): Readiness {
    return this.#phase === 'running'
      ? { ready: true, waitingFor: [] }
      : { ready: false, waitingFor: [this.#phase === 'new' ? 'not listening yet' : 'stopping'] };
  }

  /** Says at `/readyz` that it is about to go, so that nothing new is sent here; requests are still answered. */
  drain(): Promise<void> {
    this.#phase = 'draining';
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#phase = 'draining';
    this.#statusTimer?.cancel();
    this.#statusTimer = null;
    const server = this.#server;
    this.#server = null;
    await server?.close(this.#deps.config.stopGraceMs);
    this.#view.stop();
    this.#commands.stop();
  }

  #httpRoute(route: ApiRoute): HttpRoute {
    return {
      method: route.method,
      path: route.path,
      handle: async (request) => {
        const startedMs = this.#deps.clock.monotonicMs();
        const response = await this.#answer(route, request);
        this.#count(route.method, route.path, response.status, this.#deps.clock.monotonicMs() - startedMs);
        return response;
      },
    };
  }

  #answer(route: ApiRoute, request: IncomingRequest): OutgoingResponse | Promise<OutgoingResponse> {
    if (route.access === 'admin') {
      const refused = this.#doors.admin(request, this.#deps.clock.monotonicMs());
      if (refused !== null) {
        const challenge = refused.code === 'too_many_requests' ? {} : { 'www-authenticate': 'Bearer realm="monsta"' };
        return refusal(refused, challenge);
      }
    }
    // What a client is told of an internal fault says nothing; the log has it all.
    return route.answer(request, ({ code, message, cause }) => {
      if (errorMapping(code).http < 500) return;
      this.#deps.telemetry.logger.warn('a request was refused', { route: route.path, code, reason: message, cause });
    });
  }

  #notFound({ method, path, headers }: IncomingRequest): OutgoingResponse {
    const sockets = this.#deps.webSockets.map((route) => route.path);
    const upgrading = headers['upgrade']?.toLowerCase() === 'websocket';
    if (!upgrading && sockets.includes(path))
      return refusal(fault('upgrade_required', `${path} is a WebSocket; connect to it as one`), {
        upgrade: 'websocket',
        connection: 'Upgrade',
      });
    if (upgrading && sockets.length > 0)
      return refusal(
        fault('not_found', `no WebSocket is at ${path.slice(0, 120)}; the WebSocket is at ${sockets.join(', ')}`),
      );
    const others = this.#routes.filter((route) => matches(route.path, path)).map((route) => route.method);
    if (others.length === 0)
      return refusal(fault('not_found', `there is nothing at ${path.slice(0, 120)}; /docs lists what there is`));
    const allow = others.join(', ');
    return refusal(fault('method_not_allowed', `${path} takes ${allow}, not ${method}`), { allow });
  }

  #scheduleStatus(): void {
    const { clock, config, stream } = this.#deps;
    this.#statusTimer = clock.setTimer(config.statusIntervalMs, () => {
      void this.#publishStatus(stream).finally(() => {
        if (this.#phase === 'running') this.#scheduleStatus();
      });
    });
  }

  async #publishStatus(stream: EventStream): Promise<void> {
    const { history, clock, status, telemetry } = this.#deps;
    const current = await currentStatus({ history, clock, view: this.#view, status });
    const sent = current.ok ? stream.publish(topics.status, current.value, { tsEventUs: clock.nowUs() }) : current;
    if (!sent.ok)
      telemetry.logger.warn('the status was not published', { code: sent.fault.code, reason: sent.fault.message });
  }
}

/** True where a path is one that a route takes; `:name` takes any segment. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at]);
}

const missingPage: HttpRoute = { method: 'GET', path: '/', handle: () => page(503, pageMissing()) };

/** The role that answers HTTP: the REST API, health, metrics, its own documentation, and the dashboard's files. */
export function createApiGateway(dependencies: ApiGatewayDependencies): ApiGatewayRole {
  return new ApiGateway(dependencies);
}
