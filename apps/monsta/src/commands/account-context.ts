import { randomInt } from 'node:crypto';
import { systemClock } from '@monsta/clock-system';
import { err, ok, seededRandom, type Result } from '@monsta/core';
import type { Clock, Telemetry, Transport } from '@monsta/ports';
import { createTelemetry } from '@monsta/telemetry-node';
import { createBinanceConnection, type BinanceConnection } from '@monsta/venue-binance';
import type { BinanceRestSettings } from '@monsta/venue-binance/config';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import { addressesOf, isAccountVenue, servedAt, type ExchangeAddresses } from '../compose/exchange-addresses.ts';
import { openCache } from '../compose/cache.ts';
import { openTransport } from '../compose/transport.ts';
import { ACCOUNT_VENUES, type AccountVenue } from '../config/names.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { configurationFrom } from './configuration-flags.ts';

/** What a command has of the program that works beside a running one. */
export interface AccountContext {
  readonly config: MonstaConfig;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly transport: Transport;
  readonly addresses: (venue: AccountVenue) => ExchangeAddresses;
  /** `settings`: in the place of those configured. */
  readonly connect: (venue: AccountVenue, settings?: BinanceRestSettings) => BinanceConnection;
  close(): Promise<void>;
}

/** The exchange that a command line names. Fault `flag_invalid`. */
export function venueFrom(flags: FlagValues): Result<AccountVenue> {
  const name = textOf(flags, 'venue');
  if (name !== null && isAccountVenue(name)) return ok(name);
  return err(
    'flag_invalid',
    `--venue is ${name === null ? 'missing' : 'none that has accounts'}: ${ACCOUNT_VENUES.join(', ')}`,
  );
}

/** The server that a command line puts in an exchange's place; null where it names none. Fault `flag_invalid`. */
function serverFrom(flags: FlagValues): Result<ExchangeAddresses | null> {
  const restUrl = textOf(flags, 'rest-url');
  const wsUrl = textOf(flags, 'ws-url');
  if (restUrl === null) return wsUrl === null ? ok(null) : err('flag_invalid', '--ws-url goes with --rest-url');
  if (!URL.canParse(restUrl) || !/^https?:/.test(restUrl))
    return err('flag_invalid', '--rest-url is no http address, e.g. http://127.0.0.1:9080');
  if (wsUrl !== null && (!URL.canParse(wsUrl) || !/^wss?:/.test(wsUrl)))
    return err('flag_invalid', '--ws-url is no ws address, e.g. ws://127.0.0.1:9080');
  return ok(servedAt(restUrl, wsUrl ?? restUrl.replace(/^http/, 'ws')));
}

/** Faults: `flag_invalid`, `config_invalid`, and those of transport and cache. */
export async function openAccountContext(flags: FlagValues): Promise<Result<AccountContext>> {
  const server = serverFrom(flags);
  if (!server.ok) return server;
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn', instruments } = flags;
  const loaded = await configurationFrom(
    { config: file, 'data-dir': dataDir, 'log-level': level, instruments },
    process.env,
  );
  if (!loaded.ok) return loaded;
  const config = loaded.value;
  const clock = systemClock();
  const telemetry = createTelemetry({ level: config.log.level, service: 'monsta', processMetrics: false });
  const transport = openTransport(config.transport, process.env, telemetry.logger);
  if (!transport.ok) return transport;
  const random = seededRandom(randomInt(4_294_967_296 - 1));
  // The program's own, where it is shared: what is asked here counts for the same address.
  const cache = await openCache(config.cache, { clock, logger: telemetry.logger, random });
  if (!cache.ok) {
    await transport.value.close();
    return cache;
  }
  const addresses = (venue: AccountVenue): ExchangeAddresses => server.value ?? addressesOf(venue, config);
  return ok({
    config,
    clock,
    telemetry,
    transport: transport.value,
    addresses,
    connect: (venue, settings = {}) =>
      createBinanceConnection({
        name: venue,
        ...addresses(venue),
        clock,
        transport: transport.value,
        logger: telemetry.logger,
        metrics: telemetry.metrics,
        random,
        cache: cache.value,
        config: { ...config.binance.rest, ...settings },
      }),
    async close() {
      await transport.value.close();
      await cache.value.close();
    },
  });
}
