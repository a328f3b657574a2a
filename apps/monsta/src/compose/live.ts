import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  accountId,
  err,
  expectOk,
  ok,
  parseAmount,
  usFromMs,
  type AccountId,
  type Amount,
  type Result,
} from '@monsta/core';
import type { ExchangeKeys } from '@monsta/identity';
import type { Cache, Clock, ExchangeKey, Ledger, Logger } from '@monsta/ports';
import {
  createBinanceAccountAccess,
  createBinanceCredentials,
  type BinanceAccountAccess,
  type BinanceConnection,
} from '@monsta/venue-binance';
import type { MonstaConfig } from '../config/schema.ts';
import { takeAccount, type AccountLease } from '../runtime/account-lease.ts';
import type { DataDirectory } from '../runtime/data-directory.ts';
import { WatchdogGuard, type StartedWatchdog } from '../watchdog/guard.ts';
import { readReports, removeReports, spokenReport } from '../watchdog/report.ts';

/** An account of an exchange, as live trading has it once everything about it was checked. */
export interface LiveAccount {
  readonly accountId: AccountId;
  readonly key: ExchangeKey;
  readonly exposureMax: Amount;
}

interface LiveContext {
  readonly config: MonstaConfig;
  readonly keys: ExchangeKeys;
  readonly connection: BinanceConnection;
  /** Names the market. */
  readonly market: string;
  readonly logger: Logger;
}

/** The account of a market by the exchange's own number. */
export const liveAccountId = (market: string, number: string): AccountId => accountId(`live:${market}:${number}`);

/** A number is not shown whole: it may be somebody else's. */
const ends = (number: string): string => `…${number.slice(number.length > 6 ? -3 : -1)}`;

/** A stored key's way to its account, of an exchange that must be the configured one. Faults: those of reading the key, and `exchange_key_venue`. */
export async function accountAccessOf(
  keys: ExchangeKeys,
  name: string,
  connection: BinanceConnection,
): Promise<Result<{ readonly key: ExchangeKey; readonly access: BinanceAccountAccess }>> {
  const key = await keys.read(name);
  if (!key.ok) return key;
  const { venue } = key.value;
  if (venue !== connection.name)
    return err('exchange_key_venue', `the key '${name}' is one of ${venue}, and the venue is ${connection.name}`);
  const credentials = createBinanceCredentials(key.value);
  if (!credentials.ok) return credentials;
  const access = createBinanceAccountAccess(connection, { name: `key:${name}`, credentials: credentials.value });
  return ok({ key: key.value, access });
}

/**
 * Checks that live trading may begin: what the key may do, asked of the exchange again, and that its account is the one a person named.
 * Faults: `live_incomplete`, `account_mismatch`, and those of checking and using the key.
 */
async function openLiveAccount(context: LiveContext): Promise<Result<LiveAccount>> {
  const { config, connection, keys, logger, market } = context;
  const { account, exposureMax, keys: name } = config.trading.live;
  if (account === null || exposureMax === null || name === null)
    return err('live_incomplete', 'live trading needs trading.live.keys, account and exposure_max');
  const opened = await accountAccessOf(keys, name, connection);
  if (!opened.ok) return opened;
  const checked = await keys.check(name);
  if (!checked.ok) return checked;
  for (const { code, message } of checked.value.warnings) logger.warn(message, { code, key: name });
  const number = await opened.value.access.accountNumber();
  if (!number.ok) return number;
  if (number.value !== account)
    return err(
      'account_mismatch',
      `the key '${name}' is one of account ${ends(number.value)}, and trading.live.account says ${ends(account)}; nothing is traded until they are the same`,
    );
  const { key } = opened.value;
  return ok({ accountId: liveAccountId(market, number.value), key, exposureMax: expectOk(parseAmount(exposureMax)) });
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const LOG_BYTES_MAX = 1_000_000;

/** Begins anew when it has grown long: what it says of orders is in the reports too. */
function logFile(path: string): number {
  const long = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX;
  return openSync(path, long ? 'w' : 'a', 0o600);
}

/** A watchdog in a session of its own, which no signal to this one's group reaches; what it logs goes to a file, since this process may be gone. */
function spawnWatchdog(directory: DataDirectory, flags: readonly string[]): StartedWatchdog {
  const log = logFile(directory.file('watchdog.log'));
  try {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, 'watchdog', '--attached', ...flags], {
      detached: true,
      stdio: ['ignore', 'ignore', log],
    });
    child.unref();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}; watchdog.log says why`));
    });
    return { ended };
  } finally {
    closeSync(log);
  }
}

interface GuardContext {
  readonly config: MonstaConfig;
  readonly directory: DataDirectory;
  readonly accountId: AccountId;
  /** The command line that this program was started with: the watchdog reads its configuration by the same. */
  readonly flags: readonly string[];
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly logger: Logger;
}

/** Puts a watchdog over the account, and takes into the ledger what one did while no program ran. Faults: those of the watchdog and of the ledger. */
async function openGuard(context: GuardContext): Promise<Result<WatchdogGuard>> {
  const { accountId: account, clock, config, directory, flags, ledger, logger } = context;
  const guard = new WatchdogGuard({
    directory: directory.path,
    lockFile: directory.file('watchdog.lock'),
    accountId: account,
    ...config.trading.live.watchdog,
    clock,
    logger: logger.child({ part: 'watchdog' }),
    spawn: () => spawnWatchdog(directory, flags),
  });
  const watched = await guard.start();
  if (!watched.ok) {
    guard.end();
    return watched;
  }
  const told = await tellReports(directory.path, account, ledger, logger);
  if (told.ok) return ok(guard);
  guard.end();
  return told;
}

async function tellReports(
  directory: string,
  account: AccountId,
  ledger: Ledger,
  logger: Logger,
): Promise<Result<null>> {
  const reports = readReports(directory).filter((report) => report.accountId === account);
  if (reports.length === 0) return ok(null);
  const divergences = reports.map((report) => ({
    id: `watchdog:${report.lostMs}`,
    accountId: account,
    tsUs: usFromMs(report.endedMs),
    code: 'watchdog_acted',
    message: spokenReport(report),
  }));
  const kept = await ledger.commit({ accountId: account, divergences });
  if (!kept.ok) return kept;
  for (const { message, code } of divergences) logger.warn(message, { code });
  removeReports(directory, account);
  return ok(null);
}

interface LeaseContext {
  readonly cache: Cache;
  /** Nothing may be sent to the account any more; `taken`: another program looks after it now. */
  onLeaseLost(reason: string, taken: boolean): void;
}

interface OpenedLive {
  readonly account: LiveAccount;
  readonly guard: WatchdogGuard;
  readonly lease: AccountLease;
}

/** Everything that live trading stands on, checked and watched over. */
export async function openLive(
  context: LiveContext & Omit<GuardContext, 'accountId'> & LeaseContext,
): Promise<Result<OpenedLive>> {
  const account = await openLiveAccount(context);
  if (!account.ok) return account;
  const { clock, config, directory, logger } = context;
  const lease = await takeAccount({
    accountId: account.value.accountId,
    dataDirectory: resolve(directory.path),
    cache: config.cache.kind === 'redis' ? context.cache : null,
    environment: process.env,
    clock,
    logger,
    onLost: (reason, taken) => context.onLeaseLost(reason, taken),
  });
  if (!lease.ok) return lease;
  const guard = await openGuard({ ...context, accountId: account.value.accountId });
  if (guard.ok) return ok({ account: account.value, guard: guard.value, lease: lease.value });
  await lease.value.release();
  return guard;
}
