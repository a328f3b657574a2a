import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { apiGatewayConfigSchema } from '@monsta/api-gateway/config';
import { modelServerConfigSchema } from '@monsta/model-server/config';
import type { Interval } from '@monsta/core';
import {
  priceCollectorConfigSchema,
  storedUncollected,
  type PriceCollectorConfig,
} from '@monsta/price-collector/config';
import { binanceExecutionConfigSchema } from '@monsta/venue-binance/execution-config';
import {
  binanceArchiveConfigSchema,
  binanceMarketDataConfigSchema,
  binanceRestConfigSchema,
} from '@monsta/venue-binance/config';
import { paperVenueConfigSchema } from '@monsta/venue-paper/config';
import { DEFAULT_EDGE } from '@monsta/venue-simulated/disclosure';
import { webSocketServerConfigSchema } from '@monsta/websocket-server/config';
import { workerConfigSchema } from '@monsta/worker/config';
import { z } from 'zod';
import { backtestsConfigSchema } from '../backtest-desk/config.ts';
import { descriptionConfigSchema } from '../data-desk/config.ts';
import { alertsSchema } from './alerts.ts';
import { catalogSchema } from './catalog.ts';
import { liveFaults, liveSchema } from './live.ts';
import { isRemote, ROLE_NAMES, VENUE_NAMES, type RoleName } from './names.ts';
import { instrumentName, strategiesSchema, strategyFaults } from './strategies.ts';

const baseUrl = (protocol: RegExp) => z.url({ protocol });

/** Where market data comes from. */
const venueSchema = z
  .strictObject({
    name: z.enum(VENUE_NAMES).default('simulated').describe('where prices come from'),
    instruments: z
      .array(instrumentName)
      .min(1)
      .max(50)
      .nullable()
      .default(null)
      .describe('null: all of a simulated or recorded venue; BTC, ETH, BNB, SOL and XRP against USDT of the exchange'),
    restUrl: baseUrl(/^https?$/)
      .nullable()
      .default(null)
      .describe('another server that speaks Binance’s protocol; only with binance and binance-testnet'),
    wsUrl: baseUrl(/^wss?$/)
      .nullable()
      .default(null)
      .describe('its WebSocket address; goes with rest_url'),
    wsApiUrl: baseUrl(/^wss?$/)
      .nullable()
      .default(null)
      .describe('its WebSocket API, for orders; null: at ws_url too'),
    archiveUrl: baseUrl(/^https?$/)
      .nullable()
      .default(null)
      .describe('its bulk archive, without `/data`; null: at rest_url too, else the exchange’s own'),
    recordings: z.array(z.string().min(1)).default([]).describe('files of a replay, in the order of time'),
    history: z.string().min(1).nullable().default(null).describe('older bars for a replay'),
    speed: z.number().positive().max(1_000).default(1).describe('of a replay; 1 is as it was'),
    seed: z.number().int().min(0).max(4_294_967_295).default(1).describe('of the simulated market'),
    edge: z
      .number()
      .min(-0.5)
      .max(0.5)
      .default(DEFAULT_EDGE)
      .describe('how predictable the simulated market is: 0 is not at all; see simulated-market.md'),
  })
  .superRefine((venue, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    const remote = isRemote(venue.name);
    if (venue.name === 'replay' && venue.recordings.length === 0)
      fault('recordings', 'a replay needs a recording: --recording FILE');
    if (venue.name !== 'replay' && venue.recordings.length > 0)
      fault('recordings', `a recording is played by the venue replay, not by ${venue.name}: add --venue replay`);
    if (venue.name !== 'replay' && venue.history !== null)
      fault('history', `a history file belongs to the venue replay, not to ${venue.name}`);
    if (venue.name !== 'replay' && venue.speed !== 1) fault('speed', `only a replay has a speed, not ${venue.name}`);
    if (venue.name !== 'simulated' && venue.edge !== DEFAULT_EDGE)
      fault('edge', `only the simulated market has an edge, not ${venue.name}`);
    if (venue.name !== 'binance' && venue.archiveUrl !== null)
      fault('archiveUrl', `an archive belongs to binance, not to ${venue.name}`);
    if (!remote && (venue.restUrl !== null || venue.wsUrl !== null))
      fault('restUrl', `addresses belong to binance and binance-testnet, not to ${venue.name}`);
    if ((venue.restUrl === null) !== (venue.wsUrl === null))
      fault(venue.restUrl === null ? 'restUrl' : 'wsUrl', 'rest_url and ws_url go together');
    if (venue.wsApiUrl !== null && venue.restUrl === null)
      fault('wsApiUrl', 'ws_api_url goes with rest_url and ws_url');
  });

