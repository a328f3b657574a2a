import {
  floorMsToInterval,
  intervalMs,
  MS_PER_DAY,
  ok,
  US_PER_MS,
  type Fault,
  type Interval,
  type Result,
} from '@monsta/core';
import type { AppendOutcome, Catalog } from '@monsta/ports';
import { barMonthAround, dayAround, hasDailyFiles, monthAround, type ArchiveContent } from '@monsta/venue-binance';
import type { PieceReader, Rows, TakenPiece } from './pieces.ts';
import { firstPieces, otherPieces, type Piece, type PieceSource } from './plan.ts';
import { joinBars, joinTrades } from './series.ts';
import { byPeriod, joined, lengthOf, without, type Span } from './spans.ts';
import { tidyParts, type TakenPart, type TakenRecords } from './taken.ts';

/** A month of bars or a day of trades: what is stored at once. */
export interface Unit {
  readonly content: ArchiveContent;
  readonly period: Span;
  /** What of it is asked for. */
  readonly range: Span;
  /** What of that is neither stored nor known to be missing. */
  readonly wanted: readonly Span[];
  /** What was taken before and is stored. */
  readonly before: readonly TakenPart[];
}

/** Why REST is not asked: it doesn't know the instrument, or could not be reached at the beginning. Only files that may be there are tried then. */
export interface ArchiveAlone {
  readonly fault: Fault;
}

