import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { ROOT, runProgram, textOf, until } from '../support/program.test-support.ts';

const MAIN = join(ROOT, 'apps/monsta/src/main.ts');
const TIMEOUT = { timeout: 300_000 };
const YEAR = ['--instrument', 'BTCUSDT', '--interval', '1m', '--from', '2025-01-01', '--to', '2025-12-31'];
const YEAR_ROWS = 525_600;

/** The exchange of a process of its own, and the flags by which a download finds it. */
async function exchange(): Promise<{ readonly url: string; readonly flags: readonly string[] }> {
  const program = await runProgram(['venue', 'simulate', '--port', '0', '--seed', '3']);
  onTestFinished(async () => void (await program.stop()));
  const url = textOf(program, 'restUrl');
  return { url, flags: ['--venue', 'binance', '--rest-url', url] };
}

const download = (folder: string, ...words: readonly string[]) =>
  runCommand(['data', 'download', ...words, '--data-dir', folder, '--json']);

/** A download that is to be ended from outside. */
function begin(folder: string, words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'data', 'download', ...words, '--data-dir', folder, '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What is below a folder, by path: hidden files and those of a download under way are nobody's yet. */
function filesBelow(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.parentPath.includes('/incoming/'))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
      .toSorted()
      .map((path) => [path, readFileSync(join(folder, path)).toString('base64')]),
  );
}

