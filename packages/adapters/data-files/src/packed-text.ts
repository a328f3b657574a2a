import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw, createGzip } from 'node:zlib';
import { err, ok, type Result } from '@monsta/core';

export type Packing = 'plain' | 'gzip' | 'zip';

// PKWARE's APPNOTE.TXT 6.3.10: local header (4.3.7), central header (4.3.12), end of central directory (4.3.16).
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UTF8_NAME = 1 << 11;
const DEFLATE = 8;
/** 1980-01-01: the same rows give the same bytes, whenever they are written. */
const DOS_DATE = 0x21;
const SIZE_MAX = 0xffffffff;

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly packedBytes: number;
  readonly plainBytes: number;
}

/** What the local and the central header of an entry have in common. */
function commonFields({ name, crc, packedBytes, plainBytes }: Entry): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(UTF8_NAME, 2);
  fields.writeUInt16LE(DEFLATE, 4);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(packedBytes, 14);
  fields.writeUInt32LE(plainBytes, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

const signature = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const localHeader = (entry: Entry): Buffer => Buffer.concat([signature(LOCAL), commonFields(entry), entry.name]);

function directory(entry: Entry): Buffer {
  const version = Buffer.alloc(2);
  version.writeUInt16LE(VERSION);
  // Comment, disk, attributes, and where the local header is: all zero.
  const central = Buffer.concat([signature(CENTRAL), version, commonFields(entry), Buffer.alloc(14), entry.name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(localHeader(entry).length + entry.packedBytes, 12);
  return Buffer.concat([central, signature(END), end]);
}

async function writeZip(path: string, name: string, texts: AsyncIterable<string>): Promise<Result<null>> {
  let [crc, plainBytes, packedBytes] = [0, 0, 0];
  const blank: Entry = { name: Buffer.from(name), crc: 0, packedBytes: 0, plainBytes: 0 };
  const counted = async function* (): AsyncIterable<Buffer> {
    for await (const text of texts) {
      const bytes = Buffer.from(text);
      crc = crc32(bytes, crc);
      plainBytes += bytes.length;
      yield bytes;
    }
  };
  const file = createWriteStream(path, { flags: 'wx' });
  file.write(localHeader(blank));
  const packed = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      packedBytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted()), createDeflateRaw(), packed, file);
  if (packedBytes > SIZE_MAX || plainBytes > SIZE_MAX)
    return err('data_too_large', `a zip of more than 4 GB can't be written; write .gz, or a part of the rows`);
  const entry: Entry = { ...blank, crc, packedBytes, plainBytes };
  const handle = await open(path, 'r+');
  try {
    const header = localHeader(entry);
    const end = directory(entry);
    await handle.write(header, 0, header.length, 0);
    await handle.write(end, 0, end.length, header.length + packedBytes);
    return ok(null);
  } finally {
    await handle.close();
  }
}

/** Writes a text that comes in pieces into a new file, plain or packed; `name`: of the one file in a zip. The same text gives the same bytes. Throws where the disk refuses. */
export async function writePacked(
  path: string,
  packing: Packing,
  name: string,
  texts: AsyncIterable<string>,
): Promise<Result<null>> {
  if (packing === 'zip') return writeZip(path, name, texts);
  const file = createWriteStream(path, { flags: 'wx' });
  await (packing === 'gzip'
    ? pipeline(Readable.from(texts), createGzip(), file)
    : pipeline(Readable.from(texts), file));
  return ok(null);
}
