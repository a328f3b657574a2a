import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expectOk, seededRandom } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BTC, hoursOf, parquetRig, type ParquetRig } from './catalog.test-support.ts';

const PROGRAM = fileURLToPath(new URL('many-processes.test-support.ts', import.meta.url));
const TIMEOUT = 240_000;
const BLOCK_HOURS = 100;
const all = { instrument: BTC, interval: '1h', fromMs: null, toMs: null } as const;

interface Sight {
  readonly blocks: readonly number[];
  readonly wrong: string | null;
}

/** A process, and what it has told so far. */
function begin<T>(path: string, ...role: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, path, ...role], { stdio: ['ignore', 'pipe', 'pipe'] });
  const told: T[] = [];
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4_000)));
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as T));
  const closed = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: String(signal),
    log,
  }));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    told,
    closed,
    /** Resolves when it has told so many things, or has ended. */
    async telling(count: number): Promise<void> {
      while (told.length < count && child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function rigForTest(): ParquetRig {
  const rig = parquetRig();
  onTestFinished(() => rig.dispose());
  return rig;
}

const bytesOf = (rig: ParquetRig): ReadonlyMap<string, string> =>
  new Map(
    globSync('**/*.parquet', { cwd: rig.path })
      .toSorted()
      .map((file) => [file, readFileSync(join(rig.path, file), 'base64')]),
  );

async function undisturbed(blocks: number): Promise<ReadonlyMap<string, string>> {
  const rig = rigForTest();
  expectOk(await rig.catalog.appendBars(hoursOf(0, blocks * BLOCK_HOURS)));
  expectOk(await rig.catalog.compact(null));
  return bytesOf(rig);
}

describe('a catalogue that several processes use', () => {
  it(
    'shows each append wholly or not at all and loses none, whoever is killed, and ends byte for byte as if one had written it at once',
    async () => {
      const BLOCKS = 60;
      const random = seededRandom(17);
      const rig = rigForTest();
      const reader = begin<Sight>(rig.path, 'read');
      const compactor = begin<null>(rig.path, 'compact');
      const stored = new Set<number>();
      let checked = 0;
      // What a reader that began afterwards has seen.
      const check = (): void => {
        for (const sight of reader.told.slice(checked)) expect(sight.wrong).toBeNull();
        checked = reader.told.length;
      };
      let kills = 0;
      for (let round = 0; stored.size < BLOCKS; round += 1) {
        const writers = [0, 1].map((first) => begin<number>(rig.path, 'write', String(first), '2', String(BLOCKS)));
        if (round < 4) {
          await writers[0]?.telling(1 + random.integer(12));
          // In the middle of whatever they do next.
          await new Promise((resolve) => setTimeout(resolve, random.integer(40)));
          await Promise.all(writers.map((writer) => writer.kill()));
          kills += 1;
        } else {
          for (const { code, log } of await Promise.all(writers.map(({ closed }) => closed)))
            expect([code, log]).toEqual([0, '']);
        }
        for (const block of writers.flatMap(({ told }) => told)) stored.add(block);
        check();
        const sights = reader.told.length;
        await reader.telling(sights + 2);
        const seen = new Set(reader.told.at(-1)?.blocks);
        expect([...stored].filter((block) => !seen.has(block))).toEqual([]);
      }
      await reader.kill();
      await compactor.kill();
      check();
      expect(kills).toBe(4);
      expect(compactor.told.length).toBeGreaterThan(0);
      // No block that was seen has gone again.
      const seen = new Set<number>();
      for (const { blocks } of reader.told) {
        const now = new Set(blocks);
        expect([...seen].filter((block) => !now.has(block))).toEqual([]);
        for (const block of blocks) seen.add(block);
      }
      expectOk(await rig.catalog.compact(null));
      expect(expectOk(await rig.catalog.bars(all)).length).toBe(BLOCKS * BLOCK_HOURS);
      expect(bytesOf(rig)).toEqual(await undisturbed(BLOCKS));
    },
    TIMEOUT,
  );

  it(
    'takes nothing from between what a reader reads while old days are removed, and a killed removal leaves what is younger',
    async () => {
      const rig = rigForTest();
      const hours = 2_000;
      expectOk(await rig.catalog.appendBars(hoursOf(0, hours)));
      const another = rig.another();
      let before = 0;
      for (const removals of [3, 10, 25]) {
        const pruner = begin<number>(rig.path, 'prune');
        while (pruner.told.length < removals) {
          const { volume, length } = expectOk(await another.bars(all));
          const [first = -1] = volume;
          // Whole days from the front, and never a row from behind.
          expect([first % 24, first + length]).toEqual([0, hours]);
          expect(volume.every((hour, row) => hour === first + row)).toBe(true);
          expect(first).toBeGreaterThanOrEqual(before);
          before = first;
        }
        await pruner.kill();
      }
      expect(before).toBeGreaterThan(0);
      const { length, volume } = expectOk(await another.bars(all));
      expect((volume[0] ?? 0) + length).toBe(hours);
    },
    TIMEOUT,
  );

  it(
    'is read within the memory that DuckDB may take, 48 bytes a bar, and what waits to be collected',
    async () => {
      const MEMORY_MB = 64;
      const BARS = 2_000_000;
      // Pieces of the result that are taken and not collected yet, however many bars there are.
      const WAITING_MB = 160;
      const rig = rigForTest();
      const program = fileURLToPath(new URL('memory.test-support.ts', import.meta.url));
      execFileSync(process.execPath, [program, rig.path, 'write', String(BARS)]);
      const said = execFileSync(process.execPath, [program, rig.path, 'read', String(MEMORY_MB)], { encoding: 'utf8' });
      const { length, grewBytes } = JSON.parse(said) as { readonly length: number; readonly grewBytes: number };
      expect(length).toBe(BARS);
      expect(grewBytes).toBeLessThan(48 * BARS + (MEMORY_MB + WAITING_MB) * 2 ** 20);
    },
    TIMEOUT,
  );
});