const months = (folder: string): number =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /[^/]\.parquet$/.test(name)).length
    : 0;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('monsta data download', TIMEOUT, () => {
  it('of a year of minutes, killed three times at random, is the same to the last byte as one that was left alone', async () => {
    const { flags } = await exchange();
    const [alone, killed] = [testFolder(), testFolder()];
    const whole = await download(alone, ...YEAR, ...flags);
    expect(whole).toMatchObject({
      status: 0,
      document: { origin: 'simulated', stopped: false, totals: { added: YEAR_ROWS, missing: 0, failed: 0, files: 12 } },
    });
    const seed = randomInt(4_294_967_295);
    const random = seededRandom(seed);
    for (const stored of [1, 4, 8]) {
      const child = begin(killed, [...YEAR, ...flags, '--parallel', '2']);
      const ended = once(child, 'exit');
      const count = (): Promise<number> => Promise.resolve(months(killed));
      await until(count, (found) => found >= stored || child.exitCode !== null, 120_000, `${stored} months`);
      await pause(random.integer(250));
      child.kill('SIGKILL');
      expect((await ended)[1], `the download was over before it could be killed; seed ${seed}`).toBe('SIGKILL');
    }
    const before = months(killed);
    const rest = await download(killed, ...YEAR, ...flags);
    expect(rest).toMatchObject({ status: 0, document: { totals: { missing: 0, failed: 0 } } });
    const { totals } = rest.document as { readonly totals: { readonly files: number } };
    expect(totals.files).toBeLessThanOrEqual(12 - before + 1);
    const [left, right] = [filesBelow(alone), filesBelow(killed)];
    expect([...right.keys()], `killed by the seed ${seed}`).toEqual([...left.keys()]);
    for (const [path, bytes] of left) expect(right.get(path) === bytes, path).toBe(true);
    // Twelve months of rows, twelve records of where they came from.
    expect(left.size).toBe(24);
    const incoming = readdirSync(killed, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /incoming\/./.test(name),
    );
    expect(incoming).toEqual([]);
  });

  it('ends at Ctrl-C with what is whole stored, and goes on from there', async () => {
    const { flags } = await exchange();
    const folder = testFolder();
    const child = begin(folder, [...YEAR, ...flags, '--parallel', '1']);
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    const ended = once(child, 'exit');
    await until(
      () => Promise.resolve(months(folder)),
      (found) => found >= 1,
      120_000,
      'a month',
    );
    child.kill('SIGINT');
    expect(await ended).toEqual([1, null]);
    const { stopped, items, totals } = JSON.parse(out) as {
      readonly stopped: boolean;
      readonly totals: { readonly failed: number };
      readonly items: readonly { readonly status: string }[];
    };
    expect(stopped).toBe(true);
    expect(totals.failed).toBe(0);
    const complete = items.filter(({ status }) => status === 'complete').length;
    expect(complete).toBe(months(folder));
    expect(new Set(items.map(({ status }) => status))).toEqual(new Set(['complete', 'stopped']));
    const again = await download(folder, ...YEAR, ...flags);
    expect(again).toMatchObject({ status: 0, document: { totals: { files: 12 - complete, failed: 0 } } });
  });

  it('tells which files could not be had, exits with 1, and has them the next time', async () => {
    const { url, flags } = await exchange();
    const rule = async (body: object): Promise<number> =>
      (
        await fetch(`${url}/sim/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    const place = (path: string): object => ({ channel: 'rest', path });
    const rules = [
      { fault: 'damage', how: 'alter', times: 'always', where: place('/data/*1h-2025-03.zip') },
      { fault: 'refuse', status: 404, body: 'html', times: 'always', where: place('/data/*1h-2025-05.zip*') },
      { fault: 'damage', how: 'truncate', times: 1, where: place('/data/*1h-2025-06.zip') },
      { fault: 'refuse', status: 429, code: -1003, retryAfterS: 1, times: 8, where: place('/data/*1h-2025-07.zip') },
    ];
    expect(await rule({ rules })).toBe(200);
    const folder = testFolder();
    const words = [
      '--instrument',
      'ETHUSDT',
      '--interval',
      '1h',
      '--from',
      '2025-01-01',
      '--to',
      '2025-08-31',
      ...flags,
    ];
    const first = await download(folder, ...words);
    expect(first).toMatchObject({ status: 1, document: { totals: { failed: 1, missing: 0 } } });
    const { items } = first.document as {
      readonly items: readonly {
        readonly period: string;
        readonly status: string;
        readonly notes: readonly string[];
        readonly faults: readonly { readonly code: string; readonly message: string }[];
      }[];
    };
    const [march, ...others] = items.filter(({ status }) => status !== 'complete');
    expect(others).toEqual([]);
    expect(march).toMatchObject({ period: '2025-03', faults: [{ code: 'archive_checksum' }] });
    expect(march?.faults[0]?.message).toContain('ETHUSDT-1h-2025-03.zip');
    expect(items.find(({ period }) => period === '2025-05')?.notes).toEqual([
      'ETHUSDT-1h-2025-05.zip is not in the archive; the files of its days were taken instead',
    ]);
    await fetch(`${url}/sim/faults`, { method: 'DELETE' });
    expect(await download(folder, ...words)).toMatchObject({
      status: 0,
      document: { totals: { added: 744, files: 1, failed: 0 } },
    });
  });

  it('from the simulated market is labelled as that and kept apart; what it has can be listed and exported', async () => {
    const folder = testFolder();
    const words = ['--instrument', 'xrpusdt', '--interval', '1d', '--from', '2025-01-01', '--to', '2025-02-28'];
    const done = await download(folder, ...words);
    expect(done).toMatchObject({
      status: 0,
      document: { venue: 'simulated', market: 'simulated:1:0.05', origin: 'simulated', totals: { added: 59 } },
    });
    expect(done.stderr).toContain('SIMULATED market');
    expect(await runCommand(['data', 'list', '--data-dir', folder, '--json'])).toMatchObject({
      document: { items: [{ market: 'simulated_1_0.05', instrument: 'XRPUSDT', interval: '1d', rows: 59 }] },
    });
  });

  it('refuses what it can’t understand as bad usage', async () => {
    const refused = await download(testFolder(), '--instrument', 'BTCUSDT', '--interval', '7m', '--from', '2025-01-01');
    expect(refused).toMatchObject({ status: 2, document: { error: { code: 'flag_invalid' } } });
  });
});
