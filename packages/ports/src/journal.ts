import type { Result } from '@monsta/core';

export interface JournalRecord {
  /** Counts up by one from 1 without a gap. */
  readonly sequence: number;
  readonly tsUs: number;
  /** A JSON value. */
  readonly payload: unknown;
}

export interface JournalRecovery {
  /** 0 for an empty journal. */
  readonly lastSequence: number;
  /** Bytes of a torn tail (a write cut by a crash) that were removed at opening. */
  readonly tornBytes: number;
}

/**
 * Every kernel input, in order. `append` returns at once with the record's sequence; the record is durable after `sync` resolves, and at the
 * latest after the adapter's stated interval. Read back, it is a prefix of what was appended, whole up to the last `sync`.
 */
export interface Journal {
  readonly recovery: JournalRecovery;
  /** The oldest record that retention has left; one above the last where there is none. */
  readonly oldestSequence: number;
  /** Faults: `journal_full` (retryable: the disk is slower than the writer), `payload_invalid`, `record_too_large`, `journal_closed`, `journal_write_failed` (fatal). */
  append(tsUs: number, payload: unknown): Result<number>;
  /** Resolves when everything appended so far is on disk; all who wait share one sync. Faults: `journal_closed`, `journal_write_failed` (fatal). */
  sync(): Promise<Result<null>>;
  /**
   * Records from `fromSequence` on, in order, up to the last one appended when reading begins; 0 begins with the oldest kept.
   * Fault `journal_corrupt` ends it where a record inside the journal (not its tail) doesn't check, `journal_expired` where retention has removed
   * records asked for.
   */
  read(fromSequence: number): AsyncIterable<Result<JournalRecord>>;
  close(): Promise<void>;
}
