import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiGateway, type ApiGatewayRole, type ProgramStatus } from '@monsta/api-gateway';
import { apiGatewayConfigSchema } from '@monsta/api-gateway/config';
import { systemClock } from '@monsta/clock-system';
import {
  internalSubjects,
  topics,
  type TradingCommand,
  type TradingReply,
  type TradingStateMessage,
} from '@monsta/contracts';
import {
  err,
  expectOk,
  instrumentId,
  ok,
  price,
  quantity,
  timestampUs,
  usFromMs,
  type Bar,
  type BookSnapshot,
  type Result,
  type TradeTick,
  seededRandom,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { createHttpServer } from '@monsta/http-server-fastify';
import { ExchangeKeys, openIdentity } from '@monsta/identity';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type {
  EventStream,
  ExchangeKeyInspector,
  ExchangeKeyPermissions,
  Ledger,
  MarketHistory,
  ModelDesk,
  ModelRecord,
  ModelServer,
  Prediction,
} from '@monsta/ports';
import { createNotifierRole, type AlertChannel } from '@monsta/notifier';
import { notifierConfigSchema } from '@monsta/notifier/config';
import { openSqliteSecrets } from '@monsta/secrets-sqlite';
import {
  recordingTelemetry,
  sampleAccount,
  sampleInstrument,
  sampleState,
  type RecordingTelemetry,
} from '@monsta/testkit';
import { createWebSocketServer, type WebSocketServerRole } from '@monsta/websocket-server';
import { webSocketServerConfigSchema, type WebSocketServerConfig } from '@monsta/websocket-server/config';
import { expect, onTestFinished } from 'vitest';
import { openBacktests } from '../../../apps/monsta/src/compose/backtests.ts';
import { monstaConfigSchema } from '../../../apps/monsta/src/config/schema.ts';
import { z } from 'zod';

export const BTC = instrumentId('BTCUSDT');
const instrument = sampleInstrument();
const MINUTE_US = 60_000_000;
export const T0 = 1_723_000_000_000 - (1_723_000_000_000 % 60_000);

/** Bars one minute apart, the newest forming. */
function someBars(count: number): readonly Bar[] {
  return Array.from({ length: count }, (_, index) => {
    const openTimeUs = timestampUs(usFromMs(T0) + index * MINUTE_US);
    const closed = index < count - 1;
    return {
      kind: 'bar',
      instrument: BTC,
      interval: '1m',
      openTimeUs,
      closeTimeUs: timestampUs(openTimeUs + MINUTE_US),
      open: price(6_000_000 + index),
      high: price(6_000_100 + index),
      low: price(5_999_900 + index),
      close: price(6_000_050 + index),
      volume: 123_456_789n,
      quoteVolume: null,
      takerBuyVolume: null,
      takerBuyQuoteVolume: null,
      trades: 7,
      firstTradeId: 7 * index,
      lastTradeId: 7 * index + 6,
      bookImbalance: null,
      closed,
      tsEventUs: openTimeUs,
      tsInitUs: openTimeUs,
    } satisfies Bar;
  });
}

/** What the collector would hold; tests change it. */
export class HeldMarket implements MarketHistory {
  ready = true;
  bars_: readonly Bar[] = someBars(10);
  trades_: readonly TradeTick[] = [
    {
      kind: 'trade',
      instrument: BTC,
      tradeId: 41,
      price: price(6_000_010),
      quantity: quantity(200),
      buyerIsMaker: true,
      tsEventUs: usFromMs(T0),
      tsInitUs: usFromMs(T0),
    },
  ];
  book_: BookSnapshot | null = null;

  #when<T>(value: T) {
    return Promise.resolve(
      this.ready ? ok(value) : err('not_ready', 'history is being loaded', { retry: 'retryable' }),
    );
  }
  instruments() {
    return this.#when([instrument]);
  }
  bars({ limit, beforeUs, interval }: Parameters<MarketHistory['bars']>[0]) {
    const older = this.bars_.filter((bar) => bar.interval === interval && bar.openTimeUs < (beforeUs ?? Infinity));
    return this.#when(older.slice(-limit));
  }
  trades(_id: typeof BTC, limit: number) {
    return this.#when(this.trades_.slice(-limit));
  }
  book() {
    return this.#when(this.book_);
  }
  feeds() {
    return this.#when([
      {
        kind: 'feed' as const,
        instrument: BTC,
        status: 'live' as const,
        reason: null,
        tsEventUs: usFromMs(T0),
        tsInitUs: usFromMs(T0),
      },
    ]);
  }
  venueTimeUs() {
    return this.#when(usFromMs(T0));
  }
}

