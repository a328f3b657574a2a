import type {
  AccountReply,
  AlertRecordMessage,
  AlertTestReply,
  BacktestChoices,
  BacktestCurve,
  BacktestDetail,
  BacktestPrices,
  BacktestSpecInput,
  BacktestStatisticList,
  BacktestSummary,
  BacktestTradeMessage,
  BarMessage,
  BookReply,
  ClosePosition,
  CommandReply,
  DecisionMessage,
  FillMessage,
  InstrumentMessage,
  ListReply,
  ModelMessage,
  ModelsReply,
  ManualOrderRequest,
  OrderMessage,
  PerformanceReply,
  PositionsReply,
  PredictionMessage,
  RiskReply,
  RoundTripMessage,
  StatusMessage,
  StrategiesReply,
  StrategyParametersChange,
  StrategyStateChange,
  TradeMessage,
  TradingStateChange,
  TradingStateMessage,
  OptimizationDetail,
  OptimizationSpecInput,
  OptimizationSummary,
  CatalogueEntryMessage,
  DataDescription,
} from '@monsta/contracts';
import { err, ok, type Interval, type Result } from '@monsta/core';
import type { FetchLike } from './environment.ts';

export interface MonstaClientOptions {
  /** Where MONSTA answers, e.g. `http://127.0.0.1:8080`; empty (the default) for the page's own origin. */
  readonly baseUrl?: string;
  /** The admin token; only sent with calls that change something. */
  readonly token?: string;
  /** The whole exchange must end within this time. Default 10,000. */
  readonly timeoutMs?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike;
}

export interface CallOptions {
  /** Ends the call with `request_aborted`. */
  readonly signal?: AbortSignal;
  /** Of this call; default: the client's. */
  readonly timeoutMs?: number;
}

export interface PageOptions extends CallOptions {
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface DescriptionOptions extends CallOptions {
  readonly instrument: string;
  readonly interval: Interval;
  /** As `data` tells it; without it Binance's. */
  readonly market?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly lags?: number;
}

const DESCRIPTION_TIMEOUT_MS = 120_000;

export interface BarsOptions extends PageOptions {
  readonly instrument: string;
  readonly interval: Interval;
  /** Only bars that opened before this time. */
  readonly beforeMs?: number;
}

const optimizationPath = (id: string): string => `/api/v1/optimizations/${encodeURIComponent(id)}`;
const modelPath = (id: string): string => `/api/v1/models/${encodeURIComponent(id)}`;
const backtestPath = (id: string): string => `/api/v1/backtests/${encodeURIComponent(id)}`;

type Query = Readonly<Record<string, string | number | undefined>>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const encodeQuery = (query: Query): string => {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (cause) {
    return err('reply_malformed', `the reply is no JSON: ${text.slice(0, 80)}`, { cause });
  }
}

/** The fault a failed reply stands for; bodies that are not ours (a proxy's page) become `http_<status>`. */
function faultOf(status: number, body: unknown, retryAfter: string | null, changes: boolean): Result<never> {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : null;
  const known = error !== null && typeof error['code'] === 'string' && typeof error['message'] === 'string';
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const unsure = changes && status >= 500 && !known;
  return err(
    known ? String(error['code']) : `http_${status}`,
    known ? String(error['message']) : `the server answered with status ${status}`,
    {
      retry:
        unsure || (known && error['code'] === 'outcome_unknown')
          ? 'unknown_outcome'
          : status >= 500 || status === 429
            ? 'retryable'
            : 'permanent',
      ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
      details: { status, ...(known && error['details'] !== undefined ? { details: error['details'] } : {}) },
    },
  );
}

/**
 * MONSTA's REST API. Every method resolves to a `Result`: faults carry the server's code (`instrument_unknown`, `parameter_invalid`,
 * `token_invalid` …) or one of `network_failed`, `request_timeout`, `request_aborted`, `reply_malformed`, `http_<status>`.
 * A change whose outcome can't be known has `retry: 'unknown_outcome'`: read the state again before you repeat it.
 */
export class MonstaClient {
  readonly #baseUrl: string;
  readonly #timeoutMs: number;
  readonly #fetch: FetchLike;
  #token: string | null;

  constructor(options: MonstaClientOptions = {}) {
    this.#baseUrl = (options.baseUrl ?? '').replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#token = options.token ?? null;
  }

  /** Sets or (null) forgets the admin token. */
  setToken(token: string | null): void {
    this.#token = token;
  }

  get hasToken(): boolean {
    return this.#token !== null;
  }

  status(options: CallOptions = {}): Promise<Result<StatusMessage>> {
    return this.#get('/api/v1/status', {}, options);
  }

