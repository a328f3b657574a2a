import { randomInt } from 'node:crypto';
import { systemClock } from '@monsta/clock-system';
import { ok, seededRandom, type InstrumentId, type Result } from '@monsta/core';
import { openFileJournal } from '@monsta/journal-file';
import type { Clock, ExecutionVenue, Ledger, Telemetry } from '@monsta/ports';
import { isKernelOrderId, knownUntilUs } from '@monsta/trading';
import {
  createBinanceConnection,
  createBinanceCredentials,
  createBinanceExecution,
  openBinanceSymbolRules,
} from '@monsta/venue-binance';
import { createPaperVenue } from '@monsta/venue-paper';
import { addressesOf } from '../compose/exchange-addresses.ts';
import type { LiveAccount } from '../compose/live.ts';
import { openTransport } from '../compose/transport.ts';
import { isRemote } from '../config/names.ts';
import { remoteCache } from '../runtime/cache-bridge.ts';
import type { TradingThreadData } from './protocol.ts';

interface ExecutionVenueParts {
  readonly data: TradingThreadData;
  readonly ledger: Ledger;
  /** Of the venue's time. */
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly closers: (() => Promise<void> | void)[];
}

const CACHE_TIMEOUT_MS = 1_000;

/** Where orders go: to the paper account, or to the account of an exchange. */
export function openExecutionVenue(parts: ExecutionVenueParts): Promise<Result<ExecutionVenue>> {
  const { live } = parts.data;
  return live === null ? openPaper(parts) : openExchange(parts, live);
}

async function openPaper({ data, clock, telemetry, closers }: ExecutionVenueParts): Promise<Result<ExecutionVenue>> {
  const { config, paths } = data;
  const { logger } = telemetry;
  // The paper account itself: a few records an order, with snapshots, and never to be thinned out like the kernel's inputs.
  const journal = await openFileJournal({
    directory: paths.paperJournal,
    clock,
    logger,
    syncIntervalMs: config.journal.syncIntervalMs,
  });
  if (!journal.ok) return journal;
  closers.push(() => journal.value.close());
  const venue = await createPaperVenue({ journal: journal.value, config: config.paper, logger, name: 'paper' });
  if (venue.ok) closers.push(() => venue.value.close());
  return venue;
}

/** What is traded now, and what an earlier run with other instruments left open or holds. */
async function symbolsOf({ data, ledger }: ExecutionVenueParts): Promise<Result<readonly InstrumentId[]>> {
  const open = await ledger.openOrders(data.accountId);
  if (!open.ok) return open;
  const positions = await ledger.positions(data.accountId);
  if (!positions.ok) return positions;
  const held = positions.value.filter(({ openedUs }) => openedUs !== null);
  return ok([
    ...new Set([
      ...data.instruments,
      ...open.value.map(({ value }) => value.instrument),
      ...held.map(({ instrument }) => instrument),
    ]),
  ]);
}

async function openExchange(parts: ExecutionVenueParts, live: LiveAccount): Promise<Result<ExecutionVenue>> {
  const { data, telemetry, closers } = parts;
  const { config } = data;
  const { logger, metrics } = telemetry;
  const { name } = config.venue;
  if (!isRemote(name)) throw new RangeError(`${name} has no accounts`);
  const credentials = createBinanceCredentials(live.key);
  if (!credentials.ok) return credentials;
  const symbols = await symbolsOf(parts);
  if (!symbols.ok) return symbols;
  const account = await parts.ledger.account(data.accountId);
  if (!account.ok) return account;
  const agreedUs = knownUntilUs(account.value);
  const transport = openTransport(config.transport, process.env, logger);
  if (!transport.ok) return transport;
  closers.push(() => transport.value.close());
  // Not the venue's clock: the connection measures it by this one.
  const clock = systemClock();
  const connection = createBinanceConnection({
    name,
    ...addressesOf(name, config),
    clock,
    transport: transport.value,
    logger,
    metrics,
    random: seededRandom(randomInt(4_294_967_296 - 1)),
    cache: remoteCache(data.cachePort, clock, CACHE_TIMEOUT_MS),
    config: config.binance.rest,
  });
  closers.push(() => connection.stop());
  const rules = await openBinanceSymbolRules({ connection, symbols: symbols.value });
  if (!rules.ok) return rules;
  closers.push(() => rules.value.stop());
  const venue = await createBinanceExecution({
    connection,
    account: { name: data.accountId, credentials: credentials.value },
    symbols: symbols.value,
    rulesOf: (symbol) => rules.value.rulesOf(symbol),
    isOurs: isKernelOrderId,
    // What came and went while the program was down; what the ledger has already is known by its id.
    ...(agreedUs === null ? {} : { knownUntilUs: agreedUs }),
    onRulesDoubted: () => rules.value.doubt(),
    config: config.binance.execution,
  });
  if (!venue.ok) return venue;
  closers.push(() => venue.value.close());
  for (const symbol of data.instruments) {
    const fees = await venue.value.fees(symbol);
    if (!fees.ok) return fees;
    const { makerPpm, takerPpm } = fees.value;
    const { cashReservePpm } = config.trading.role.risk;
    logger.info('fees of the account', { instrument: symbol, makerPpm, takerPpm });
    if (takerPpm > cashReservePpm)
      logger.warn('what is kept of the cash for fees is less than the fee: entries may be refused by the exchange', {
        instrument: symbol,
        takerPpm,
        cashReservePpm,
      });
  }
  return venue;
}
