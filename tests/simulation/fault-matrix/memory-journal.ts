import { ok } from '@monsta/core';
import type { Journal, JournalRecord } from '@monsta/ports';

/** A journal that is gone with its owner: what is tried here is what happens while a program lives. */
export function createMemoryJournal(): Journal {
  const records: JournalRecord[] = [];
  return {
    recovery: { lastSequence: 0, tornBytes: 0 },
    oldestSequence: 1,
    append: (tsUs, payload) => {
      records.push({ sequence: records.length + 1, tsUs, payload });
      return ok(records.length);
    },
    sync: () => Promise.resolve(ok(null)),
    async *read(fromSequence) {
      for (const record of records.slice(Math.max(0, fromSequence - 1))) yield await Promise.resolve(ok(record));
    },
    close: () => Promise.resolve(),
  };
}
