import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const BYTES = 12;

const pathIn = (directory: string): string => join(directory, 'journal.synced');

/** The sequence last marked as on disk; 0 where there is no mark that checks. */
export async function readDurableMark(directory: string): Promise<number> {
  let content: Buffer;
  try {
    content = await readFile(pathIn(directory));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
  if (content.length !== BYTES || crc32(content.subarray(0, 8)) !== content.readUInt32LE(8)) return 0;
  return content.readDoubleLE(0);
}

/**
 * Remembers how far the journal was synced, so that a whole end that goes missing is told from one that a crash cut. It is written after
 * each sync and not synced itself: a killed process leaves it right, a power failure leaves it behind at most, never ahead.
 */
export class DurableMark {
  readonly #handle: FileHandle;
  readonly #content = Buffer.alloc(BYTES);

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(directory: string): Promise<DurableMark> {
    // Kept where it exists; made where it doesn't.
    const handle = await open(pathIn(directory), 'a+', 0o600);
    await handle.close();
    return new DurableMark(await open(pathIn(directory), 'r+'));
  }

  async write(sequence: number): Promise<void> {
    this.#content.writeDoubleLE(sequence, 0);
    this.#content.writeUInt32LE(crc32(this.#content.subarray(0, 8)), 8);
    await this.#handle.write(this.#content, 0, BYTES, 0);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
