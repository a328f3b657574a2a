import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { err, ok, type Result } from '@monsta/core';

const unpack = promisify(gunzip);

/** More than this, unpacked, is not held in memory. */
const FILE_BYTES_MAX = 1_500_000_000;

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function read(path: string, kind: string): Promise<Result<Buffer>> {
  try {
    return ok(await readFile(path));
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT') return err(`${kind}_missing`, `there is no file ${path}; check the path`);
    if (code === 'EISDIR') return err(`${kind}_missing`, `${path} is a folder; name the file in it`);
    return err(`${kind}_unreadable`, `${path} can't be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/**
 * A file's bytes, unpacked where it is gzip (told by its first bytes, not its name).
 * Faults, with `kind` in front: `_missing`, `_unreadable`, `_truncated` (a torn gzip), `_corrupt`, `_empty`, `_too_large`.
 */
export async function readDataFile(path: string, kind: 'recording' | 'history'): Promise<Result<Buffer>> {
  const stored = await read(path, kind);
  if (!stored.ok) return stored;
  const bytes = stored.value;
  if (bytes.length === 0) return err(`${kind}_empty`, `${path} is empty`);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    return err(`${kind}_corrupt`, `${path} is a zip archive; unpack it and name the file inside`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return ok(bytes);
  try {
    const plain = await unpack(bytes, { maxOutputLength: FILE_BYTES_MAX });
    return plain.length === 0 ? err(`${kind}_empty`, `${path} holds nothing`) : ok(plain);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'Z_BUF_ERROR') {
      return err(`${kind}_truncated`, `${path} ends in the middle of its gzip data; fetch or copy it again`, {
        cause: thrown,
      });
    }
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return err(`${kind}_too_large`, `${path} unpacks to more than ${FILE_BYTES_MAX} bytes; split it`);
    }
    return err(`${kind}_corrupt`, `${path} is no sound gzip file: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** Calls `each` with every line (start and end in bytes, without the line break, from 1); stops at the first fault. */
export function eachLine(
  bytes: Buffer,
  each: (start: number, end: number, number: number) => Result<null>,
): Result<null> {
  let start = 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const found = bytes.indexOf(10, start);
    const next = found === -1 ? bytes.length : found;
    const end = next > start && bytes[next - 1] === 13 ? next - 1 : next;
    if (end > start) {
      const result = each(start, end, number);
      if (!result.ok) return result;
    }
    start = next + 1;
  }
  return ok(null);
}