const absentPrediction: Prediction = {
  instrument: BTC,
  model: 'logistic-5m',
  interval: '5m',
  horizonMs: 3_600_000,
  tsEventUs: usFromMs(T0),
  probabilityUp: null,
  rawProbabilityUp: null,
  calibrated: false,
  score: null,
  hasVote: false,
  trainedAtUs: null,
  absence: { code: 'training', reason: 'the model is being trained' },
};

const estimate = { value: 0.01, low: -0.01, high: 0.03, level: 0.95 };

const keptModel: ModelRecord = {
  ...{ id: 'BTCUSDT-1h-logistic-regression-2', instrument: BTC, interval: '1h', horizonMs: 3_600_000 },
  ...{ model: 'logistic-regression', parameters: { l2: 1 }, features: 'core', state: 'challenger' },
  decision: { code: 'worse', reason: 'it is worse' },
  comparison: { rows: 900, servingLogLoss: 0.69, challengerLogLoss: 0.7, difference: estimate, worse: true },
  score: {
    ...{ rows: 2_000, folds: 10, accuracy: { ...estimate, value: 0.51 }, logLoss: 0.693, brier: 0.25 },
    ...{ baselines: { majority: 0.5, lastSign: 0.5 }, skill: estimate, calibration: null, uncalibrated: 'too few' },
    ...{ net: null, untraded: 'not calibrated' },
  },
  ...{ hasVote: false, bars: 3_000, rows: 2_900 },
  ...{ trainedFromUs: usFromMs(T0 - 9_000), trainedToUs: usFromMs(T0), trainedAtUs: usFromMs(T0) },
};

/** A model that is kept and does not serve. */
function heldModels(): ModelServer & ModelDesk {
  let held = keptModel;
  const change = (id: string, state: ModelRecord['state']): Promise<Result<ModelRecord>> => {
    if (id !== held.id) return Promise.resolve(err('model_unknown', `no model '${id}' is kept`));
    if ((held.state === 'serving') === (state === 'serving'))
      return Promise.resolve(err('state_conflict', `the model ${id} is ${held.state}`));
    held = { ...held, state };
    return Promise.resolve(ok(held));
  };
  return {
    latest: () => Promise.resolve(ok([absentPrediction])),
    models: () => Promise.resolve(ok({ models: [held], training: null })),
    promote: (id) => change(id, 'serving'),
    retire: (id) => change(id, 'retired'),
  };
}

/** Answers commands as the trading role does: durable first, then the reply and the publication. */
export function answerCommands(stream: EventStream, ledger: Ledger, refuse: TradingReply['error'] = null): void {
  expectOk(
    stream.subscribe({
      subject: internalSubjects.tradingCommands,
      queueMax: 100,
      overflow: 'end',
      async onMessage({ payload }) {
        const { id, action } = payload as TradingCommand;
        if (action.kind !== 'set-state') throw new RangeError(`nobody answers ${action.kind} here`);
        const state: TradingStateMessage = {
          mode: 'paper',
          state: action.state,
          reason: action.reason,
          by: 'user',
          sinceMs: T0,
        };
        const account = sampleState({
          tradingState: action.state,
          tradingStateReason: action.reason,
          tradingStateBy: 'user',
        });
        if (refuse === null) expectOk(await ledger.commit({ accountId: sampleAccount, account }));
        const said = { orders: [], repeated: false, note: null };
        const reply: TradingReply = { id, error: refuse, state: refuse === null ? state : null, ...said };
        expectOk(stream.publish(internalSubjects.tradingReplies, reply, { tsEventUs: 1 }));
        if (refuse === null) expectOk(stream.publish(topics.tradingState, state, { tsEventUs: 1 }));
      },
    }),
  );
}

