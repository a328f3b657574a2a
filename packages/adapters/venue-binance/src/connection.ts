import { msFromUs, ok, type Random, type Result } from '@monsta/core';
import type { Cache, Clock, Logger, Metrics, Transport } from '@monsta/ports';
import { CircuitBreaker } from './breaker.ts';
import { ClockSync } from './clock-sync.ts';
import { binanceRestConfigSchema, type BinanceRestConfig, type BinanceRestSettings } from './config.ts';
import { RequestBudget } from './request-budget.ts';
import { RestClient, type RestAccount } from './rest-client.ts';
import { VenueTime } from './venue-time.ts';

export interface BinanceConnectionOptions {
  /** The venue's name in logs and metrics; default `binance`. */
  readonly name?: string;
  /** `https://api.binance.com`, a testnet, or a server of the same form; without `/api/v3`. */
  readonly restUrl: string;
  /** `wss://stream.binance.com:9443`, without `/stream`. */
  readonly wsUrl: string;
  /** `wss://ws-api.binance.com:443`, without `/ws-api/v3`; null where nobody needs the WebSocket API. */
  readonly wsApiUrl: string | null;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Spreads reconnects and retries. */
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where the request budget is kept for all processes. */
  readonly cache: Cache;
  /** See `binanceRestConfigSchema`; what is left out has its default. Throws where a value is not allowed. */
  readonly config?: BinanceRestSettings;
}

/** What everything in a process that talks to one Binance host shares: budget, breaker, clock and addresses. */
export interface BinanceConnection {
  readonly name: string;
  /** Without a slash at the end, as all three. */
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly wsApiUrl: string | null;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Where budgets are kept for all processes. */
  readonly cache: Cache;
  readonly config: BinanceRestConfig;
  readonly time: VenueTime;
  readonly budget: RequestBudget;
  /** Calls that need no key. */
  readonly publicClient: RestClient;
  /** Calls with an account's key; they share budget, breaker and clock with all others. */
  accountClient(account: RestAccount): RestClient;
  /** Measures the venue's clock and goes on measuring it; may be called by each of its users. A start that failed may be tried again. Faults are those of `RestClient`. */
  start(): Promise<Result<null>>;
  /** Measures the venue's clock now. */
  measureClock(): Promise<Result<null>>;
  /** The venue's clock less ours, milliseconds; null before it was measured. */
  clockOffsetMs(): number | null;
  /** Fails every call that waits, and takes no more. */
  stop(): void;
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

export function createBinanceConnection(options: BinanceConnectionOptions): BinanceConnection {
  const { cache, clock, metrics, random, transport, name = 'binance' } = options;
  const config = binanceRestConfigSchema.parse(options.config ?? {});
  const logger = options.logger.child({ venue: name });
  const restUrl = withoutSlash(options.restUrl);
  const time = new VenueTime(clock);
  // The venue's minutes are what its limits follow; those of a replay at another speed are not, ours serve then.
  const nowMs = (): number => msFromUs(time.rate === 1 ? time.measuredNowUs() : clock.nowUs());
  const budget = new RequestBudget({ host: new URL(restUrl).host, cache, clock, logger, metrics, config, nowMs });
  const breaker = new CircuitBreaker({
    clock,
    logger,
    metrics,
    name,
    failuresMax: config.breakerFailuresMax,
    openMs: config.breakerOpenMs,
    probes: config.breakerProbes,
    onHalfOpen: () => void probe(),
  });
  const parts = { restUrl, transport, clock, random, logger, metrics, config, budget, breaker, time };
  const measureClock = (): Promise<Result<null>> => sync.measure();
  const publicClient = new RestClient({ ...parts, measureClock, account: null });
  const sync = new ClockSync({ client: publicClient, time, clock, logger, metrics, config, name });
  /** Asks for the time until the breaker has made up its mind: an order must not be the one to find out. */
  const probe = async (): Promise<void> => {
    for (let asked = 0; asked < config.breakerProbes && breaker.state === 'half-open'; asked += 1) await measureClock();
  };
  let started = false;
  return {
    name,
    restUrl,
    wsUrl: withoutSlash(options.wsUrl),
    wsApiUrl: options.wsApiUrl === null ? null : withoutSlash(options.wsApiUrl),
    transport,
    clock,
    random,
    logger,
    metrics,
    cache,
    config,
    time,
    budget,
    publicClient,
    accountClient: (account) => new RestClient({ ...parts, measureClock, account }),
    async start() {
      if (started) return ok(null);
      const measured = await measureClock();
      if (!measured.ok || started) return measured;
      started = true;
      sync.schedule();
      return measured;
    },
    measureClock,
    clockOffsetMs: () => time.offsetMs,
    stop() {
      sync.stop();
      breaker.stop();
      budget.stop();
    },
  };
}
