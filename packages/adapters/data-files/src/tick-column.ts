import { err, formatDecimal, ok, pow10, type Result, type Step } from '@monsta/core';
import { BlockColumn } from './bar-columns.ts';
import { powerOfTen, type DecimalCell } from './decimal-cell.ts';

/** The finest step of prices. */
const TICK_SCALE_MAX = 9;

/**
 * Prices as whole ticks, several columns that share one tick. Without one given the columns are in units of the finest digit so far; a finer one makes all before it larger.
 */
export class TickColumns {
  readonly columns: readonly BlockColumn[];
  /** The row being read, one price a column. */
  readonly row: Float64Array;
  /** How many prices were rounded to the tick. */
  rounded = 0;
  readonly #tick: Step | null;
  readonly #offTick: 'refuse' | 'round';
  readonly #rescaled: (factor: number) => void;
  #scale = 0;
  #largest = 0;

  /** `rescaled` is told when prices before have become larger by a factor. */
  constructor(
    count: number,
    tick: Step | null,
    offTick: 'refuse' | 'round',
    rescaled: (factor: number) => void = () => undefined,
  ) {
    this.columns = Array.from({ length: count }, () => new BlockColumn());
    this.row = new Float64Array(count);
    this.#tick = tick;
    this.#offTick = offTick;
    this.#rescaled = rescaled;
  }

  /** The tick that all prices are whole multiples of. */
  get tick(): Step {
    return this.#tick ?? { units: 1, scale: this.#scale };
  }

  /** Takes the number that was read as the row's price in a column. Faults: `off_tick`, `corrupt` (below zero, too large). */
  read(cell: DecimalCell, column: number, name: string): Result<null> {
    const tick = this.#tick;
    if (tick === null) return this.#finest(cell, column, name);
    const shift = tick.scale - cell.scale;
    const units = cell.long === null && shift >= 0 ? cell.units * powerOfTen(shift) : Number.NaN;
    const ticks = tick.units === 1 ? units : units / tick.units;
    if (Number.isSafeInteger(units) && Number.isInteger(ticks)) {
      this.row[column] = ticks;
      return ok(null);
    }
    return this.#rounded(cell, column, name, tick);
  }

  #rounded(cell: DecimalCell, column: number, name: string, tick: Step): Result<null> {
    const value = cell.decimal();
    const shown = formatDecimal(value);
    const step = formatDecimal({ units: BigInt(tick.units), scale: tick.scale });
    const scale = Math.max(value.scale, tick.scale);
    const units = value.units * pow10(scale - value.scale);
    const size = BigInt(tick.units) * pow10(scale - tick.scale);
    const between = units % size !== 0n;
    if (between && this.#offTick !== 'round')
      return err(
        'off_tick',
        `${name} ${shown} is no multiple of the tick ${step}; give the right tick, or let prices be rounded to it`,
      );
    const ticks = (units + size / 2n) / size;
    if (units < 0n || ticks > BigInt(Number.MAX_SAFE_INTEGER))
      return err('corrupt', `${name} ${shown} is outside what a price can be in ticks of ${step}`);
    this.row[column] = Number(ticks);
    if (between) this.rounded += 1;
    return ok(null);
  }

  #finest(cell: DecimalCell, column: number, name: string): Result<null> {
    if (cell.long !== null || cell.scale > TICK_SCALE_MAX)
      return err(
        'off_tick',
        `${name} ${formatDecimal(cell.decimal())} has more digits than a price has, as binary numbers do when printed; give a tick and let prices be rounded to it`,
      );
    if (cell.scale > this.#scale) {
      const factor = powerOfTen(cell.scale - this.#scale);
      if (this.#largest * factor > Number.MAX_SAFE_INTEGER)
        return err(
          'off_tick',
          `${name} ${formatDecimal(cell.decimal())} is too fine for the prices before it; give a tick`,
        );
      for (const before of this.columns) before.scale(factor);
      for (let at = 0; at < this.row.length; at += 1) this.row[at] = (this.row[at] ?? 0) * factor;
      this.#rescaled(factor);
      this.#largest *= factor;
      this.#scale = cell.scale;
    }
    const units = cell.units * powerOfTen(this.#scale - cell.scale);
    if (!Number.isSafeInteger(units))
      return err(
        'off_tick',
        `${name} ${formatDecimal(cell.decimal())} is too large for prices as fine as the others; give a tick`,
      );
    this.row[column] = units;
    if (units > this.#largest) this.#largest = units;
    return ok(null);
  }

  /** Puts the row into the columns. */
  keep(): void {
    for (let index = 0; index < this.columns.length; index += 1) this.columns[index]?.push(this.row[index] ?? 0);
  }
}
