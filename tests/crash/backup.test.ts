import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { getJson, ROOT, startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';
import { writeTape } from '../support/tape.test-support.ts';

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

/** Ids of all orders, in the order that the ledger took them in. */
function ordersOf(data: string): readonly string[] {
  const database = new DatabaseSync(join(data, 'ledger.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT client_order_id FROM orders ORDER BY row').all();
    return rows.map((row) => String(row['client_order_id']));
  } finally {
    database.close();
  }
}

function trading(folder: string, data: string): Promise<RunningProgram> {
  return startProgram([
    ...['--port', '0', '--data-dir', data, '--log-level', 'warn', '--speed', '60'],
    ...['--roles', 'price-collector,ai-trading,api-gateway,websocket-server'],
    ...['--venue', 'replay', '--recording', join(folder, 'tape.ndjson'), '--strategy', join(folder, 'flip.ts')],
  ]);
}

const codeOf = ({ document }: CommandOutcome): unknown =>
  (document as { readonly error?: { readonly code: unknown } } | null)?.error?.code ?? null;

it(
  'a backup that is made while the program trades is a point in time: restored elsewhere, it starts, reconciles and goes on',
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-backup-'));
    const inFolder = (name: string): string => join(folder, name);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    writeTape(inFolder('tape.ndjson'), { BTCUSDT: 60_000, ETHUSDT: 3_000 }, 120);
    writeFileSync(inFolder('flip.ts'), FLIP);
    const program = await trading(folder, inFolder('data'));
    onTestFinished(() => program.kill());
    await until(
      () => Promise.resolve(ordersOf(inFolder('data'))),
      (orders) => orders.length >= 4,
      60_000,
      'orders',
    );

    const backUp = (name: string): Promise<CommandOutcome> =>
      runCommand(['backup', inFolder(name), '--json', '--data-dir', inFolder('data')]);
    const before = ordersOf(inFolder('data'));
    expect(await backUp('one')).toMatchObject({ status: 0 });
    const during = ordersOf(inFolder('one'));
    await until(
      () => Promise.resolve(ordersOf(inFolder('data'))),
      (orders) => orders.length >= during.length + 2,
      60_000,
      'orders after the backup',
    );
    // A prefix of what the ledger holds now, and no shorter than what it held as the backup began.
    const after = ordersOf(inFolder('data'));
    expect(during).toEqual(after.slice(0, during.length));
    expect(during.length).toBeGreaterThanOrEqual(before.length);
    expect(readdirSync(inFolder('one'))).not.toContain('secrets.key');
    expect(codeOf(await backUp('one'))).toBe('backup_exists');

    const restoreTo = (data: string, from = 'one', ...flags: readonly string[]): Promise<CommandOutcome> =>
      runCommand(['restore', inFolder(from), '--json', '--data-dir', inFolder(data), ...flags]);
    expect(codeOf(await restoreTo('data'))).toBe('data_dir_locked');
    expect(codeOf(await restoreTo('data', 'one', '--force'))).toBe('data_dir_locked');
    expect(await program.stop()).toBe(0);
    expect(codeOf(await restoreTo('data'))).toBe('data_dir_not_empty');
    expect(await restoreTo('other')).toMatchObject({ status: 0 });
    expect(ordersOf(inFolder('other'))).toEqual(during);

    const again = await trading(folder, inFolder('other'));
    onTestFinished(() => again.kill());
    const base = textOf(again, 'url');
    await until(
      () => getJson<unknown>(`${base}/readyz`),
      () => true,
      60_000,
      'readiness',
    );
    await until(
      () => Promise.resolve(ordersOf(inFolder('other'))),
      (all) => all.length > during.length,
      60_000,
      'orders',
    );
    expect(await again.stop()).toBe(0);
    expect(ordersOf(inFolder('other')).slice(0, during.length)).toEqual(during);

    // One bit of a journal, and a whole file.
    const journal = readdirSync(inFolder('one'), { recursive: true, encoding: 'utf8' }).find((path) =>
      /^paper.*\.journal$/.test(path),
    );
    cpSync(inFolder('one'), inFolder('bad'), { recursive: true });
    const bytes = readFileSync(join(inFolder('bad'), journal ?? ''));
    bytes[bytes.length - 40] = (bytes.at(-40) ?? 0) ^ 1;
    writeFileSync(join(inFolder('bad'), journal ?? ''), bytes);
    expect(codeOf(await restoreTo('third', 'bad'))).toBe('backup_corrupt');
    rmSync(join(inFolder('bad'), 'ledger.sqlite'));
    expect(codeOf(await restoreTo('third', 'bad'))).toBe('backup_corrupt');
    expect(existsSync(inFolder('third'))).toBe(false);

    // With --force what was there is kept aside.
    expect(await restoreTo('data', 'one', '--force')).toMatchObject({ status: 0 });
    expect(ordersOf(inFolder('data'))).toEqual(during);
    const aside = readdirSync(folder).find((name) => name.startsWith('data.before-'));
    expect(ordersOf(inFolder(aside ?? ''))).toEqual(expect.arrayContaining([...after]));
  },
);

it('a backup that is killed at any moment leaves a whole one or none', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-backup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const data = join(folder, 'data');
  writeTape(join(folder, 'tape.ndjson'), { BTCUSDT: 60_000 }, 5);
  writeFileSync(join(folder, 'flip.ts'), FLIP);
  await (await trading(folder, data)).stop();
  const kinds = { whole: 0, none: 0 };
  // The last one has all the time it wants: beside what the killed ones left, however slow this machine is.
  for (const killMs of [...Array.from({ length: 10 }, (_, index) => 100 + index * 130), 60_000]) {
    const to = join(folder, `backup-${killMs}`);
    const argv = [join(ROOT, 'apps/monsta/src/main.ts'), 'backup', to, '--data-dir', data];
    const child = spawn(process.execPath, argv, { cwd: ROOT, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), killMs);
    await once(child, 'exit');
    clearTimeout(timer);
    if (!existsSync(to)) {
      kinds.none += 1;
      continue;
    }
    kinds.whole += 1;
    const restored = await runCommand(['restore', to, '--json', '--data-dir', join(folder, `restored-${killMs}`)]);
    expect(restored.status).toBe(0);
  }
  expect(kinds.none).toBeGreaterThan(0);
  expect(kinds.whole).toBeGreaterThan(0);
});