  /** What is collected; with `atMs`, everything that the exchange listed then, as far as it was observed (fault `listing_unknown` before that). */
  instruments({ atMs, ...options }: CallOptions & { readonly atMs?: number } = {}): Promise<
    Result<ListReply<InstrumentMessage> & { readonly observedMs?: number }>
  > {
    return this.#get('/api/v1/instruments', { atMs }, options);
  }

  /** Oldest first; `nextCursor` leads to older bars. */
  bars({
    instrument,
    interval,
    limit,
    beforeMs,
    cursor,
    ...options
  }: BarsOptions): Promise<Result<ListReply<BarMessage>>> {
    return this.#get('/api/v1/bars', { instrument, interval, limit, beforeMs, cursor }, options);
  }

  /** The newest trades, oldest first. */
  trades({
    instrument,
    limit,
    ...options
  }: CallOptions & { readonly instrument: string; readonly limit?: number }): Promise<Result<ListReply<TradeMessage>>> {
    return this.#get('/api/v1/trades', { instrument, limit }, options);
  }

  /** `absence` says why when there is no book. */
  book({
    instrument,
    depth,
    ...options
  }: CallOptions & { readonly instrument: string; readonly depth?: number }): Promise<Result<BookReply>> {
    return this.#get('/api/v1/book', { instrument, depth }, options);
  }

  /** The newest prediction of each model. */
  predictions({
    instrument,
    ...options
  }: CallOptions & { readonly instrument: string }): Promise<Result<ListReply<PredictionMessage>>> {
    return this.#get('/api/v1/predictions', { instrument }, options);
  }

  /** The models that are kept, those of a line newest first, and the training under way. */
  models(options: CallOptions = {}): Promise<Result<ModelsReply>> {
    return this.#get('/api/v1/models', {}, options);
  }

  /** Fault `model_unknown`. */
  model(id: string, options: CallOptions = {}): Promise<Result<ModelMessage>> {
    return this.#get(modelPath(id), {}, options);
  }

  /** Lets a kept model serve. Needs the admin token. Faults: `model_unknown`, `state_conflict`, `model_unreadable`, `model_features`. */
  promoteModel(id: string, options: CallOptions = {}): Promise<Result<ModelMessage>> {
    return this.#call('POST', `${modelPath(id)}/promote`, options, '{}');
  }

  /** Lets a model serve no more. Needs the admin token. Faults: `model_unknown`, `state_conflict`. */
  retireModel(id: string, options: CallOptions = {}): Promise<Result<ModelMessage>> {
    return this.#call('POST', `${modelPath(id)}/retire`, options, '{}');
  }

  /** Newest first. */
  decisions({ instrument, limit, cursor, ...options }: PageOptions & { readonly instrument?: string } = {}): Promise<
    Result<ListReply<DecisionMessage>>
  > {
    return this.#get('/api/v1/decisions', { instrument, limit, cursor }, options);
  }

  /** Newest first. */
  orders({ limit, cursor, ...options }: PageOptions = {}): Promise<Result<ListReply<OrderMessage>>> {
    return this.#get('/api/v1/orders', { limit, cursor }, options);
  }

  /** Newest first. */
  fills({ instrument, limit, cursor, ...options }: PageOptions & { readonly instrument?: string } = {}): Promise<
    Result<ListReply<FillMessage>>
  > {
    return this.#get('/api/v1/fills', { instrument, limit, cursor }, options);
  }

  /** `items` is null, and `absence` says why, while the positions are not known. */
  positions(options: CallOptions = {}): Promise<Result<PositionsReply>> {
    return this.#get('/api/v1/positions', {}, options);
  }

  /** `absence` says why when the account is not known yet. */
  account(options: CallOptions = {}): Promise<Result<AccountReply>> {
    return this.#get('/api/v1/account', {}, options);
  }

  /** Equity over time and what follows from it; of one strategy its profit. `fromMs` without a value: from the first sample. */
  performance({
    fromMs,
    toMs,
    points,
    strategy,
    ...options
  }: CallOptions & {
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly points?: number;
    readonly strategy?: string;
  } = {}): Promise<Result<PerformanceReply>> {
    return this.#get('/api/v1/performance', { fromMs, toMs, points, strategy }, options);
  }

  /** Newest first. */
  roundTrips({ limit, cursor, ...options }: PageOptions = {}): Promise<Result<ListReply<RoundTripMessage>>> {
    return this.#get('/api/v1/round-trips', { limit, cursor }, options);
  }

  /** Newest first, each with what became of it on every channel. */
  alerts({ limit, cursor, ...options }: PageOptions = {}): Promise<Result<ListReply<AlertRecordMessage>>> {
    return this.#get('/api/v1/alerts', { limit, cursor }, options);
  }

