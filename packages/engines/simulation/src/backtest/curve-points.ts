import type { CurveColumns } from '@monsta/trading';
import type { EquityCurve } from './outcome.ts';

const NONE = new Float64Array(0);

/**
 * Takes the points of a curve into columns that grow as they are needed. The three lie in one piece of memory: allocators give a large piece back to the system when it is let go of and have to get fresh pages for
 * the next curve, but hold on to one that they have just given out; measured on a million points, the pages of three pieces cost thirty times what writing the points does.
 */
export class CurvePoints implements CurveColumns {
  timeMs = NONE;
  equity = NONE;
  exposure = NONE;
  length = 0;

  constructor(capacity = 0) {
    this.reserve(capacity);
  }

  /** Begins anew, with room for so many points, in the same memory: what was shown of it before becomes that of another curve. */
  begin(capacity: number): void {
    this.length = 0;
    this.reserve(capacity);
  }

  add(timeMs: number, equity: number, exposure: number): void {
    const at = this.length;
    this.reserve(1);
    this.timeMs[at] = timeMs;
    this.equity[at] = equity;
    this.exposure[at] = exposure;
    this.length = at + 1;
  }

  /** Makes room for so many more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.timeMs.length) return;
    const capacity = Math.max(needed, 2 * this.timeMs.length + 16);
    const bytes = capacity * Float64Array.BYTES_PER_ELEMENT;
    const memory = new ArrayBuffer(3 * bytes);
    const grown = (column: Float64Array, place: number): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(memory, place * bytes, capacity);
      larger.set(column);
      return larger;
    };
    this.timeMs = grown(this.timeMs, 0);
    this.equity = grown(this.equity, 1);
    this.exposure = grown(this.exposure, 2);
  }

  /** Takes the points of another curve, before any of its own. */
  goOn({ timeMs, equity, exposure }: EquityCurve): void {
    for (const [index, atMs] of timeMs.entries()) this.add(atMs, equity[index] ?? 0, exposure[index] ?? 0);
  }

  /** The points so far; later ones leave them as they are. */
  columns(): EquityCurve {
    return {
      timeMs: this.timeMs.subarray(0, this.length),
      equity: this.equity.subarray(0, this.length),
      exposure: this.exposure.subarray(0, this.length),
    };
  }
}
