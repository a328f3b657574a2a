import { expectOk, type Result } from '@monsta/core';
import type { Journal, JournalRecord } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface JournalRig {
  /** An empty journal. */
  readonly journal: Journal;
  /** Closes it and opens the same store again. */
  reopen(): Promise<Journal>;
  dispose(): Promise<void>;
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

/** All records from `fromSequence` on; a fault ends them. */
export async function readJournal(
  journal: Journal,
  fromSequence = 0,
): Promise<{ readonly records: readonly JournalRecord[]; readonly code: string | null }> {
  const records: JournalRecord[] = [];
  for await (const record of journal.read(fromSequence)) {
    if (!record.ok) return { records, code: record.fault.code };
    records.push(record.value);
  }
  return { records, code: null };
}

/** What every `Journal` must keep. */
export function journalConformance(name: string, make: () => Promise<JournalRig>): void {
  describe(`${name} keeps the promises of a journal`, () => {
    let rig: JournalRig;
    let journal: Journal;
    beforeEach(async () => {
      rig = await make();
      journal = rig.journal;
    });
    afterEach(() => rig.dispose());

    const append = (payload: unknown, tsUs = 1): number => expectOk(journal.append(tsUs, payload));
    const sequences = async (from: number): Promise<number[]> =>
      (await readJournal(journal, from)).records.map(({ sequence }) => sequence);

    it('is empty at first', async () => {
      expect(journal.recovery).toEqual({ lastSequence: 0, tornBytes: 0 });
      expect(journal.oldestSequence).toBe(1);
      expect(await readJournal(journal)).toEqual({ records: [], code: null });
      expect(await readJournal(journal, 1)).toEqual({ records: [], code: null });
      expectOk(await journal.sync());
    });

    it('counts records from 1 and gives them back in order, without a sync too', async () => {
      expect([append('a', 10), append({ b: [1, null] }, 20), append(null, 15)]).toEqual([1, 2, 3]);
      expect((await readJournal(journal)).records).toEqual([
        { sequence: 1, tsUs: 10, payload: 'a' },
        { sequence: 2, tsUs: 20, payload: { b: [1, null] } },
        { sequence: 3, tsUs: 15, payload: null },
      ]);
    });

    it('reads from any record on, up to those there when reading began', async () => {
      for (let index = 1; index <= 10; index += 1) append(index);
      expect(await sequences(0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await sequences(1)).toHaveLength(10);
      expect(await sequences(8)).toEqual([8, 9, 10]);
      expect(await sequences(11)).toEqual([]);
      const seen: number[] = [];
      for await (const record of journal.read(9)) {
        seen.push(expectOk(record).sequence);
        append('later');
      }
      expect(seen).toEqual([9, 10]);
    });

    it('keeps what was synced, and goes on counting, over closing and opening', async () => {
      const values = fc.array(fc.jsonValue(), { maxLength: 12 });
      const expected: unknown[] = [];
      await fc.assert(
        fc.asyncProperty(values, async (payloads) => {
          for (const payload of payloads) {
            append(payload, expected.length);
            expected.push(JSON.parse(JSON.stringify(payload)));
          }
          expectOk(await journal.sync());
          journal = await rig.reopen();
          expect(journal.recovery).toEqual({ lastSequence: expected.length, tornBytes: 0 });
          const { records } = await readJournal(journal, 1);
          expect(records).toEqual(expected.map((payload, index) => ({ sequence: index + 1, tsUs: index, payload })));
        }),
        { numRuns: 15 },
      );
    });

    it('stores on closing what nobody synced', async () => {
      append('last words');
      journal = await rig.reopen();
      expect((await readJournal(journal)).records.map(({ payload }) => payload)).toEqual(['last words']);
    });

    it('refuses what is no JSON value or no time, and uses up no sequence for it', () => {
      const cyclic: Record<string, unknown> = {};
      cyclic['self'] = cyclic;
      for (const payload of [1n, undefined, () => 0, cyclic]) {
        expect(codeOf(journal.append(1, payload))).toBe('payload_invalid');
      }
      expect(codeOf(journal.append(1.5, 'x'))).toBe('payload_invalid');
      expect(append('sound')).toBe(1);
    });

    it('serves many who sync at once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, index) => {
          append(index);
          return journal.sync();
        }),
      );
      expect(outcomes.map(codeOf).filter((code) => code !== null)).toEqual([]);
      expect(await sequences(200)).toEqual([200]);
    });

    it('answers journal_closed once it is closed, and closes twice', async () => {
      append('a');
      await journal.close();
      await journal.close();
      expect(codeOf(journal.append(1, 'b'))).toBe('journal_closed');
      expect(codeOf(await journal.sync())).toBe('journal_closed');
      expect((await readJournal(journal)).code).toBe('journal_closed');
    });
  });
}
