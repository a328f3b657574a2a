import {
  err,
  intervalMs,
  MS_PER_MINUTE,
  ok,
  type Fault,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import type { Catalog } from '@monsta/ports';
import type { ArchiveContent, BinanceArchive, HistoryRest } from '@monsta/venue-binance';
import { PieceReader } from './pieces.ts';
import { itemOf, tableOf, type DownloadItem, type DownloadReport, type DownloadTable } from './report.ts';
import { SourceHealth } from './source-health.ts';
import { lengthOf } from './spans.ts';
import { planTable, runsOf, type Table } from './table.ts';
import type { TakenRecords } from './taken.ts';
import { UnitRun, type Unit, type UnitOutcome } from './unit.ts';

export interface DownloadRequest {
  readonly instruments: readonly InstrumentId[];
  readonly intervals: readonly Interval[];
  readonly trades: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  /** Months (days of trades) fetched at once. */
  readonly parallel: number;
}

export interface DownloadProgress {
  /** Of what is to be fetched: bars, or where there are trades minutes of the market, since nobody knows how many of them there will be. */
  readonly done: number;
  readonly total: number;
  readonly unit: 'bars' | 'minutes';
  readonly rows: number;
  readonly files: number;
}

export interface DownloadMeans {
  readonly archive: Pick<BinanceArchive, 'fetch'>;
  readonly rest: Pick<HistoryRest, 'firstOpenMs' | 'settledMs' | 'nowMs' | 'bars' | 'trades'>;
  readonly catalog: Catalog;
  readonly records: TakenRecords;
  /** A folder of this process. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
  /** How long the exchange had us wait so far, ms. */
  readonly waitedMs: () => number;
}

const COMPACTIONS_MAX = 3;
const NOTHING: UnitOutcome = {
  append: { added: 0, known: 0 },
  parts: [],
  absent: [],
  faults: [],
  notes: [],
  files: 0,
  bytes: 0,
};

/** Runs tasks in their order, so many at once. */
async function inParallel<T>(tasks: readonly T[], atOnce: number, run: (task: T) => Promise<void>): Promise<void> {
  const left = tasks.values();
  const lane = async (): Promise<void> => {
    for (const task of left) await run(task);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, lane));
}

interface Planned {
  readonly content: ArchiveContent;
  readonly table: Result<Table>;
}

interface Work {
  readonly table: Table;
  readonly unit: Unit;
}

/** Downloads what the catalogue lacks of a request. Months (days of trades) are stored one by one, each at once: what is stored does not depend on how many are fetched side by side, nor on how often it was ended and begun again. */
export class Download {
  readonly #request: DownloadRequest;
  readonly #means: DownloadMeans;
  readonly #outcomes = new Map<Unit, UnitOutcome>();
  readonly #health = new SourceHealth();
  #progress: DownloadProgress;

  constructor(request: DownloadRequest, means: DownloadMeans) {
    this.#request = request;
    this.#means = means;
    this.#progress = { done: 0, total: 0, unit: request.trades ? 'minutes' : 'bars', rows: 0, files: 0 };
  }

  /** What could not be had is told in the report. Faults are those of the catalogue. */
  async run(): Promise<Result<DownloadReport>> {
    const { parallel } = this.#request;
    const planned = await this.#plan();
    const work = planned.flatMap(({ table }) =>
      table.ok ? table.value.units.map((unit): Work => ({ table: table.value, unit })) : [],
    );
    const total = work.reduce((sum, { unit }) => sum + this.#amount(unit, lengthOf(unit.wanted)), 0);
    this.#progress = { ...this.#progress, total };
    this.#means.onProgress(this.#progress);
    const open = work.filter(({ unit }) => unit.wanted.length > 0);
    const months = open.filter(({ unit }) => unit.content.kind === 'bars');
    await inParallel(months, parallel, (each) => this.#runUnit(each, this.#reader()));
    await this.#runTrades(open.filter(({ unit }) => unit.content.kind === 'trades'));
    const tidy = await this.#compact();
    if (!tidy.ok) return tidy;
    return this.#report(planned);
  }

  #amount({ content }: Unit, ms: number): number {
    return this.#progress.unit === 'bars' && content.kind === 'bars'
      ? ms / intervalMs(content.interval)
      : ms / MS_PER_MINUTE;
  }

  #contents(): readonly ArchiveContent[] {
    const { instruments, intervals, trades } = this.#request;
    return instruments.flatMap((instrument): ArchiveContent[] => [
      ...intervals.map((interval) => ({ kind: 'bars' as const, instrument, interval })),
      ...(trades ? [{ kind: 'trades' as const, instrument }] : []),
    ]);
  }

