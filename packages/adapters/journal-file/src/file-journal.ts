import { readFile } from 'node:fs/promises';
import { err, ok, type Err, type Result } from '@monsta/core';
import type { Clock, Journal, JournalRecord, JournalRecovery, Logger, Timer } from '@monsta/ports';
import { headerChecks, readFrame, SEGMENT_HEADER_BYTES } from './frame.ts';
import type { JournalLock } from './lock.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { corruptAt, type Segment } from './segments.ts';
import type { WriteBuffer } from './write-buffer.ts';

export interface FileJournalParts {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lock: JournalLock;
  readonly writer: SegmentWriter;
  readonly buffer: WriteBuffer;
  readonly recovery: JournalRecovery;
  readonly recordBytesMax: number;
  readonly syncIntervalMs: number;
}

interface Waiter {
  readonly sequence: number;
  /** On disk, or with the operating system is enough. */
  readonly durable: boolean;
  readonly resolve: (result: Result<null>) => void;
}

/** With this many bytes waiting, writing begins without waiting for the next sync. */
const WRITE_EARLY_BYTES = 256 * 1024;

export class FileJournal implements Journal {
  readonly recovery: JournalRecovery;
  readonly #parts: FileJournalParts;
  #written: number;
  #durable: number;
  #waiters: Waiter[] = [];
  #timer: Timer | null = null;
  #syncDue = false;
  #running = false;
  #failure: Err | null = null;
  #closing: Promise<void> | null = null;
  #idle: (() => void)[] = [];

  constructor(parts: FileJournalParts) {
    this.#parts = parts;
    this.recovery = parts.recovery;
    this.#written = parts.recovery.lastSequence;
    this.#durable = parts.recovery.lastSequence;
  }

  get oldestSequence(): number {
    return this.#parts.writer.segments[0]?.firstSequence ?? this.recovery.lastSequence + 1;
  }