const transportSchema = z.strictObject({
  proxyUrl: baseUrl(/^https?$/)
    .nullable()
    .default(null)
    .describe('proxy for all that is not on this machine; null: HTTPS_PROXY of the environment, or none'),
  noProxy: z
    .array(z.string().min(1))
    .max(100)
    .nullable()
    .default(null)
    .describe(
      'hosts reached without it: a name with all below it, `host:port`, `*`; null: NO_PROXY of the environment',
    ),
  caFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('file (PEM) of certificate authorities that are trusted beside the usual ones'),
});

const cacheSchema = z
  .strictObject({
    kind: z
      .enum(['memory', 'redis'])
      .default('memory')
      .describe(
        'redis: processes that call one exchange from one address, or for one account, keep its limits together',
      ),
    url: baseUrl(/^rediss?$/)
      .nullable()
      .default(null)
      .describe(
        'of Redis, 6 or later: `redis://HOST:PORT`, `rediss://` with TLS; user, password and database where needed',
      ),
    keyPrefix: z
      .string()
      .max(100)
      .default('monsta:')
      .describe('before every key; the processes that share it have the same'),
  })
  .superRefine((cache, context) => {
    const message = cache.kind === 'redis' ? 'redis needs its address' : 'an address belongs to redis, not to memory';
    if ((cache.kind === 'redis') === (cache.url === null)) context.addIssue({ code: 'custom', path: ['url'], message });
  });

const tradingSchema = z.strictObject({
  mode: z
    .enum(['off', 'paper', 'live'])
    .default('paper')
    .describe('live only on the command line: --trading live; see live-trading.md'),
  live: liveSchema.prefault({}).describe('an account of the exchange'),
  strategies: strategiesSchema,
  strategyCallMsMax: z
    .number()
    .int()
    .min(100)
    .max(10_000)
    .default(2_000)
    .describe('a strategy that does not return for this long is cut off and stopped; the others go on'),
  role: aiTradingConfigSchema.prefault({}),
});

const journalSchema = z.strictObject({
  segmentBytesMax: z
    .number()
    .int()
    .min(65_536)
    .max(1_073_741_824)
    .default(16_777_216)
    .describe('a file of the journal is closed before it grows beyond'),
  totalBytesMax: z
    .number()
    .int()
    .min(131_072)
    .default(536_870_912)
    .describe('the oldest segments beyond it are removed'),
  syncIntervalMs: z
    .number()
    .int()
    .min(1)
    .max(60_000)
    .default(100)
    .describe('what is written is on disk after this long, asked or not'),
});

/** Which roles need which other in the same process, as long as they meet over embedded adapters. */
const NEEDS: Readonly<Partial<Record<RoleName, RoleName>>> = {
  'model-server': 'price-collector',
  'ai-trading': 'price-collector',
  'api-gateway': 'price-collector',
  'websocket-server': 'api-gateway',
};

/** Bars that are to be stored or learnt from though nobody collects them. */
function intervalFaults({
  collector,
  models,
  roles,
}: {
  readonly collector: Pick<PriceCollectorConfig, 'intervals' | 'store'>;
  readonly models: { readonly intervals: readonly Interval[] };
  readonly roles: readonly RoleName[];
}) {
  const learnt = roles.includes('model-server')
    ? models.intervals.filter((interval) => !collector.intervals.includes(interval))
    : [];
  const said = (path: readonly string[], uncollected: readonly Interval[]) =>
    uncollected.length === 0
      ? []
      : [{ path, message: `${uncollected.join(', ')}: not collected; name it in collector.intervals too` }];
  return [
    ...said(['collector', 'store', 'intervals'], storedUncollected(collector)),
    ...said(['models', 'intervals'], learnt),
  ];
}

