import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import type { ArchiveContent } from '@monsta/venue-binance';
import { z } from 'zod';
import type { Span } from './spans.ts';

const partSchema = z.strictObject({
  fromMs: z.int(),
  toMs: z.int(),
  rows: z.int().min(0),
  source: z.enum(['archive-monthly', 'archive-daily', 'rest']),
  file: z.string().nullable(),
  sha256: z.string().nullable(),
});
const recordSchema = z.strictObject({ parts: z.array(partSchema).max(10_000) });

/** A span that was taken from a source, and how many rows that had of it: what is missing in it is known to be missing. */
export type TakenPart = Readonly<z.output<typeof partSchema>>;

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');

/**
 * What was taken from where, one small file for each month of bars and day of trades in the catalogue's folder `taken/`. It says nothing of time or process, so that the
 * same rows from the same sources leave the same files; it is written before the rows are, and counts only while as many are stored.
 */
export class TakenRecords {
  readonly #folder: string;
  readonly #scratch: string;

  /** `scratch`: a folder on the same file system, for files that have no name yet. */
  constructor(catalogFolder: string, scratch: string) {
    this.#folder = join(catalogFolder, 'taken');
    this.#scratch = scratch;
  }

  #path(content: ArchiveContent, periodMs: number): string {
    const date = new Date(periodMs).toISOString();
    return content.kind === 'bars'
      ? join(this.#folder, 'bars', content.instrument, content.interval, `${date.slice(0, 7)}.json`)
      : join(this.#folder, 'trades', content.instrument, `${date.slice(0, 10)}.json`);
  }

  /** Nothing where nothing was taken. Fault `download_record`: it can't be read. */
  async read(content: ArchiveContent, periodMs: number): Promise<Result<readonly TakenPart[]>> {
    const path = this.#path(content, periodMs);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (thrown) {
      return isAbsent(thrown) ? ok([]) : err('download_record', `${path} can't be read: ${messageOf(thrown)}`);
    }
    try {
      return ok(recordSchema.parse(JSON.parse(text)).parts);
    } catch {
      return err('download_record', `${path} is no record of a download; remove it, and its span is fetched again`);
    }
  }

  /** Whole and on disk, or not at all. Fault `download_record`. */
  async write(content: ArchiveContent, periodMs: number, parts: readonly TakenPart[]): Promise<Result<null>> {
    const path = this.#path(content, periodMs);
    const temporary = join(this.#scratch, randomUUID());
    try {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(`${JSON.stringify({ parts }, null, 1)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
      return ok(null);
    } catch (thrown) {
      return err('download_record', `${path} can't be written: ${messageOf(thrown)}`, { cause: thrown });
    }
  }
}

/** Parts by time, those that lie side by side from the same source and file as one. */
export function tidyParts(parts: readonly TakenPart[]): readonly TakenPart[] {
  const tidy: TakenPart[] = [];
  for (const part of parts.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = tidy.at(-1);
    const continues = last?.toMs === part.fromMs && last.source === part.source && last.file === part.file;
    if (last === undefined || !continues) tidy.push(part);
    else tidy[tidy.length - 1] = { ...last, toMs: part.toMs, rows: last.rows + part.rows };
  }
  return tidy;
}

/** The parts of which as many rows are stored as they had. */
export const settledParts = (parts: readonly TakenPart[], storedIn: (span: Span) => number): readonly TakenPart[] =>
  parts.filter((part) => storedIn(part) >= part.rows);
