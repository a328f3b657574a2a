import { randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApiGateway, type ApiGatewayRole } from '@monsta/api-gateway';
import { systemClock } from '@monsta/clock-system';
import { accountId, err, intervalUs, msFromUs, ok, seededRandom, type Random, type Result } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { createHttpServer } from '@monsta/http-server-fastify';
import { openIdentity } from '@monsta/identity';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import { createNotifierRole } from '@monsta/notifier';
import { createMemoryShelf, createModelServer } from '@monsta/model-server';
import type {
  Clock,
  EventStream,
  Ledger,
  Logger,
  MarketHistory,
  ModelDesk,
  ModelServer,
  Role,
  Telemetry,
} from '@monsta/ports';
import { createPriceCollector } from '@monsta/price-collector';
import { createTelemetry } from '@monsta/telemetry-node';
import { createBinanceConnection, createBinanceMarketData, type BinanceConnectionOptions } from '@monsta/venue-binance';
import { createWebSocketServer, type WebSocketServerRole } from '@monsta/websocket-server';
import type { RoleName } from '../config/names.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { modelFeatureSets } from '../models/feature-sets.ts';
import { createFileShelf } from '../models/file-shelf.ts';
import { TrainingThread } from '../models/training-thread.ts';
import { kernelJournalOf, modelsOf, openDataDirectory, type DataDirectory } from '../runtime/data-directory.ts';
import { createManagement } from '../runtime/management.ts';
import { Supervisor } from '../runtime/supervisor.ts';
import { TradingThread } from '../trading-thread/thread.ts';
import { VERSION } from '../version.ts';
import { openAlertChannels } from './alert-channels.ts';
import { openBacktests } from './backtests.ts';
import { openCache } from './cache.ts';
import { CatalogThread } from './catalog-thread.ts';
import { addressesOf } from './exchange-addresses.ts';
import { openExchangeKeys } from './exchange-keys.ts';
import { openLive } from './live.ts';
import { mergedMetrics } from './merged-metrics.ts';
import { openTransport } from './transport.ts';
import { openVenue, type OpenedVenue } from './venues.ts';

const DASHBOARD = fileURLToPath(new URL('../../../dashboard/out/', import.meta.url));
const noModel = (): Promise<Result<never>> =>
  Promise.resolve(err('model_unknown', 'no models are served here: the role model-server does not run'));
const NO_MODELS: ModelServer & ModelDesk = {
  latest: () => Promise.resolve(ok([])),
  models: () => Promise.resolve(ok({ models: [], training: null })),
  promote: noModel,
  retire: noModel,
};

export interface StartOptions {
  readonly config: MonstaConfig;
  /** Makes a new admin token in the place of the old one. */
  readonly renewToken: boolean;
  /** The configuration's flags as they were typed. */
  readonly flags: readonly string[];
  /** The process can't go on: stop, and let the next start recover. */
  onFatal(reason: string): void;
}

export interface Program {
  /** Page and API; null where the api-gateway does not run. */
  readonly url: string | null;
  /** The admin token when it was made just now; it can't be read again. */
  readonly adminToken: string | null;
  readonly venue: OpenedVenue;
  readonly accountId: string;
  readonly tradingMode: 'off' | 'paper' | 'live';
  readonly logger: Logger;
  /** `asked`: by a person, and not because it can't go on. */
  stop(asked: boolean): Promise<void>;
}

/** What is opened, to be closed in reverse whatever happens. */
class Closers {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  add(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
  }

  async close(logger: Logger | null): Promise<void> {
    for (const { name, close } of this.#closers.splice(0).toReversed()) {
      try {
        await close();
      } catch (thrown) {
        logger?.error(`${name} failed to close`, { reason: String(thrown) });
      }
    }
  }
}

interface Foundation {
  readonly config: MonstaConfig;
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly stream: EventStream;
  readonly venue: OpenedVenue;
  readonly closers: Closers;
}