export interface UnitOutcome {
  readonly append: AppendOutcome;
  readonly parts: readonly TakenPart[];
  /** What no file has and REST was not asked for. */
  readonly absent: readonly Span[];
  readonly faults: readonly Fault[];
  /** What a person should know: files that were not there, and what was done. */
  readonly notes: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

export interface UnitContext {
  readonly catalog: Pick<Catalog, 'appendBars' | 'appendTrades'>;
  readonly records: Pick<TakenRecords, 'write'>;
  readonly reader: PieceReader;
  readonly alone: ArchiveAlone | null;
  readonly signal: AbortSignal;
  readonly nowMs: number;
  /** Told of each piece that is done: how much of the time asked for, and how many rows. */
  readonly onPiece: (doneMs: number, rows: number, isFile: boolean) => void;
}

/** A month's file comes within some weeks of its end; of one that is older the days' files have nothing that it lacks. */
const MONTH_LATE_MS = 45 * MS_PER_DAY;

const periodOf = (content: ArchiveContent): ((ms: number) => Span) =>
  content.kind === 'bars' ? (ms) => barMonthAround(ms, content.interval) : dayAround;

/** The units that a range of time touches, the oldest first, with what of each is wanted. */
export function unitsOf(
  content: ArchiveContent,
  range: Span,
): readonly { readonly period: Span; readonly range: Span }[] {
  return byPeriod([range], periodOf(content)).flatMap(({ period, spans }) =>
    spans.map((part) => ({ period, range: part })),
  );
}

function eachTime(rows: Rows, take: (ms: number) => void): void {
  if (rows.kind === 'bars') for (const { openTimeMs } of rows.parts) openTimeMs.forEach((ms) => take(ms));
  else for (const { timeUs } of rows.parts) timeUs.forEach((us) => take(us / US_PER_MS));
}

const barAround =
  (interval: Interval) =>
  (ms: number): Span => {
    const fromMs = floorMsToInterval(ms, interval);
    return { fromMs, toMs: fromMs + intervalMs(interval) };
  };

/** Whole UTC days, or bars that are longer, inside the spans of a file of which it tells nothing at all. */
function emptyDays(content: ArchiveContent, { rows, parts }: TakenPiece): readonly Span[] {
  const around = content.kind === 'trades' || hasDailyFiles(content) ? dayAround : barAround(content.interval);
  const days = byPeriod(parts, around).filter(({ period, spans }) => lengthOf(spans) === lengthOf([period]));
  const told = new Set<number>();
  if (days.length > 0) eachTime(rows, (ms) => told.add(around(ms).fromMs));
  return joined(days.flatMap(({ period }) => (told.has(period.fromMs) ? [] : [period])));
}

/** The parts without spans that a file tells nothing of, with what it tells of the rest. */
function partsWithout(rows: Rows, parts: readonly TakenPart[], lacking: readonly Span[]): readonly TakenPart[] {
  if (lacking.length === 0) return parts;
  const left = parts.flatMap((part) => without([part], lacking).map((span) => ({ ...part, ...span, rows: 0 })));
  eachTime(rows, (ms) => {
    const part = left.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
    if (part !== undefined) part.rows += 1;
  });
  return left;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function absenceNote(pieces: readonly Piece[], next: readonly Piece[]): string {
  const [first] = pieces;
  const last = pieces.at(-1);
  const names =
    pieces.length === 1
      ? `${first?.file?.name ?? ''} is not in the archive`
      : `the archive lacks ${pieces.length} files from ${first?.file?.name ?? ''} to ${last?.file?.name ?? ''}`;
  const instead = {
    'archive-daily': 'the files of its days were taken instead',
    'archive-monthly': 'the file of the month was taken instead',
    rest: 'REST was asked instead',
  } as const;
  const [other] = next;
  return other === undefined ? names : `${names}; ${instead[other.source]}`;
}

/** Fetches what a unit lacks, from one source after the other, and stores it at once. */
export class UnitRun {
  readonly #unit: Unit;
  readonly #context: UnitContext;
  readonly #taken: TakenPiece[] = [];
  readonly #faults: Fault[] = [];
  readonly #notes: string[] = [];
  readonly #absent: Span[] = [];
  #files = 0;

  constructor(unit: Unit, context: UnitContext) {
    this.#unit = unit;
    this.#context = context;
  }

  async run(): Promise<UnitOutcome> {
    const { content, wanted } = this.#unit;
    const { nowMs, signal } = this.#context;
    const tried = new Set<PieceSource>();
    let pieces = this.#allowed(firstPieces(content, wanted, nowMs), tried);
    while (pieces.length > 0) {
      const missing = await this.#takeAll(pieces);
      for (const { source } of pieces) tried.add(source);
      const lacking = joined(missing.flatMap(({ spans }) => spans));
      pieces = signal.aborted ? [] : this.#allowed(otherPieces(content, lacking, tried, nowMs), tried);
      const gone = missing.filter(({ file }) => file !== null);
      if (gone.length > 0) this.#notes.push(absenceNote(gone, pieces));
    }
    const append = await this.#store();
    return {
      append: append.ok ? append.value : { added: 0, known: 0 },
      parts: append.ok ? this.#taken.flatMap(({ parts }) => parts) : [],
      absent: joined(this.#absent),
      faults: append.ok ? this.#faults : [...this.#faults, append.fault],
      notes: this.#notes,
      files: this.#files,
      bytes: this.#taken.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Pieces that may be fetched; where REST is not asked, those of REST, and of the days of a month whose file would be there by now, are absent. */
  #allowed(pieces: readonly Piece[], tried: ReadonlySet<PieceSource>): readonly Piece[] {
    const { alone, nowMs } = this.#context;
    if (alone === null) return pieces;
    const isLong = monthAround(this.#unit.period.fromMs).toMs + MONTH_LATE_MS < nowMs;
    const isHopeless = ({ source }: Piece): boolean =>
      source === 'rest' || (source === 'archive-daily' && isLong && tried.has('archive-monthly'));
    this.#absent.push(...pieces.filter(isHopeless).flatMap(({ spans }) => spans));
    return pieces.filter((piece) => !isHopeless(piece));
  }

  /** Takes pieces one after the other; gives those back that the archive lacks, and days of which a file tells nothing. */
  async #takeAll(pieces: readonly Piece[]): Promise<readonly Piece[]> {
    const { reader, signal, onPiece } = this.#context;
    const missing: Piece[] = [];
    for (const piece of pieces) {
      if (signal.aborted) break;
      const taken = await reader.take(this.#unit.content, piece);
      if (!taken.ok) this.#failed(taken.fault);
      else if (taken.value === null) missing.push(piece);
      else {
        const lacking = this.#keep(piece, taken.value);
        if (lacking.length > 0) missing.push({ ...piece, file: null, spans: lacking });
        const rows = taken.value.parts.reduce((sum, part) => sum + part.rows, 0);
        onPiece(lengthOf(without(piece.spans, lacking)), rows, piece.file !== null);
      }
    }
    return missing;
  }

  /** What was not even tried any more is told once. */
  #failed(fault: Fault): void {
    if (!this.#faults.some(({ message }) => message === fault.message)) this.#faults.push(fault);
  }

  /** Keeps what a piece brought. Whole days that a file leaves out may be elsewhere: it is known that months were published before they were whole. */
  #keep(piece: Piece, taken: TakenPiece): readonly Span[] {
    if (piece.file !== null) this.#files += 1;
    const lacking = piece.source === 'rest' ? [] : emptyDays(this.#unit.content, taken);
    const [first] = lacking;
    if (first !== undefined)
      this.#notes.push(
        `${piece.file?.name ?? ''} tells nothing of ${lengthOf(lacking) / MS_PER_DAY} whole days, the first ${day(first.fromMs)}; they were asked for elsewhere`,
      );
    this.#taken.push({ ...taken, parts: partsWithout(taken.rows, taken.parts, lacking) });
    return lacking;
  }

  /** The record first, then the rows: it counts only while they are there. */
  async #store(): Promise<Result<AppendOutcome>> {
    const { content, period, before } = this.#unit;
    const { records } = this.#context;
    const parts = tidyParts([...before, ...this.#taken.flatMap((piece) => piece.parts)]);
    if (this.#taken.length === 0) return ok({ added: 0, known: 0 });
    const recorded = await records.write(content, period.fromMs, parts);
    if (!recorded.ok) return recorded;
    const stored = await this.#append();
    // What is not there must not be taken for settled.
    if (!stored.ok) await records.write(content, period.fromMs, before);
    return stored;
  }

  async #append(): Promise<Result<AppendOutcome>> {
    const { catalog } = this.#context;
    const nothing = ok({ added: 0, known: 0 });
    const all = this.#taken.map(({ rows }) => rows);
    if (this.#unit.content.kind === 'bars') {
      const series = joinBars(all.flatMap((rows) => (rows.kind === 'bars' ? rows.parts : [])));
      return series === null ? nothing : catalog.appendBars(series);
    }
    const series = joinTrades(all.flatMap((rows) => (rows.kind === 'trades' ? rows.parts : [])));
    return series === null ? nothing : catalog.appendTrades(series);
  }
}