/** An exchange that says of every key what the test wants. */
export class SaidPermissions implements ExchangeKeyInspector {
  readonly venues = ['binance', 'binance-testnet'];
  says: Result<ExchangeKeyPermissions> = ok({
    read: true,
    trade: true,
    withdraw: false,
    transfer: false,
    margin: false,
    futures: false,
    options: false,
    others: [],
    ipRestricted: false,
    tradingUntilMs: null,
    accountTrades: true,
  });
  inspect() {
    return Promise.resolve(this.says);
  }
}

export interface World {
  readonly url: string;
  readonly wsUrl: string;
  readonly token: string;
  readonly stream: EventStream;
  readonly ledger: Ledger;
  readonly market: HeldMarket;
  readonly status: { -readonly [K in keyof ProgramStatus]: ProgramStatus[K] };
  readonly telemetry: RecordingTelemetry;
  /** What the exchange says of keys; tests change it. */
  readonly keyOffice: SaidPermissions;
  /** Everything that was put down: ledger and secrets. */
  readonly folder: string;
  readonly gateway: ApiGatewayRole;
  readonly webSocketServer: WebSocketServerRole;
  publish(topic: string, data: unknown): void;
}

export interface WorldOptions {
  readonly http?: z.input<typeof apiGatewayConfigSchema>;
  readonly webSocket?: Partial<WebSocketServerConfig>;
  readonly files?: string;
  readonly channels?: readonly AlertChannel[];
  /** Settings of backtests; paths are below the world's folder. */
  readonly backtests?: { readonly roles?: readonly ('worker' | 'price-collector')[]; readonly queuedMax?: number };
  /** Bounds of descriptions. */
  readonly description?: { readonly barsMax?: number; readonly timeoutMs?: number };
}

