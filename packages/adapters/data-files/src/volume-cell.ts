import { err, ok, pow10, VOLUME_SCALE, type Result } from '@monsta/core';
import type { CellNotes } from './cell-notes.ts';
import { cellText, type Cells } from './cells.ts';
import { DecimalCell, powerOfTen } from './decimal-cell.ts';

/** Reads volumes in units of 10^-8; finer ones, which a sum of binary numbers has, are rounded to the nearest. */
export class VolumeCell {
  readonly #cell = new DecimalCell();
  readonly #notes: CellNotes | null;

  /** `notes`: told of each that was rounded. */
  constructor(notes: CellNotes | null) {
    this.#notes = notes;
  }

  /** Faults: `corrupt`, `impossible` (below zero); `name` says of what. */
  read(cells: Cells, column: number, name: string): Result<number> {
    const cell = this.#cell;
    if (!cell.read(cells.bytes, cells.starts[column] ?? 0, cells.ends[column] ?? 0))
      return err('corrupt', `${name} '${cellText(cells, column).slice(0, 40)}' is no decimal number`);
    if (cell.units < 0 || (cell.long?.units ?? 0n) < 0n)
      return err('impossible', `${name} ${cellText(cells, column)} is below zero`);
    if (cell.long === null && cell.scale <= VOLUME_SCALE) {
      const units = cell.units * powerOfTen(VOLUME_SCALE - cell.scale);
      if (Number.isSafeInteger(units)) return ok(units);
    }
    const { units, scale } = cell.decimal();
    const size = pow10(Math.max(0, scale - VOLUME_SCALE));
    const exact = scale <= VOLUME_SCALE ? units * pow10(VOLUME_SCALE - scale) : (units + size / 2n) / size;
    const nearest = Number(exact);
    if (exact * size !== units * pow10(Math.max(0, VOLUME_SCALE - scale)) || BigInt(nearest) !== exact)
      this.#notes?.rounded.add('volume', cells.line);
    return ok(nearest);
  }
}
