import { FRAME_HEADER_BYTES, sealFrame, SEGMENT_HEADER_BYTES } from './frame.ts';

/** Where within a batch a new segment begins. */
export interface Roll {
  readonly offset: number;
  readonly firstSequence: number;
}

/** Records sealed and ready to be written. */
export interface Batch {
  readonly bytes: Buffer;
  readonly rolls: readonly Roll[];
  readonly lastSequence: number;
}

/** The records between `append` and the disk: one buffer fills while the other is written. Neither grows. */
export class WriteBuffer {
  readonly #capacity: number;
  readonly #segmentBytesMax: number;
  #filling: Buffer;
  #spare: Buffer | null;
  #used = 0;
  #rolls: Roll[] = [];
  #segmentBytes: number;
  #lastSequence: number;

  /** `segmentBytes`: what the segment at hand has already; infinite where there is none yet. */
  constructor(capacity: number, segmentBytesMax: number, segmentBytes: number, lastSequence: number) {
    this.#capacity = capacity;
    this.#segmentBytesMax = segmentBytesMax;
    this.#segmentBytes = segmentBytes;
    this.#lastSequence = lastSequence;
    this.#filling = Buffer.allocUnsafeSlow(capacity);
    this.#spare = Buffer.allocUnsafeSlow(capacity);
  }

  get used(): number {
    return this.#used;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** The new record's sequence, or null where there is no room now. */
  add(tsUs: number, text: string, textBytesMax: number, durableSequence: number): number | null {
    const start = this.#used;
    const payloadStart = start + FRAME_HEADER_BYTES;
    if (payloadStart + textBytesMax > this.#capacity && payloadStart + Buffer.byteLength(text) > this.#capacity)
      return null;
    const payloadBytes = this.#filling.write(text, payloadStart);
    const sequence = this.#lastSequence + 1;
    const end = sealFrame(this.#filling, start, payloadBytes, sequence, tsUs, durableSequence);
    const frameBytes = end - start;
    // A record that is larger than a segment gets one of its own.
    if (this.#segmentBytes + frameBytes > this.#segmentBytesMax && this.#segmentBytes !== SEGMENT_HEADER_BYTES) {
      this.#rolls.push({ offset: start, firstSequence: sequence });
      this.#segmentBytes = SEGMENT_HEADER_BYTES;
    }
    this.#segmentBytes += frameBytes;
    this.#used = end;
    this.#lastSequence = sequence;
    return sequence;
  }

  /** Everything so far, to be written; `giveBack` its bytes afterwards. Null where there is nothing, or the other buffer is still out. */
  take(): Batch | null {
    if (this.#used === 0 || this.#spare === null) return null;
    const batch = {
      bytes: this.#filling.subarray(0, this.#used),
      rolls: this.#rolls,
      lastSequence: this.#lastSequence,
    };
    [this.#filling, this.#spare] = [this.#spare, null];
    this.#used = 0;
    this.#rolls = [];
    return batch;
  }

  giveBack(batch: Batch): void {
    this.#spare = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, this.#capacity);
  }
}
