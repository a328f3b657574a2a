import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import {
  assetId,
  err,
  ok,
  symbolAssets,
  type BarSeries,
  type InstrumentTerms,
  type Result,
  type TradeSeries,
} from '@monsta/core';
import { readBarFile, readTradeFile } from '@monsta/data-files';
import type {
  ArchiveContent,
  ArchiveFile,
  ArchiveTarget,
  BinanceArchive,
  FetchedFile,
  HistoryRest,
  RestRows,
  TakeRows,
} from '@monsta/venue-binance';
import type { Piece } from './plan.ts';
import { barsIn, tradesIn } from './series.ts';
import type { SourceHealth } from './source-health.ts';
import { joined, type Span } from './spans.ts';
import type { TakenPart } from './taken.ts';

/** Rows of bars or of trades, in parts that follow each other. */
export type Rows =
  | { readonly kind: 'bars'; readonly parts: readonly BarSeries[] }
  | { readonly kind: 'trades'; readonly parts: readonly TradeSeries[] };

/** What a piece came to. */
export interface TakenPiece {
  readonly rows: Rows;
  readonly parts: readonly TakenPart[];
  /** Of the file; 0 for REST. */
  readonly bytes: number;
}

export interface PieceSources {
  readonly archive: Pick<BinanceArchive, 'fetch'>;
  readonly rest: Pick<HistoryRest, 'bars' | 'trades'>;
  /** For files that are not read yet. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly health: SourceHealth;
}

/** Faults of reading that a file fetched anew may not have. */
const BROKEN = /_(?:corrupt|truncated|ambiguous|layout)$/;
const READINGS_MAX = 2;

/** A file that is begun anew with each attempt. */
class FileTarget implements ArchiveTarget {
  readonly #path: string;
  #handle: FileHandle | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async begin(): Promise<void> {
    await this.close();
    this.#handle = await open(this.#path, 'w');
  }

