import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { startProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'monsta-models-'));
const data = join(folder, 'data');
const config = join(folder, 'config.json');
const models = { executors: [{ name: 'logistic-regression' }], intervals: ['1h'], resamples: 200 };
writeFileSync(config, JSON.stringify({ venue: { instruments: ['BTCUSDT'] }, models }));

const LINE = 'BTCUSDT-1h-logistic-regression';
const running: RunningProgram[] = [];
afterAll(async () => {
  for (const program of running) await program.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function live(): Promise<{ readonly program: RunningProgram; readonly url: string }> {
  const flags = ['--config', config, '--port', '0', '--data-dir', data, '--trading', 'off'];
  const program = await startProgram([...flags, '--log-level', 'info']);
  running.push(program);
  const url = textOf(program, 'url');
  await until(
    () => fetch(`${url}/readyz`),
    ({ status }) => status === 200,
    90_000,
    'readiness',
  );
  return { program, url };
}

const listed = async (url: string) =>
  unwrap(await new MonstaClient({ baseUrl: url }).models()).items.map(({ id, state }) => `${id} ${state}`);
const said = async (url: string) =>
  unwrap(await new MonstaClient({ baseUrl: url }).predictions({ instrument: 'BTCUSDT' })).items[0];

describe('the models of the program', { timeout: 240_000 }, () => {
  it('are listed, retired and promoted on the command line, serve again after a death, and are trained anew where their file is damaged', async () => {
    const first = await live();
    const token = textOf(first.program, 'adminToken');
    // While the backfill goes on behind the newest bars, a model of few bars is followed by one of more.
    const client = new MonstaClient({ baseUrl: first.url });
    const found = await until(
      async () => unwrap(await client.models()).items.find(({ state, bars }) => state === 'serving' && bars > 8_000),
      (model) => model !== undefined,
      90_000,
      'a model of the whole history',
    );
    const id = found?.id ?? '';
    expect(id).toMatch(new RegExp(`^${LINE}-\\d$`));
    const ask = (words: readonly string[], url: string) =>
      runCommand(['models', ...words, '--url', url, '--json'], { environment: { MONSTA_TOKEN: token } });

    const list = await ask(['list'], first.url);
    expect(list.status).toBe(0);
    // The newest first; one of few bars may be behind it.
    const { items } = JSON.parse(list.stdout) as { readonly items: readonly unknown[] };
    expect(items[0]).toMatchObject({ id, state: 'serving', model: 'logistic-regression' });
    const before = await said(first.url);
    expect(before?.score?.rows).toBeGreaterThan(1_000);

    expect((await ask(['retire', id], first.url)).status).toBe(0);
    expect((await said(first.url))?.absence?.code).toBe('retired');
    expect((await ask(['retire', id], first.url)).status).toBe(1);
    expect((await ask(['show', 'NONE'], first.url)).status).toBe(1);
    const promoted = await ask(['promote', id], first.url);
    expect(JSON.parse(promoted.stdout)).toMatchObject({ state: 'serving', decision: { code: 'promoted' } });
    expect((await said(first.url))?.trainedAtMs).toBe(before?.trainedAtMs);
    await first.program.kill();

    const second = await live();
    expect(await listed(second.url)).toContain(`${id} serving`);
    const again = await said(second.url);
    expect([again?.trainedAtMs, again?.score]).toEqual([before?.trainedAtMs, before?.score]);
    expect(second.program.log()).toContain('a kept model serves');
    expect(second.program.log()).not.toContain('a model was trained');
    await second.program.kill();

    const shelf = join(data, 'models', readdirSync(join(data, 'models'))[0] ?? '');
    const file = join(shelf, `${id}.model`);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -500));
    const third = await live();
    expect(await listed(third.url)).toContain(`${id} replaced`);
    await until(
      () => listed(third.url),
      ([newest]) => newest?.endsWith(' serving') === true,
      90_000,
      'a model in its place',
    );
    expect(third.program.log()).toContain(`the kept model ${id} can not be read (it was cut short or added to`);
    expect(await third.program.stop()).toBe(0);
  });
});
