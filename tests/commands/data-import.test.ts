import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { expectOk, instrumentId, type BarSeries } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

const MINUTE = 60_000;
const START = Date.UTC(2023, 10, 15);
/** Four months, which are five files. */
const ROWS = 170_000;
const SEED = 20_231_115;

/** The bars of minutes, no two the same. */
const minutes = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => {
    const price = 40_000 + ((from + at) % 9_973);
    return `${START + (from + at) * MINUTE},${price}.1,${price + 5}.25,${price - 5}.5,${price + 1}.75,${from + at + 1}\n`;
  }).join('');

const NAME = instrumentId('BTCUSDT');
const words = (file: string, dataDir: string): readonly string[] => [
  ...['data', 'import', file, '--instrument', NAME, '--data-dir', dataDir, '--json'],
];

async function storedIn(dataDir: string): Promise<BarSeries> {
  const catalog = new ParquetCatalog({ path: join(dataDir, 'catalog'), memoryMaxMb: 512, threads: 1 });
  try {
    const instrument = { id: NAME, tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 8 }, quote: null };
    return expectOk(await catalog.bars({ instrument, interval: '1m', fromMs: null, toMs: null }));
  } finally {
    await catalog.close();
  }
}

/** Imports and is killed so many ms after it has begun to write; whether it was killed before its end. */
async function killedImport(file: string, dataDir: string, afterMs: number): Promise<boolean> {
  const folder = join(dataDir, 'catalog');
  const entries = (): number => readdirSync(folder, { recursive: true }).length;
  const before = entries();
  const argv = [join(ROOT, 'apps/monsta/src/main.ts'), ...words(file, dataDir)];
  const child = spawn(process.execPath, argv, { stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => child.once('close', (_, signal) => resolve(signal === 'SIGKILL')));
  while (child.exitCode === null && entries() === before) await wait(1);
  await wait(afterMs);
  child.kill('SIGKILL');
  return ended;
}

describe('monsta data import', { timeout: 240_000 }, () => {
  it('that is killed leaves all of the file or nothing, and the next one ends as if it had not been', async () => {
    const folder = testFolder();
    const file = join(folder, 'bars.csv');
    writeFileSync(file, minutes(0, ROWS));
    const undisturbed = join(folder, 'undisturbed');
    expect(await runCommand(words(file, undisturbed))).toMatchObject({ status: 0, document: { added: ROWS } });
    const dataDir = join(folder, 'data');
    const before = join(folder, 'before.csv');
    // What was there before stays as it was.
    writeFileSync(before, minutes(ROWS, ROWS + 1_000));
    expect(await runCommand(words(before, dataDir))).toMatchObject({ status: 0 });
    let seed = SEED;
    let inTheMiddle = 0;
    for (let kill = 0; kill < 6; kill += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      const afterMs = seed % 300;
      if (await killedImport(file, dataDir, afterMs)) inTheMiddle += 1;
      const { length } = await storedIn(dataDir);
      expect([1_000, ROWS + 1_000], `kill ${kill}, after ${afterMs} ms`).toContain(length);
      if (length > 1_000) break;
    }
    expect(inTheMiddle).toBeGreaterThan(0);
    expect(await runCommand(words(file, dataDir))).toMatchObject({ status: 0 });
    expect(await runCommand(words(before, undisturbed))).toMatchObject({ status: 0, document: { added: 1_000 } });
    const [one, other] = [await storedIn(dataDir), await storedIn(undisturbed)];
    expect(one.length).toBe(ROWS + 1_000);
    expect(one.openTimeMs).toEqual(other.openTimeMs);
    expect(one.close).toEqual(other.close);
  });

  it('twice at once, of the same file or of such as overlap, stores each bar once', async () => {
    const folder = testFolder();
    const rows = 20_000;
    const [whole, first, second] = ['whole', 'first', 'second'].map((name) => join(folder, `${name}.csv`));
    writeFileSync(whole ?? '', minutes(0, rows));
    writeFileSync(first ?? '', minutes(0, 15_000));
    writeFileSync(second ?? '', minutes(10_000, rows));
    for (const [name, files] of [
      ['same', [whole, whole]],
      ['overlapping', [first, second]],
    ] as const) {
      const dataDir = join(folder, name);
      const ends = await Promise.all(files.map((file) => runCommand(words(file ?? '', dataDir))));
      expect(ends.map(({ status }) => status)).toEqual([0, 0]);
      const stored = await storedIn(dataDir);
      expect([...stored.openTimeMs]).toEqual(Array.from({ length: rows }, (_, at) => START + at * MINUTE));
    }
  });
});
