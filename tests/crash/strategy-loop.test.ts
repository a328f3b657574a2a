import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** Fails where nobody can catch it: nothing says any more what state its thread is in. */
const BOMB = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'bomb',
  parameters: {},
  intervals: () => ['1m'],
  onBar() {
    setTimeout(() => { throw new Error('thrown where nobody catches'); });
  },
});
`;

interface Strategy {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
}

interface Decision {
  readonly strategyId: string;
  readonly action: string;
  readonly timeMs: number;
  readonly orders: readonly string[];
  readonly wanted: { readonly reason?: string } | null;
}

const MINUTES = 90;
const ENDED = "FROM orders WHERE status IN ('rejected', 'canceled', 'expired')";

/** Everything of the ledger's tables that a lost or a doubled order would show in. */
function ledgerOf(data: string) {
  const database = new DatabaseSync(join(data, 'ledger.sqlite'), { readOnly: true });
  const count = (sql: string): number => Number((database.prepare(sql).get() as { n: number }).n);
  try {
    return {
      orders: count('SELECT count(*) AS n FROM orders'),
      // Market orders fill, but for those that were on their way to the venue as the thread was ended: found out, and said.
      lost: database
        .prepare(`SELECT status, reason_code, reason ${ENDED} AND reason_code IS NOT 'never_arrived'`)
        .all(),
      neverArrived: count(`SELECT count(*) AS n ${ENDED} AND reason_code = 'never_arrived'`),
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

const strategiesOf = async (base: string): Promise<ReadonlyMap<string, Strategy>> =>
  new Map(
    (await getJson<{ readonly items: readonly Strategy[] }>(`${base}/api/v1/strategies`)).items.map((each) => [
      each.id,
      each,
    ]),
  );

const cutOffs = async (base: string): Promise<string | undefined> => {
  const reply = await fetch(`${base}/metrics`, { signal: AbortSignal.timeout(10_000) });
  return /^monsta_trading_cut_offs_total (\d+)$/m.exec(await reply.text())?.[1];
};

/** After a start: the strategy is still what it was, until a person starts it. */
async function staysFailed(folder: string, token: string): Promise<void> {
  const again = await playing(folder);
  const base = textOf(again, 'url');
  const found = await until(
    () => strategiesOf(base),
    (strategies) => strategies.get('flip')?.status === 'running',
    60_000,
    'strategies after the start',
  );
  expect(found.get('loop')).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('had not returned') as string,
  });
  expect(await cutOffs(base)).toBe('0');
  const started = await fetch(`${base}/api/v1/strategies/loop/state`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ state: 'running', reason: 'mended' }),
  });
  expect(started.status).toBe(200);
  await until(
    () => strategiesOf(base),
    (strategies) => strategies.get('loop')?.status === 'running',
    10_000,
    'the strategy to be started',
  );
  expect(await again.stop()).toBe(0);
}

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
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-loop-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
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
    expect((await strategiesOf(base)).get('loop')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/onBar had not returned after 2\d{3} ms/) as string,
    });
    expect(await cutOffs(base)).toBe('1');
    const since = Math.min(...decisions.filter(({ action }) => action === 'not_trading').map(({ timeMs }) => timeMs));
    // A busy machine may have its data stale for a while, and nothing is bought then.
    await until(
      async () =>
        (await decisionsOf(base, token))
          .filter(({ strategyId, timeMs }) => strategyId === 'flip' && timeMs > since)
          .map(({ action }) => action),
      (actions) => actions.includes('enter') && actions.includes('exit'),
      60_000,
      'trades of the other strategy after the loop',
    );
    expect(program.log()).toContain('a strategy does not return');
    expect(program.log()).toMatch(/strategy loop: it did not return at .*loop\.ts/);
    expect(await program.stop()).toBe(0);
    await replaysAsItRan(folder);
    await staysFailed(folder, token);
    const ledger = ledgerOf(join(folder, 'data'));
    expect(ledger).toMatchObject({ lost: [], divergences: 0 });
    expect(ledger.neverArrived).toBeLessThanOrEqual(2);
    const sent = decisions.flatMap(({ orders }) => orders);
    expect(new Set(sent).size).toBe(sent.length);
    expect(ledger.orders).toBeGreaterThanOrEqual(sent.length);
    expect(sent.length).toBeGreaterThan(6);
  },
);

it('a trading thread that dies of anything else ends the process', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-bomb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeTape(join(folder, 'tape.ndjson'), { BTCUSDT: 60_000 }, 30);
  writeFileSync(join(folder, 'bomb.ts'), BOMB);
  const program = await startProgram([
    ...['--port', '0', '--data-dir', join(folder, 'data'), '--log-level', 'error', '--roles'],
    'price-collector,ai-trading,api-gateway,websocket-server',
    ...['--venue', 'replay', '--recording', join(folder, 'tape.ndjson'), '--speed', '60'],
    ...['--strategy', join(folder, 'bomb.ts')],
  ]);
  onTestFinished(() => program.kill());
  expect(await program.exited(90_000)).toBe(1);
  expect(program.log()).toMatch(/the trading thread ended: .*thrown where nobody catches/);
  // It is what the next start recovers from: nothing of it stays locked.
  expect(ledgerOf(join(folder, 'data'))).toMatchObject({ lost: [], divergences: 0 });
});