/** Gateway and WebSocket server on a real port, over a real event stream and ledger, until the running test is over. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const clock = systemClock();
  const telemetry = recordingTelemetry();
  const { logger, metrics } = telemetry;
  const stream = createMemoryEventStream({ clock, logger, epoch: 'test' });
  const folder = mkdtempSync(join(tmpdir(), 'monsta-api-'));
  const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'ledger.db') }));
  expectOk(await ledger.putInstruments([instrument]));
  const { identity, created } = expectOk(await openIdentity({ settings: ledger }));
  const secrets = expectOk(
    await openSqliteSecrets({
      path: join(folder, 'secrets.sqlite'),
      masterKey: { kind: 'file', path: join(folder, 'secrets.key') },
    }),
  );
  const keyOffice = new SaidPermissions();
  const market = new HeldMarket();
  const status: World['status'] = {
    version: '0.1.0',
    venue: 'simulated',
    origin: 'simulated',
    startedAtMs: T0,
    disclosure: 'a made-up market',
    intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    tradingMode: 'paper',
    roles: [{ name: 'price-collector', ready: true, waitingFor: [] }],
  };
  const webSocketServer = createWebSocketServer({
    stream,
    clock,
    logger,
    metrics,
    config: webSocketServerConfigSchema.parse({ batchDelayMs: 5, ...options.webSocket }),
    knownInstruments: () => new Set([BTC]),
    intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
  });
  const notifier = createNotifierRole({
    stream,
    ledger,
    clock,
    random: seededRandom(2),
    telemetry,
    config: notifierConfigSchema.parse({}),
    accountId: sampleAccount,
    channels: options.channels ?? [],
    language: 'en',
  });
  expectOk(await notifier.start());
  const { roles = ['price-collector', 'worker'], queuedMax = 100 } = options.backtests ?? {};
  const backtests = expectOk(
    openBacktests({
      config: monstaConfigSchema.parse({
        dataDir: folder,
        roles: [...roles],
        worker: { queuedMax },
        description: options.description ?? {},
        backtests: { strategyFolders: [join(folder, 'strategies')], dataFolders: [join(folder, 'data')] },
      }),
      directory: { path: folder, file: (...parts) => join(folder, ...parts), release: () => undefined },
      history: market,
      ...{ stream, clock, telemetry, account: null },
    }),
  );
  if (backtests.worker !== null) expectOk(await backtests.worker.start());
  const gateway = createApiGateway({
    random: seededRandom(1),
    httpServer: createHttpServer({ logger }),
    history: market,
    models: heldModels(),
    ledger,
    stream,
    clock,
    telemetry,
    identity,
    exchangeKeys: new ExchangeKeys({ secrets, inspector: keyOffice, clock }),
    alerts: notifier,
    backtests: backtests.desk,
    optimizations: backtests.optimizations,
    data: backtests.data,
    config: apiGatewayConfigSchema.parse({ port: 0, stopGraceMs: 100, ...options.http }),
    accountId: sampleAccount,
    quoteAsset: 'USDT',
    market: 'simulated',
    status: () => status,
    webSockets: webSocketServer.routes,
    filesDirectory: options.files ?? null,
  });
  expectOk(await webSocketServer.start());
  expectOk(await gateway.start());
  onTestFinished(async () => {
    await gateway.stop();
    await backtests.worker?.drain();
    await backtests.worker?.stop();
    await backtests.close();
    await notifier.stop();
    await webSocketServer.stop();
    await stream.close();
    await ledger.close();
    await secrets.close();
    rmSync(folder, { recursive: true });
  });
  const url = gateway.url ?? '';
  return {
    url,
    wsUrl: `${url.replace('http', 'ws')}/ws`,
    token: created ?? '',
    stream,
    ledger,
    market,
    status,
    telemetry,
    keyOffice,
    folder,
    gateway,
    webSocketServer,
    publish: (topic, data) => void expectOk(stream.publish(topic, data, { tsEventUs: 1 })),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One exchange; unlike `fetch` it sends any `Host` and `Origin`. */
export function call(world: Pick<World, 'url'>, path: string, options: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${world.url}${path}`,
      { method: options.method ?? 'GET', headers: { connection: 'close', ...options.headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson ? (JSON.parse(text) as unknown) : null,
            text,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        responses: z.record(
          z.string(),
          z.object({ content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })) }),
        ),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

/** Holds a reply against the OpenAPI document that the same server gives out. */
export async function expectDocumented(world: World, path: string, answer: Answer, method = 'GET'): Promise<void> {
  const document = documentSchema.parse((await call(world, '/openapi.json')).body);
  const route = path.split('?')[0] ?? '';
  const documented = document.paths[route]?.[method.toLowerCase()]?.responses[answer.status];
  expect(documented, `${method} ${route} ${answer.status} is in the document`).toBeDefined();
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const schema = documented?.content[type]?.schema;
  expect(schema, `${method} ${route} ${answer.status} as ${type} is in the document`).toBeDefined();
  if (schema === undefined || type !== 'application/json') return;
  const resolved = schema['$ref'] === '#/components/schemas/Error' ? document.components.schemas['Error'] : schema;
  const parsed = z.fromJSONSchema(resolved ?? {}).safeParse(answer.body);
  expect(parsed.success ? null : z.prettifyError(parsed.error)).toBeNull();
}

/** The reply is held against the document. */
export async function get(world: World, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await call(world, path, options);
  await expectDocumented(world, path, answer, options.method);
  return answer;
}
