import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BareSync } from './order-path/bare-sync.ts';
import type { Passage } from './order-path/passage.ts';
import type { Peer, PeerTimes } from './order-path/peers.ts';
import { startExchange, type ServedTo } from './order-path/served.ts';
import { startTrader, type Trader } from './order-path/trader.ts';
import { watchWire } from './order-path/wire.ts';
import { spread, type BenchCase, type BenchComparison, type BenchOptions, type BenchReport } from './report.ts';

const TITLE =
  'The order path: market data frame → kernel → durable intent → signed order on the socket, and the acknowledgement back';
/** Of this machine's disk, not of memory. */
const DIRECTORY = join(import.meta.dirname, '../.bench');
const WARM_UP_ORDERS = 20;

/** What is reported of our orders, by its name. */
const PARTS = {
  eventToKernelMs: 'event to kernel',
  kernelMs: 'kernel',
  intentMs: 'intent durable',
  decisionToSocketMs: 'decision to socket',
  socketToSocketMs: 'socket to socket',
  intentToSocketMs: 'durable intent to socket',
  intentToKnownMs: 'durable intent to known',
  knownToKernelMs: 'acknowledgement to kernel',
  knownDurableMs: 'acknowledgement durable',
} as const;
type Part = keyof typeof PARTS;
const isPart = (name: string): name is Part => name in PARTS;
const AIMS: Partial<Record<Part, number>> = { kernelMs: 0.2, socketToSocketMs: 5 };

/** Times by the name of what was timed; p50 and p99 of each round. */
class Times {
  readonly #round = new Map<string, number[]>();
  readonly #samples = new Map<string, number[]>();

  add(name: string, ms: number): void {
    const times = this.#round.get(name) ?? [];
    times.push(ms);
    this.#round.set(name, times);
  }

  endRound(): void {
    for (const [name, times] of this.#round) {
      times.sort((left, right) => left - right);
      for (const percent of [50, 99]) {
        const key = `${name} p${percent}`;
        const sample = times[Math.min(times.length - 1, Math.floor((times.length * percent) / 100))] ?? Number.NaN;
        this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
      }
    }
    this.#round.clear();
  }

  cases(): readonly BenchCase[] {
    const aims = new Map(Object.entries(AIMS).map(([part, aim]) => [isPart(part) ? `${PARTS[part]} p50` : part, aim]));
    return [...this.#samples].map(([name, samples]) => {
      const aimAtMost = aims.get(name);
      return { name, unit: 'ms', better: 'lower', samples, ...(aimAtMost === undefined ? {} : { aimAtMost }) };
    });
  }
}

async function startPeers(served: ServedTo) {
  const worker = new Worker(new URL('order-path/peers.ts', import.meta.url), { workerData: served });
  await once(worker, 'message');
  return {
    async order(peer: Peer): Promise<PeerTimes> {
      worker.postMessage(peer);
      const [times] = (await once(worker, 'message')) as [PeerTimes];
      return times;
    },
    stop: () => worker.terminate(),
  };
}

/** The bytes that the intent of an order adds to the ledger's log. */
async function bytesOfIntent(trader: Trader): Promise<number> {
  const sizes: number[] = [];
  trader.lookAtLog(true);
  for (let order = 0; order < WARM_UP_ORDERS; order += 1) {
    const { intentBytes } = await trader.order();
    if (intentBytes !== null) sizes.push(intentBytes);
  }
  trader.lookAtLog(false);
  return spread(sizes).median;
}

const comparisons: readonly BenchComparison[] = [
  { case: 'intent durable p50', baseline: 'bare write and sync p50' },
  { case: 'durable intent to socket p50', baseline: 'bare POST: call to socket p50' },
  { case: 'durable intent to socket p50', baseline: 'ccxt: call to socket p50' },
  { case: 'durable intent to known p50', baseline: 'bare POST: call to answer p50' },
  { case: 'durable intent to known p50', baseline: 'ccxt: call to answer p50' },
];

/**
 * Orders of the trading role at the simulated exchange, which runs in a process of its own on loopback: what each part of the way takes, beside a bare sync of
 * as many bytes, a bare signed POST and ccxt's `createOrder`, in turns. `--set orders=N`: orders of each a round, default 100.
 */
export async function run({ rounds, seed, settings, log }: BenchOptions): Promise<BenchReport> {
  const orders = Number(settings['orders'] ?? 100);
  mkdirSync(DIRECTORY, { recursive: true });
  const directory = mkdtempSync(join(DIRECTORY, 'order-path-'));
  const wire = watchWire();
  const exchange = await startExchange(seed);
  const trader = await startTrader(exchange.served, directory, wire);
  const peers = await startPeers(exchange.served);
  const intentBytes = Math.round(await bytesOfIntent(trader));
  const sync = new BareSync(join(directory, 'bare'), intentBytes);
  const times = new Times();
  let reportsFirst = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let order = 0; order < orders; order += 1) {
      const passage: Passage = await trader.order();
      if (passage.first === 'report') reportsFirst += 1;
      for (const [part, ms] of Object.entries(passage)) if (isPart(part)) times.add(PARTS[part], Number(ms));
      times.add('bare write and sync', sync.write());
      for (const [peer, name] of [
        ['bare', 'bare POST'],
        ['ccxt', 'ccxt'],
      ] as const) {
        const { toSocketMs, totalMs } = await peers.order(peer);
        times.add(`${name}: call to socket`, toSocketMs);
        times.add(`${name}: call to answer`, totalMs);
      }
    }
    times.endRound();
    log(`round ${round + 1} of ${rounds}`);
  }
  await peers.stop();
  await trader.stop();
  await exchange.stop();
  sync.close();
  rmSync(directory, { recursive: true, force: true });
  const facts = {
    orders: orders * rounds,
    intentBytes,
    reportsFirst,
    barClosedBy: 'a trade or quote, not the minute',
  };
  return { title: TITLE, cases: times.cases(), comparisons, facts, skipped: null };
}
