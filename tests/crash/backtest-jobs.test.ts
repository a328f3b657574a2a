import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram, textOf, until, type RunningProgram } from '../support/program.test-support.ts';

/** A bar takes its time, so that there is something to interrupt. */
const SLOW = `import { defineStrategy } from 'monsta';
export default defineStrategy({
  name: 'slow',
  parameters: {},
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

it('a backtest of a program that was killed is taken up by its next start where it was, and one that waited is run', async () => {
  const data = mkdtempSync(join(tmpdir(), 'monsta-backtest-jobs-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  for (const folder of ['strategies', 'files']) mkdirSync(join(data, folder));
  writeFileSync(join(data, 'strategies/slow.ts'), SLOW);
  writeFileSync(join(data, 'files/bars.csv'), bars(3_000));
  const start = async (): Promise<RunningProgram> => {
    const flags = ['start', '--json', '--port', '0', '--data-dir', join(data, 'monsta'), '--log-level', 'info'];
    const program = await runProgram([...flags, '--trading', 'off', '--roles', 'price-collector,api-gateway,worker'], {
      MONSTA_BACKTESTS__STRATEGY_FOLDERS: JSON.stringify([join(data, 'strategies')]),
      MONSTA_BACKTESTS__DATA_FOLDERS: JSON.stringify([join(data, 'files')]),
    });
    onTestFinished(async () => void (await program.stop()));
    return program;
  };
  const first = await start();
  const token = textOf(first, 'adminToken');
  const client = new MonstaClient({ baseUrl: textOf(first, 'url'), token });
  const spec = {
    strategy: 'slow.ts',
    data: { kind: 'file' as const, paths: ['bars.csv'] },
    instruments: ['BTCUSDT'],
    interval: '1h' as const,
  };
  const running = unwrap(await client.runBacktest(spec));
  const waiting = unwrap(await client.runBacktest({ ...spec, strategy: 'ema-cross', params: { fast: 5, slow: 12 } }));
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
