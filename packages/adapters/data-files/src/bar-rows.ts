import {
  emptyBarSeries,
  err,
  inferInstrument,
  intervalMs,
  ok,
  pow10,
  VOLUME_SCALE,
  type BarSeries,
  type InstrumentTerms,
  type Interval,
  type Result,
} from '@monsta/core';
import { BlockColumn } from './bar-columns.ts';
import type { BarLayout } from './bar-layout.ts';
import { DecimalCell, powerOfTen } from './decimal-cell.ts';
import { FlowColumns, type BarFlow } from './bar-flow.ts';
import { cellText, type Cells } from './rows.ts';
import { Spacing } from './spacing.ts';
import { TickColumns } from './tick-column.ts';
import { readTimeMs } from './time-cell.ts';

/** 1m bars of ninety-five years. */
const ROWS_MAX = 50_000_000;

export interface BarTerms {
  readonly instrument: InstrumentTerms;
  /** Null: that which the bars lie apart. */
  readonly interval: Interval | null;
  /** Bars that open at or after `fromMs` and before `toMs`; null: all. The whole file is checked whatever is asked for. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
  /** A price between two ticks: refused, or (`round`) the nearest tick, half up. */
  readonly offTick?: 'refuse' | 'round';
  /** Also what Binance's archive says of turnover and takers, where the file has it. */
  readonly withFlow?: boolean;
}

/** What a bar row says: in whole ticks, or in units of the finest digit so far. */
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** Bars row by row into columns, each row checked on its own and against the one before it. */
export class BarRows {
  readonly #terms: BarTerms;
  readonly #layout: BarLayout;
  readonly #cell = new DecimalCell();
  readonly #spacing = new Spacing();
  readonly #time = new BlockColumn();
  readonly #prices: TickColumns;
  readonly #volume = new BlockColumn();
  readonly #flow: FlowColumns | null;
  /** Prices and volume of the row before. */
  readonly #before = new Float64Array(5).fill(Number.NaN);
  #openMs = Number.NaN;
  #firstMs = Number.NaN;
  #count = 0;

