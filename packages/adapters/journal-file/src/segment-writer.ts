import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { Logger } from '@monsta/ports';
import type { DurableMark } from './durable-mark.ts';
import { createSegment, type Segment } from './segments.ts';
import type { Batch } from './write-buffer.ts';

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly totalBytesMax: number;
  readonly logger: Logger;
  readonly mark: DurableMark;
}

/** The journal's files: appends batches to the last, begins new ones, removes the oldest. One call at a time; throws what the file system throws. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #segments: Segment[];
  #handle: FileHandle | null;

  private constructor(options: SegmentWriterOptions, segments: readonly Segment[], handle: FileHandle | null) {
    this.#options = options;
    this.#segments = [...segments];
    this.#handle = handle;
  }

  static async open(options: SegmentWriterOptions, segments: readonly Segment[]): Promise<SegmentWriter> {
    const last = segments.at(-1);
    return new SegmentWriter(options, segments, last === undefined ? null : await open(last.path, 'r+'));
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  async write(batch: Batch): Promise<void> {
    let from = 0;
    for (const roll of batch.rolls) {
      await this.#append(batch.bytes, from, roll.offset);
      await this.#begin(roll.firstSequence);
      from = roll.offset;
    }
    await this.#append(batch.bytes, from, batch.bytes.length);
  }

  /** Everything written is on disk, up to and with record `sequence`. */
  async sync(sequence: number): Promise<void> {
    await this.#handle?.datasync();
    await this.#options.mark.write(sequence);
  }

  async close(): Promise<void> {
    await this.#closeSegment();
    await this.#options.mark.close();
  }

  async #closeSegment(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async #append(bytes: Buffer, from: number, to: number): Promise<void> {
    const last = this.#segments.at(-1);
    if (from === to || last === undefined || this.#handle === null) return;
    for (let at = from; at < to;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, to - at, last.bytes + at - from);
      at += bytesWritten;
    }
    this.#segments[this.#segments.length - 1] = { ...last, bytes: last.bytes + to - from };
  }

  /** The old segment is on disk before the new one exists: only the last segment can ever have a torn tail. */
  async #begin(firstSequence: number): Promise<void> {
    await this.sync(firstSequence - 1);
    await this.#closeSegment();
    const { segment, handle } = await createSegment(this.#options.directory, firstSequence);
    this.#segments.push(segment);
    this.#handle = handle;
    await this.#expire();
  }

  /** Removes the oldest segments until the rest fits; the last one always stays. */
  async #expire(): Promise<void> {
    let total = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
    while (total > this.#options.totalBytesMax && this.#segments.length > 1) {
      const oldest = this.#segments.shift();
      if (oldest === undefined) return;
      total -= oldest.bytes;
      try {
        await unlink(oldest.path);
      } catch (error) {
        this.#options.logger.warn('an old segment of the journal could not be removed', {
          code: 'journal_retention_failed',
          segment: oldest.path,
          error,
        });
      }
    }
  }
}
