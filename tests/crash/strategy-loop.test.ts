import { appendFileSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { getJson, startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';
import { writeTape } from '../support/tape.test-support.ts';

/** Trades at each bar. */
const FLIP = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'flip',
  parameters: {},
  intervals: () => ['1m'],
  onBar({ position, setTarget }) {
    setTarget(position.quantity > 0 ? 0 : 1);
  },
});
`;

/** Trades at each bar too, and never returns from the fourth. */
const LOOP = `import { defineStrategy } from 'monsta';
let bars = 0;
export default defineStrategy({
  name: 'loop',
  parameters: {},
  intervals: () => ['1m'],
  onBar({ position, setTarget }) {
    bars += 1;
    setTarget(position.quantity > 0 ? 0 : 1);
    while (bars >= 4) {}
  },
});
`;

interface Decision {
  readonly strategyId: string;
  readonly action: string;
  readonly timeMs: number;
  readonly orders: readonly string[];
  readonly wanted: { readonly reason?: string } | null;
}

const MINUTES = 90;
const ENDED = "SELECT count(*) AS n FROM orders WHERE status IN ('rejected', 'canceled', 'expired')";

/** Everything of the ledger's tables that a lost or a doubled order would show in. */
function ledgerOf(data: string) {
  const database = new DatabaseSync(join(data, 'ledger.sqlite'), { readOnly: true });
  const count = (sql: string): number => Number((database.prepare(sql).get() as { n: number }).n);
  try {
    return {
      orders: count('SELECT count(*) AS n FROM orders'),
      // Market orders fill, but for those that were on their way to the venue as the thread was ended: found out, and said.
      lost: count(`${ENDED} AND reason_code <> 'never_arrived'`),
      neverArrived: count(`${ENDED} AND reason_code = 'never_arrived'`),
      divergences: count('SELECT count(*) AS n FROM divergences'),
    };
  } finally {
    database.close();
  }
}

const decisionsOf = async (base: string, token: string): Promise<readonly Decision[]> =>
  (
    await getJson<{ readonly items: readonly Decision[] }>(`${base}/api/v1/decisions?limit=200`, {
      authorization: `Bearer ${token}`,
    })
  ).items;

async function playing(folder: string): Promise<RunningProgram> {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const tape = join(folder, 'tape.ndjson');
  writeTape(tape, { BTCUSDT: 60_000, ETHUSDT: 3_000 }, MINUTES);
  const program = await startProgram([
    ...['--port', '0', '--data-dir', join(folder, 'data'), '--log-level', 'error', '--roles'],
    'price-collector,ai-trading,api-gateway,websocket-server',
    ...['--venue', 'replay', '--recording', tape, '--speed', '30'],
    ...['--strategy', write('loop.ts', LOOP), '--instruments', 'ETHUSDT'],
    ...['--strategy', write('flip.ts', FLIP), '--instruments', 'BTCUSDT,ETHUSDT'],
  ]);
  onTestFinished(async () => void (await program.stop()));
  return program;
}

/** The journal of both threads' lives comes to the same commands, up to the very call that did not return; a strategy file that was changed is found. */
async function replaysAsItRan(folder: string): Promise<void> {
  const journals = join(folder, 'data', 'journal');
  const [account = ''] = readdirSync(journals);
  const replay = (): Promise<CommandOutcome> => runCommand(['replay', '--json', join(journals, account)]);
  const same = await replay();
  expect(same.document).toMatchObject({ lives: 2, unchecked: 0, gaps: 0, difference: null });
  expect((same.document as { readonly commands: number }).commands).toBeGreaterThan(6);
  expect(same.status).toBe(0);
  appendFileSync(join(folder, 'flip.ts'), '// changed\n');
  const changed = await replay();
  expect(changed).toMatchObject({ status: 1, document: { error: { code: 'replay_strategy' } } });
}

it(
  'a strategy that never returns is stopped alone: the others trade on, and no order is lost or doubled',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-loop-'));
    const program = await playing(folder);
    const base = textOf(program, 'url');
    const token = textOf(program, 'adminToken');
    const decisions = await until(
      () => decisionsOf(base, token),
      (found) =>
        found.filter(({ strategyId, action }) => strategyId === 'loop' && action === 'not_trading').length >= 3,
      120_000,
      'decisions after the loop',
    );
    // The bar it looped at was never decided by it, and is told as what was missed.
    const looped = decisions.find(({ strategyId, action }) => strategyId === 'loop' && action === 'not_trading');
    expect(looped?.wanted?.reason).toMatch(/onBar had not returned after 2\d{3} ms/);
    const since = Math.min(...decisions.filter(({ action }) => action === 'not_trading').map(({ timeMs }) => timeMs));
    const later = decisions.filter(({ strategyId, timeMs }) => strategyId === 'flip' && timeMs > since);
    expect(later.map(({ action }) => action)).toContain('enter');
    expect(later.map(({ action }) => action)).toContain('exit');
    expect(program.log()).toContain('a strategy does not return');
    expect(program.log()).toMatch(/strategy loop: it did not return at .*loop\.ts/);
    expect(await program.stop()).toBe(0);
    await replaysAsItRan(folder);
    const ledger = ledgerOf(join(folder, 'data'));
    expect(ledger).toMatchObject({ lost: 0, divergences: 0 });
    expect(ledger.neverArrived).toBeLessThanOrEqual(2);
    const sent = decisions.flatMap(({ orders }) => orders);
    expect(new Set(sent).size).toBe(sent.length);
    expect(ledger.orders).toBeGreaterThanOrEqual(sent.length);
    expect(sent.length).toBeGreaterThan(6);
  },
);