async function openFoundation(config: MonstaConfig, closers: Closers): Promise<Result<Foundation>> {
  const directory = openDataDirectory(config.dataDir);
  if (!directory.ok) return directory;
  closers.add('data directory', () => directory.value.release());
  const clock = systemClock();
  const telemetry = createTelemetry({ level: config.log.level, service: 'monsta' });
  const ledger = await openSqliteLedger({ path: directory.value.file('ledger.sqlite') });
  if (!ledger.ok) return ledger;
  closers.add('ledger', () => ledger.value.close());
  const httpServer = createHttpServer({ logger: telemetry.logger.child({ part: 'venue' }) });
  const venue = await openVenue({
    config,
    clock,
    logger: telemetry.logger.child({ part: 'venue' }),
    httpServer,
    settings: ledger.value,
  });
  if (!venue.ok) return venue;
  closers.add('venue', () => venue.value.close());
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: randomUUID() });
  closers.add('event stream', () => stream.close());
  return ok({
    config,
    directory: directory.value,
    clock,
    telemetry,
    ledger: ledger.value,
    stream,
    venue: venue.value,
    closers,
  });
}

/** Configuration → adapters → roles → start. Everything that was opened is closed again when anything fails. */
export async function startProgram(options: StartOptions): Promise<Result<Program>> {
  const closers = new Closers();
  const foundation = await openFoundation(options.config, closers);
  if (!foundation.ok) {
    await closers.close(null);
    return foundation;
  }
  const started = await startRoles(options, foundation.value);
  if (!started.ok) await closers.close(foundation.value.telemetry.logger);
  return started;
}

const HISTORY_BARS_MAX = 200_000;

/** What is configured; of a history file that the user named for this start all is asked for, and its interval is collected too. */
function withHistory(config: MonstaConfig, venue: OpenedVenue): MonstaConfig {
  const { history } = venue;
  if (history === null) return config;
  const { historyBars, intervals } = config.collector;
  const { interval, fromUs } = history;
  const back = Math.ceil((venue.venueNowUs() - fromUs) / intervalUs(interval)) + 1;
  const bars = Math.min(HISTORY_BARS_MAX, Math.max(historyBars[interval], back));
  const collector = {
    ...config.collector,
    intervals: [...new Set([...intervals, interval])],
    historyBars: { ...historyBars, [interval]: bars },
  };
  return { ...config, collector };
}