  /** Sends a test message through a channel, or through each (null). Needs the admin token. */
  testAlerts(channel: string | null = null, options: CallOptions = {}): Promise<Result<AlertTestReply>> {
    return this.#call('POST', '/api/v1/alerts/test', options, JSON.stringify({ channel }));
  }

  tradingState(options: CallOptions = {}): Promise<Result<TradingStateMessage>> {
    return this.#get('/api/v1/trading/state', {}, options);
  }

  /** Kill switch (`HALTED`), `REDUCING`, or resuming (`ACTIVE`). Needs the admin token. Resolves when the change is durable. */
  setTradingState(change: TradingStateChange, options: CallOptions = {}): Promise<Result<TradingStateMessage>> {
    return this.#call('POST', '/api/v1/trading/state', options, JSON.stringify(change));
  }

  /**
   * Places an order by hand. Needs the admin token, as every call below. Resolves when it is durable; what becomes of it comes on the topic `orders`. A refusal of risk is the fault
   * `order_denied` with rule, limit and actual in its details. With a `requestId` the call may be repeated when its outcome is unknown.
   */
  placeOrder(order: ManualOrderRequest, options: CallOptions = {}): Promise<Result<CommandReply>> {
    return this.#call('POST', '/api/v1/orders', options, JSON.stringify(order));
  }

  cancelOrder(clientOrderId: string, options: CallOptions = {}): Promise<Result<CommandReply>> {
    return this.#call('DELETE', `/api/v1/orders/${encodeURIComponent(clientOrderId)}`, options);
  }

  /** What protects positions stays, unless `includeProtective`. */
  cancelOrders({
    instrument,
    strategyId,
    includeProtective,
    ...options
  }: CallOptions & {
    readonly instrument?: string;
    readonly strategyId?: string;
    readonly includeProtective?: boolean;
  } = {}): Promise<Result<CommandReply>> {
    const query = { instrument, strategyId, ...(includeProtective === true ? { includeProtective: 'true' } : {}) };
    return this.#call('DELETE', `/api/v1/orders${encodeQuery(query)}`, options);
  }

  /** At the market, whatever the trading state. Its strategy only reduces from then on, until it is started. */
  closePosition(position: ClosePosition, options: CallOptions = {}): Promise<Result<CommandReply>> {
    return this.#call('POST', '/api/v1/positions/close', options, JSON.stringify(position));
  }

  /** `items` is null, and `absence` says why, while the strategies are not known. */
  strategies(options: CallOptions = {}): Promise<Result<StrategiesReply>> {
    return this.#get('/api/v1/strategies', {}, options);
  }

  /** `risk` is null, and `absence` says why, while it is not known. */
  risk(options: CallOptions = {}): Promise<Result<RiskReply>> {
    return this.#get('/api/v1/risk', {}, options);
  }

  setStrategyState(id: string, change: StrategyStateChange, options: CallOptions = {}): Promise<Result<CommandReply>> {
    return this.#call('POST', `/api/v1/strategies/${encodeURIComponent(id)}/state`, options, JSON.stringify(change));
  }

  /** What is left out stays as it is. */
  setStrategyParameters(
    id: string,
    change: StrategyParametersChange,
    options: CallOptions = {},
  ): Promise<Result<CommandReply>> {
    const path = `/api/v1/strategies/${encodeURIComponent(id)}/parameters`;
    return this.#call('PUT', path, options, JSON.stringify(change));
  }

  /** Newest first, with state and progress; so does the topic `backtests`. */
  backtests({ limit, cursor, ...options }: PageOptions = {}): Promise<Result<ListReply<BacktestSummary>>> {
    return this.#get('/api/v1/backtests', { limit, cursor }, options);
  }

  /** What a backtest may be of: strategies with their parameters, and the bars that are there. */
  backtestChoices(options: CallOptions = {}): Promise<Result<BacktestChoices>> {
    return this.#get('/api/v1/backtests/choices', {}, options);
  }

  /** What each statistic of a backtest is called and means. */
  backtestStatistics(language: 'en' | 'ko', options: CallOptions = {}): Promise<Result<BacktestStatisticList>> {
    return this.#get('/api/v1/backtests/statistics', { language }, options);
  }

  /** Its specification and, once it is done, what came of it. */
  backtest(id: string, options: CallOptions = {}): Promise<Result<BacktestDetail>> {
    return this.#get(backtestPath(id), {}, options);
  }

  /** Newest first. */
  backtestTrades(
    id: string,
    { limit, cursor, ...options }: PageOptions = {},
  ): Promise<Result<ListReply<BacktestTradeMessage>>> {
    return this.#get(`${backtestPath(id)}/trades`, { limit, cursor }, options);
  }