  async take(piece: Uint8Array): Promise<void> {
    await this.#handle?.writeFile(piece);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}

/** What a reader of prices has to be told; nothing but the name is known here. */
const termsOf = ({ instrument: id }: ArchiveContent): InstrumentTerms => ({
  id,
  tick: null,
  lot: { units: 1, scale: 8 },
  quote: symbolAssets(id)?.quote ?? assetId(id),
});

const noRows = ({ kind }: ArchiveContent): Rows => ({ kind, parts: [] });

/** Reads a table of the archive, of which only `spans` are wanted: a part for each of them. */
async function readTable(path: string, content: ArchiveContent, spans: readonly Span[]): Promise<Result<Rows>> {
  const terms = { instrument: termsOf(content), fromMs: spans[0]?.fromMs ?? null, toMs: spans.at(-1)?.toMs ?? null };
  if (content.kind === 'trades') {
    const read = await readTradeFile(path, terms);
    return read.ok ? ok({ kind: 'trades', parts: tradesIn(read.value, spans) }) : read;
  }
  const read = await readBarFile(path, { ...terms, interval: content.interval, withFlow: true });
  return read.ok ? ok({ kind: 'bars', parts: barsIn(read.value, spans) }) : read;
}

const partsOf = (rows: Rows, { source, file, spans }: Piece, sha256: string | null): readonly TakenPart[] =>
  spans.map((span, index) => ({
    ...span,
    rows: rows.parts[index]?.length ?? 0,
    source,
    file: file?.name ?? null,
    sha256,
  }));

/** Fetches pieces and reads what is wanted of them. A file of a month from which trades of several days are wanted is fetched once and kept. */
export class PieceReader {
  readonly #sources: PieceSources;
  readonly #kept = new Map<string, Promise<Result<FetchedFile | null>>>();

  constructor(sources: PieceSources) {
    this.#sources = sources;
  }

  /** Null where the archive has no such file. Faults: those of `BinanceArchive` and `HistoryRest`, those of reading the file, with its name. */
  async take(content: ArchiveContent, piece: Piece): Promise<Result<TakenPiece | null>> {
    const { health } = this.#sources;
    const hopeless = health.faultOf(piece.source);
    if (hopeless !== null) return { ok: false, fault: hopeless };
    const taken = await this.#take(content, piece);
    if (taken.ok) health.succeeded(piece.source);
    else health.failed(piece.source, taken.fault);
    return taken;
  }

  async #take(content: ArchiveContent, piece: Piece): Promise<Result<TakenPiece | null>> {
    if (piece.file === null) return this.#overRest(content, piece);
    return content.kind === 'trades' && piece.source === 'archive-monthly'
      ? this.#keptFile(content, piece, piece.file)
      : this.#file(content, piece, piece.file);
  }

  /** Lets go of the files of months that were kept. */
  async release(): Promise<void> {
    const names = [...this.#kept.keys()];
    this.#kept.clear();
    for (const name of names) await rm(join(this.#sources.scratch, name), { force: true });
  }

  async #file(content: ArchiveContent, piece: Piece, file: ArchiveFile): Promise<Result<TakenPiece | null>> {
    const path = join(this.#sources.scratch, `${randomUUID()}.zip`);
    try {
      for (let reading = 1; ; reading += 1) {
        const fetched = await this.#fetch(file, path);
        if (!fetched.ok || fetched.value === null) return fetched.ok ? ok(null) : fetched;
        const taken = await this.#read(content, piece, file, path, fetched.value);
        if (taken.ok || reading === READINGS_MAX || !BROKEN.test(taken.fault.code)) return taken;
      }
    } finally {
      await rm(path, { force: true });
    }
  }

  async #keptFile(content: ArchiveContent, piece: Piece, file: ArchiveFile): Promise<Result<TakenPiece | null>> {
    const path = join(this.#sources.scratch, file.name);
    let fetching = this.#kept.get(file.name);
    if (fetching === undefined) {
      fetching = this.#fetch(file, path);
      this.#kept.set(file.name, fetching);
    }
    const fetched = await fetching;
    if (!fetched.ok || fetched.value === null) return fetched.ok ? ok(null) : fetched;
    return this.#read(content, piece, file, path, fetched.value);
  }

  async #fetch(file: ArchiveFile, path: string): Promise<Result<FetchedFile | null>> {
    const target = new FileTarget(path);
    try {
      return await this.#sources.archive.fetch(file, target, this.#sources.signal);
    } finally {
      await target.close();
    }
  }

  async #read(
    content: ArchiveContent,
    piece: Piece,
    file: ArchiveFile,
    path: string,
    { bytes, sha256 }: FetchedFile,
  ): Promise<Result<TakenPiece>> {
    const rows = await readTable(path, content, piece.spans);
    if (rows.ok) return ok({ rows: rows.value, parts: partsOf(rows.value, piece, sha256), bytes });
    const { fault } = rows;
    if (fault.code.endsWith('_empty'))
      return ok({ rows: noRows(content), parts: partsOf(noRows(content), piece, sha256), bytes });
    const message = `${fault.message.replaceAll(path, file.name)} (its bytes are what its checksum says: the archive itself has it so; nothing of it was stored)`;
    return { ok: false, fault: { ...fault, message, details: { ...fault.details, file: file.name } } };
  }

  /** The pages go into a file first, and are read as one of the archive is. */
  async #overRest(content: ArchiveContent, piece: Piece): Promise<Result<TakenPiece>> {
    const [span] = piece.spans;
    if (span === undefined) return ok({ rows: noRows(content), parts: [], bytes: 0 });
    const path = join(this.#sources.scratch, `${randomUUID()}.csv`);
    try {
      const told = await this.#pages(content, span, path);
      if (!told.ok) return told;
      const { rows: count, untilMs } = told.value;
      const settled = { ...piece, spans: joined([{ fromMs: span.fromMs, toMs: untilMs }]) };
      const rows = count === 0 ? ok(noRows(content)) : await readTable(path, content, settled.spans);
      if (rows.ok) return ok({ rows: rows.value, parts: partsOf(rows.value, settled, null), bytes: 0 });
      const message = rows.fault.message.replaceAll(path, 'what REST answered');
      return { ok: false, fault: { ...rows.fault, message } };
    } finally {
      await rm(path, { force: true });
    }
  }

  async #pages(content: ArchiveContent, span: Span, path: string): Promise<Result<RestRows>> {
    const { rest, signal } = this.#sources;
    const target = new FileTarget(path);
    const take: TakeRows = (lines) => target.take(Buffer.from(`${lines.join('\n')}\n`));
    try {
      await target.begin();
      return content.kind === 'bars'
        ? await rest.bars(content.instrument, content.interval, span, take, signal)
        : await rest.trades(content.instrument, span, take, signal);
    } catch (thrown) {
      return err('archive_unwritable', `${path} can't be written: ${String(thrown)}`, { cause: thrown });
    } finally {
      await target.close();
    }
  }
}
