import {
  emptyBarSeries,
  err,
  gridWords,
  inferInstrument,
  ok,
  opensInterval,
  unknownBarFlow,
  type BarSeries,
  type Result,
} from '@monsta/core';
import { BarCells, PRICES } from './bar-cells.ts';
import { BlockColumn } from './bar-columns.ts';
import { FlowColumns, TurnoverColumns, type BarTurnover } from './bar-flow.ts';
import type { BarLayout } from './bar-layout.ts';
import { BARS_MAX, type BarTerms } from './bar-terms.ts';
import type { Cells } from './cells.ts';
import { Spacing } from './spacing.ts';

export interface BarFile {
  readonly series: BarSeries;
  /** Null where it was not asked for, or the file doesn't say. */
  readonly turnover: BarTurnover | null;
}

/** Bars row by row into columns, each row checked on its own and against the one before it. */
export class BarRows {
  readonly #terms: BarTerms;
  readonly #bar: BarCells;
  readonly #spacing = new Spacing();
  readonly #time = new BlockColumn();
  readonly #volume = new BlockColumn();
  readonly #flow: FlowColumns | null;
  readonly #turnover: TurnoverColumns | null;
  /** Prices and volume of the row before. */
  readonly #before = new Float64Array(5).fill(Number.NaN);
  #openMs = Number.NaN;
  #firstMs = Number.NaN;
  #count = 0;

  constructor(terms: BarTerms, layout: BarLayout) {
    this.#terms = terms;
    this.#bar = new BarCells(terms, layout, null, (factor) => {
      for (let at = 0; at < 4; at += 1) this.#before[at] = (this.#before[at] ?? 0) * factor;
    });
    this.#flow = this.#bar.flow === null ? null : new FlowColumns(this.#bar.flow);
    const { turnover } = layout;
    this.#turnover = terms.withTurnover === true && turnover !== null ? new TurnoverColumns(turnover) : null;
  }

  /** Takes a row. Faults: those of `BarCells`, `disorder`, `duplicate`, `too_large`. */
  take(cells: Cells): Result<null> {
    const read = this.#bar.read(cells);
    if (!read.ok) return read;
    const { openMs, volume } = this.#bar;
    const order = this.#inOrder(openMs, volume, cells.line);
    return order.ok ? this.#keep(openMs, volume, cells) : order;
  }

  #inOrder(openMs: number, volume: number, line: number): Result<null> {
    if (Number.isNaN(this.#openMs)) this.#firstMs = openMs;
    else if (openMs > this.#openMs) this.#spacing.add(openMs - this.#openMs, line);
    else return this.#misplaced(openMs, volume);
    this.#openMs = openMs;
    this.#before.set(this.#bar.prices.row);
    this.#before[4] = volume;
    return ok(null);
  }

  #misplaced(openMs: number, volume: number): Result<null> {
    const at = new Date(openMs).toISOString();
    const details = { openTimeMs: openMs };
    if (openMs < this.#openMs)
      return err(
        'disorder',
        `the bar of ${at} stands behind that of ${new Date(this.#openMs).toISOString()}; sort the file by time`,
        { details },
      );
    const same =
      this.#before[4] === volume && this.#bar.prices.row.every((price, index) => price === this.#before[index]);
    return err('duplicate', duplicateText(openMs, same), { details });
  }

  #keep(openMs: number, volume: number, cells: Cells): Result<null> {
    const { fromMs, toMs } = this.#terms;
    if ((fromMs !== null && openMs < fromMs) || (toMs !== null && openMs >= toMs)) return ok(null);
    if (this.#count >= BARS_MAX) return err('too_large', `more than ${BARS_MAX} bars; ask for a part of them`);
    const turnover = this.#turnover?.take(cells);
    if (turnover?.ok === false) return turnover;
    this.#time.push(openMs);
    this.#bar.prices.keep();
    this.#volume.push(volume);
    this.#flow?.keep();
    this.#count += 1;
    return ok(null);
  }

  /** All bars that were asked for, which may be none. Faults: `interval`, `empty` (no bar in the whole file). */
  finish(): Result<BarFile> {
    if (Number.isNaN(this.#firstMs)) return err('empty', 'it holds no bar');
    const interval = this.#spacing.interval(this.#terms.interval);
    if (!interval.ok) return interval;
    // The others lie whole intervals behind the first.
    if (this.#terms.offGrid !== 'take' && !opensInterval(this.#firstMs, interval.value))
      return err(
        'interval',
        `the first bar opens at ${new Date(this.#firstMs).toISOString()}, not on ${gridWords(interval.value)}; write times in UTC, and where they are, give shorter bars`,
      );
    const instrument = inferInstrument({ ...this.#terms.instrument, tick: this.#bar.prices.tick });
    const series = emptyBarSeries(instrument, interval.value, this.#count, this.#terms.shared);
    this.#time.moveInto(series.openTimeMs);
    PRICES.forEach((name, index) => this.#bar.prices.columns[index]?.moveInto(series[name]));
    this.#volume.moveInto(series.volume);
    const turnover = this.#turnover?.finish() ?? null;
    if (this.#flow === null) return ok({ series, turnover });
    const flow = unknownBarFlow(this.#count, this.#terms.shared);
    this.#flow.moveInto(flow);
    return ok({ series: { ...series, flow }, turnover });
  }
}

/** What is said of a bar that is there twice. */
export const duplicateText = (openMs: number, same: boolean): string =>
  `the bar of ${new Date(openMs).toISOString()} is there twice, ${same ? 'both the same; leave one out' : 'and they disagree; leave the wrong one out'}`;
