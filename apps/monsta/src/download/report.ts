import { intervalMs, type Fault, type Interval } from '@monsta/core';
import type { ArchiveContent } from '@monsta/venue-binance';
import type { PieceSource } from './plan.ts';
import { lengthOf, within, without, type Span } from './spans.ts';
import type { TakenPart } from './taken.ts';
import type { Unit, UnitOutcome } from './unit.ts';

/**
 * What became of a month of bars or a day of trades. `complete`: all that the exchange has of it is stored; `known`: it was already; `absent`: the archive has no file of it and REST does not know the
 * instrument, as before it was listed or after it was taken off; `failed`: some of it could not be had; `stopped`: ended before it was done.
 */
export type ItemStatus = 'complete' | 'known' | 'absent' | 'failed' | 'stopped';

export interface DownloadItem {
  readonly kind: 'bars' | 'trades';
  readonly instrument: string;
  readonly interval: Interval | null;
  /** `2024-08`, of trades `2024-08-09`. */
  readonly period: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly status: ItemStatus;
  /** What was fetched now; `rows`: of what was asked for. */
  readonly sources: readonly { readonly source: PieceSource; readonly file: string | null; readonly rows: number }[];
  readonly added: number;
  /** Rows of what was asked for that were stored before; null of trades, which are not counted. */
  readonly known: number | null;
  /** Bars that are not there, inside the span that is done; null of trades. */
  readonly missing: number | null;
  readonly notes: readonly string[];
  readonly faults: readonly Pick<Fault, 'code' | 'message'>[];
}

export interface DownloadTable {
  readonly kind: 'bars' | 'trades';
  readonly instrument: string;
  readonly interval: Interval | null;
  /** When its first bar opened; null where that is not known. */
  readonly listedMs: number | null;
  readonly notes: readonly string[];
  /** Why nothing of it was done; null where something was. */
  readonly fault: Pick<Fault, 'code' | 'message'> | null;
}

/** What a download did. */
export interface DownloadReport {
  readonly stopped: boolean;
  readonly tables: readonly DownloadTable[];
  readonly items: readonly DownloadItem[];
  readonly totals: {
    readonly added: number;
    readonly missing: number;
    readonly files: number;
    readonly bytes: number;
    readonly failed: number;
    /** How long the exchange had us wait, all requests together, ms. */
    readonly waitedMs: number;
  };
}

const told = ({ code, message }: Fault): Pick<Fault, 'code' | 'message'> => ({ code, message });

const tableNames = (
  content: ArchiveContent,
): { readonly kind: 'bars' | 'trades'; readonly instrument: string; readonly interval: Interval | null } => ({
  kind: content.kind,
  instrument: content.instrument,
  interval: content.kind === 'bars' ? content.interval : null,
});

const periodName = ({ content, period }: Unit): string =>
  new Date(period.fromMs).toISOString().slice(0, content.kind === 'bars' ? 7 : 10);

function sourcesOf(parts: readonly TakenPart[]): DownloadItem['sources'] {
  const rows = new Map<string, { source: PieceSource; file: string | null; rows: number }>();
  for (const { source, file, rows: count } of parts) {
    const key = file ?? source;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { source, file, rows: count });
    else known.rows += count;
  }
  return [...rows.values()];
}

function statusOf(unit: Unit, outcome: UnitOutcome, stopped: boolean): ItemStatus {
  if (outcome.faults.some(({ code }) => code !== 'history_stopped')) return 'failed';
  if (unit.wanted.length === 0) return 'known';
  const done = [...outcome.parts, ...outcome.absent];
  if (stopped && without(unit.wanted, done).length > 0) return 'stopped';
  return outcome.absent.length > 0 ? 'absent' : 'complete';
}

/** `runs`: what is stored of the table now; null of trades. */
export function itemOf(unit: Unit, outcome: UnitOutcome, runs: readonly Span[] | null, stopped: boolean): DownloadItem {
  const { content, range } = unit;
  const status = statusOf(unit, outcome, stopped);
  const counted = content.kind === 'bars' && runs !== null ? intervalMs(content.interval) : null;
  const stored = counted === null || runs === null ? null : lengthOf(within(runs, range)) / counted;
  const isDone = status === 'complete' || status === 'known';
  return {
    ...tableNames(content),
    period: periodName(unit),
    ...range,
    status,
    sources: sourcesOf(outcome.parts),
    added: outcome.append.added,
    known: stored === null ? null : stored - outcome.append.added,
    missing: stored === null || counted === null || !isDone ? null : lengthOf([range]) / counted - stored,
    notes: outcome.notes,
    faults: outcome.faults.filter(({ code }) => code !== 'history_stopped').map(told),
  };
}

export const tableOf = (
  content: ArchiveContent,
  listedMs: number | null,
  notes: readonly string[],
  fault: Fault | null,
): DownloadTable => ({ ...tableNames(content), listedMs, notes, fault: fault === null ? null : told(fault) });