  async #plan(): Promise<readonly Planned[]> {
    const { fromMs, toMs, parallel } = this.#request;
    const contents = this.#contents();
    const tables = new Map<ArchiveContent, Result<Table>>();
    await inParallel(contents, parallel, async (content) => {
      tables.set(content, await planTable(content, { fromMs, toMs }, this.#means));
    });
    return contents.flatMap((content) => {
      const table = tables.get(content);
      return table === undefined ? [] : [{ content, table }];
    });
  }

  #reader(): PieceReader {
    return new PieceReader({ ...this.#means, health: this.#health });
  }

  /** Days of one month share its file where they have none of their own; the file is let go of with the month. */
  async #runTrades(work: readonly Work[]): Promise<void> {
    const months = Map.groupBy(work, ({ unit: { content, period } }) =>
      [content.instrument, new Date(period.fromMs).toISOString().slice(0, 7)].join(' '),
    );
    for (const days of months.values()) {
      const reader = this.#reader();
      await inParallel(days, this.#request.parallel, (each) => this.#runUnit(each, reader));
      await reader.release();
    }
  }

  async #runUnit({ table, unit }: Work, reader: PieceReader): Promise<void> {
    const { catalog, records, signal, rest } = this.#means;
    if (signal.aborted) return;
    const { alone } = table;
    const onPiece = (doneMs: number, rows: number, isFile: boolean): void => {
      const { done, rows: before, files } = this.#progress;
      this.#progress = {
        ...this.#progress,
        done: done + this.#amount(unit, doneMs),
        rows: before + rows,
        files: files + (isFile ? 1 : 0),
      };
      this.#means.onProgress(this.#progress);
    };
    const run = new UnitRun(unit, { catalog, records, reader, alone, signal, onPiece, nowMs: rest.nowMs() });
    this.#outcomes.set(unit, await run.run());
  }

  /** Another process may be making the same files into one at this moment. */
  async #compact(): Promise<Result<null>> {
    let tidy = await this.#means.catalog.compact(null);
    for (let time = 1; time < COMPACTIONS_MAX && !tidy.ok && tidy.fault.retry === 'retryable'; time += 1)
      tidy = await this.#means.catalog.compact(null);
    return tidy;
  }

  async #report(planned: readonly Planned[]): Promise<Result<DownloadReport>> {
    const { signal, waitedMs } = this.#means;
    const tables: DownloadTable[] = [];
    const items: DownloadItem[] = [];
    for (const { content, table } of planned) {
      if (!table.ok) {
        if (table.fault.code !== 'history_stopped') tables.push(tableOf(content, null, [], table.fault));
        continue;
      }
      const found = await this.#itemsOf(table.value);
      if (!found.ok) return found;
      tables.push(tableOf(content, table.value.listedMs, table.value.notes, faultOf(table.value, found.value)));
      items.push(...found.value);
    }
    const outcomes = [...this.#outcomes.values()];
    const sum = (of: (outcome: UnitOutcome) => number): number =>
      outcomes.reduce((total, outcome) => total + of(outcome), 0);
    return ok({
      stopped: signal.aborted,
      tables,
      items,
      totals: {
        added: sum(({ append }) => append.added),
        missing: items.reduce((total, { missing }) => total + (missing ?? 0), 0),
        files: sum(({ files }) => files),
        bytes: sum(({ bytes }) => bytes),
        failed: items.filter(({ status }) => status === 'failed').length,
        waitedMs: waitedMs(),
      },
    });
  }

  async #itemsOf({ content, units, alone }: Table): Promise<Result<readonly DownloadItem[]>> {
    const { catalog, signal } = this.#means;
    const stored = content.kind === 'bars' ? await catalog.coverage(content.instrument, content.interval) : null;
    if (stored?.ok === false) return stored;
    const runs = content.kind === 'bars' && stored !== null ? runsOf(stored.value, content.interval) : null;
    const items = units.map((unit) => itemOf(unit, this.#outcomes.get(unit) ?? NOTHING, runs, signal.aborted));
    return ok(alone === null || alone.fault.code === 'instrument_unknown' ? items : withFault(items, alone.fault));
  }
}

/** Where REST could not be asked, what no file has is not had; but for the months before the first file: those are before the listing. */
function withFault(items: readonly DownloadItem[], { code, message }: Fault): readonly DownloadItem[] {
  const first = items.findIndex(({ status }) => status === 'complete' || status === 'known');
  return items.map((item, index) =>
    item.status === 'absent' && (first < 0 || index > first)
      ? { ...item, status: 'failed', faults: [...item.faults, { code, message }] }
      : item,
  );
}

/** An instrument that REST does not know, and of which there is no file either. */
function faultOf({ alone, content }: Table, items: readonly DownloadItem[]): Fault | null {
  if (alone?.fault.code !== 'instrument_unknown' || items.some(({ status }) => status !== 'absent')) return null;
  const { fault } = err(
    'instrument_unknown',
    `${content.instrument} is known neither to the exchange nor to its archive in this span; symbols are written as the exchange lists them, e.g. BTCUSDT`,
  );
  return fault;
}
