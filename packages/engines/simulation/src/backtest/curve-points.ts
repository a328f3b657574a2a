import { intervalMs, type BarSeries } from '@monsta/core';
import type { CurveLine, CurvePen } from '@monsta/trading';
import type { EquityCurve } from './outcome.ts';

/** Numbers of a row: how many single points were told before it, its first bar and the one behind its last, cash and coins. */
const ROW = 5;
const ROOM_MIN = 16 * ROW;

/** One column of a curve, written as far as somebody has looked. */
class DrawnColumn {
  values = new Float64Array(0);
  length = 0;
  /** Rows and single points that are in it. */
  rows = 0;
  points = 0;

  begin(): void {
    this.length = 0;
    this.rows = 0;
    this.points = 0;
  }

  reserve(length: number): void {
    if (length <= this.values.length) return;
    const larger = new Float64Array(length);
    larger.set(this.values.subarray(0, this.length));
    this.values = larger;
  }
}

/** The beginning, and the closes of a series from a bar on, a point each: the same for each run over these bars, and written once for all. */
class CloseTimes {
  readonly openTimeMs: Float64Array;
  readonly first: number;
  readonly startMs: number;
  readonly #stepMs: number;
  readonly #values: Float64Array;
  #length = 1;

  constructor({ openTimeMs, interval, length }: BarSeries, first: number, startMs: number) {
    this.openTimeMs = openTimeMs;
    this.first = first;
    this.startMs = startMs;
    this.#stepMs = intervalMs(interval);
    this.#values = new Float64Array(length - first + 1);
    this.#values[0] = startMs;
  }

  /** That bar's close. */
  at(bar: number): number {
    return (this.openTimeMs[bar] as number) + this.#stepMs;
  }

  /** At least so many. */
  upTo(length: number): Float64Array {
    const values = this.#values;
    for (; this.#length < length; this.#length += 1) values[this.#length] = this.at(this.first + this.#length - 1);
    return values;
  }
}

/**
 * The points of a curve, one told after another. While a position stays as it is, what an account is worth follows from closes that are there anyway: of such a stretch no more is kept than where it lies, and columns are
 * written when somebody looks at them, of those that he looks at.
 */
export class CurvePoints implements CurvePen {
  /** How many points there are. */
  length = 0;
  #line: CurveLine | null = null;
  #rows = new Float64Array(0);
  #rowCount = 0;
  /** Points that were told singly. */
  #timeMs = new Float64Array(0);
  #equity = new Float64Array(0);
  #exposure = new Float64Array(0);
  #pointCount = 0;
  #lastMs = 0;
  /** Of a lone series, whose bar is the next to have a point; it is null once a point is elsewhere. */
  #bars: { readonly series: BarSeries; readonly first: number } | null = null;
  #nextBar = 0;
  #closes: CloseTimes | null = null;
  readonly #drawnTimes = new DrawnColumn();
  readonly #drawnEquity = new DrawnColumn();
  readonly #drawnExposure = new DrawnColumn();

  /** When the newest point is; null of none. */
  get lastMs(): number | null {
    return this.length === 0 ? null : this.#lastMs;
  }

