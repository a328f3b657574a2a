import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { timestampUs, US_PER_MS } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { ZipFile } from 'yazl';
import { ColdKlines, inTurns, paced } from '../cold-klines.ts';
import type { ExchangeModel } from '../exchange-model.ts';
import type { ArchiveFile } from './archive-files.ts';
import { rowsOf } from './archive-rows.ts';

/** A finished zip. */
export interface ArchiveZip {
  readonly bytes: Uint8Array;
  /** In hexadecimal digits. */
  readonly sha256: string;
  readonly md5: string;
}

/** What is known of a zip whose bytes may be forgotten. */
export type ZipFacts = Pick<ArchiveZip, 'sha256' | 'md5'> & { readonly size: number };

export interface ArchiveLimits {
  /** Bytes of finished zips that are kept; beyond them the ones asked for longest ago are forgotten, and made again when asked for. */
  readonly keptBytesMax: number;
  /** A larger zip is not made. */
  readonly zipBytesMax: number;
  /** Zips made at the same time, and requests that wait for their turn; more are told to come back. */
  readonly makingMax: number;
  readonly waitingMax: number;
}

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  keptBytesMax: 67_108_864,
  zipBytesMax: 536_870_912,
  makingMax: 2,
  waitingMax: 64,
};

/** A file has no more klines than a month has hours, of those that are gone through beforehand. */
const KLINES_MAX = 744;
/** Facts of so many zips are remembered (some 200 bytes each). */
const FACTS_MAX = 50_000;

/** Too many files are being asked for at once. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/**
 * The zip's own time of its table, the same wherever and whenever it is made: zips write local time, so that it is given as such. Noon,
 * because clocks that are put forward at midnight have none.
 */
function zipDate({ endUs }: ArchiveFile): Date {
  const utc = new Date(endUs / US_PER_MS);
  return new Date(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate(), 12);
}

async function makeZip(chunks: AsyncIterable<string>, file: ArchiveFile, bytesMax: number): Promise<ArchiveZip> {
  const zip = new ZipFile();
  // No more than a lot is made ahead of the compressor, whose work in other threads leaves this one to others.
  const rows = Readable.from(chunks, { objectMode: false, highWaterMark: 1 });
  zip.addReadStream(rows, `${file.name}.csv`, { mtime: zipDate(file), mode: 0o100644, forceDosTimestamp: true });
  zip.end();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  zip.once('error', (error) => output.destroy(error instanceof Error ? error : new Error(String(error))));
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of output as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > bytesMax) throw new RangeError(`${file.name}.zip would have more than ${bytesMax} bytes`);
    sha256.update(part);
    md5.update(part);
    parts.push(part);
  }
  return { bytes: Buffer.concat(parts, size), sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}

/** Makes the archive's zips when they are asked for, and keeps some. */
export class ArchiveZips {
  readonly #model: ExchangeModel;
  readonly #clock: Clock;
  readonly #cold: ColdKlines;
  readonly #limits: ArchiveLimits;
  readonly #kept = new Map<string, ArchiveZip>();
  readonly #facts = new Map<string, ZipFacts>();
  readonly #making = new Map<string, Promise<ArchiveZip | null>>();
  readonly #waiting: (() => void)[] = [];
  #keptBytes = 0;
  #running = 0;

  constructor(model: ExchangeModel, clock: Clock, limits: ArchiveLimits) {
    this.#model = model;
    this.#clock = clock;
    this.#cold = new ColdKlines(model);
    this.#limits = limits;
  }

  /** What is known of a zip that was made before; null otherwise. */
  facts({ name, folder }: ArchiveFile): ZipFacts | null {
    return this.#facts.get(folder.path + name) ?? null;
  }

  /**
   * The zip of a file whose span is over; null where nothing happened in it. Throws `IncompleteError` where the model no longer keeps all
   * of it, `BusyError` where too many wait, `RangeError` where it would be too large.
   */
  async zip(file: ArchiveFile): Promise<ArchiveZip | null> {
    const key = file.folder.path + file.name;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#make(file, key).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  async #make(file: ArchiveFile, key: string): Promise<ArchiveZip | null> {
    await this.#turn();
    try {
      const { content, symbol } = file.folder;
      if (content.kind === 'klines') {
        const query = { fromUs: file.fromUs, toUs: timestampUs(file.endUs - 1), limit: KLINES_MAX };
        await inTurns(this.#clock, this.#cold.steps(symbol.instrument, content.grid, query));
      }
      const chunks = rowsOf(this.#model, file);
      const first = chunks.next();
      if (first.done === true) return null;
      const rows = paced(this.#clock, prepended(first.value, chunks));
      const zip = await makeZip(rows, file, this.#limits.zipBytesMax);
      this.#keep(key, zip);
      return zip;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #turn(): Promise<void> {
    if (this.#running < this.#limits.makingMax) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#limits.waitingMax) return Promise.reject(new BusyError('too many files at once'));
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        this.#running += 1;
        resolve();
      });
    });
  }

  #keep(key: string, zip: ArchiveZip): void {
    const { bytes, sha256, md5 } = zip;
    this.#facts.set(key, { sha256, md5, size: bytes.byteLength });
    forgetOldest(this.#facts, () => this.#facts.size > FACTS_MAX);
    if (bytes.byteLength > this.#limits.keptBytesMax) return;
    this.#kept.set(key, zip);
    this.#keptBytes += bytes.byteLength;
    forgetOldest(
      this.#kept,
      () => this.#keptBytes > this.#limits.keptBytesMax,
      (forgotten) => (this.#keptBytes -= forgotten.bytes.byteLength),
    );
  }
}

function* prepended(first: string, rest: Iterable<string>): Generator<string, void, undefined> {
  yield first;
  yield* rest;
}

function forgetOldest<T>(map: Map<string, T>, tooMuch: () => boolean, forgotten?: (value: T) => void): void {
  for (const [key, value] of map) {
    if (!tooMuch()) return;
    map.delete(key);
    forgotten?.(value);
  }
}
