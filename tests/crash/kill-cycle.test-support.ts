import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BarMessage, DecisionMessage, FillMessage, ListReply, OrderMessage } from '@monsta/contracts';
import { seededRandom, type Random } from '@monsta/core';
import { onTestFinished } from 'vitest';
import { getJson, runProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const INSTRUMENTS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;

/** In when out and out when in: an order for every instrument at every bar it decides. */
const FLIP = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'flip',
  parameters: {},
  intervals: () => ['1m'],
  onBar(context) {
    context.setTarget(context.position.quantity > 0 ? 0 : 1, { reason: 'the other way' });
  },
});
`;

export interface KillOutcome {
  readonly dataDirectory: string;
  readonly accountId: string;
  readonly ours: ReadonlyMap<string, readonly BarMessage[]>;
  /** Rows of the exchange's own klines, by instrument. */
  readonly theirs: ReadonlyMap<string, readonly (readonly unknown[])[]>;
  readonly orders: readonly OrderMessage[];
  readonly fills: readonly FillMessage[];
  readonly decisions: readonly DecisionMessage[];
  /** Open times, ms, of the first bar that was live. */
  readonly liveFromMs: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function everything<T>(base: string, path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: ListReply<T> = await getJson(
      `${base}${path}?limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Most kills come in the second and a half after a minute's end, when bars close, orders leave and outcomes come. */
function untilKillMs(random: Random): number {
  if (random.next() < 0.25) return 2_000 + random.integer(20_000);
  const toMinute = 60_000 - (Date.now() % 60_000);
  return toMinute + random.integer(1_500);
}

const start = (exchange: RunningProgram, dataDirectory: string, strategy: string): Promise<RunningProgram> =>
  runProgram([
    'start',
    '--json',
    '--venue',
    'binance',
    '--rest-url',
    textOf(exchange, 'restUrl'),
    '--ws-url',
    textOf(exchange, 'wsUrl'),
    '--instruments',
    INSTRUMENTS.join(','),
    '--port',
    '0',
    '--data-dir',
    dataDirectory,
    '--strategy',
    strategy,
    '--log-level',
    'warn',
  ]);

/** True when every role that must be is ready. */
const ready = async (base: string): Promise<boolean> =>
  (await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(5_000) })).status === 200;

/** Runs the platform against an exchange in another process, kills it `kills` times at random moments, and returns what it holds in the end. Its data directory goes with the test. */
export async function killCycle(kills: number, seed: number): Promise<KillOutcome> {
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'monsta-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const strategy = join(folder, 'flip.ts');
  writeFileSync(strategy, FLIP);
  const data = join(folder, 'data');
  const exchange = await runProgram(['venue', 'simulate', '--port', '0', '--seed', String(seed)]);
  let program = await start(exchange, data, strategy);
  try {
    const liveFromMs = Math.ceil(Date.now() / 60_000) * 60_000;
    for (let kill = 0; kill < kills; kill += 1) {
      await until(() => ready(textOf(program, 'url')), Boolean, 60_000, 'readiness');
      await wait(untilKillMs(random));
      await program.kill();
      await wait(random.integer(4_000));
      program = await start(exchange, data, strategy);
    }
    const base = textOf(program, 'url');
    await until(() => ready(base), Boolean, 60_000, 'readiness after the last kill');
    // One more minute's orders, and quiet after them.
    await wait(60_000 - (Date.now() % 60_000) + 5_000);
    await until(
      () => everything<OrderMessage>(base, '/api/v1/orders'),
      (orders) => orders.every((order) => !['pending_submit', 'pending_cancel'].includes(order.status)),
      20_000,
      'the outcome of every order',
    );
    const ours = new Map<string, readonly BarMessage[]>();
    const theirs = new Map<string, readonly (readonly unknown[])[]>();
    for (const instrument of INSTRUMENTS) {
      const reply = await getJson<ListReply<BarMessage>>(
        `${base}/api/v1/bars?instrument=${instrument}&interval=1m&limit=120`,
      );
      ours.set(
        instrument,
        reply.items.filter((bar) => bar.closed),
      );
      theirs.set(
        instrument,
        await getJson(`${textOf(exchange, 'restUrl')}/api/v3/klines?symbol=${instrument}&interval=1m&limit=200`),
      );
    }
    const outcome = {
      dataDirectory: data,
      accountId: textOf(program, 'accountId'),
      ours,
      theirs,
      orders: await everything<OrderMessage>(base, '/api/v1/orders'),
      fills: await everything<FillMessage>(base, '/api/v1/fills'),
      decisions: await everything<DecisionMessage>(base, '/api/v1/decisions'),
      liveFromMs,
    };
    const code = await program.stop();
    if (code !== 0) throw new Error(`the program ended with ${code} on SIGTERM:\n${program.log()}`);
    return outcome;
  } finally {
    await program.kill();
    await exchange.kill();
  }
}
