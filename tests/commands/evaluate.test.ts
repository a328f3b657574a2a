import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const REAL = join(ROOT, '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const TIMEOUT = { timeout: 240_000 };

/** Hours whose returns lean back against the last one by a share of it. */
function hours(count: number, lean: number): string {
  const random = seededRandom(5);
  let [close, last] = [1_000, 0];
  return Array.from({ length: count }, (_, hour) => {
    last = -lean * last + 0.01 * random.gaussian();
    const open = close;
    close *= Math.exp(last);
    const text = (price: number): string => price.toFixed(6);
    const [high, low] = [Math.max(open, close) * 1.0005, Math.min(open, close) / 1.0005];
    return `${START + hour * HOUR},${text(open)},${text(high)},${text(low)},${text(close)},${1 + random.integer(9)}\n`;
  }).join('');
}

interface World {
  readonly folder: string;
  readonly given: readonly string[];
}

function world(count: number, lean = 0): World {
  const folder = testFolder();
  const bars = join(folder, 'bars.csv');
  writeFileSync(bars, hours(count, lean));
  const given = ['--bars', bars, '--instrument', 'TEST', '--quote', 'T', '--data-dir', join(folder, 'data')];
  return { folder, given: [...given, '--resamples', '400', '--no-learning-curve'] };
}

const evaluate = (given: readonly string[], ...more: readonly string[]) =>
  runCommand(['evaluate', '--model', 'logistic-regression', ...given, ...more]);

/** What a feature file holds: one that looks one bar ahead, and one that does not. */
const FEATURES = `import { defineFeature } from 'monsta';
export default [
  defineFeature({ name: 'honest', bars: 2, value: (bars) => bars[1].close / bars[0].close - 1 }),
  defineFeature({ name: 'prophet', bars: 2, column: ({ close }) => close.map((value, index) => (close[index + 1] ?? value) / value) }),
];
`;

describe('monsta evaluate', TIMEOUT, () => {
  it('tells skill where there is some, with intervals, as a document and as a page that stands alone', async () => {
    const { folder, given } = world(6_000, 0.4);
    const page = join(folder, 'page.html');
    const run = await evaluate(given, '--cost-bps', '1', '--report', page, '--json');
    expect(run).toMatchObject({ status: 0 });
    expect(run.document).toMatchObject({
      model: 'logistic-regression',
      instrument: 'TEST',
      interval: '1h',
      horizonMs: HOUR,
      looks: { look: 1, looks: 1, earlier: [] },
      scoring: { level: 0.95, correctedLevel: 0.975 },
      direction: { hasVote: true, executor: { name: 'logistic-regression', parameters: { l2: 1 } } },
      returns: { executor: { name: 'ridge-regression' }, isSkilled: true },
    });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('It has a vote.');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|https?:\/\//);
  });

  it('remembers every look and corrects for it; the same look again is the same', async () => {
    const { given } = world(4_000);
    const level = async (...more: readonly string[]) => {
      const { document } = await evaluate(given, '--task', 'direction', ...more, '--json');
      const { looks, scoring, direction } = document as {
        readonly looks: { readonly look: number; readonly looks: number };
        readonly scoring: { readonly correctedLevel: number };
        readonly direction: { readonly hasVote: boolean };
      };
      return { ...looks, correctedLevel: scoring.correctedLevel, hasVote: direction.hasVote };
    };
    expect(await level()).toMatchObject({ look: 1, looks: 1, correctedLevel: 0.975, hasVote: false });
    expect(await level('--params', '{"l2":100}')).toMatchObject({
      look: 2,
      looks: 2,
      correctedLevel: expect.closeTo(1 - 0.05 / 6, 12) as unknown,
    });
    expect(await level()).toMatchObject({ look: 1, looks: 2, correctedLevel: 0.975 });
    // Another horizon is another question.
    expect(await level('--horizon', '4h')).toMatchObject({ look: 1, looks: 1 });
    // What failed was no look.
    expect(await evaluate(given, '--task', 'direction', '--to', '2024-01-20', '--json')).toMatchObject({
      status: 1,
      document: { error: { code: 'rows_too_few' } },
    });
    expect(await level('--params', '{"l2":10}')).toMatchObject({ look: 3, looks: 3 });
  });

  it('evaluates nothing on a feature that knows the future, and names it', async () => {
    const { folder, given } = world(2_000);
    const features = join(folder, 'features.ts');
    writeFileSync(features, FEATURES);
    const run = await evaluate(given, '--features', features, '--json');
    expect(run).toMatchObject({
      status: 1,
      document: { error: { code: 'features_leak', details: { leaks: [{ kind: 'feature', name: 'prophet' }] } } },
    });
    expect(run.stderr).toMatch(/the feature prophet looks ahead: at the bar of 20/);
    expect(existsSync(join(folder, 'data', 'evaluations', 'looks.jsonl'))).toBe(false);
  });

  it('ends soon after Ctrl-C, and that was no look', async () => {
    const { folder, given } = world(10_000);
    const looks = join(folder, 'data', 'evaluations', 'looks.jsonl');
    const main = join(ROOT, 'apps/monsta/src/main.ts');
    const child = spawn(process.execPath, [main, 'evaluate', '--model', 'xgboost', ...given, '--json'], { cwd: ROOT });
    let [out, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    // Once the look is written down it trains.
    while (child.exitCode === null && !existsSync(looks)) await wait(20);
    await wait(200);
    expect(child.exitCode, said).toBeNull();
    const askedMs = performance.now();
    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number | null];
    expect(performance.now() - askedMs).toBeLessThan(5_000);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'evaluation_canceled' } });
    expect(
      readFileSync(looks, 'utf8')
        .trim()
        .split('\n')
        .map((line) => 'withdrawn' in JSON.parse(line)),
    ).toEqual([false, true]);
    const after = await evaluate(given, '--task', 'direction', '--to', '2024-04-30', '--json');
    expect(after.document).toMatchObject({ looks: { look: 1, looks: 1 } });
  });

  it('takes features of one’s own that are honest', async () => {
    const { folder, given } = world(3_000);
    const features = join(folder, 'features.ts');
    writeFileSync(features, FEATURES.replace(/\n {2}defineFeature\(\{ name: 'prophet'.*\n/, '\n'));
    const run = await evaluate(given, '--features', features, '--json');
    expect(run).toMatchObject({ status: 0, document: { features: { own: ['honest'], columns: 15 } } });
  });

  it.each([
    ['--model', 'oracle', /there are logistic-regression/],
    ['--horizon', 'soon', /how far ahead/],
    ['--horizon', '90m', /no whole number of the bars/],
    ['--params', '{"depth":3}', /no parameter is called 'depth'/],
    ['--params', '{"l2":', /--params/],
    ['--folds', '1', /a whole number from 2 to 100/],
    ['--feature-set', 'nothing', /there are: core/],
    ['--level', '2', /from 0.5 to 0.999/],
  ])('refuses %s %s', async (flag, value, said) => {
    const { given } = world(300);
    const model = flag === '--model' ? [] : ['--model', 'logistic-regression'];
    const run = await runCommand(['evaluate', ...model, ...given, flag, value]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(said);
  });

  it.skipIf(!existsSync(REAL))(
    'says of real hours what there is: skill in direction, and nothing left after costs',
    async () => {
      const folder = testFolder();
      const run = await runCommand([
        ...[
          'evaluate',
          '--model',
          'logistic-regression',
          '--task',
          'direction',
          '--bars',
          REAL,
          '--instrument',
          'BTCUSDT',
        ],
        ...['--horizon', '4h', '--data-dir', join(folder, 'data'), '--json'],
      ]);
      expect(run.status).toBe(0);
      const { direction } = run.document as {
        readonly direction: {
          readonly hasVote: boolean;
          readonly score: { readonly skill: { readonly best: { readonly low: number } } };
        };
      };
      expect(direction.score.skill.best.low).toBeGreaterThan(0.005);
      expect(direction.hasVote).toBe(false);
    },
  );
});