  /** Begins anew in the same memory: what was shown of it before becomes that of another curve. `series`: after the beginning there are points at the closes of its bars, from `first` on. */
  begin(series: BarSeries | null = null, first = 0): void {
    this.length = 0;
    this.#bars = series === null ? null : { series, first };
    this.#nextBar = first;
    this.#line = null;
    this.#rowCount = 0;
    this.#pointCount = 0;
    for (const column of [this.#drawnTimes, this.#drawnEquity, this.#drawnExposure]) column.begin();
  }

  add(timeMs: number, equity: number, exposure: number): void {
    this.#seePoint(timeMs);
    const at = this.#pointCount;
    if (at === this.#timeMs.length) {
      this.#timeMs = roomier(this.#timeMs);
      this.#equity = roomier(this.#equity);
      this.#exposure = roomier(this.#exposure);
    }
    this.#timeMs[at] = timeMs;
    this.#equity[at] = equity;
    this.#exposure[at] = exposure;
    this.#pointCount = at + 1;
    this.length += 1;
    this.#lastMs = timeMs;
  }

  /** A point at the close of each bar from one on and before another. All stretches of a curve are of one line. */
  stretch(line: CurveLine, from: number, to: number, cash: number, coins: number): void {
    if (to <= from) return;
    this.#line = line;
    if (from === this.#nextBar && line.series === this.#bars?.series) this.#nextBar = to;
    else this.#bars = null;
    const at = this.#rowCount * ROW;
    if (at + ROW > this.#rows.length) this.#rows = roomier(this.#rows);
    this.#rows[at] = this.#pointCount;
    this.#rows[at + 1] = from;
    this.#rows[at + 2] = to;
    this.#rows[at + 3] = cash;
    this.#rows[at + 4] = coins;
    this.#rowCount += 1;
    this.length += to - from;
    this.#lastMs = (line.series.openTimeMs[to - 1] as number) + line.stepUs / 1_000;
  }

  /** Takes the points of another curve, before any of its own. */
  goOn({ timeMs, equity, exposure }: EquityCurve): void {
    for (const [index, atMs] of timeMs.entries()) this.add(atMs, equity[index] ?? 0, exposure[index] ?? 0);
  }

  /** The points so far; later ones leave them as they are. Its columns are its own, so that a copy has them all. */
  columns(): EquityCurve {
    const { length } = this;
    const [times, equity, exposure] = [
      () => this.#drawTimes().subarray(0, length),
      () => this.#drawWorth(this.#drawnEquity, this.#equity, true).subarray(0, length),
      () => this.#drawWorth(this.#drawnExposure, this.#exposure, false).subarray(0, length),
    ];
    return {
      get timeMs() {
        return times();
      },
      get equity() {
        return equity();
      },
      get exposure() {
        return exposure();
      },
    };
  }

  #seePoint(timeMs: number): void {
    const bars = this.#bars;
    if (bars === null) return;
    if (this.length === 0) {
      const { openTimeMs } = bars.series;
      const known = this.#closes;
      if (known?.openTimeMs !== openTimeMs || known.first !== bars.first || known.startMs !== timeMs)
        this.#closes = new CloseTimes(bars.series, bars.first, timeMs);
    } else if (timeMs === this.#closes?.at(this.#nextBar)) this.#nextBar += 1;
    else this.#bars = null;
  }

  #drawTimes(): Float64Array {
    if (this.#bars !== null && this.#closes !== null) return this.#closes.upTo(this.length);
    return this.#draw(this.#drawnTimes, this.#timeMs, (values, begin, { series, stepUs }, from, to) => {
      const { openTimeMs } = series;
      const stepMs = stepUs / 1_000;
      for (let at = from; at < to; at += 1) values[begin + at - from] = (openTimeMs[at] as number) + stepMs;
    });
  }

  /** What coins are worth at each close, which is exposure; with the cash beside them it is equity. */
  #drawWorth(column: DrawnColumn, points: Float64Array, withCash: boolean): Float64Array {
    return this.#draw(column, points, (values, begin, line, from, to, cash, coins) => {
      const beside = withCash ? cash : 0;
      if (coins === 0) {
        values.fill(beside, begin, begin + to - from);
        return;
      }
      const { tickUnits, tickPower } = line;
      const { close } = line.series;
      for (let at = from; at < to; at += 1)
        values[begin + at - from] = beside + coins * (((close[at] as number) * tickUnits) / tickPower);
    });
  }

  /** Writes what has come to a column since it was looked at last. */
  #draw(column: DrawnColumn, points: Float64Array, fill: Fill): Float64Array {
    if (this.#rowCount === 0) return points;
    column.reserve(this.length);
    const { values } = column;
    const line = this.#line as CurveLine;
    let { length, rows: row, points: point } = column;
    for (; row < this.#rowCount; row += 1) {
      const at = row * ROW;
      const [before, from, to] = [this.#rows[at] as number, this.#rows[at + 1] as number, this.#rows[at + 2] as number];
      for (; point < before; point += 1, length += 1) values[length] = points[point] as number;
      fill(values, length, line, from, to, this.#rows[at + 3] as number, this.#rows[at + 4] as number);
      length += to - from;
    }
    for (; point < this.#pointCount; point += 1, length += 1) values[length] = points[point] as number;
    column.length = length;
    column.rows = row;
    column.points = point;
    return values;
  }
}

/** Writes the points of a stretch from a place of a column on. */
type Fill = (
  values: Float64Array,
  begin: number,
  line: CurveLine,
  from: number,
  to: number,
  cash: number,
  coins: number,
) => void;

function roomier(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(ROOM_MIN, 2 * column.length));
  larger.set(column);
  return larger;
}
