import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

/** A bar takes its time, so that there is something to interrupt. */
const SLOW = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'slow',
  parameters: { level: { kind: 'integer', default: 3, min: 1, max: 900 } },
  intervals: () => ['1h'],
  onBar() {
    const end = performance.now() + 2;
    while (performance.now() < end);
  },
});
`;

function bars(count: number): string {
  const lines = ['openTimeMs,open,high,low,close,volume'];
  for (let index = 0; index < count; index += 1) {
    const close = (100 + 10 * Math.sin(index / 15)).toFixed(2);
    lines.push(`${1_704_067_200_000 + index * 3_600_000},${close},${close},${close},${close},1`);
  }
  return lines.join('\n');
}

interface World {
  readonly data: string;
  /** Starts the program on the same data directory. */
  readonly start: () => Promise<RunningProgram>;
}

/** A program that collects and works, with a slow strategy and so many bars. */
function world(barCount: number): World {
  const data = mkdtempSync(join(tmpdir(), 'monsta-backtest-jobs-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  for (const folder of ['strategies', 'files']) mkdirSync(join(data, folder));
  writeFileSync(join(data, 'strategies/slow.ts'), SLOW);
  writeFileSync(join(data, 'files/bars.csv'), bars(barCount));
  const start = async (): Promise<RunningProgram> => {
    const flags = ['start', '--json', '--port', '0', '--data-dir', join(data, 'monsta'), '--log-level', 'info'];
    const program = await runProgram([...flags, '--trading', 'off', '--roles', 'price-collector,api-gateway,worker'], {
      MONSTA_BACKTESTS__STRATEGY_FOLDERS: JSON.stringify([join(data, 'strategies')]),
      MONSTA_BACKTESTS__DATA_FOLDERS: JSON.stringify([join(data, 'files')]),
    });
    onTestFinished(async () => void (await program.stop()));
    return program;
  };
  return { data, start };
}

const SPEC = {
  strategy: 'slow.ts',
  data: { kind: 'file' as const, paths: ['bars.csv'] },
  instruments: ['BTCUSDT'],
  interval: '1h' as const,
};

it('a backtest of a program that was killed is taken up by its next start where it was, and one that waited is run', async () => {
  const { start } = world(3_000);
  const first = await start();
  const token = textOf(first, 'adminToken');
  const client = new MonstaClient({ baseUrl: textOf(first, 'url'), token });
  const running = unwrap(await client.runBacktest(SPEC));
  const waiting = unwrap(await client.runBacktest({ ...SPEC, strategy: 'ema-cross', params: { fast: 5, slow: 12 } }));
  // Past its first checkpoint.
  await until(
    async () => unwrap(await client.backtest(running.id)),
    ({ progress }) => progress > 0.25,
    120_000,
    'a backtest that runs',
  );
  await first.kill();

  const second = await start();
  const again = new MonstaClient({ baseUrl: textOf(second, 'url'), token });
  const done = async (id: string) =>
    until(
      async () => unwrap(await again.backtest(id)),
      ({ state }) => state === 'done',
      120_000,
      `the end of ${id}`,
    );
  expect(await done(running.id)).toMatchObject({ statistics: { bars: 3_000 }, fault: null });
  expect(await done(waiting.id)).toMatchObject({ strategy: 'ema-cross' });
  expect(second.log()).toContain('"attempt":2');
}, 300_000);

it('an optimisation of a program that was killed goes on at its next start with the trials that it has', async () => {
  const { data, start } = world(150);
  const first = await start();
  const token = textOf(first, 'adminToken');
  const client = new MonstaClient({ baseUrl: textOf(first, 'url'), token });
  const search = {
    backtest: SPEC,
    space: { level: [1, 900] },
    sampler: 'random',
    walkForward: null,
    mapReach: 0,
  } as const;
  const { id } = unwrap(await client.runOptimization({ ...search, trials: 40 }));
  const optimization = async (of: MonstaClient) => unwrap(await of.optimization(id));
  await until(
    () => optimization(client),
    ({ progress }) => progress > 0.2,
    120_000,
    'an optimisation that runs',
  );
  await first.kill();
  const log = join(data, 'monsta/optimizations', id, 'trials.jsonl');
  const trials = (): readonly string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(0, line.indexOf(',')));
  const before = trials().length;
  expect(before).toBeGreaterThan(4);
  expect(before).toBeLessThan(40);

  const second = await start();
  const again = new MonstaClient({ baseUrl: textOf(second, 'url'), token });
  const done = await until(
    () => optimization(again),
    ({ state }) => state === 'done',
    120_000,
    'the end of the optimisation',
  );
  expect(done.result?.trials).toMatchObject({ run: 40, finished: 40, failed: 0 });
  // None was run twice.
  expect(new Set(trials()).size).toBe(40);
  expect(trials()).toHaveLength(40);
  expect(second.log()).toContain('"attempt":2');
}, 300_000);
