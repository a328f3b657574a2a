import {
  archiveFile,
  barMonthAround,
  dayAround,
  hasDailyFiles,
  monthAround,
  type ArchiveContent,
  type ArchiveFile,
} from '@monsta/venue-binance';
import { byPeriod, joined, type Span } from './spans.ts';

/** Where rows come from. */
export type PieceSource = 'archive-monthly' | 'archive-daily' | 'rest';

/** What is fetched at once: one file of the archive, or what no file has, over REST. */
export interface Piece {
  readonly source: PieceSource;
  /** Null for REST. */
  readonly file: ArchiveFile | null;
  /** What of it is wanted; rising, none touching another. */
  readonly spans: readonly Span[];
}

/** Of a month that is over the whole file is fetched when bars of so many of its days are wanted; of fewer the days' files. */
const DAYS_FOR_MONTH = 4;

/** The month whose file tells of a time. */
const fileMonthAround = (content: ArchiveContent, ms: number): Span =>
  content.kind === 'bars' ? barMonthAround(ms, content.interval) : monthAround(ms);

const monthly = (content: ArchiveContent, spans: readonly Span[]): readonly Piece[] =>
  byPeriod(spans, (ms) => fileMonthAround(content, ms)).map(({ period, spans: parts }) => ({
    source: 'archive-monthly',
    file: archiveFile(content, 'monthly', period.fromMs),
    spans: parts,
  }));

const overRest = (spans: readonly Span[]): readonly Piece[] =>
  joined(spans).map((span) => ({ source: 'rest', file: null, spans: [span] }));

/** Files of the days that are over, and REST for what is left. */
function daily(content: ArchiveContent, spans: readonly Span[], nowMs: number): readonly Piece[] {
  const files: Piece[] = [];
  const open: Span[] = [];
  for (const { period, spans: parts } of byPeriod(spans, dayAround)) {
    if (period.toMs > nowMs) open.push(...parts);
    else files.push({ source: 'archive-daily', file: archiveFile(content, 'daily', period.fromMs), spans: parts });
  }
  return [...files, ...overRest(open)];
}

/**
 * What to fetch of `spans`, all of one UTC month: bars of a month that is over from its file, unless only a few days are wanted; else from the files of days; trades always
 * from those of days, since a month of them may be more than memory holds; what is of a day that is not over, over REST. No file is asked for whose span is not over. Bars longer than a day are in files of
 * months alone.
 */
export function firstPieces(content: ArchiveContent, spans: readonly Span[], nowMs: number): readonly Piece[] {
  const isOver = spans.every(({ fromMs }) => fileMonthAround(content, fromMs).toMs <= nowMs);
  if (!hasDailyFiles(content)) return isOver ? monthly(content, spans) : overRest(spans);
  return content.kind === 'bars' && isOver && byPeriod(spans, dayAround).length >= DAYS_FOR_MONTH
    ? monthly(content, spans)
    : daily(content, spans, nowMs);
}

/** Where else to look for `spans` of one UTC month that the files tried do not have: those of the days, that of the month, and at last REST. */
export function otherPieces(
  content: ArchiveContent,
  spans: readonly Span[],
  tried: ReadonlySet<PieceSource>,
  nowMs: number,
): readonly Piece[] {
  const [first] = spans;
  if (first === undefined) return [];
  if (!tried.has('archive-daily') && hasDailyFiles(content)) return daily(content, spans, nowMs);
  if (!tried.has('archive-monthly') && fileMonthAround(content, first.fromMs).toMs <= nowMs)
    return monthly(content, spans);
  return overRest(spans);
}