  constructor(terms: BarTerms, layout: BarLayout) {
    this.#terms = terms;
    this.#layout = layout;
    this.#prices = new TickColumns(4, terms.instrument.tick, terms.offTick ?? 'refuse', (factor) => {
      for (let at = 0; at < 4; at += 1) this.#before[at] = (this.#before[at] ?? 0) * factor;
    });
    this.#flow = terms.withFlow === true && layout.flow !== null ? new FlowColumns(layout.flow) : null;
  }

  /**
   * Takes a row. Faults: `corrupt` (a cell that can't be read), `off_tick`, `impossible` (high and low do not enclose open and close, a price of zero), `disorder`,
   * `duplicate`, `too_large`.
   */
  take(cells: Cells): Result<null> {
    const layout = this.#layout;
    if (cells.count !== layout.columns)
      return err('corrupt', `${cells.count} columns, where ${layout.columns} are expected`);
    const openMs = readTimeMs(
      cells.bytes,
      cells.starts[layout.time] ?? 0,
      cells.ends[layout.time] ?? 0,
      layout.timeForm,
    );
    if (!Number.isInteger(openMs)) return this.#badTime(cells, openMs);
    for (let index = 0; index < 4; index += 1) {
      const price = this.#price(cells, index);
      if (!price.ok) return price;
    }
    const [open = 0, high = 0, low = 0, close = 0] = this.#prices.row;
    if (low <= 0 || low > open || low > close || high < open || high < close)
      return err(
        'impossible',
        low <= 0
          ? `a price is zero or below (low ${cellText(cells, layout.low)})`
          : `high ${cellText(cells, layout.high)} and low ${cellText(cells, layout.low)} do not enclose open ${cellText(cells, layout.open)} and close ${cellText(cells, layout.close)}`,
      );
    const volume = this.#readVolume(cells);
    if (!volume.ok) return volume;
    const order = this.#inOrder(openMs, volume.value, cells.line);
    return order.ok ? this.#keep(openMs, volume.value, cells) : order;
  }

  #badTime(cells: Cells, openMs: number): Result<null> {
    const text = cellText(cells, this.#layout.time);
    return Number.isNaN(openMs)
      ? err('corrupt', `'${text}' is no time; use milliseconds since 1970 or a date such as 2024-01-31 12:00 (UTC)`)
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
    return this.#prices.read(cell, index, name);
  }

  /** In units of 10^-8; finer ones, which a sum of binary numbers has, are rounded to the nearest. */
  #readVolume(cells: Cells): Result<number> {
    const { volume } = this.#layout;
    const cell = this.#cell;
    if (!cell.read(cells.bytes, cells.starts[volume] ?? 0, cells.ends[volume] ?? 0))
      return err('corrupt', `volume '${cellText(cells, volume).slice(0, 40)}' is no decimal number`);
    if (cell.units < 0 || (cell.long?.units ?? 0n) < 0n)
      return err('impossible', `volume ${cellText(cells, volume)} is below zero`);
    if (cell.long === null && cell.scale <= VOLUME_SCALE) {
      const units = cell.units * powerOfTen(VOLUME_SCALE - cell.scale);
      if (Number.isSafeInteger(units)) return ok(units);
    }
    const { units, scale } = cell.decimal();
    if (scale <= VOLUME_SCALE) return ok(Number(units * pow10(VOLUME_SCALE - scale)));
    const size = pow10(scale - VOLUME_SCALE);
    return ok(Number((units + size / 2n) / size));
  }

  #inOrder(openMs: number, volume: number, line: number): Result<null> {
    if (Number.isNaN(this.#openMs)) this.#firstMs = openMs;
    else if (openMs > this.#openMs) this.#spacing.add(openMs - this.#openMs, line);
    else return this.#misplaced(openMs, volume);
    this.#openMs = openMs;
    this.#before.set(this.#prices.row);
    this.#before[4] = volume;
    return ok(null);
  }

  #misplaced(openMs: number, volume: number): Result<null> {
    const at = new Date(openMs).toISOString();
    const details = { openTimeMs: openMs, latestMs: this.#openMs };
    if (openMs < this.#openMs)
      return err(
        'disorder',
        `the bar of ${at} stands behind that of ${new Date(this.#openMs).toISOString()}; sort the file by time`,
        { details },
      );
    const same = this.#before[4] === volume && this.#prices.row.every((price, index) => price === this.#before[index]);
    return err(
      'duplicate',
      same
        ? `the bar of ${at} is there twice, both the same; leave one out`
        : `the bar of ${at} is there twice, and they disagree; leave the wrong one out`,
      { details: { ...details, same } },
    );
  }

  #keep(openMs: number, volume: number, cells: Cells): Result<null> {
    const { fromMs, toMs } = this.#terms;
    if ((fromMs !== null && openMs < fromMs) || (toMs !== null && openMs >= toMs)) return ok(null);
    if (this.#count >= ROWS_MAX) return err('too_large', `more than ${ROWS_MAX} bars; ask for a part of them`);
    if (this.#flow !== null) {
      const flow = this.#flow.take(cells);
      if (!flow.ok) return flow;
    }
    this.#time.push(openMs);
    this.#prices.keep();
    this.#volume.push(volume);
    this.#count += 1;
    return ok(null);
  }

  /** All bars that were asked for, which may be none. Faults: `interval`, `empty` (no bar in the whole file). */
  finish(): Result<{ readonly series: BarSeries; readonly flow: BarFlow | null }> {
    if (Number.isNaN(this.#firstMs)) return err('empty', 'it holds no bar');
    const interval = this.#spacing.interval(this.#terms.interval);
    if (!interval.ok) return interval;
    if (this.#firstMs % intervalMs(interval.value) !== 0)
      return err(
        'interval',
        `the first bar opens at ${new Date(this.#firstMs).toISOString()}, not on a whole ${interval.value} of UTC; write times in UTC`,
      );
    const instrument = inferInstrument({ ...this.#terms.instrument, tick: this.#prices.tick });
    const series = emptyBarSeries(instrument, interval.value, this.#count, this.#terms.shared);
    this.#time.moveInto(series.openTimeMs);
    PRICES.forEach((name, index) => this.#prices.columns[index]?.moveInto(series[name]));
    this.#volume.moveInto(series.volume);
    return ok({ series, flow: this.#flow?.finish() ?? null });
  }
}
