import type { FileHandle } from 'node:fs/promises';
import { err, ok, type Result } from '@monsta/core';

/** Where the packed bytes of a zip's entry lie. */
export interface ZipEntry {
  readonly name: string;
  /** Not packed at all. */
  readonly stored: boolean;
  readonly dataStart: number;
  readonly packedBytes: number;
  readonly plainBytes: number;
  readonly crc: number;
}

// PKWARE's APPNOTE.TXT 6.3.10: end of central directory (4.3.16), its 64-bit form (4.3.14), central header (4.3.12), local header (4.3.7).
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const END = 0x06054b50;
const END_64_LOCATOR = 0x07064b50;
const END_64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const CENTRAL_BYTES_MAX = 1 << 20;
const UNSET = 0xffffffff;
const EXTRA_64 = 1;

async function bytesAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}

const unsigned64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
const damaged = (what: string): Result<never> => err('corrupt', `it is no sound zip: ${what}; fetch it again`);

interface Directory {
  readonly start: number;
  readonly length: number;
}

async function directoryOf(file: FileHandle, size: number): Promise<Directory | null> {
  const tailStart = Math.max(0, size - END_BYTES - COMMENT_BYTES_MAX);
  const tail = await bytesAt(file, tailStart, size - tailStart);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END) continue;
    const length = tail.readUInt32LE(at + 12);
    const start = tail.readUInt32LE(at + 16);
    if (start !== UNSET || at < 20 || tail.readUInt32LE(at - 20) !== END_64_LOCATOR) return { start, length };
    const end64 = await bytesAt(file, unsigned64(tail, at - 12), 56);
    if (end64.length < 56 || end64.readUInt32LE(0) !== END_64) return null;
    return { length: unsigned64(end64, 40), start: unsigned64(end64, 48) };
  }
  return null;
}

/** The 64-bit values that stand in an extra field, for those of the header that are unset, in their order. */
function wide(extra: Buffer, values: readonly number[]): readonly number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== EXTRA_64) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== UNSET || next + 8 > extra.length) return value;
      next += 8;
      return unsigned64(extra, next - 8);
    });
  }
  return values;
}

/** The file's only entry; folders don't count. Faults: `corrupt`, `ambiguous` (none, or several). */
export async function onlyZipEntry(file: FileHandle, size: number): Promise<Result<ZipEntry>> {
  const directory = size < END_BYTES ? null : await directoryOf(file, size);
  if (directory === null) return damaged('it has no directory at its end');
  if (directory.length > CENTRAL_BYTES_MAX) return err('ambiguous', 'the zip holds many files; unpack it and name one');
  const central = await bytesAt(file, directory.start, directory.length);
  const found: { header: Buffer; name: string }[] = [];
  for (let at = 0; at + 46 <= central.length;) {
    if (central.readUInt32LE(at) !== CENTRAL) return damaged('its directory is torn');
    const nameLength = central.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + central.readUInt16LE(at + 30) + central.readUInt16LE(at + 32);
    const name = central.toString('utf8', at + 46, at + 46 + nameLength);
    if (!name.endsWith('/')) found.push({ header: central.subarray(at, next), name });
    at = next;
  }
  const [only] = found;
  if (only === undefined || found.length > 1)
    return err(
      'ambiguous',
      `the zip holds ${found.length === 0 ? 'no file' : `${found.length} files`}; there must be one`,
    );
  const { header, name } = only;
  const method = header.readUInt16LE(10);
  if ((header.readUInt16LE(8) & 1) === 1) return err('corrupt', `${name} is encrypted; unpack it first`);
  if (method !== 0 && method !== 8)
    return err('corrupt', `${name} is packed in a way that is not read; unpack it first`);
  const extra = header.subarray(46 + header.readUInt16LE(28), 46 + header.readUInt16LE(28) + header.readUInt16LE(30));
  const [plainBytes = 0, packedBytes = 0, localAt = 0] = wide(extra, [
    header.readUInt32LE(24),
    header.readUInt32LE(20),
    header.readUInt32LE(42),
  ]);
  const local = await bytesAt(file, localAt, 30);
  if (local.length < 30 || local.readUInt32LE(0) !== LOCAL) return damaged(`${name} is not where the directory says`);
  const dataStart = localAt + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (dataStart + packedBytes > size) return damaged(`${name} goes beyond its end`);
  return ok({ name, stored: method === 0, dataStart, packedBytes, plainBytes, crc: header.readUInt32LE(16) });
}
