import type { CurveColumns } from '@monsta/trading';
import type { EquityCurve } from './outcome.ts';

/** Takes the points of a curve into columns that grow as they are needed. */
export class CurvePoints implements CurveColumns {
  timeMs: Float64Array;
  equity: Float64Array;
  exposure: Float64Array;
  length = 0;

  constructor(capacity = 0) {
    this.timeMs = new Float64Array(capacity);
    this.equity = new Float64Array(capacity);
    this.exposure = new Float64Array(capacity);
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
    const grown = (column: Float64Array): Float64Array => {
      const larger = new Float64Array(Math.max(needed, 2 * column.length + 16));
      larger.set(column);
      return larger;
    };
    this.timeMs = grown(this.timeMs);
    this.equity = grown(this.equity);
    this.exposure = grown(this.exposure);
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
