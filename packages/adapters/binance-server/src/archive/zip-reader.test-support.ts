import { crc32, inflateRawSync } from 'node:zlib';

/** The one table in a zip, read by its central directory and checked by its sum. */
export function readOnlyEntry(zip: Uint8Array): { readonly name: string; readonly text: string } {
  const bytes = Buffer.from(zip);
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0 || bytes.readUInt16LE(end + 10) !== 1) throw new Error('this is no zip with one entry');
  const central = bytes.readUInt32LE(end + 16);
  const crc = bytes.readUInt32LE(central + 16);
  const compressed = bytes.readUInt32LE(central + 20);
  const nameLength = bytes.readUInt16LE(central + 28);
  const local = bytes.readUInt32LE(central + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const data = inflateRawSync(bytes.subarray(start, start + compressed));
  if (crc32(data) !== crc) throw new Error('the sum of the entry is wrong');
  return { name: bytes.toString('utf8', central + 46, central + 46 + nameLength), text: data.toString('utf8') };
}
