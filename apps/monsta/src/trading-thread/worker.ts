import { randomInt } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { createAiTrading, type TradingRole } from '@monsta/ai-trading';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { systemClock } from '@monsta/clock-system';
import { internalSubjects, topics } from '@monsta/contracts';
import { ok, seededRandom, type Fault, type Result } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openFileJournal } from '@monsta/journal-file';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Role } from '@monsta/ports';
import { createTelemetry } from '@monsta/telemetry-node';
import type { ConfiguredStrategy } from '@monsta/trading';
import { strategyEntries } from '../config/strategies.ts';
import { remoteMarketHistory } from '../runtime/history-bridge.ts';
import { bridgeStreams } from '../runtime/stream-bridge.ts';
import { createVenueClock } from '../runtime/venue-clock.ts';
import { openStrategies } from '../strategies/configured.ts';
import { strategyFile, strategySource } from '../strategies/source.ts';
import { VERSION } from '../version.ts';
import { openExecutionVenue } from './execution-venue.ts';
import { strategyCallRecorder, type StuckCall } from './strategy-calls.ts';
import type { FromTradingThread, ToTradingThread, TradingThreadData } from './protocol.ts';
import { watchTimers } from './timer-lateness.ts';

const IN_FLIGHT_MAX = 50_000;
const HISTORY_TIMEOUT_MS = 30_000;
const READINESS_INTERVAL_MS = 250;

const data = workerData as TradingThreadData;
const clock = createVenueClock(systemClock(), data.clock);
const telemetry = createTelemetry({ level: data.config.log.level, service: 'monsta', processMetrics: false });
const logger = telemetry.logger.child({ role: 'ai-trading' });
const closers: (() => Promise<void> | void)[] = [];

function tell(message: FromTradingThread): void {
  parentPort?.postMessage(message);
}

async function build(): Promise<Result<TradingRole>> {
  const { config, paths } = data;
  const strategies = await openStrategies(config.trading.strategies, data.instruments, config.collector.intervals);
  if (!strategies.ok) return strategies;
  const ledger = await openSqliteLedger({ path: paths.ledger, verify: false });
  if (!ledger.ok) return ledger;
  closers.push(() => ledger.value.close());
  const journal = await openFileJournal({ directory: paths.kernelJournal, clock, logger, ...config.journal });
  if (!journal.ok) return journal;
  closers.push(() => journal.value.close());
  const venue = await openExecutionVenue({
    data,
    ledger: ledger.value,
    clock,
    telemetry: { ...telemetry, logger },
    closers,
  });
  if (!venue.ok) return venue;
  const stream = createMemoryEventStream({ clock, logger, epoch: data.epoch });
  closers.push(() => stream.close());
  const bridge = bridgeStreams({
    port: data.streamPort,
    stream,
    outbound: [
      topics.orders,
      topics.fills,
      topics.positions,
      topics.account,
      topics.decisions,
      topics.alerts,
      topics.strategies,
      topics.risk,
      topics.tradingState,
      internalSubjects.tradingReplies,
      internalSubjects.rulesDoubted,
    ],
    inFlightMax: IN_FLIGHT_MAX,
    logger,
    onOverflow: (dropped) =>
      logger.error('the main thread does not take what the trading thread tells it', { dropped }),
  });
  if (!bridge.ok) return bridge;
  closers.push(() => bridge.value.close());
  const timers = watchTimers(clock, telemetry.metrics);
  closers.push(() => timers.close());
  return ok(
    createAiTrading({
      stream,
      ledger: ledger.value,
      journal: journal.value,
      venue: venue.value,
      history: remoteMarketHistory(data.historyPort, clock, HISTORY_TIMEOUT_MS),
      clock,
      random: seededRandom(randomInt(2 ** 32 - 1)),
      telemetry: { logger, metrics: telemetry.metrics },
      config: aiTradingConfigSchema.parse(config.trading.role),
      strategies: strategies.value,
      intervals: config.collector.intervals,
      watch: strategyCallRecorder(data.strategyCalls),
      life: {
        version: VERSION,
        sources: strategyEntries(config.trading.strategies).flatMap(({ strategy }) => strategySource(strategy) ?? []),
        cutOff: data.stuck.at(-1) ?? null,
      },
      cutOff: data.stuck.flatMap((call) => cutOffOf(call, strategies.value)),
      accountId: data.accountId,
      alerts: config.alerts,
      origin: data.origin,
      mode: data.live === null ? 'paper' : 'live',
      exposureMax: data.live?.exposureMax ?? null,
      // The paper account's orders live on beside the program, as its market does.
      onStop: data.live === null ? 'keep-all' : config.trading.live.onStop,
      onFatal: ({ code, message }) => tell({ kind: 'fatal', code, message }),
    }),
  );
}

/** What is said of a strategy that had to be cut off. */
function cutOffOf({ strategyIndex, handler, ranMs }: StuckCall, strategies: readonly ConfiguredStrategy[]) {
  const id = strategies[strategyIndex]?.id;
  if (id === undefined) return [];
  const file = strategyFile(strategyEntries(data.config.trading.strategies)[strategyIndex]?.strategy ?? '');
  return [{ strategyId: id, failure: { message: `${handler} had not returned after ${ranMs} ms`, file, line: null } }];
}

const failed = ({ code, message }: Fault): void => tell({ kind: 'failed', code, message });

function watchReadiness(role: Role): void {
  let last = '';
  const look = (): void => {
    const readiness = role.readiness();
    const text = JSON.stringify(readiness);
    if (text !== last) tell({ kind: 'readiness', readiness });
    last = text;
    clock.setTimer(READINESS_INTERVAL_MS, look);
  };
  look();
}

async function close(): Promise<void> {
  for (const closer of closers.splice(0).toReversed()) await closer();
  data.historyPort.close();
  data.cachePort.close();
}

async function handle(message: ToTradingThread, role: TradingRole): Promise<void> {
  switch (message.kind) {
    case 'clock':
      clock.set(message.sample);
      tell({ kind: 'alive' });
      break;
    case 'metrics':
      tell({ kind: 'metrics', id: message.id, body: (await telemetry.metrics.expose()).body });
      break;
    case 'drain':
      await role.drain();
      tell({ kind: 'drained', settled: role.settled });
      break;
    case 'stop':
      await role.stop();
      await close();
      tell({ kind: 'stopped' });
      parentPort?.close();
      break;
  }
}

const role = await build();
if (!role.ok) {
  await close();
  failed(role.fault);
} else {
  // An error that escapes ends the thread, and with it the process: the next start recovers.
  parentPort?.on('message', (message: ToTradingThread) => void handle(message, role.value));
  const started = await role.value.start();
  if (started.ok) {
    watchReadiness(role.value);
    tell({ kind: 'started' });
  } else {
    await close();
    failed(started.fault);
  }
}