async function startRoles(options: StartOptions, foundation: Foundation): Promise<Result<Program>> {
  const { directory, clock, telemetry, ledger, stream, venue, closers } = foundation;
  const config = withHistory(foundation.config, venue);
  const { logger, metrics } = telemetry;
  const startedAtMs = msFromUs(clock.nowUs());
  const identity = await openIdentity({ settings: ledger, renew: options.renewToken });
  if (!identity.ok) return identity;
  const runs = (role: RoleName): boolean => config.roles.includes(role);
  const featureSets = runs('model-server') ? modelFeatureSets(config.models, venue.instruments) : ok({});
  if (!featureSets.ok) return featureSets;
  const opened = openTransport(config.transport, process.env, logger);
  if (!opened.ok) return opened;
  const transport = opened.value;
  closers.add('transport', () => transport.close());
  // Before an account is opened and a watchdog set beside it: a secret that can't be read ends the start.
  const channels = openAlertChannels({ config, environment: process.env, transport, clock });
  if (!channels.ok) return channels;
  // What spreads reconnects and retries must differ from process to process; nothing that is shown comes from it.
  const random = (): Random => seededRandom(randomInt(4_294_967_296 - 1));
  const cache = await openCache(config.cache, { clock, logger, random: random() });
  if (!cache.ok) return cache;
  closers.add('cache', () => cache.value.close());
  const connect = (name: string, addresses: Pick<BinanceConnectionOptions, 'restUrl' | 'wsUrl' | 'wsApiUrl'>) =>
    createBinanceConnection({
      name,
      ...addresses,
      clock,
      transport,
      logger: logger.child({ part: 'venue-binance' }),
      metrics,
      random: random(),
      cache: cache.value,
      config: config.binance.rest,
    });
  const connection = connect(config.venue.name, { restUrl: venue.restUrl, wsUrl: venue.wsUrl, wsApiUrl: null });
  closers.add('connection to the venue', () => connection.stop());
  const marketData = createBinanceMarketData({ connection, config: config.binance.marketData });
  const exchangeKeys = await openExchangeKeys({
    config,
    environment: process.env,
    clock,
    connect: (name) => (name === config.venue.name ? connection : connect(name, addressesOf(name, config))),
  });
  if (!exchangeKeys.ok) return exchangeKeys;
  closers.add('exchange keys', () => exchangeKeys.value.close());
  let onLeaseLost = (reason: string, _taken: boolean): void => options.onFatal(reason);
  const opening =
    config.trading.mode === 'live'
      ? await openLive({
          ...foundation,
          market: venue.accountSuffix,
          keys: exchangeKeys.value.keys,
          connection,
          logger,
          flags: options.flags,
          cache: cache.value,
          onLeaseLost: (reason, taken) => onLeaseLost(reason, taken),
        })
      : ok(null);
  if (!opening.ok) return opening;
  const live = opening.value;
  if (live !== null) {
    closers.add('hold on the account', () => live.lease.release());
    closers.add('watchdog', () => live.guard.end());
  }
  const account = live?.account.accountId ?? accountId(`paper:${venue.accountSuffix}`);
  const watching = venue.onEnded((reason) => marketData.end(reason));
  closers.add('venue watch', () => watching.cancel());

  const roles: Role[] = [];
  const add = <R extends Role>(role: R): R => {
    roles.push(role);
    return role;
  };
  // A recording is a store itself, and is played more than once.
  const catalog =
    config.venue.name === 'replay'
      ? null
      : new CatalogThread({
          ...{ dataDir: config.dataDir, market: venue.accountSuffix, clock },
          limits: { memoryMaxMb: config.catalog.memoryMaxMb, threads: config.catalog.threads },
          logger: logger.child({ role: 'price-collector' }),
        });
  if (catalog !== null) closers.add('catalogue', () => catalog.close());
  const collector = add(
    createPriceCollector({
      venue: marketData,
      stream,
      clock,
      logger,
      metrics,
      random: random(),
      listings: { ledger, market: venue.accountSuffix },
      catalog: catalog === null ? null : { of: catalog, retention: config.catalog.retention },
      config: { ...config.collector, instruments: [...venue.instruments] },
    }),
  );
  const notifier = add(
    createNotifierRole({
      stream,
      ledger,
      clock,
      random: random(),
      telemetry: { logger: logger.child({ role: 'notifier' }), metrics },
      config: config.alerts.sending,
      accountId: account,
      channels: channels.value,
      language: config.alerts.language,
    }),
  );
  const history: MarketHistory = collector;
  const trainer = new TrainingThread({
    clock,
    logger: logger.child({ role: 'model-server' }),
    trainingMsMax: config.models.trainingMsMax,
    memoryMbMax: config.models.trainingMemoryMbMax,
  });
  closers.add('training', () => trainer.close());
  const models: ModelServer & ModelDesk = runs('model-server')
    ? add(
        createModelServer({
          history,
          stream,
          clock,
          logger: logger.child({ role: 'model-server' }),
          metrics,
          random: random(),
          config: config.models,
          featureSets: featureSets.value,
          trainer,
          // A recording is played more than once: what was learnt of its end would be known at its start.
          shelf:
            config.venue.name === 'replay'
              ? createMemoryShelf()
              : createFileShelf(modelsOf(directory, venue.accountSuffix)),
        }),
      )
    : NO_MODELS;
  const trading =
    runs('ai-trading') && config.trading.mode !== 'off'
      ? new TradingThread({
          config,
          directory,
          accountId: account,
          live: live?.account ?? null,
          cache: cache.value,
          origin: venue.origin,
          instruments: venue.instruments,
          rate: venue.rate,
          endUs: venue.endUs,
          venue: marketData,
          history,
          stream,
          clock,
          logger: logger.child({ role: 'ai-trading' }),
          metrics,
          onDeath: (reason) => options.onFatal(`the trading thread ended: ${reason}`),
        })
      : null;
  // Not a stop like others: nothing is sent to the venue any more, not even cancels, and the watchdog stands back only where somebody else looks after the account.
  onLeaseLost = (reason, taken) => {
    void trading?.abandon();
    if (taken) void live?.guard.leave();
    options.onFatal(`trading is halted: ${reason}`);
  };
  const allMetrics = mergedMetrics(metrics, () => trading?.metricsText() ?? Promise.resolve(''));
  let supervisor: Supervisor | null = null;
  const status = () => ({
    version: VERSION,
    venue: config.venue.name,
    origin: venue.origin,
    startedAtMs,
    disclosure: venue.disclosure,
    intervals: config.collector.intervals,
    tradingMode: trading === null ? ('off' as const) : config.trading.mode,
    roles: (supervisor?.roles() ?? []).map(({ name, readiness }) => ({
      name,
      ready: readiness.ready,
      waitingFor: [...readiness.waitingFor],
    })),
  });
  const backtests = openBacktests({
    ...{ config, directory, history, stream, clock, telemetry },
    account: trading === null ? null : { id: account, journal: kernelJournalOf(directory, account) },
  });
  if (!backtests.ok) return backtests;
  closers.add('backtests', () => backtests.value.close());
  let gateway: ApiGatewayRole | null = null;
  if (runs('api-gateway')) {
    const sockets: WebSocketServerRole | null = runs('websocket-server')
      ? add(
          createWebSocketServer({
            stream,
            clock,
            logger: logger.child({ role: 'websocket-server' }),
            metrics,
            config: config.webSocket,
            knownInstruments: () => new Set(marketData.instruments().map(({ id }) => id)),
            intervals: config.collector.intervals,
          }),
        )
      : null;
    gateway = add(
      createApiGateway({
        httpServer: createHttpServer({ logger: logger.child({ role: 'api-gateway' }) }),
        history,
        models,
        ledger,
        stream,
        clock,
        telemetry: { logger: logger.child({ role: 'api-gateway' }), metrics: allMetrics },
        identity: identity.value.identity,
        exchangeKeys: exchangeKeys.value.keys,
        alerts: notifier,
        backtests: backtests.value.desk,
        optimizations: backtests.value.optimizations,
        data: backtests.value.data,
        random: random(),
        config: config.http,
        accountId: account,
        quoteAsset: config.trading.role.quoteAsset,
        market: venue.accountSuffix,
        status,
        webSockets: sockets?.routes ?? [],
        filesDirectory: existsSync(DASHBOARD) ? DASHBOARD : null,
      }),
    );
  } else {
    add(
      createManagement({
        httpServer: createHttpServer({ logger }),
        metrics: allMetrics,
        config: config.management,
        roles: () => status().roles,
      }),
    );
  }
  if (backtests.value.worker !== null) add(backtests.value.worker);
  if (trading !== null) add(trading);

  supervisor = new Supervisor(roles, clock, logger);
  const started = await supervisor.start();
  if (!started.ok) return started;
  const url = gateway?.url ?? null;
  if (runs('api-gateway') && url === null)
    return err('not_listening', 'the api-gateway started without an address', { retry: 'fatal' });
  const running = supervisor;
  return ok({
    url,
    adminToken: identity.value.created,
    venue,
    accountId: account,
    tradingMode: status().tradingMode,
    logger,
    stop: async (asked) => {
      await running.stop();
      // Else the watchdog finds the process gone, and sees to what rests.
      if (asked && trading?.settled === true) await live?.guard.leave();
      await closers.close(logger);
    },
  });
}
