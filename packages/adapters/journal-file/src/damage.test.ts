import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { readJournal } from '@monsta/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FRAME_HEADER_BYTES, sealFrame, SEGMENT_HEADER_BYTES } from './frame.ts';
import { scratch, type Scratch } from './scratch.test-support.ts';

const PAYLOADS = ['first', { price: '61737.63', nested: [1, 2, { deep: '가나다' }] }, null, 'x'.repeat(40), 5, 'last'];

interface Outcome {
  /** Code of the fault that opening or reading answered; null for none. */
  readonly code: string | null;
  readonly tornBytes: number;
  readonly payloads: readonly unknown[];
}

/** Each case opens, syncs and closes real files; a busy disk takes its time. */
describe('a journal whose files were damaged', { timeout: 60_000 }, () => {
  let disk: Scratch;
  beforeEach(() => {
    disk = scratch();
  });
  afterEach(() => disk.dispose());

  const forgetMark = (): void => rmSync(join(disk.directory, 'journal.synced'), { force: true });

  /** Opens what is there, reads all of it, and, where it opens, checks that it takes a record more. */
  async function inspect(): Promise<Outcome> {
    const opened = await disk.open();
    if (!opened.ok) return { code: opened.fault.code, tornBytes: 0, payloads: [] };
    const journal = opened.value;
    const { records, code } = await readJournal(journal);
    const { tornBytes, lastSequence } = journal.recovery;
    if (code === null) {
      expect(expectOk(journal.append(0, 'more'))).toBe(lastSequence + 1);
      const after = await readJournal(journal);
      expect(after.records.at(-1)).toEqual({ sequence: lastSequence + 1, tsUs: 0, payload: 'more' });
    }
    await journal.close();
    return { code, tornBytes, payloads: records.map(({ payload }) => payload) };
  }
  const expectPrefix = ({ payloads }: Outcome): void => expect(payloads).toEqual(PAYLOADS.slice(0, payloads.length));

  it('cut at any byte while nothing was synced, gives back every whole record and says how much was torn', async () => {
    const payloads = ['a', null, 7];
    await disk.write(payloads, Number.POSITIVE_INFINITY);
    const [path = ''] = disk.segments();
    const whole = readFileSync(path);
    const ends = [SEGMENT_HEADER_BYTES];
    for (const payload of payloads) {
      ends.push((ends.at(-1) ?? 0) + FRAME_HEADER_BYTES + Buffer.byteLength(JSON.stringify(payload)));
    }
    for (let bytes = 0; bytes <= whole.length; bytes += 1) {
      forgetMark();
      writeFileSync(path, whole.subarray(0, bytes));
      const journal = expectOk(await disk.open());
      const kept = ends.filter((end) => end <= bytes).length - 1;
      expect(journal.recovery).toEqual({ lastSequence: Math.max(0, kept), tornBytes: bytes - (ends[kept] ?? 0) });
      const { records, code } = await readJournal(journal);
      expect(code).toBeNull();
      expect(records.map(({ payload }) => payload)).toEqual(payloads.slice(0, Math.max(0, kept)));
      await journal.close();
    }
  });

  it('cut at any byte before what was synced, says journal_corrupt and gives no record that was not written', async () => {
    await disk.write(PAYLOADS, 2);
    const [path = ''] = disk.segments();
    const whole = readFileSync(path);
    for (let bytes = 0; bytes < whole.length; bytes += 1) {
      writeFileSync(path, whole.subarray(0, bytes));
      expect((await inspect()).code).toBe('journal_corrupt');
    }
    writeFileSync(path, whole);
    expect(await inspect()).toEqual({ code: null, tornBytes: 0, payloads: PAYLOADS });
  });

  const damage = fc.record({
    segmentBytesMax: fc.constantFrom(150, 100_000),
    syncEvery: fc.integer({ min: 1, max: 7 }),
    markKept: fc.boolean(),
    where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bit: fc.nat({ max: 7 }),
  });

  it('with any one bit flipped, is found damaged or cut, and gives a prefix', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async ({ segmentBytesMax, syncEvery, markKept, where, bit }) => {
        await disk.dispose();
        disk = scratch();
        await disk.write(PAYLOADS, syncEvery, { segmentBytesMax });
        if (!markKept) forgetMark();
        const total = disk.segments().reduce((sum, path) => sum + statSync(path).size, 0);
        let offset = Math.floor(where * total);
        for (const path of disk.segments()) {
          const content = readFileSync(path);
          if (offset < content.length) {
            content.writeUInt8(content.readUInt8(offset) ^ (1 << bit), offset);
            writeFileSync(path, content);
            break;
          }
          offset -= content.length;
        }
        const outcome = await inspect();
        expectPrefix(outcome);
        expect(outcome.payloads.length).toBeLessThan(PAYLOADS.length);
        if (markKept) expect(outcome.code).toBe('journal_corrupt');
        else expect(outcome.code === 'journal_corrupt' || outcome.tornBytes > 0).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('cut anywhere in any of its files, gives a prefix', async () => {
    const cuts = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.boolean(), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(cuts, async ([syncEvery, markKept, which, at]) => {
        await disk.dispose();
        disk = scratch();
        await disk.write(PAYLOADS, syncEvery, { segmentBytesMax: 150 });
        if (!markKept) forgetMark();
        const segments = disk.segments();
        expect(segments.length).toBeGreaterThan(2);
        const path = segments[which % segments.length] ?? '';
        const content = readFileSync(path);
        writeFileSync(path, content.subarray(0, at % content.length));
        const outcome = await inspect();
        expectPrefix(outcome);
        if (markKept || path !== segments.at(-1)) expect(outcome.code).toBe('journal_corrupt');
      }),
      { numRuns: 30 },
    );
  });

  it('without one of its files, says so', async () => {
    await disk.write(PAYLOADS, 1, { segmentBytesMax: 150 });
    const segments = disk.segments();
    const removed = segments[1] ?? '';
    const content = readFileSync(removed);
    rmSync(removed);
    expect((await inspect()).code).toBe('journal_corrupt');
    writeFileSync(removed, content);
    rmSync(segments.at(-1) ?? '');
    expect((await inspect()).code).toBe('journal_corrupt');
    for (const path of disk.segments()) rmSync(path);
    expect((await inspect()).code).toBe('journal_corrupt');
  });

  it('names the segment and the byte', async () => {
    await disk.write(PAYLOADS, 1);
    const [path = ''] = disk.segments();
    const content = readFileSync(path);
    content.writeUInt8(
      content.readUInt8(SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES) ^ 1,
      SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES,
    );
    writeFileSync(path, content);
    const opened = await disk.open();
    expect(opened.ok ? null : opened.fault.details).toEqual({
      segment: path,
      offset: SEGMENT_HEADER_BYTES,
      sequence: 1,
    });
  });

  it('cuts off zeros that a file system left behind its end', async () => {
    await disk.write(PAYLOADS, 1);
    const [path = ''] = disk.segments();
    appendFileSync(path, Buffer.alloc(5_000));
    expect(await inspect()).toEqual({ code: null, tornBytes: 5_000, payloads: PAYLOADS });
  });

  it('takes a later page that reached the disk before an earlier one for torn, unless it proves the earlier one was there', async () => {
    const tail = (durableSequence: number): Buffer => {
      const hole = Buffer.alloc(64);
      const frame = Buffer.alloc(200);
      const end = sealFrame(
        frame,
        0,
        frame.write('"later"', FRAME_HEADER_BYTES),
        PAYLOADS.length + 2,
        0,
        durableSequence,
      );
      return Buffer.concat([hole, frame.subarray(0, end)]);
    };
    await disk.write(PAYLOADS, 1);
    const [path = ''] = disk.segments();
    const whole = readFileSync(path);
    const unproven = tail(PAYLOADS.length);
    writeFileSync(path, Buffer.concat([whole, unproven]));
    expect(await inspect()).toEqual({ code: null, tornBytes: unproven.length, payloads: PAYLOADS });
    forgetMark();
    writeFileSync(path, Buffer.concat([whole, tail(PAYLOADS.length + 1)]));
    expect((await inspect()).code).toBe('journal_corrupt');
  });
});
