import { mkdir } from 'node:fs/promises';
import { err, ok, type Err, type Result } from '@monsta/core';
import type { Clock, Journal, Logger } from '@monsta/ports';
import { DurableMark, readDurableMark } from './durable-mark.ts';
import { FileJournal } from './file-journal.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';
import { lockJournal, type JournalLock } from './lock.ts';
import { SegmentWriter } from './segment-writer.ts';
import { listSegments, recoverTail, type Segment } from './segments.ts';
import { WriteBuffer } from './write-buffer.ts';

export interface FileJournalOptions {
  /** Folder of the segments; made where missing. Nothing else belongs in it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A segment is closed before it would grow beyond; default 16 MiB. */
  readonly segmentBytesMax?: number;
  /** Oldest segments are removed beyond; the newest always stays. Default 1 GiB. */
  readonly totalBytesMax?: number;
  /** Bytes that may wait for the disk; beyond, `append` answers `journal_full`. Twice this is taken. Default 4 MiB. */
  readonly bufferBytesMax?: number;
  /** Longest payload; default 1 MiB. */
  readonly recordBytesMax?: number;
  /** What is appended is on disk after this long, asked or not; default 100. */
  readonly syncIntervalMs?: number;
}

/**
 * Opens the journal in a folder, cutting off what a crash left half-written (`recovery.tornBytes`).
 * Faults: `journal_locked` (another living process writes it), `journal_corrupt` (damage before its tail), `journal_unavailable`.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Result<Journal>> {
  const { directory, recordBytesMax = 1_048_576, bufferBytesMax = 4 * 1_048_576 } = options;
  if (bufferBytesMax < recordBytesMax + FRAME_HEADER_BYTES) {
    throw new RangeError(
      `openFileJournal: a record of ${recordBytesMax} bytes would never fit a buffer of ${bufferBytesMax}`,
    );
  }
  let lock: JournalLock | null = null;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const locked = await lockJournal(directory, options.clock);
    if (!locked.ok) return locked;
    lock = locked.value;
    const opened = await openLocked({ ...options, recordBytesMax, bufferBytesMax }, lock);
    if (!opened.ok) await lock.release();
    return opened;
  } catch (error) {
    await lock?.release();
    return unavailable(directory, error);
  }
}

async function openLocked(
  options: FileJournalOptions & { readonly recordBytesMax: number; readonly bufferBytesMax: number },
  lock: JournalLock,
): Promise<Result<Journal>> {
  const { directory, clock, logger, recordBytesMax, bufferBytesMax } = options;
  const { segmentBytesMax = 16 * 1_048_576, totalBytesMax = 1_073_741_824, syncIntervalMs = 100 } = options;
  const found = await listSegments(directory);
  const tail = await recoverTail(directory, found, await readDurableMark(directory));
  if (!tail.ok) return tail;
  const { segment, lastSequence, tornBytes } = tail.value;
  if (tornBytes > 0) {
    logger.warn('the journal ended in a write that a crash had cut; it was removed', {
      code: 'journal_torn',
      tornBytes,
      lastSequence,
    });
  }
  const kept: Segment[] =
    segment === null ? [] : [...found.filter(({ firstSequence }) => firstSequence < segment.firstSequence), segment];
  return ok(
    new FileJournal({
      directory,
      clock,
      logger,
      lock,
      recordBytesMax,
      syncIntervalMs,
      recovery: { lastSequence, tornBytes },
      writer: await SegmentWriter.open(
        { directory, totalBytesMax, logger, mark: await DurableMark.open(directory) },
        kept,
      ),
      buffer: new WriteBuffer(
        bufferBytesMax,
        segmentBytesMax,
        segment?.bytes ?? Number.POSITIVE_INFINITY,
        lastSequence,
      ),
    }),
  );
}

const unavailable = (directory: string, cause: unknown): Err =>
  err(
    'journal_unavailable',
    `the journal in ${directory} can't be opened: ${cause instanceof Error ? cause.message : 'unknown error'}`,
    { retry: 'retryable', cause },
  );
