import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { crc32, createGunzip, createInflateRaw } from 'node:zlib';
import { err, ok, type Fault, type Result } from '@monsta/core';
import { onlyZipEntry, type ZipEntry } from './zip-entry.ts';

/** What a file is of; it begins the codes of its faults. */
export type DataFileKind = 'bars' | 'trades' | 'recording' | 'history' | 'table' | 'model' | 'params';

const CHUNK_BYTES = 1 << 20;
/** Packed text of prices shrinks to a tenth; what unpacks to five hundred times its size and is large is no such text. */
const RATIO_MAX = 500;
const RATIO_FROM_BYTES = 16 << 20;

/** A fault on its way out of a stream. */
class DataFileError extends Error {
  override readonly name = 'DataFileError';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

function fail(code: string, message: string, cause?: unknown): never {
  throw new DataFileError(err(code, message, cause === undefined ? {} : { cause }).fault);
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** How a file is packed; `entry`: the name of the one file in a zip. */
export interface FilePacking {
  readonly packing: 'plain' | 'gzip' | 'zip';
  readonly entry: string | null;
}

interface Packing {
  readonly kind: FilePacking['packing'];
  readonly bytes: number;
  readonly entry: ZipEntry | null;
}

/** How a file is packed, told by its first bytes and not by its name. */
async function packingOf(path: string, kind: DataFileKind): Promise<Packing> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) fail(`${kind}_empty`, `${path} is empty`);
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    if (magic[0] === 0x1f && magic[1] === 0x8b) return { kind: 'gzip', bytes: size, entry: null };
    if (magic[0] !== 0x50 || magic[1] !== 0x4b) return { kind: 'plain', bytes: size, entry: null };
    const entry = await onlyZipEntry(file, size);
    if (!entry.ok) fail(`${kind}_${entry.fault.code}`, `${path}: ${entry.fault.message}`);
    return { kind: 'zip', bytes: entry.value.packedBytes, entry: entry.value };
  } finally {
    await file.close();
  }
}

async function* plainChunks(path: string, packing: Packing): AsyncGenerator<Buffer> {
  const { entry } = packing;
  if (entry?.packedBytes === 0) return;
  const range = entry === null ? {} : { start: entry.dataStart, end: entry.dataStart + entry.packedBytes - 1 };
  const stored = createReadStream(path, { highWaterMark: CHUNK_BYTES, ...range });
  if (packing.kind === 'plain' || entry?.stored === true) {
    for await (const chunk of stored) yield chunk as Buffer;
    return;
  }
  const unpacker =
    packing.kind === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflateRaw({ chunkSize: CHUNK_BYTES });
  // A failure of either destroys both, and reaches the loop below by the unpacker.
  pipeline(stored, unpacker, () => undefined);
  for await (const chunk of unpacker) yield chunk as Buffer;
}

function unpackFault(path: string, kind: DataFileKind, packing: Packing, thrown: unknown): never {
  if (thrown instanceof DataFileError) throw thrown;
  const code = codeOf(thrown);
  if (packing.kind !== 'plain' && code === 'Z_BUF_ERROR')
    fail(`${kind}_truncated`, `${path} ends in the middle of its ${packing.kind} data; fetch or copy it again`, thrown);
  if (packing.kind !== 'plain' && code.startsWith('Z_'))
    fail(`${kind}_corrupt`, `${path} is no sound ${packing.kind} file: ${messageOf(thrown)}; fetch it again`, thrown);
  fail(`${kind}_unreadable`, `${path} can't be read: ${messageOf(thrown)}`, thrown);
}

const noPacking = (path: string, kind: DataFileKind, thrown: unknown): never => {
  if (thrown instanceof DataFileError) throw thrown;
  const code = codeOf(thrown);
  if (code === 'ENOENT') fail(`${kind}_missing`, `there is no file ${path}; check the path`);
  if (code === 'EISDIR') fail(`${kind}_missing`, `${path} is a folder; name the file in it`);
  fail(`${kind}_unreadable`, `${path} can't be read: ${messageOf(thrown)}`, thrown);
};

/** A file's bytes in pieces, unpacked; throws a `DataFileError` where it can't go on. */
async function* chunksOf(path: string, kind: DataFileKind, bytesMax: number, packing: Packing): AsyncGenerator<Buffer> {
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of plainChunks(path, packing)) {
      bytes += chunk.length;
      if (bytes > bytesMax) fail(`${kind}_too_large`, `${path} unpacks to more than ${bytesMax} bytes; split it`);
      if (packing.kind !== 'plain' && bytes > RATIO_FROM_BYTES && bytes > packing.bytes * RATIO_MAX)
        fail(
          `${kind}_too_large`,
          `${path} unpacks to more than ${RATIO_MAX} times its size, as no prices or measurements do`,
        );
      if (packing.entry !== null) sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (thrown) {
    unpackFault(path, kind, packing, thrown);
  }
  if (packing.entry !== null && (sum !== packing.entry.crc || bytes !== packing.entry.plainBytes))
    fail(`${kind}_corrupt`, `${path}: the sum of ${packing.entry.name} is wrong; fetch it again`);
  if (bytes === 0) fail(`${kind}_empty`, `${path} holds nothing`);
}

/**
 * Gives a file to `take` in pieces, plain, unpacked from gzip, or the one entry of a zip (told by the first bytes, not by the name; a zip's sum is checked). A fault
 * of `take` ends it. Returns how the file is packed. The memory needed is that of a few pieces, however large the file is.
 * Faults, with `kind` in front: `_missing`, `_unreadable`, `_truncated`, `_corrupt`, `_empty`, `_too_large`.
 */
export async function eachChunk(
  path: string,
  kind: DataFileKind,
  bytesMax: number,
  take: (chunk: Buffer) => Result<null>,
): Promise<Result<FilePacking>> {
  try {
    const packing = await packingOf(path, kind).catch((thrown: unknown) => noPacking(path, kind, thrown));
    for await (const chunk of chunksOf(path, kind, bytesMax, packing)) {
      const taken = take(chunk);
      if (!taken.ok) return taken;
    }
    return ok({ packing: packing.kind, entry: packing.entry?.name ?? null });
  } catch (thrown) {
    if (thrown instanceof DataFileError) return { ok: false, fault: thrown.fault };
    throw thrown;
  }
}

/** More than this, unpacked, is not held in memory at once. */
const WHOLE_BYTES_MAX = 1_500_000_000;

/** All of a file's bytes at once. Faults as `eachChunk`. */
export async function readDataFile(path: string, kind: DataFileKind): Promise<Result<Buffer>> {
  const chunks: Buffer[] = [];
  const read = await eachChunk(path, kind, WHOLE_BYTES_MAX, (chunk) => {
    chunks.push(chunk);
    return ok(null);
  });
  return read.ok ? ok(Buffer.concat(chunks)) : read;
}
