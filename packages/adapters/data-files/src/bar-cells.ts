import { err, ok, type Result } from '@monsta/core';
import { FlowCells, hasFlow } from './bar-flow.ts';
import type { BarLayout } from './bar-layout.ts';
import type { CellNotes } from './cell-notes.ts';
import type { BarTerms } from './bar-terms.ts';
import { cellText, type Cells } from './cells.ts';
import { DecimalCell } from './decimal-cell.ts';
import { TickColumns } from './tick-column.ts';
import { readTimeMs, timeUnitOf, zoneTextOf } from './time-cell.ts';
import { VolumeCell } from './volume-cell.ts';

/** What a bar row says: in whole ticks, or in units of the finest digit so far. */
export const PRICES = ['open', 'high', 'low', 'close'] as const;

/** The last moment that whole microseconds can say, in the year 2255. */
const TIME_MAX_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

/** Reads the cells of one bar after the other, each checked on its own. */
export class BarCells {
  readonly prices: TickColumns;
  openMs = Number.NaN;
  /** In units of 10^-8. */
  volume = 0;
  /** Null where it is not read. */
  readonly flow: FlowCells | null;
  readonly #layout: BarLayout;
  readonly #notes: CellNotes | null;
  readonly #cell = new DecimalCell();
  readonly #volume: VolumeCell;
  #roundedPrices = 0;

  /** `rescaled` is told when prices before have become larger by a factor. */
  constructor(
    { instrument, offTick = 'refuse', withFlow = false }: Pick<BarTerms, 'instrument' | 'offTick' | 'withFlow'>,
    layout: BarLayout,
    notes: CellNotes | null,
    rescaled?: (factor: number) => void,
  ) {
    this.#layout = layout;
    this.#notes = notes;
    this.#volume = new VolumeCell(notes);
    this.flow = withFlow && hasFlow(layout) ? new FlowCells(layout.flow, this.#volume) : null;
    this.prices = new TickColumns(4, instrument.tick, offTick, rescaled);
  }

  /** Reads a row into `openMs`, the row of `prices`, `volume` and `flow`. Faults: `corrupt` (a cell that can't be read), `off_tick`, `impossible`. */
  read(cells: Cells): Result<null> {
    const layout = this.#layout;
    if (cells.count !== layout.columns)
      return err('corrupt', `${cells.count} columns, where ${layout.columns} are expected`);
    const [start, end] = [cells.starts[layout.time] ?? 0, cells.ends[layout.time] ?? 0];
    const openMs = readTimeMs(cells.bytes, start, end, layout.timeForm);
    if (!Number.isInteger(openMs) || openMs < 0 || openMs > TIME_MAX_MS) return this.#badTime(cells, openMs);
    this.openMs = openMs;
    for (let index = 0; index < 4; index += 1) {
      const price = this.#price(cells, index);
      if (!price.ok) return price;
    }
    const sound = this.#possible(cells);
    if (!sound.ok) return sound;
    const volume = this.#volume.read(cells, layout.volume, 'volume');
    if (!volume.ok) return volume;
    this.volume = volume.value;
    const flow = this.flow?.read(cells);
    if (flow?.ok === false) return flow;
    if (this.#notes !== null) this.#note(cells, start, end, this.#notes);
    return ok(null);
  }

  #possible(cells: Cells): Result<null> {
    const layout = this.#layout;
    const [open = 0, high = 0, low = 0, close = 0] = this.prices.row;
    if (low > 0 && low <= open && low <= close && high >= open && high >= close) return ok(null);
    return err(
      'impossible',
      Math.min(open, high, low, close) <= 0
        ? `a price is zero or below (open ${cellText(cells, layout.open)}, high ${cellText(cells, layout.high)}, low ${cellText(cells, layout.low)}, close ${cellText(cells, layout.close)})`
        : `high ${cellText(cells, layout.high)} and low ${cellText(cells, layout.low)} do not enclose open ${cellText(cells, layout.open)} and close ${cellText(cells, layout.close)}`,
    );
  }

  #note(cells: Cells, start: number, end: number, notes: CellNotes): void {
    const { line, bytes } = cells;
    const unit = timeUnitOf(bytes, start, end, this.#layout.timeForm);
    notes.times.add(unit, line);
    if (unit === 'datetime') notes.zones.add(zoneTextOf(bytes.toString('latin1', start, end)), line);
    if (this.prices.rounded > this.#roundedPrices) {
      this.#roundedPrices = this.prices.rounded;
      notes.rounded.add('price', line);
    }
  }

  #badTime(cells: Cells, openMs: number): Result<null> {
    const text = cellText(cells, this.#layout.time).slice(0, 40);
    if (Number.isNaN(openMs))
      return err(
        'corrupt',
        `'${text}' is no time; use milliseconds since 1970 or a date such as 2024-01-31 12:00 (UTC)`,
      );
    return Number.isInteger(openMs)
      ? err(
          'corrupt',
          `the time ${text} lies outside the years 1970 to 2255; are its units those that the column's name says?`,
        )
      : err('corrupt', `the time ${text} is no whole millisecond`);
  }

  #price(cells: Cells, index: number): Result<null> {
    const name = PRICES[index] ?? 'open';
    const column = this.#layout[name];
    const start = cells.starts[column] ?? 0;
    const end = cells.ends[column] ?? 0;
    const cell = this.#cell;
    if (!cell.read(cells.bytes, start, end)) {
      const text = cellText(cells, column);
      return err(
        'corrupt',
        text === ''
          ? `${name} is empty; leave the line of a missing bar out`
          : `${name} '${text.slice(0, 40)}' is no decimal number`,
      );
    }
    if (cell.units < 0 || (cell.long?.units ?? 0n) < 0n)
      return err('impossible', `${name} ${cellText(cells, column)} is below zero`);
    this.#notes?.scales.add(cell.scale, cells.line);
    return this.prices.read(cell, index, name);
  }
}
