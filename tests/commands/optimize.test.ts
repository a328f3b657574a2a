import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { optimizationResultSchema, type OptimizationResult } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import { testFolder, writeHours, writeStrategy } from '../support/backtest.test-support.ts';
import { runCommand, type CommandOutcome } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const TIMEOUT = { timeout: 120_000 };

interface World {
  readonly folder: string;
  readonly flags: readonly string[];
}

function world(count = 600, line = ''): World {
  const folder = testFolder();
  const bars = writeHours(join(folder, 'BTCUSDT-1h.csv'), count);
  const strategy = writeStrategy(join(folder, 'above-average.ts'), line);
  const flags = ['--strategy', strategy, '--bars', bars, '--instrument', 'BTCUSDT', '--data-dir', join(folder, 'data')];
  return { folder, flags };
}

const SEARCH = ['--space', '{"length":[2,60]}', '--trials', '10', '--map-reach', '1', '--workers', '2'];
const optimize = ({ flags }: World, ...more: readonly string[]): Promise<CommandOutcome> =>
  runCommand(['optimize', ...flags, ...more]);
const resultOf = ({ document }: CommandOutcome): OptimizationResult => optimizationResultSchema.parse(document);

/** What of a result two runs of the same have alike. */
function compared({ document }: CommandOutcome): string {
  const { id: _id, run: _run, ...rest } = document as OptimizationResult;
  return JSON.stringify(rest);
}

