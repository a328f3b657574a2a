import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expectOk, seededRandom, type Result } from '@monsta/core';
import { readJournal, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDurableMark } from './durable-mark.ts';
import { claimName, lockJournal, releaseJournal } from './lock.ts';
import { openFileJournal } from './open-file-journal.ts';
import { patientClock, scratch, type Scratch } from './scratch.test-support.ts';

const WRITER = fileURLToPath(new URL('crash-writer.test-support.ts', import.meta.url));
const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

let disk: Scratch;
beforeEach(() => {
  disk = scratch();
});
afterEach(() => disk.dispose());

describe('a journal in files', () => {
  it('is on disk after its interval though nobody asked', async () => {
    const clock = new VirtualClock();
    const journal = expectOk(await disk.open({ clock, syncIntervalMs: 100 }));
    expectOk(journal.append(1, 'a'));
    await clock.advance(99);
    expect(await readDurableMark(disk.directory)).toBe(0);
    await clock.advance(1);
    await expect.poll(() => readDurableMark(disk.directory)).toBe(1);
    expectOk(journal.append(2, 'b'));
    await clock.advance(100);
    await expect.poll(() => readDurableMark(disk.directory)).toBe(2);
    expect(clock.pendingTimers).toBe(0);
    await journal.close();
  });

  it('removes its oldest files beyond its size and knows where it begins', async () => {
    const journal = expectOk(await disk.open({ segmentBytesMax: 1_000, totalBytesMax: 3_000 }));
    for (let index = 1; index <= 500; index += 1) expectOk(journal.append(index, `record ${index}`));
    expectOk(await journal.sync());
    const bytes = disk.segments().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThanOrEqual(4_000);
    expect(disk.segments().every((path) => statSync(path).size <= 1_000)).toBe(true);
    const { oldestSequence } = journal;
    expect(oldestSequence).toBeGreaterThan(400);
    expect((await readJournal(journal, 1)).code).toBe('journal_expired');
    const { records, code } = await readJournal(journal);
    expect([code, records[0]?.sequence, records.at(-1)?.sequence]).toEqual([null, oldestSequence, 500]);
    await journal.close();
    const again = expectOk(await disk.open({ segmentBytesMax: 1_000, totalBytesMax: 3_000 }));
    expect(again.oldestSequence).toBe(oldestSequence);
    expect(again.recovery).toEqual({ lastSequence: 500, tornBytes: 0 });
    await again.close();
  });

  it('is free again once what a thread of this process left behind is let go of, and torn ends are cut off', async () => {
    const journal = expectOk(await disk.open({}));
    expectOk(journal.append(1, 'kept'));
    expectOk(await journal.sync());
    // As if its thread had been ended: nothing is closed.
    expect(codeOf(await disk.open({}))).toBe('journal_locked');
    const [segment = ''] = disk.segments();
    appendFileSync(segment, 'torn');
    await releaseJournal(disk.directory);
    const next = expectOk(await disk.open({}));
    expect(next.recovery).toEqual({ lastSequence: 1, tornBytes: 4 });
    expectOk(next.append(2, 'after'));
    expect((await readJournal(next)).records.map(({ payload }) => payload)).toEqual(['kept', 'after']);
    await next.close();
    await releaseJournal(join(disk.directory, 'nowhere'));
  });

  it('answers journal_full while the disk is behind, and loses nothing it took', async () => {
    const journal = expectOk(await disk.open({ bufferBytesMax: 2_000, recordBytesMax: 500 }));
    let taken = 0;
    let refused: Result<number> = expectOkSequence(journal.append(0, 0));
    while (refused.ok) {
      taken += 1;
      refused = journal.append(taken, 'x'.repeat(100));
    }
    expect(refused.fault).toMatchObject({ code: 'journal_full', retry: 'retryable' });
    expectOk(await journal.sync());
    expect(expectOk(journal.append(0, 'after'))).toBe(taken + 1);
    expect((await readJournal(journal)).records).toHaveLength(taken + 1);
    await journal.close();
  });

  it('refuses a record above its limit and takes one larger than a segment', async () => {
    const journal = expectOk(await disk.open({ segmentBytesMax: 100, recordBytesMax: 1_000 }));
    expectOk(journal.append(1, 'small'));
    expectOk(journal.append(2, 'x'.repeat(900)));
    expectOk(journal.append(3, 'small'));
    expect(codeOf(journal.append(4, 'x'.repeat(999)))).toBe('record_too_large');
    expect(codeOf(journal.append(4, '가'.repeat(333)))).toBe('record_too_large');
    expect((await readJournal(journal)).records.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    await journal.close();
    expect(disk.segments()).toHaveLength(3);
  });

  it('refuses a buffer that its largest record would never fit', async () => {
    await expect(disk.open({ bufferBytesMax: 1_000, recordBytesMax: 1_000 })).rejects.toThrow(RangeError);
  });

  it('says journal_unavailable where its folder can not be', async () => {
    writeFileSync(join(disk.directory, 'file'), '');
    const directory = join(disk.directory, 'file', 'journal');
    const opened = await openFileJournal({ directory, clock: new VirtualClock(), logger: silentTelemetry().logger });
    expect(codeOf(opened)).toBe('journal_unavailable');
  });
});

const expectOkSequence = (appended: Result<number>): Result<number> => {
  expectOk(appended);
  return appended;
};

describe('the lock of a journal', () => {
  it('keeps a second writer out until the first has closed', async () => {
    const first = expectOk(await disk.open());
    expect(codeOf(await disk.open())).toBe('journal_locked');
    await first.close();
    await expectOk(await disk.open()).close();
  });

  it('is given back when opening fails', async () => {
    await disk.write(['a', 'b'], 1);
    const [path = ''] = disk.segments();
    writeFileSync(path, readFileSync(path).fill(0, 20));
    expect(codeOf(await disk.open())).toBe('journal_corrupt');
    expect(codeOf(await disk.open())).toBe('journal_corrupt');
  });

  it('is taken over from a process that is gone, from a stranger with its number, and from before the boot', async () => {
    const gone = spawnSync(process.execPath, ['-e', '0']);
    const [, , , started = '', boot = ''] = (await claimName()).split('.');
    const stale = [
      `journal.lock.${gone.pid}.${started}.${boot}.a`,
      `journal.lock.${process.pid}.1.${boot}.a`,
      `journal.lock.${process.pid}.${started}.abc.a`,
    ];
    for (const name of stale) {
      writeFileSync(join(disk.directory, name), '');
      const lock = expectOk(await lockJournal(disk.directory, patientClock()));
      expect(codeOf(await lockJournal(disk.directory, patientClock()))).toBe('journal_locked');
      await lock.release();
    }
    expect(readdirSync(disk.directory)).toEqual([]);
  });

  it('never goes to two of many who come at once, and is free again after them', async () => {
    for (let round = 0; round < 20; round += 1) {
      const taken = await Promise.all(Array.from({ length: 8 }, () => lockJournal(disk.directory, patientClock())));
      const locks = taken.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
      expect(locks.length).toBeLessThanOrEqual(1);
      await locks[0]?.release();
      await expectOk(await lockJournal(disk.directory, patientClock())).release();
    }
  });
});

describe('a journal whose process', () => {
  it('is killed opens at once, whole up to the last sync, each time', { timeout: 60_000 }, async () => {
    const random = seededRandom(42);
    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [WRITER, disk.directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      const stopAfter = 1 + random.integer(150);
      let lines = 0;
      let synced = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        synced = Number(line);
        lines += 1;
        if (lines === stopAfter) child.kill('SIGKILL');
      }
      await exited;
      expect(child.signalCode).toBe('SIGKILL');
      const journal = expectOk(await disk.open({ segmentBytesMax: 4_096 }));
      expect(journal.recovery.lastSequence).toBeGreaterThanOrEqual(synced);
      const { records, code } = await readJournal(journal);
      expect(code).toBeNull();
      expect(records).toEqual(
        records.map((_, index) => ({ sequence: index + 1, tsUs: index + 1, payload: `record-${index + 1}` })),
      );
      expect(records).toHaveLength(journal.recovery.lastSequence);
      await journal.close();
    }
  });

  it.skipIf(process.platform === 'win32')(
    'meets the end of the disk answers journal_write_failed and keeps what was synced',
    async () => {
      // The shell's limit on the size of a file (in blocks of 512 or 1,024 bytes) stands for a full disk: writing beyond it fails.
      const script = `trap '' XFSZ; ulimit -f 16; exec "$0" "$1" "$2" 9000`;
      const { stdout } = spawnSync('sh', ['-c', script, process.execPath, WRITER, disk.directory], {
        encoding: 'utf8',
      });
      const lines = stdout.trim().split('\n');
      expect(lines.slice(-3)).toEqual(['journal_write_failed', 'journal_write_failed', 'closed']);
      const synced = Number(lines.at(-4) ?? 0);
      const journal = expectOk(await disk.open());
      const { records, code } = await readJournal(journal);
      expect(code).toBeNull();
      expect(records.length).toBeGreaterThanOrEqual(synced);
      await journal.close();
    },
  );
});
