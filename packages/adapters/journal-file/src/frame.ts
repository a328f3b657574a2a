import { crc32 } from 'node:zlib';

/**
 * A segment begins with a header: `MONSTAJ1`, the first record's sequence (f64), CRC-32 of both (u32). Records follow, each as
 *
 *   0  marker FF FE 4D 4A: no UTF-8 text contains it, so a search for the next record finds none inside a payload
 *   4  u32 CRC-32 of everything behind it
 *   8  u32 bytes of the payload
 *  12  u32 records before this one, itself included, that were not known to be on disk when it was appended
 *  16  f64 sequence
 *  24  f64 tsUs
 *  32  payload, JSON in UTF-8
 *
 * all little-endian; whole numbers up to 2^53 are exact in f64. The field at 12 tells damage from a write that a crash cut: a record behind
 * the damage that counts the damaged one as on disk proves that it once was whole.
 */
export const SEGMENT_HEADER_BYTES = 20;
export const FRAME_HEADER_BYTES = 32;

const MAGIC = Buffer.from('MONSTAJ1', 'latin1');
const MARKER = Buffer.from([0xff, 0xfe, 0x4d, 0x4a]);
const MARKER_WORD = MARKER.readUInt32LE(0);
const UINT32_MAX = 0xffff_ffff;

export interface Frame {
  readonly sequence: number;
  readonly tsUs: number;
  /** The last record known to be on disk when this one was appended. */
  readonly durableSequence: number;
  readonly payloadStart: number;
  /** Offset behind the frame. */
  readonly end: number;
}

export function segmentHeader(firstSequence: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeDoubleLE(firstSequence, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 16)), 16);
  return header;
}

export function headerChecks(segment: Buffer, firstSequence: number): boolean {
  return segment.subarray(0, SEGMENT_HEADER_BYTES).equals(segmentHeader(firstSequence));
}

/** Puts a header before a payload that is in `target` already, at `start + FRAME_HEADER_BYTES`. Returns the offset behind the frame. */
export function sealFrame(
  target: Buffer,
  start: number,
  payloadBytes: number,
  sequence: number,
  tsUs: number,
  durableSequence: number,
): number {
  const end = start + FRAME_HEADER_BYTES + payloadBytes;
  target.writeUInt32LE(MARKER_WORD, start);
  target.writeUInt32LE(payloadBytes, start + 8);
  target.writeUInt32LE(Math.min(sequence - durableSequence, UINT32_MAX), start + 12);
  target.writeDoubleLE(sequence, start + 16);
  target.writeDoubleLE(tsUs, start + 24);
  target.writeUInt32LE(crc32(target.subarray(start + 8, end)), start + 4);
  return end;
}

/** The frame at `start`, or null where there is none that checks. */
export function readFrame(segment: Buffer, start: number): Frame | null {
  if (start + FRAME_HEADER_BYTES > segment.length || segment.readUInt32LE(start) !== MARKER_WORD) return null;
  const end = start + FRAME_HEADER_BYTES + segment.readUInt32LE(start + 8);
  if (end > segment.length) return null;
  if (crc32(segment.subarray(start + 8, end)) !== segment.readUInt32LE(start + 4)) return null;
  const sequence = segment.readDoubleLE(start + 16);
  return {
    sequence,
    tsUs: segment.readDoubleLE(start + 24),
    durableSequence: sequence - segment.readUInt32LE(start + 12),
    payloadStart: start + FRAME_HEADER_BYTES,
    end,
  };
}

/** True when some record from `start` on counts `sequence` as on disk: then what is missing before it was not cut by a crash but damaged. */
export function provesDurable(segment: Buffer, start: number, sequence: number): boolean {
  for (let at = segment.indexOf(MARKER, start); at >= 0; at = segment.indexOf(MARKER, at + 1)) {
    const frame = readFrame(segment, at);
    if (frame !== null && frame.sequence > sequence && frame.durableSequence >= sequence) return true;
  }
  return false;
}
