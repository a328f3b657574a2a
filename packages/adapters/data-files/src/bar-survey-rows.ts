import {
  emptyBarSeries,
  err,
  floorMsToInterval,
  gridWords,
  inferInstrument,
  intervalMs,
  MS_PER_MINUTE,
  ok,
  unknownBarFlow,
  type BarSeries,
  type Interval,
  type Result,
} from '@monsta/core';
import { BarCells } from './bar-cells.ts';
import { BlockColumn } from './bar-columns.ts';
import { FlowColumns } from './bar-flow.ts';
import type { BarLayout } from './bar-layout.ts';
import { CellNotes } from './cell-notes.ts';
import { duplicateText } from './bar-rows.ts';
import { BARS_MAX, type BarTerms } from './bar-terms.ts';
import type { Cells } from './cells.ts';
import { longestRising, placeText } from './rising.ts';
import type { FaultTally } from './row-faults.ts';
import { Spacing } from './spacing.ts';

/** A line at which time goes back, and the bars behind it go on without a break. */
export interface SetBack {
  readonly line: number;
  readonly minutes: number;
}

interface SurveyedRows {
  /** The rows that are sound. */
  readonly series: BarSeries;
  readonly clockSetBack: readonly SetBack[];
  /** Almost all bars open so many minutes behind a whole interval. */
  readonly offsetMinutes: number;
}

interface Columns {
  readonly time: Float64Array;
  readonly line: Float64Array;
  /** Open, high, low, close, volume. */
  readonly values: readonly Float64Array[];
  /** The columns of `BarFlow` in its order; none where the file has none. */
  readonly flow: readonly Float64Array[];
}

const iso = (ms: number): string => new Date(ms).toISOString();

function taken(column: BlockColumn | undefined, length: number): Float64Array {
  const values = new Float64Array(length);
  column?.moveInto(values);
  return values;
}

function flowOf(columns: FlowColumns, length: number): readonly Float64Array[] {
  const flow = unknownBarFlow(length);
  columns.moveInto(flow);
  return [flow.takerBuyVolume, flow.trades, flow.bookImbalance];
}

/** All readable bars of a file, in whatever order they stand; what is wrong between them is looked for when all are there. */
export class BarSurveyRows {
  readonly notes = new CellNotes();
  readonly layout: BarLayout;
  readonly #terms: BarTerms;
  readonly #bar: BarCells;
  readonly #time = new BlockColumn();
  readonly #line = new BlockColumn();
  readonly #volume = new BlockColumn();
  readonly #flow: FlowColumns | null;

  constructor(terms: BarTerms, layout: BarLayout) {
    this.#terms = terms;
    this.layout = layout;
    this.#bar = new BarCells(terms, layout, this.notes);
    this.#flow = this.#bar.flow === null ? null : new FlowColumns(this.#bar.flow);
  }

