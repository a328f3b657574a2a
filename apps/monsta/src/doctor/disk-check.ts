import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@monsta/ports';
import { failure, fine, warning, type Check } from './check.ts';

const SYNCS = 25;
const BLOCK = Buffer.alloc(4_096, 7);
/** An order's intent is on disk before the order leaves: this long it waits at least. */
const SLOW_MS = 10;

const NAME = 'disk';

/** How long it takes until what was written is on disk, measured where the ledger lies. */
export function diskCheck(directory: string, clock: Clock): Check {
  const path = join(directory, `doctor.${randomUUID()}`);
  const times: number[] = [];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const handle = openSync(path, 'wx', 0o600);
    try {
      // Gone with its last handle, whatever happens.
      rmSync(path);
      for (let count = 0; count < SYNCS; count += 1) {
        const startMs = clock.monotonicMs();
        writeSync(handle, BLOCK);
        fsyncSync(handle);
        times.push(clock.monotonicMs() - startMs);
      }
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return failure(
      NAME,
      `${directory} can’t be written: ${why}`,
      'give --data-dir a folder of yours on a disk with room',
      {},
    );
  }
  const sorted = times.toSorted((left, right) => left - right);
  const [median = 0, longest = 0] = [sorted[Math.floor(SYNCS / 2)], sorted.at(-1)];
  const facts = { syncMsMedian: median, syncMsMax: longest, syncs: SYNCS };
  const seen = `${SYNCS} syncs of 4 KiB in ${directory}: half of them within ${median.toFixed(2)} ms, the longest ${longest.toFixed(2)} ms`;
  return median <= SLOW_MS
    ? fine(NAME, seen, facts)
    : warning(NAME, seen, 'every order waits for one sync: put the data directory on a local solid-state disk', facts);
}
