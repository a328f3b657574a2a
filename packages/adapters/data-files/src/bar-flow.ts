import { err, IMBALANCE_UNITS, ok, parseVolume, type BarFlow, type Result } from '@monsta/core';
import { BlockColumn } from './bar-columns.ts';
import type { BarLayout } from './bar-layout.ts';
import { cellText, type Cells } from './cells.ts';
import { DecimalCell, powerOfTen } from './decimal-cell.ts';
import type { VolumeCell } from './volume-cell.ts';

/** How a cell says that nothing is known. */
const UNKNOWN = /^(?:|nan|na|n\/a|<na>|null|none)$/i;

const below = (name: string, text: string): Result<never> => err('impossible', `${name} ${text} is below zero`);

/** What a row says beside prices and volume, of what its file has. */
export class FlowCells {
  /** In units of 10^-8; NaN: not known. */
  takerBuyVolume = Number.NaN;
  trades = Number.NaN;
  /** In units of 1/`IMBALANCE_UNITS`. */
  bookImbalance = Number.NaN;
  readonly #layout: BarLayout['flow'];
  readonly #volume: VolumeCell;
  readonly #cell = new DecimalCell();

  constructor(layout: BarLayout['flow'], volume: VolumeCell) {
    this.#layout = layout;
    this.#volume = volume;
  }

  /** Faults: `corrupt` (a cell that can't be read), `impossible`. */
  read(cells: Cells): Result<null> {
    const { takerBuyVolume, trades, bookImbalance } = this.#layout;
    const taken = this.#isKnown(cells, takerBuyVolume)
      ? this.#volume.read(cells, takerBuyVolume, 'the takers’ volume')
      : ok(Number.NaN);
    if (!taken.ok) return taken;
    const count = this.#isKnown(cells, trades) ? this.#count(cells, trades) : ok(Number.NaN);
    if (!count.ok) return count;
    const share = this.#isKnown(cells, bookImbalance) ? this.#share(cells, bookImbalance) : ok(Number.NaN);
    if (!share.ok) return share;
    this.takerBuyVolume = taken.value;
    this.trades = count.value;
    this.bookImbalance = share.value;
    return ok(null);
  }

  #isKnown(cells: Cells, column: number): boolean {
    if (column === -1) return false;
    // A number is longer than the words, or begins with a digit: text is made of few cells.
    const [start = 0, end = 0] = [cells.starts[column], cells.ends[column]];
    return end - start > 4 || !UNKNOWN.test(cellText(cells, column));
  }

  #count(cells: Cells, column: number): Result<number> {
    const cell = this.#cell;
    const text = (): string => cellText(cells, column).slice(0, 40);
    const read = cell.read(cells.bytes, cells.starts[column] ?? 0, cells.ends[column] ?? 0);
    if (!read || cell.long !== null || cell.scale > 0)
      return err('corrupt', `the number of trades '${text()}' is no whole number`);
    return cell.units < 0 ? below('the number of trades', text()) : ok(cell.units);
  }

  #share(cells: Cells, column: number): Result<number> {
    const cell = this.#cell;
    const text = (): string => cellText(cells, column).slice(0, 40);
    if (!cell.read(cells.bytes, cells.starts[column] ?? 0, cells.ends[column] ?? 0))
      return err('corrupt', `the book's imbalance '${text()}' is no decimal number`);
    const value = cell.long === null ? cell.units / powerOfTen(cell.scale) : Number(text());
    if (!(Math.abs(value) <= 1)) return err('impossible', `the book's imbalance ${text()} lies outside −1 … 1`);
    return ok(Math.round(value * IMBALANCE_UNITS) + 0);
  }
}

/** The flow of a file's rows, in columns; none where the file has no such column. */
export class FlowColumns {
  readonly #cells: FlowCells;
  readonly #columns = {
    takerBuyVolume: new BlockColumn(),
    trades: new BlockColumn(),
    bookImbalance: new BlockColumn(),
  };

  constructor(cells: FlowCells) {
    this.#cells = cells;
  }

  /** Keeps what `cells` has read last. */
  keep(): void {
    this.#columns.takerBuyVolume.push(this.#cells.takerBuyVolume);
    this.#columns.trades.push(this.#cells.trades);
    this.#columns.bookImbalance.push(this.#cells.bookImbalance);
  }

  moveInto(flow: BarFlow): void {
    this.#columns.takerBuyVolume.moveInto(flow.takerBuyVolume);
    this.#columns.trades.moveInto(flow.trades);
    this.#columns.bookImbalance.moveInto(flow.bookImbalance);
  }
}

/** Whether a file has any of the columns. */
export const hasFlow = ({ flow }: BarLayout): boolean => Object.values(flow).some((column) => column !== -1);

/** Turnover of each bar in units of 10^-8 of the quote asset. That of a day can be above 2^53 of them, so that these are bigints. */
export interface BarTurnover {
  readonly quoteVolume: readonly bigint[];
  readonly takerBuyQuoteVolume: readonly bigint[];
}

export class TurnoverColumns {
  readonly #layout: NonNullable<BarLayout['turnover']>;
  readonly #turnover = { quoteVolume: [] as bigint[], takerBuyQuoteVolume: [] as bigint[] };

  constructor(layout: NonNullable<BarLayout['turnover']>) {
    this.#layout = layout;
  }

  /** Fault `corrupt`: a cell that can't be read. */
  take(cells: Cells): Result<null> {
    for (const name of ['quoteVolume', 'takerBuyQuoteVolume'] as const) {
      const text = cellText(cells, this.#layout[name]);
      const value = parseVolume(text);
      if (!value.ok || value.value < 0n)
        return err('corrupt', `${name} '${text}' is no decimal number with at most 8 fractional digits`);
      this.#turnover[name].push(value.value);
    }
    return ok(null);
  }

  finish(): BarTurnover {
    return this.#turnover;
  }
}