describe('monsta optimize', TIMEOUT, () => {
  it('prints one document that has its schema, and keeps it with a report', async () => {
    const here = world();
    const first = await optimize(here, ...SEARCH, '--walk-forward', 'train=15d,test=5d', '--json');
    expect(first.status).toBe(0);
    const result = resultOf(first);
    // Strict: nothing in it that the schema does not know.
    expect(result).toEqual(first.document);
    expect(result.windows).toHaveLength(2);
    expect(result.trials).toMatchObject({ run: 20, finished: 20 });
    expect(result.outOfSample?.statistics['bars']).toBe(240);
    const kept = join(here.folder, 'data/optimizations', result.id);
    expect(JSON.parse(readFileSync(join(kept, 'result.json'), 'utf8'))).toEqual(result);
    expect(readFileSync(join(kept, 'report.html'), 'utf8')).toMatch(/^<!doctype html>[^]*Equity out of sample/);
  });

  it('tells a person what it is worth out of sample first, and what to beware of', async () => {
    const { status, stdout } = await optimize(world(), ...SEARCH);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Optimisation .*above-average.ts on BTCUSDT, 60 trials by tpe for sharpe\n\n {2}out of sample/,
    );
    expect(stdout).toMatch(/Newest choice: length \d+; stability/);
    expect(stdout).toMatch(/Report: .*report.html/);
  });

  it('killed in the middle goes on to the same result', async () => {
    const here = world(2_000);
    const flags = [...SEARCH, '--trials', '60', '--walk-forward', 'none', '--json'];
    const asked = flags.filter((_, index) => index !== 2 && index !== 3);
    const whole = await optimize(here, ...asked);
    const other = { ...here, flags: [...here.flags.slice(0, -1), join(here.folder, 'killed')] };
    const child = spawn(process.execPath, ['apps/monsta/src/main.ts', 'optimize', ...other.flags, ...asked], {
      cwd: ROOT,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const folder = join(here.folder, 'killed/optimizations');
    const log = (): string => (existsSync(folder) ? (readdirSync(folder)[0] ?? '') : '');
    const lines = (): number => {
      const path = join(folder, log(), 'trials.jsonl');
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length : 0;
    };
    await expect.poll(lines, { timeout: 60_000, interval: 10 }).toBeGreaterThan(5);
    child.kill('SIGKILL');
    await ended;
    const data = ['--data-dir', join(here.folder, 'killed')];
    const resumed = await runCommand(['optimize', '--resume', log(), ...data, '--json']);
    expect(resumed.status).toBe(0);
    expect(compared(resumed)).toBe(compared(whole));
  });

  it('goes on without the trials whose strategy throws, and says how many', async () => {
    const result = resultOf(
      await optimize(world(300, "if (average > 1e9 || state.seen > 1e9) throw new Error('no');"), ...SEARCH, '--json'),
    );
    expect(result.trials.failed).toBe(0);
    const thrown = await optimize(
      world(300, "throw new Error('never');"),
      ...SEARCH,
      '--walk-forward',
      'none',
      '--json',
    );
    const broken = resultOf(thrown);
    expect(broken.trials).toMatchObject({ run: 10, failed: 10 });
    expect(broken.windows[0]?.failures[0]?.message).toMatch(/^Error: never at .*above-average.ts:11$/);
    expect(broken.parameters).toBeNull();
  });

  it.each([
    [['--space', '{"lenght":[2,60]}'], /space_invalid: the space: 'lenght' is unknown; there are length/],
    [['--space', '{length:1}'], /--space '\{length:1\}' is no JSON/],
    [['--sampler', 'bayes'], /--sampler: /],
    [['--trials', '0'], /--trials: /],
    [['--objective', 'sharp'], /objective_unknown.*'sharp' is no statistic/],
    [['--walk-forward', 'train=3y,test=1d'], /--walk-forward \(train\): a length of time such as 180d/],
    [['--walk-forward', 'train=90d,test=30d'], /the data spans 25d, and one window needs 120d/],
    [['--early-stopping', 'soon'], /--early-stopping \(kind\)/],
    [['--language', 'fr'], /--language: there are en and ko/],
    [['--workers', 'all'], /--workers 'all' is no whole number/],
    [['--sampler', 'grid', '--trials', '5'], /the grid has 500 points/],
  ])('%j is bad usage, and says how to mend it', async (flags, message) => {
    const { status, stderr } = await optimize(world(), ...flags);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it('goes on with nothing that is not there, nor with other flags', async () => {
    const { flags } = world();
    const data = flags.slice(-2);
    const unknown = await runCommand(['optimize', '--resume', 'nothing', ...data]);
    expect(unknown.stderr).toMatch(/optimization_unknown.*monsta optimizations list shows those there are/);
    const other = await runCommand(['optimize', '--resume', 'nothing', '--trials', '9', ...data]);
    expect(other.stderr).toMatch(/take --trials away/);
  });
});

describe('monsta optimizations', TIMEOUT, () => {
  it('lists, shows, reports and removes what monsta optimize has left', async () => {
    const here = world(300);
    const data = here.flags.slice(-2);
    const run = (...words: readonly string[]): Promise<CommandOutcome> => runCommand([...words, ...data]);
    const none = await run('optimizations', 'list');
    expect(none.stdout).toBe('No optimisation is kept yet: monsta optimize --help\n');
    const made = await optimize(here, ...SEARCH, '--language', 'ko', '--json');
    const result = resultOf(made);
    const { id } = result;
    const left = readFileSync(join(here.folder, 'data/optimizations', id, 'report.html'), 'utf8');
    expect(left).toContain('<html lang="ko">');

    expect((await run('optimizations', 'list', '--json')).document).toMatchObject({
      items: [{ id, kind: 'optimization', state: 'done', progress: 1 }],
    });
    expect((await run('optimizations', 'list')).stdout).toMatch(
      new RegExp(`^${id}  done  above-average.ts BTCUSDT 1h  tpe for sharpe  out of sample [-−]?[\\d.]+ %`),
    );
    expect((await run('optimizations', 'show', id, '--json')).document).toEqual(made.document);
    const shown = await run('optimizations', 'show', id);
    expect(shown.stdout).toMatch(/^Optimisation [^]*Newest choice: length \d+[^]*Report: .*report\.html\n$/);

    const path = join(here.folder, 'report-ko.html');
    expect((await run('optimizations', 'report', id, '--language', 'ko', '--out', path)).status).toBe(0);
    const html = readFileSync(path, 'utf8');
    expect(html).toBe(left);
    for (const { text } of [...result.assumptions, ...result.warnings]) expect(html).not.toContain(text);
    expect((await run('optimizations', 'report', id, '--language', 'fr')).status).toBe(2);

    expect((await run('optimizations', 'delete', id)).stdout).toContain(`${id} is gone`);
    const gone = await run('optimizations', 'show', id);
    expect(gone).toMatchObject({ status: 2, stderr: expect.stringContaining('optimization_unknown') as string });
    expect((await run('optimizations', 'delete', id)).status).toBe(2);
  });
});
