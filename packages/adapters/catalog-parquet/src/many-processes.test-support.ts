import { writeSync } from 'node:fs';
import { expectOk } from '@monsta/core';
import { BTC, hoursOf, START } from './catalog.test-support.ts';
import { ParquetCatalog } from './parquet-catalog.ts';

/**
 * A process of its own: `write FIRST STEP BLOCKS` appends blocks of hours, every STEP-th from FIRST on, and prints each that is stored; `read` reads again and again and prints which blocks it saw; `compact` tidies up
 * again and again; `prune` removes day after day.
 */
const [path = '', role = '', ...given] = process.argv.slice(2);
/** No month is a whole number of them, so that some lie in two months. */
const BLOCK_HOURS = 100;
const HOUR_MS = 3_600_000;
const catalog = new ParquetCatalog({ path, memoryMaxMb: 128, threads: 1 });
const tell = (what: unknown): void => void writeSync(1, `${JSON.stringify(what)}\n`);

async function write(first: number, step: number, blocks: number): Promise<void> {
  for (let block = first; block < blocks; block += step) {
    expectOk(await catalog.appendBars(hoursOf(block * BLOCK_HOURS, BLOCK_HOURS)));
    tell(block);
  }
}

/** The blocks that are stored, and what is wrong with what was read. */
async function look(): Promise<{ readonly blocks: readonly number[]; readonly wrong: string | null }> {
  const { volume, openTimeMs, close, length } = expectOk(
    await catalog.bars({ instrument: BTC, interval: '1h', fromMs: null, toMs: null }),
  );
  const hours = new Map<number, number>();
  let wrong: string | null = null;
  for (let row = 0; row < length; row += 1) {
    const hour = volume[row] ?? -1;
    if (openTimeMs[row] !== START + hour * HOUR_MS || close[row] !== 4_000_000 + hour)
      wrong = `row ${row} is not what was stored`;
    const block = Math.floor(hour / BLOCK_HOURS);
    hours.set(block, (hours.get(block) ?? 0) + 1);
  }
  for (const [block, count] of hours) if (count !== BLOCK_HOURS) wrong = `${count} hours of block ${block}`;
  return { blocks: [...hours.keys()], wrong };
}

switch (role) {
  case 'write':
    await write(Number(given[0]), Number(given[1]), Number(given[2]));
    break;
  case 'read':
    for (;;) tell(await look());
  case 'compact':
    for (;;) {
      // One that another process has made into one meanwhile is gone: again.
      await catalog.compact(null);
      tell(null);
    }
  case 'prune':
    for (let day = 0; ; day += 1) {
      const pruned = await catalog.prune({
        ...{ kind: 'bars', instrument: BTC.id, interval: '1h' },
        beforeMs: START + day * 24 * HOUR_MS,
      });
      tell(expectOk(pruned).rows);
    }
  default:
    throw new Error(`there is no role ${role}`);
}
await catalog.close();