  /** The account over time in at most so many points, extremes kept. */
  backtestEquity(
    id: string,
    { points, ...options }: CallOptions & { readonly points?: number } = {},
  ): Promise<Result<BacktestCurve>> {
    return this.#get(`${backtestPath(id)}/equity`, { points }, options);
  }

  /** The prices that it ran on, of its first instrument unless another one is named. */
  backtestPrices(
    id: string,
    { instrument, points, ...options }: CallOptions & { readonly instrument?: string; readonly points?: number } = {},
  ): Promise<Result<BacktestPrices>> {
    return this.#get(`${backtestPath(id)}/prices`, { instrument, points }, options);
  }

  /** Queues a backtest. Needs the admin token. Faults of its fields are in the details, each with its place (`body.params.fast`). */
  runBacktest(spec: BacktestSpecInput, options: CallOptions = {}): Promise<Result<BacktestSummary>> {
    return this.#call('POST', '/api/v1/backtests', options, JSON.stringify(spec));
  }

  /** One that waits ends at once, one that runs within moments. Needs the admin token. */
  cancelBacktest(id: string, options: CallOptions = {}): Promise<Result<BacktestSummary>> {
    return this.#call('POST', `${backtestPath(id)}/cancel`, options, '{}');
  }

  /** Removes a finished one and all that came of it. Needs the admin token. */
  removeBacktest(id: string, options: CallOptions = {}): Promise<Result<{ readonly removed: string }>> {
    return this.#call('DELETE', backtestPath(id), options);
  }

  /** Newest first, with state and progress; those of `monsta optimize` with the same data directory too. */
  optimizations({ limit, cursor, ...options }: PageOptions = {}): Promise<Result<ListReply<OptimizationSummary>>> {
    return this.#get('/api/v1/optimizations', { limit, cursor }, options);
  }

  /** Its specification and, once it is done, what came of it. */
  optimization(id: string, options: CallOptions = {}): Promise<Result<OptimizationDetail>> {
    return this.#get(optimizationPath(id), {}, options);
  }

  /** Queues an optimisation. Needs the admin token. Faults of its fields are in the details, each with its place (`body.space`). */
  runOptimization(spec: OptimizationSpecInput, options: CallOptions = {}): Promise<Result<OptimizationSummary>> {
    return this.#call('POST', '/api/v1/optimizations', options, JSON.stringify(spec));
  }

  /** One that waits ends at once, one that runs within moments. Needs the admin token. */
  cancelOptimization(id: string, options: CallOptions = {}): Promise<Result<OptimizationSummary>> {
    return this.#call('POST', `${optimizationPath(id)}/cancel`, options, '{}');
  }

  /** Removes one that has ended and all that came of it. Needs the admin token. */
  removeOptimization(id: string, options: CallOptions = {}): Promise<Result<{ readonly removed: string }>> {
    return this.#call('DELETE', optimizationPath(id), options);
  }

  /** What the catalogues hold: bars and trades of the past. */
  data(options: CallOptions = {}): Promise<Result<ListReply<CatalogueEntryMessage>>> {
    return this.#get('/api/v1/data', {}, options);
  }

  /** What bars of a catalogue are like. It may take as long as the server allows, after others; without a `timeoutMs` it is waited for two minutes. */
  dataDescription({
    signal,
    timeoutMs = DESCRIPTION_TIMEOUT_MS,
    ...query
  }: DescriptionOptions): Promise<Result<DataDescription>> {
    const options = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    return this.#get('/api/v1/data/description', { ...query }, options);
  }

  #get<T>(path: string, query: Query, options: CallOptions): Promise<Result<T>> {
    return this.#call<T>('GET', `${path}${encodeQuery(query)}`, options);
  }

  async #call<T>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: CallOptions,
    body?: string,
  ): Promise<Result<T>> {
    const changes = method !== 'GET';
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (changes && this.#token !== null) headers['authorization'] = `Bearer ${this.#token}`;
    try {
      const reply = await this.#fetch(`${this.#baseUrl}${path}`, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const parsed = parseJson(await reply.text());
      if (!reply.ok)
        return faultOf(reply.status, parsed.ok ? parsed.value : null, reply.headers.get('retry-after'), changes);
      // The server validates what it sends against the same schemas; the page is spared a validator of its own.
      return parsed.ok ? ok(parsed.value as T) : parsed;
    } catch (cause) {
      const retry = changes ? 'unknown_outcome' : 'retryable';
      if (options.signal?.aborted === true) return err('request_aborted', 'the call was aborted', { retry, cause });
      if (deadline.aborted)
        return err('request_timeout', `no complete answer within ${timeoutMs} ms`, { retry, cause });
      return err('network_failed', 'MONSTA could not be reached', { retry, cause });
    }
  }
}
