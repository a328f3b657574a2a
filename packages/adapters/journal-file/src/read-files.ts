import { readFile } from 'node:fs/promises';
import { err, ok, type Result } from '@monsta/core';
import type { JournalRecord } from '@monsta/ports';
import { readDurableMark } from './durable-mark.ts';
import { headerChecks, readFrame, SEGMENT_HEADER_BYTES } from './frame.ts';
import { corruptAt, listSegments } from './segments.ts';

/**
 * The records of a journal's files as they lie there, whoever writes them meanwhile; nothing is locked, cut off or changed. It ends with the last whole record.
 * Faults: `journal_unreadable`, `journal_corrupt` (a record that was synced doesn't check).
 */
export async function* readJournalFiles(directory: string): AsyncIterable<Result<JournalRecord>> {
  let sequence = 0;
  try {
    const durable = await readDurableMark(directory);
    const segments = await listSegments(directory);
    for (const { path, firstSequence } of segments) {
      const content = await readFile(path);
      const whole = headerChecks(content, firstSequence);
      if (sequence > 0 && firstSequence !== sequence + 1) {
        yield corruptAt(path, 0, sequence + 1);
        return;
      }
      sequence = firstSequence - 1;
      let offset = SEGMENT_HEADER_BYTES;
      for (let frame = whole ? readFrame(content, offset) : null; frame?.sequence === sequence + 1;) {
        sequence += 1;
        const payload: unknown = JSON.parse(content.toString('utf8', frame.payloadStart, frame.end));
        yield ok({ sequence, tsUs: frame.tsUs, payload });
        offset = frame.end;
        frame = readFrame(content, offset);
      }
      const torn = offset < content.length;
      if (sequence < durable && torn) {
        yield corruptAt(path, offset, sequence + 1);
        return;
      }
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    yield err('journal_unreadable', `the journal in ${directory} can't be read: ${why}`, { cause });
  }
}
