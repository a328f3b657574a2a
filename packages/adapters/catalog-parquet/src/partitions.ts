import { join } from 'node:path';
import { err, ok, type InstrumentId, type Interval, type Result } from '@monsta/core';

/** Where the rows of one instrument lie: `kind=bars/instrument=BTCUSDT/interval=1m`. */
export interface TableName {
  readonly kind: 'bars' | 'trades';
  readonly instrument: InstrumentId;
  readonly interval: Interval | null;
}

/** First moment of a span of time, and the first behind it, ms; null: without a bound. */
export interface TimeSpan {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export const ALL_TIME: TimeSpan = { fromMs: null, toMs: null };

const INSTRUMENT = /^[A-Za-z0-9._-]{1,40}$/;
const YEAR = /^year=(-?\d{4,6})$/;
const MONTH = /^month=(\d{2})$/;
const DAY = /^day=(\d{2})$/;

/** Fault `catalog_refused`: the name could lead out of the catalogue. */
export function tableFolder(root: string, { kind, instrument, interval }: TableName): Result<string> {
  if (!INSTRUMENT.test(instrument) || /^\.+$/.test(instrument))
    return err('catalog_refused', `'${instrument.slice(0, 50)}' can't be the name of an instrument in a catalogue`);
  return ok(
    join(root, `kind=${kind}`, `instrument=${instrument}`, ...(interval === null ? [] : [`interval=${interval}`])),
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The partition that a time lies in: bars by month, trades by day. */
export function partitionOf(kind: TableName['kind'], ms: number): string {
  const date = new Date(ms);
  const month = `year=${String(date.getUTCFullYear()).padStart(4, '0')}/month=${two(date.getUTCMonth() + 1)}`;
  return kind === 'bars' ? month : `${month}/day=${two(date.getUTCDate())}`;
}

/** The first moment behind the partition that a time lies in, ms. */
export function partitionEnd(kind: TableName['kind'], ms: number): number {
  const date = new Date(ms);
  return kind === 'bars'
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
    : Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
}

/** What a folder below a table's is called, and the time that lies in it; null where it is none of a partition. */
export function folderSpan(path: readonly string[]): { readonly fromMs: number; readonly toMs: number } | null {
  const [year, month, day] = [YEAR.exec(path[0] ?? ''), MONTH.exec(path[1] ?? ''), DAY.exec(path[2] ?? '')];
  if (year === null || path.length > 3) return null;
  const at = Number(year[1]);
  if (path.length === 1) return { fromMs: Date.UTC(at, 0), toMs: Date.UTC(at + 1, 0) };
  if (month === null) return null;
  const index = Number(month[1]) - 1;
  if (path.length === 2) return { fromMs: Date.UTC(at, index), toMs: Date.UTC(at, index + 1) };
  if (day === null) return null;
  return { fromMs: Date.UTC(at, index, Number(day[1])), toMs: Date.UTC(at, index, Number(day[1]) + 1) };
}

/** How many folders lie between a table's and its files: year and month, of trades a day too. */
export const depthOf = (kind: TableName['kind']): number => (kind === 'bars' ? 2 : 3);
