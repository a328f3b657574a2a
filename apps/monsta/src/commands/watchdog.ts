import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import { err, ok, seededRandom, type Fault, type Result } from '@monsta/core';
import { createTelemetry } from '@monsta/telemetry-node';
import { createBinanceConnection } from '@monsta/venue-binance';
import type { FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { addressesOf } from '../compose/exchange-addresses.ts';
import { openExchangeKeys } from '../compose/exchange-keys.ts';
import { accountAccessOf, liveAccountId } from '../compose/live.ts';
import { openTransport } from '../compose/transport.ts';
import { marketOf } from '../compose/markets.ts';
import { isRemote } from '../config/names.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { takeLock } from '../runtime/lock.ts';
import { untilStopped } from '../runtime/signals.ts';
import { socketPath } from '../watchdog/line.ts';
import { Watchdog } from '../watchdog/watchdog.ts';
import { configurationFrom } from './configuration-flags.ts';

/** Of the clocks, beside the receive window of a request: after both, no request of a dead program is taken. */
const LATE_MARGIN_MS = 2_000;

interface Ready {
  readonly watchdog: Watchdog;
  close(): Promise<void>;
}

async function open(config: MonstaConfig, attached: boolean): Promise<Result<Ready>> {
  const { keys: name } = config.trading.live;
  const { name: venue } = config.venue;
  if (name === null || !isRemote(venue))
    return err('live_incomplete', 'a watchdog needs trading.live.keys, and --venue binance or binance-testnet');
  if (!existsSync(config.dataDir))
    return err('data_dir_unusable', `there is no data directory ${config.dataDir}; a program makes it`);
  const socket = socketPath(config.dataDir);
  if (!socket.ok) return socket;
  const lock = takeLock(join(config.dataDir, 'watchdog.lock'));
  if ('owner' in lock)
    return err(
      'watchdog_running',
      `a watchdog of ${config.dataDir} runs already, with pid ${lock.owner?.pid ?? 'unknown'}`,
    );
  const clock = systemClock();
  const { logger, metrics } = createTelemetry({ level: config.log.level, service: 'watchdog', processMetrics: false });
  const random = () => seededRandom(randomInt(4_294_967_296 - 1));
  const transport = openTransport(config.transport, process.env, logger);
  if (!transport.ok) return transport;
  // Of its own: it acts when the program, whose calls would count beside its own, is dead.
  const cache = createMemoryCache({ clock });
  const connection = createBinanceConnection({
    name: venue,
    ...addressesOf(venue, config),
    clock,
    transport: transport.value,
    logger,
    metrics,
    random: random(),
    cache,
    config: config.binance.rest,
  });
  const opened = await openExchangeKeys({ config, environment: process.env, clock, connect: () => connection });
  if (!opened.ok) return opened;
  const account = await accountAccessOf(opened.value.keys, name, connection);
  await opened.value.close();
  if (!account.ok) return account;
  const { access } = account.value;
  let known: string | null = null;
  const accountId = async (): Promise<Result<string>> => {
    if (known !== null) return ok(known);
    const number = await access.accountNumber();
    if (!number.ok) return number;
    known = liveAccountId(marketOf(venue, config), number.value);
    return ok(known);
  };
  const watchdog = new Watchdog({
    socket: socket.value,
    directory: config.dataDir,
    accountId,
    access,
    clock,
    random: random(),
    logger,
    lateMs: config.binance.rest.recvWindowMs + LATE_MARGIN_MS,
    attached,
  });
  return ok({
    watchdog,
    async close() {
      connection.stop();
      await transport.value.close();
      await cache.close();
      lock.release();
    },
  });
}

/** Watches until it is stopped; one that was started by a program ends with it. */
export async function watchdog(flags: FlagValues, output: Output): Promise<number> {
  const config = await configurationFrom(flags, process.env);
  if (!config.ok) return failed(output, config.fault);
  const opened = await open(config.value, flags['attached'] === true);
  if (!opened.ok) return failed(output, opened.fault);
  const ready = opened.value;
  void untilStopped().then(() => ready.watchdog.stop());
  const ran = await ready.watchdog.run();
  await ready.close();
  if (!ran.ok) return failed(output, ran.fault);
  // A signal's listener would keep the process.
  setTimeout(() => process.exit(0), 100).unref();
  return 0;
}

function failed(output: Output, fault: Fault): number {
  output.fault(fault);
  setTimeout(() => process.exit(1), 100).unref();
  return 1;
}