/** The whole configuration: one strict schema, the parts beside their components. */
export const monstaConfigSchema = z
  .strictObject({
    dataDir: z.string().min(1).default('.monsta').describe('where ledger and journals lie'),
    roles: z
      .array(z.enum(ROLE_NAMES))
      .min(1)
      .default([...ROLE_NAMES])
      .describe('what this process runs'),
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error'])
          .default('info')
          .describe('the least that is written to stderr'),
      })
      .prefault({}),
    management: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
        port: z.number().int().min(0).max(65_535).default(8090).describe('0 takes any free port'),
      })
      .prefault({})
      .describe('health and metrics, where the api-gateway does not run'),
    transport: transportSchema.prefault({}).describe('how the exchange is reached'),
    cache: cacheSchema
      .prefault({})
      .describe('what processes share for a short time: how much of the exchange’s limits is used'),
    venue: venueSchema.prefault({}).describe('the market'),
    binance: z
      .strictObject({
        rest: binanceRestConfigSchema.prefault({}),
        marketData: binanceMarketDataConfigSchema.prefault({}),
        execution: binanceExecutionConfigSchema.prefault({}),
        archive: binanceArchiveConfigSchema.prefault({}),
      })
      .prefault({})
      .describe(
        'the client of every venue: what its REST calls may use of the venue’s limits, its market data, orders of live trading, and its bulk archive',
      ),
    collector: priceCollectorConfigSchema
      .omit({ instruments: true })
      .prefault({})
      .describe('what is kept of the market, and how often it is told'),
    models: modelServerConfigSchema.prefault({}).describe('training and forecasts; see models.md'),
    trading: tradingSchema.prefault({}).describe('strategy, sizing and risk'),
    paper: paperVenueConfigSchema
      .prefault({})
      .describe('how paper orders fill, and what a new account holds; see paper-trading.md'),
    journal: journalSchema.prefault({}).describe('the journal of everything the trading kernel took in'),
    secrets: z
      .strictObject({
        keyFile: z
          .string()
          .min(1)
          .nullable()
          .default(null)
          .describe(
            'file of the master key, readable by its owner only; null: secrets.key in data_dir, unless the environment variable MONSTA_SECRETS_KEY holds the key',
          ),
      })
      .prefault({})
      .describe('keys of exchanges at rest; see exchange-keys.md'),
    alerts: alertsSchema.prefault({}).describe('who is told of what, and how; see alerts.md'),
    catalog: catalogSchema.prefault({}).describe('bars and trades of the past in data_dir; see catalog.md'),
    description: descriptionConfigSchema
      .prefault({})
      .describe('descriptions of bars over REST and on the page; see describe.md'),
    worker: workerConfigSchema.prefault({}).describe('long jobs: backtests and optimisations'),
    backtests: backtestsConfigSchema.prefault({}).describe('backtests over REST and on the page'),
    http: apiGatewayConfigSchema.prefault({}).describe('page and API'),
    webSocket: webSocketServerConfigSchema.prefault({}).describe('live data at /ws; limits are per process'),
  })
  .superRefine((config, context) => {
    for (const role of config.roles) {
      const needed = NEEDS[role];
      if (needed !== undefined && !config.roles.includes(needed)) {
        context.addIssue({
          code: 'custom',
          path: ['roles'],
          message: `${role} needs ${needed} in the same process; add it`,
        });
      }
    }
    for (const { path, message } of [...liveFaults(config), ...strategyFaults(config), ...intervalFaults(config)])
      context.addIssue({ code: 'custom', path: [...path], message });
  });
export type MonstaConfig = z.output<typeof monstaConfigSchema>;