  append(tsUs: number, payload: unknown): Result<number> {
    const refused = this.#refusal();
    if (refused !== null) return refused;
    const text = encode(tsUs, payload);
    if (!text.ok) return text;
    const bytesMax = text.value.length * 3;
    if (bytesMax > this.#parts.recordBytesMax) {
      const bytes = Buffer.byteLength(text.value);
      if (bytes > this.#parts.recordBytesMax) {
        return err(
          'record_too_large',
          `a record of ${bytes} bytes is above the journal's limit of ${this.#parts.recordBytesMax}`,
        );
      }
    }
    const sequence = this.#parts.buffer.add(tsUs, text.value, bytesMax, this.#durable);
    if (sequence === null) {
      this.#start();
      return err(
        'journal_full',
        `${this.#parts.buffer.used} bytes wait for the disk of the journal in ${this.#parts.directory}`,
        {
          retry: 'retryable',
        },
      );
    }
    if (this.#parts.buffer.used >= WRITE_EARLY_BYTES) this.#start();
    this.#timer ??= this.#parts.clock.setTimer(this.#parts.syncIntervalMs, () => {
      this.#timer = null;
      this.#syncDue = true;
      this.#start();
    });
    return ok(sequence);
  }

  sync(): Promise<Result<null>> {
    const refused = this.#refusal();
    return refused === null ? this.#reached(this.#parts.buffer.lastSequence, true) : Promise.resolve(refused);
  }

  async *read(fromSequence: number): AsyncIterable<Result<JournalRecord>> {
    const refused = this.#refusal();
    if (refused !== null) {
      yield refused;
      return;
    }
    const upTo = this.#parts.buffer.lastSequence;
    const written = await this.#reached(upTo, false);
    if (!written.ok) {
      yield written;
      return;
    }
    const segments = [...this.#parts.writer.segments];
    const oldest = segments[0]?.firstSequence ?? upTo + 1;
    const from = fromSequence === 0 ? oldest : fromSequence;
    if (from < oldest) {
      yield expired(from, oldest);
      return;
    }
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.firstSequence ?? upTo + 1;
      if (next <= from) continue;
      for await (const record of readSegment(segment, from, Math.min(next - 1, upTo))) {
        yield record;
        if (!record.ok) return;
      }
      if (next > upTo) return;
    }
  }

  /** Writes and syncs what waits, closes the files, lets go of the lock. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #refusal(): Err | null {
    if (this.#failure !== null) return this.#failure;
    return this.#closing === null ? null : err('journal_closed', `the journal in ${this.#parts.directory} is closed`);
  }

  #reached(sequence: number, durable: boolean): Promise<Result<null>> {
    if ((durable ? this.#durable : this.#written) >= sequence) return Promise.resolve(ok(null));
    return new Promise((resolve) => {
      this.#waiters.push({ sequence, durable, resolve });
      this.#start();
    });
  }

  /** Work begins in the event loop's next round, so that all who ask in this one share a write and a sync. */
  #start(): void {
    if (this.#running || this.#failure !== null) return;
    this.#running = true;
    setImmediate(() => void this.#work());
  }

  /** Never rejects: a failure of the disk becomes the answer of everyone who waits, and of all calls after. */
  async #work(): Promise<void> {
    const { buffer, writer } = this.#parts;
    try {
      for (;;) {
        const batch = buffer.take();
        if (batch !== null) {
          await writer.write(batch);
          buffer.giveBack(batch);
          this.#written = batch.lastSequence;
          this.#settle();
        }
        const syncWanted = this.#syncDue || this.#waiters.some(({ durable }) => durable);
        if (syncWanted && this.#durable < this.#written) {
          this.#syncDue = false;
          const target = this.#written;
          await writer.sync(target);
          this.#durable = target;
          this.#settle();
        } else if (batch === null) {
          this.#syncDue = false;
          break;
        }
        const moreWanted = this.#syncDue || this.#waiters.length > 0 || buffer.used >= WRITE_EARLY_BYTES;
        if (!moreWanted) break;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
    // Something may have come while nobody listened any more.
    if (this.#syncDue || this.#waiters.length > 0) this.#start();
  }

  #settle(): void {
    if (this.#waiters.length === 0) return;
    const still: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if ((waiter.durable ? this.#durable : this.#written) >= waiter.sequence) waiter.resolve(ok(null));
      else still.push(waiter);
    }
    this.#waiters = still;
  }

  /** After a failed write or sync nobody knows what the disk holds: the journal is over until it is opened again. */
  #fail(error: unknown): void {
    const why = error instanceof Error ? error.message : 'unknown error';
    const failure = err(
      'journal_write_failed',
      `the journal in ${this.#parts.directory} can't be written (${why}); free space or mend the disk, then start again`,
      { retry: 'fatal', cause: error },
    );
    this.#failure = failure;
    this.#timer?.cancel();
    this.#timer = null;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(failure);
  }

  async #shutDown(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#failure === null) await this.#reached(this.#parts.buffer.lastSequence, true);
    if (this.#running) await new Promise<void>((resolve) => void this.#idle.push(resolve));
    try {
      await this.#parts.writer.close();
      await this.#parts.lock.release();
    } catch (error) {
      this.#parts.logger.warn('the files of the journal could not be closed', { code: 'journal_close_failed', error });
    }
  }
}

function encode(tsUs: number, payload: unknown): Result<string> {
  if (!Number.isSafeInteger(tsUs))
    return err('payload_invalid', `a record's tsUs must be whole microseconds, not ${tsUs}`);
  try {
    const text: string | undefined = JSON.stringify(payload);
    if (text !== undefined) return ok(text);
    return err('payload_invalid', `a record is no JSON value: it is ${typeof payload}`);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : 'it throws';
    return err('payload_invalid', `a record is no JSON value: ${why}`, { cause });
  }
}

const expired = (from: number, oldest: number): Err =>
  err('journal_expired', `record ${from} is no longer kept: the journal begins with ${oldest}`, {
    details: { oldest },
  });

/** The segment's records within `from` … `upTo`; a fault where one of them doesn't check. */
async function* readSegment(segment: Segment, from: number, upTo: number): AsyncIterable<Result<JournalRecord>> {
  let content: Buffer;
  try {
    content = await readFile(segment.path);
  } catch (cause) {
    const gone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    yield gone
      ? expired(Math.max(from, segment.firstSequence), upTo + 1)
      : err('journal_unreadable', `the journal's segment ${segment.path} can't be read`, { retry: 'retryable', cause });
    return;
  }
  if (!headerChecks(content, segment.firstSequence)) {
    yield corruptAt(segment.path, 0, segment.firstSequence);
    return;
  }
  let offset = SEGMENT_HEADER_BYTES;
  for (let sequence = segment.firstSequence; sequence <= upTo; sequence += 1) {
    const frame = readFrame(content, offset);
    if (frame?.sequence !== sequence) {
      yield corruptAt(segment.path, offset, sequence);
      return;
    }
    if (sequence >= from) {
      const payload: unknown = JSON.parse(content.toString('utf8', frame.payloadStart, frame.end));
      yield ok({ sequence, tsUs: frame.tsUs, payload });
    }
    offset = frame.end;
  }
}