  /** Faults: those of `BarCells`, `too_large`. */
  take(cells: Cells): Result<null> {
    const read = this.#bar.read(cells);
    if (!read.ok) return read;
    if (this.#time.length >= BARS_MAX) return err('too_large', `more than ${BARS_MAX} bars`);
    this.#time.push(this.#bar.openMs);
    this.#line.push(cells.line);
    this.#bar.prices.keep();
    this.#volume.push(this.#bar.volume);
    this.#flow?.keep();
    return ok(null);
  }

  /** Adds to `faults` what is wrong between rows: `disorder`, `duplicate`, `interval`. Faults: `empty`, `disorder` (newest first), `interval` (none that is known, or not the one asked for). */
  finish(faults: FaultTally): Result<SurveyedRows> {
    const { length } = this.#time;
    if (length === 0) return err('empty', 'it holds no bar that can be read');
    const columns: Columns = {
      time: taken(this.#time, length),
      line: taken(this.#line, length),
      values: [...this.#bar.prices.columns, this.#volume].map((column) => taken(column, length)),
      flow: this.#flow === null ? [] : flowOf(this.#flow, length),
    };
    if (isFalling(columns.time))
      return err('disorder', 'its rows stand newest first; sort the file by time, the oldest first');
    const kept = longestRising(columns.time);
    const clockSetBack = kept === null ? [] : misplaced(columns, kept, faults);
    const ordered = kept === null ? columns : only(columns, (row) => kept[row] === 1);
    const interval = intervalIn(ordered, this.#terms.interval);
    if (!interval.ok) return interval;
    const placed = onGrid(ordered, interval.value, faults);
    const back = clockSetBack.filter(({ step }) => step === intervalMs(interval.value));
    return ok({
      series: this.#series(placed.columns, interval.value),
      clockSetBack: back.map(({ line, minutes }) => ({ line, minutes })),
      offsetMinutes: placed.offsetMs / MS_PER_MINUTE,
    });
  }

  #series({ time, values, flow }: Columns, interval: Interval): BarSeries {
    const instrument = inferInstrument({ ...this.#terms.instrument, tick: this.#bar.prices.tick });
    const [open = time, high = time, low = time, close = time, volume = time] = values;
    const series = emptyBarSeries(instrument, interval, 0);
    const prices = { ...series, length: time.length, openTimeMs: time, open, high, low, close, volume };
    const [takerBuyVolume, trades, bookImbalance] = flow;
    return takerBuyVolume === undefined || trades === undefined || bookImbalance === undefined
      ? prices
      : { ...prices, flow: { takerBuyVolume, trades, bookImbalance } };
  }
}

/** Most rows are before the one above them. */
function isFalling(time: Float64Array): boolean {
  let falls = 0;
  for (let row = 1; row < time.length; row += 1) if ((time[row] ?? 0) < (time[row - 1] ?? 0)) falls += 1;
  return falls > (time.length - 1) / 2;
}

/** The rows for which `keep` says so. */
function only({ time, line, values, flow }: Columns, keep: (row: number) => boolean): Columns {
  const rows = Int32Array.from(time.keys()).filter(keep);
  const part = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? 0);
  return { time: part(time), line: part(line), values: values.map(part), flow: flow.map(part) };
}

function rowOf(times: Float64Array, rows: Int32Array, time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[rows[middle] ?? 0] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const row = rows[low] ?? -1;
  return times[row] === time ? row : -1;
}

/** Tells of each row that is not kept why; returns where a clock was set back. */
function misplaced(columns: Columns, kept: Uint8Array, faults: FaultTally): readonly (SetBack & { step: number })[] {
  const { time, line, values, flow } = columns;
  const rows = Int32Array.from(time.keys()).filter((row) => kept[row] === 1);
  const repeated = new Uint8Array(time.length);
  for (let row = 0; row < time.length; row += 1) {
    if (kept[row] === 1) continue;
    const at = time[row] ?? 0;
    const twin = rowOf(time, rows, at);
    if (twin === -1) {
      faults.add(
        'disorder',
        line[row] ?? 0,
        () => `the bar of ${iso(at)} ${placeText(time, row, iso)}; sort the file by time`,
      );
      continue;
    }
    const same = [...values, ...flow].every((column) => Object.is(column[row], column[twin]));
    if (same) repeated[row] = 1;
    faults.add('duplicate', line[row] ?? 0, () => duplicateText(at, same));
  }
  return setBacks(columns, kept, repeated);
}

const isSundayNight = (ms: number): boolean => {
  const date = new Date(ms);
  return date.getUTCDay() === 0 && date.getUTCHours() <= 3;
};

/** Runs of rows that are not kept, each a step behind the one before, which end where time had got to before them: what a clock that is set back leaves. */
function setBacks(
  { time, line }: Columns,
  kept: Uint8Array,
  repeated: Uint8Array,
): readonly (SetBack & { step: number })[] {
  const found: (SetBack & { step: number })[] = [];
  for (let from = 1; from < time.length; from += 1) {
    if (kept[from] === 1) continue;
    let to = from;
    let same = true;
    for (; to < time.length && kept[to] === 0; to += 1) if (repeated[to] === 0) same = false;
    const [before = 0, first = 0, last = 0] = [time[from - 1], time[from], time[to - 1]];
    const step = to - from === 1 ? (time[to] ?? Number.NaN) - last : (time[from + 1] ?? 0) - first;
    let regular = step > 0 && last === before && to - from === (last - first) / step + 1;
    for (let row = from + 1; row < to && regular; row += 1) regular = (time[row] ?? 0) - (time[row - 1] ?? 0) === step;
    // One bar alone that is there twice and disagrees is a clock's only at the hour at which clocks are set back.
    if (to - from === 1 && !isSundayNight(first)) regular = false;
    if (regular && !same) found.push({ line: line[from] ?? 0, minutes: (last + step - first) / MS_PER_MINUTE, step });
    from = to;
  }
  return found;
}

/** What most bars lie apart; asked for or not. */
function intervalIn({ time, line }: Columns, wanted: Interval | null): Result<Interval> {
  const spacing = new Spacing();
  for (let row = 1; row < time.length; row += 1) spacing.add((time[row] ?? 0) - (time[row - 1] ?? 0), line[row] ?? 0);
  return spacing.likely(wanted);
}

/** Leaves out bars that open elsewhere within the interval than most; each is a fault, as are all where most open on no whole interval. */
function onGrid(
  columns: Columns,
  interval: Interval,
  faults: FaultTally,
): { readonly columns: Columns; readonly offsetMs: number } {
  const { time, line } = columns;
  const offsetOf = (at: number): number => at - floorMsToInterval(at, interval);
  const counts = new Map<number, number>();
  for (const at of time) counts.set(offsetOf(at), (counts.get(offsetOf(at)) ?? 0) + 1);
  const [[offsetMs, most] = [0, 0]] = [...counts].toSorted((left, right) => right[1] - left[1]);
  if (offsetMs !== 0)
    faults.add(
      'offset',
      line[0] ?? 0,
      () =>
        `${most} of ${time.length} bars open ${offsetMs / MS_PER_MINUTE} min behind ${gridWords(interval)}, as with a clock of another time zone; write times in UTC`,
    );
  if (counts.size === 1) return { columns, offsetMs };
  const placed = (row: number): boolean => offsetOf(time[row] ?? 0) === offsetMs;
  for (let row = 0; row < time.length; row += 1) {
    if (placed(row)) continue;
    faults.add(
      'interval',
      line[row] ?? 0,
      () => `the bar of ${iso(time[row] ?? 0)} opens elsewhere within its ${interval} than the others do`,
    );
  }
  return { columns: only(columns, placed), offsetMs };
}
