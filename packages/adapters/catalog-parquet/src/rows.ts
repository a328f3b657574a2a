import { err, ok, type Result } from '@monsta/core';
import type { ColumnSpec } from '@monsta/parquet-duckdb';
import { partitionEnd, partitionOf, type TableName, type TimeSpan } from './partitions.ts';

/** Rows in columns of whole numbers, the first of which is the key; strictly rising. */
export interface Rows {
  readonly length: number;
  readonly columns: readonly Float64Array[];
  /** The power of ten that all columns without a factor are multiples of. */
  readonly finest: number;
}

/** How a kind of rows is stored. */
export interface TableShape {
  readonly specs: readonly ColumnSpec[];
  /** Which column is the time, and how many of its units are a millisecond. */
  readonly timeColumn: number;
  readonly unitsPerMs: number;
}

const none = new Float64Array(0);

export const keysOf = (columns: readonly Float64Array[]): Float64Array => columns[0] ?? none;
export const timesOf = ({ timeColumn }: TableShape, columns: readonly Float64Array[]): Float64Array =>
  columns[timeColumn] ?? none;

/** Fault `catalog_refused`: keys that do not rise, or times that fall. */
export function inOrder(shape: TableShape, columns: readonly Float64Array[]): Result<null> {
  const [keys, times] = [keysOf(columns), timesOf(shape, columns)];
  for (let row = 1; row < keys.length; row += 1) {
    if ((keys[row] ?? 0) <= (keys[row - 1] ?? 0) || (times[row] ?? 0) < (times[row - 1] ?? 0))
      return err('catalog_refused', `row ${row} (${keys[row] ?? ''}) is not after the one before it`);
  }
  return ok(null);
}

/** How many rows there are before one that is not after the one before it. */
function risingRows(keys: Float64Array, rows: number): number {
  let before = -Infinity;
  for (let row = 0; row < rows; row += 1) {
    const key = keys[row] ?? 0;
    if (key <= before) return row;
    before = key;
  }
  return rows;
}

/** Two values of a row that is there twice: what one does not know the other may. */
const agree = (one: number, other: number): boolean => one === other || Number.isNaN(one) || Number.isNaN(other);

/** Leaves out rows that are there twice and say the same, as far as both know; returns how many are left. Fault `catalog_conflict`: twice, and not the same. */
export function distinct(columns: readonly Float64Array[], rows: number, paths: readonly string[]): Result<number> {
  const keys = columns[0] ?? new Float64Array(0);
  let kept = risingRows(keys, rows);
  for (let row = kept; row < rows; row += 1) {
    const key = keys[row] ?? 0;
    const before = keys[kept - 1] ?? 0;
    if (key > before) {
      for (const column of columns) column[kept] = column[row] ?? 0;
      kept += 1;
    } else if (key < before) {
      return err('catalog_damaged', `rows of ${paths.join(', ')} are not in the order that their names say`);
    } else if (!columns.every((column) => agree(column[row] ?? 0, column[kept - 1] ?? 0))) {
      return err(
        'catalog_conflict',
        `the row ${key} is stored twice and not the same, by two writers at once; of these files remove the wrong one: ${paths.join(', ')}`,
        { details: { key } },
      );
    } else {
      for (const column of columns) if (Number.isNaN(column[kept - 1])) column[kept - 1] = column[row] ?? 0;
    }
  }
  return ok(kept);
}

/** How many values of a rising column are below `limit`. */
function countBelow(column: Float64Array, length: number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows of a span of time. */
export function within(rows: Rows, shape: TableShape, { fromMs, toMs }: TimeSpan): Rows {
  const times = rows.columns[shape.timeColumn] ?? new Float64Array(0);
  const from = fromMs === null ? 0 : countBelow(times, rows.length, fromMs * shape.unitsPerMs);
  const to = toMs === null ? rows.length : countBelow(times, rows.length, toMs * shape.unitsPerMs);
  const columns = rows.columns.map((column) => column.subarray(from, Math.max(from, to)));
  return { length: Math.max(0, to - from), columns, finest: rows.finest };
}

/** Rows that go into one partition. */
interface Part {
  readonly partition: string;
  readonly from: number;
  readonly to: number;
}

export function splitByPartition(
  kind: TableName['kind'],
  shape: TableShape,
  columns: readonly Float64Array[],
): readonly Part[] {
  const times = columns[shape.timeColumn] ?? new Float64Array(0);
  const parts: Part[] = [];
  for (let from = 0; from < times.length;) {
    const partition = partitionOf(kind, (times[from] ?? 0) / shape.unitsPerMs);
    const end = partitionEnd(kind, (times[from] ?? 0) / shape.unitsPerMs) * shape.unitsPerMs;
    const to = countBelow(times, times.length, end);
    parts.push({ partition, from, to });
    from = to;
  }
  return parts;
}

/** Decimals as they are stored: what is there may be finer than the steps of what is added, as when an exchange has made its tick coarser. */
export const asStored = (shape: TableShape): TableShape => ({
  ...shape,
  specs: shape.specs.map((spec) => (spec.type.startsWith('DECIMAL') ? { ...spec, factor: 1 } : spec)),
});

/** The rows that are not stored yet, or of which less is; keys of rows that are stored and say otherwise go to `disagreements`. */
export function newRows(
  part: readonly Float64Array[],
  shape: TableShape,
  stored: Rows,
  disagreements: number[],
): readonly Float64Array[] {
  const keys = part[0] ?? new Float64Array(0);
  const factors = shape.specs.map(({ type, factor }) => (type.startsWith('DECIMAL') ? (factor ?? 1) : 1));
  if (stored.length === 0) return part;
  const storedKeys = stored.columns[0] ?? new Float64Array(0);
  const fresh: number[] = [];
  let at = 0;
  for (let row = 0; row < keys.length; row += 1) {
    const key = keys[row] ?? 0;
    while (at < stored.length && (storedKeys[at] ?? 0) < key) at += 1;
    if (at < stored.length && storedKeys[at] === key) {
      const here = part.map((column, index) => (column[row] ?? 0) * (factors[index] ?? 1));
      const there = stored.columns.map((column) => column[at] ?? 0);
      if (!here.every((value, index) => agree(value, there[index] ?? 0))) disagreements.push(key);
      else if (here.some((value, index) => !Number.isNaN(value) && Number.isNaN(there[index]))) fresh.push(row);
    } else fresh.push(row);
  }
  return part.map((column) => Float64Array.from(fresh, (row) => column[row] ?? 0));
}
