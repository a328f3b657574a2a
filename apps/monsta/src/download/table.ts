import { ceilMsToInterval, floorMsToInterval, intervalMs, ok, type Interval, type Result } from '@monsta/core';
import type { BarCoverage, Catalog } from '@monsta/ports';
import type { ArchiveContent, HistoryRest } from '@monsta/venue-binance';
import { joined, lengthOf, within, without, type Span } from './spans.ts';
import { settledParts, type TakenRecords } from './taken.ts';
import { unitsOf, type ArchiveAlone, type Unit } from './unit.ts';

/** What is asked for of one instrument: bars of an interval, or trades. */
export interface Table {
  readonly content: ArchiveContent;
  /** When its first bar opened; null where that could not be asked. */
  readonly listedMs: number | null;
  /** Set where REST can't be asked of it. */
  readonly alone: ArchiveAlone | null;
  readonly units: readonly Unit[];
  /** Told to whoever asked. */
  readonly notes: readonly string[];
}

export interface TableMeans {
  readonly catalog: Pick<Catalog, 'coverage' | 'tradeDays'>;
  readonly rest: Pick<HistoryRest, 'firstOpenMs' | 'settledMs'>;
  readonly records: Pick<TakenRecords, 'read'>;
  readonly signal: AbortSignal;
}

/** Runs of bars that are stored, without a gap. */
export function runsOf({ firstMs, lastMs, gaps }: BarCoverage, interval: Interval): readonly Span[] {
  if (firstMs === null || lastMs === null) return [];
  const step = intervalMs(interval);
  const runs: Span[] = [];
  let fromMs = firstMs;
  for (const { beforeMs, afterMs } of gaps) {
    runs.push({ fromMs, toMs: beforeMs + step });
    fromMs = afterMs;
  }
  runs.push({ fromMs, toMs: lastMs + step });
  return joined(runs);
}

/** What is stored of a table: rows in a span (of trades: of whole days), and the time that needs no fetching for them. */
interface Stored {
  readonly runs: readonly Span[];
  rowsIn(span: Span, period: Span): number;
}

async function storedOf(content: ArchiveContent, catalog: TableMeans['catalog']): Promise<Result<Stored>> {
  if (content.kind === 'trades') {
    const days = await catalog.tradeDays(content.instrument);
    if (!days.ok) return days;
    const rows = new Map(days.value.map((day) => [day.dayMs, day.rows]));
    return ok({ runs: [], rowsIn: (_span, period) => rows.get(period.fromMs) ?? 0 });
  }
  const coverage = await catalog.coverage(content.instrument, content.interval);
  if (!coverage.ok) return coverage;
  const step = intervalMs(content.interval);
  const runs = runsOf(coverage.value, content.interval);
  return ok({ runs, rowsIn: (span) => lengthOf(within(runs, span)) / step });
}

/** The range of a request in whole bars: those that open in it and have closed; of trades what is over. */
function rangeOf(content: ArchiveContent, { fromMs, toMs }: Span, settledMs: number, listedMs: number | null): Span {
  const firstMs = Math.max(fromMs, listedMs ?? fromMs);
  if (content.kind === 'trades') return { fromMs: firstMs, toMs: Math.min(toMs, floorMsToInterval(settledMs, '1m')) };
  const { interval } = content;
  return {
    fromMs: ceilMsToInterval(firstMs, interval),
    toMs: Math.min(ceilMsToInterval(toMs, interval), floorMsToInterval(settledMs, interval)),
  };
}

const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Finds out what of a request is there already. Faults: those of the catalogue and of the records; `instrument_unknown` and an unreachable REST are none: files may be there all the same. */
export async function planTable(content: ArchiveContent, request: Span, means: TableMeans): Promise<Result<Table>> {
  const { catalog, records, rest, signal } = means;
  const first = await rest.firstOpenMs(content.instrument, content.kind === 'bars' ? content.interval : '1m', signal);
  if (!first.ok && first.fault.code === 'history_stopped') return first;
  const listedMs = first.ok ? first.value : null;
  const range = rangeOf(content, request, rest.settledMs(), listedMs);
  const stored = await storedOf(content, catalog);
  if (!stored.ok) return stored;
  const units: Unit[] = [];
  for (const { period, range: part } of unitsOf(content, range)) {
    const parts = await records.read(content, period.fromMs);
    if (!parts.ok) return parts;
    // Trades are counted by the day: all that was taken of one is there, or it counts for nothing.
    const before =
      content.kind === 'bars'
        ? settledParts(parts.value, (span) => stored.value.rowsIn(span, period))
        : parts.value.reduce((sum, { rows }) => sum + rows, 0) <= stored.value.rowsIn(part, period)
          ? parts.value
          : [];
    const wanted = without([part], [...stored.value.runs, ...before]);
    units.push({ content, period, range: part, wanted, before });
  }
  const notes: string[] = [];
  if (listedMs !== null && listedMs > request.fromMs) notes.push(`not listed before ${moment(listedMs)} UTC`);
  if (!first.ok) notes.push(`REST can't be asked (${first.fault.message}): only files of the archive were looked for`);
  return ok({ content, listedMs, alone: first.ok ? null : { fault: first.fault }, units, notes });
}
