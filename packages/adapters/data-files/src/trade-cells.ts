import { err, formatDecimal, ok, type Result } from '@monsta/core';
import { cellText, type Cells } from './cells.ts';
import type { CellNotes } from './cell-notes.ts';
import { DecimalCell, powerOfTen } from './decimal-cell.ts';
import { TickColumns } from './tick-column.ts';
import { readTimeUs, timeUnitOf, zoneTextOf } from './time-cell.ts';
import { buyerIsMaker, type TradeLayout } from './trade-layout.ts';
import type { TradeTerms } from './trade-terms.ts';

/** Reads the cells of one trade after the other, each checked on its own. */
export class TradeCells {
  readonly prices: TickColumns;
  id = 0;
  timeUs = 0;
  /** In whole lots. */
  lots = 0;
  maker = false;
  readonly #lot: TradeTerms['instrument']['lot'];
  readonly #layout: TradeLayout;
  readonly #notes: CellNotes | null;
  readonly #cell = new DecimalCell();

  constructor({ instrument }: Pick<TradeTerms, 'instrument'>, layout: TradeLayout, notes: CellNotes | null) {
    this.#lot = instrument.lot;
    this.#layout = layout;
    this.#notes = notes;
    this.prices = new TickColumns(1, instrument.tick, 'refuse');
  }

  /** Faults: `corrupt` (a cell that can't be read), `off_tick`, `off_lot`, `impossible` (a price or quantity that is not above zero). */
  read(cells: Cells): Result<null> {
    const layout = this.#layout;
    if (layout.columns === null ? cells.count <= layout.maker : cells.count !== layout.columns)
      return err(
        'corrupt',
        `${cells.count} columns, where ${layout.columns === null ? `at least ${layout.maker + 1}` : layout.columns} are expected`,
      );
    const cell = this.#cell;
    if (!this.#number(cells, layout.id) || cell.long !== null || cell.scale !== 0 || cell.units < 0)
      return err('corrupt', `'${cellText(cells, layout.id).slice(0, 40)}' is no id`);
    this.id = cell.units;
    const time = this.#time(cells);
    if (!time.ok) return time;
    const price = this.#price(cells);
    if (!price.ok) return price;
    const quantity = this.#quantity(cells);
    if (!quantity.ok) return quantity;
    const flag = cellText(cells, layout.maker);
    const maker = buyerIsMaker(flag, layout.makerForm);
    if (maker === null)
      return err(
        'corrupt',
        layout.makerForm === 'flag'
          ? `'${flag.slice(0, 40)}' says neither true nor false of the buyer being the maker`
          : `'${flag.slice(0, 40)}' is neither buy nor sell`,
      );
    this.maker = maker;
    return ok(null);
  }

  #number(cells: Cells, index: number): boolean {
    return this.#cell.read(cells.bytes, cells.starts[index] ?? 0, cells.ends[index] ?? 0);
  }

  #time(cells: Cells): Result<null> {
    const { time, timeForm } = this.#layout;
    const [start, end] = [cells.starts[time] ?? 0, cells.ends[time] ?? 0];
    const timeUs = readTimeUs(cells.bytes, start, end, timeForm);
    if (Number.isNaN(timeUs)) return err('corrupt', `'${cellText(cells, time).slice(0, 40)}' is no time`);
    if (timeUs < 0 || !Number.isSafeInteger(timeUs))
      return err('corrupt', `the time ${cellText(cells, time).slice(0, 40)} lies outside the years 1970 to 2255`);
    this.timeUs = timeUs;
    if (this.#notes !== null) {
      const unit = timeUnitOf(cells.bytes, start, end, timeForm);
      this.#notes.times.add(unit, cells.line);
      if (unit === 'datetime')
        this.#notes.zones.add(zoneTextOf(cells.bytes.toString('latin1', start, end)), cells.line);
    }
    return ok(null);
  }

  #price(cells: Cells): Result<null> {
    const { price } = this.#layout;
    const cell = this.#cell;
    const text = (): string => cellText(cells, price).slice(0, 40);
    if (!this.#number(cells, price)) return err('corrupt', `price '${text()}' is no decimal number`);
    if (cell.long === null ? cell.units <= 0 : cell.long.units <= 0n)
      return err('impossible', `price ${text()} is not above zero`);
    this.#notes?.scales.add(cell.scale, cells.line);
    return this.prices.read(cell, 0, 'price');
  }

  #quantity(cells: Cells): Result<null> {
    const { quantity } = this.#layout;
    const cell = this.#cell;
    const text = (): string => cellText(cells, quantity).slice(0, 40);
    if (!this.#number(cells, quantity)) return err('corrupt', `quantity '${text()}' is no decimal number`);
    if (cell.long === null ? cell.units <= 0 : cell.long.units <= 0n)
      return err('impossible', `quantity ${text()} is not above zero`);
    const lot = this.#lot;
    const shift = lot.scale - cell.scale;
    const lots = cell.long === null && shift >= 0 ? (cell.units * powerOfTen(shift)) / lot.units : Number.NaN;
    if (!Number.isSafeInteger(lots))
      return err(
        'off_lot',
        `quantity ${text()} is no multiple of the lot ${formatDecimal({ units: BigInt(lot.units), scale: lot.scale })}`,
      );
    this.lots = lots;
    return ok(null);
  }
}
