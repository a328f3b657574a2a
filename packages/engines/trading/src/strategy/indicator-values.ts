import type { Interval } from '@monsta/core';
import { columnOf, valuesOver, type BarFrame, type FrameValues, type Indicator } from '@monsta/features';
import type { BarWindow } from '../bar-window.ts';
import type { Indicators } from './vocabulary.ts';

/** One figure over one window: computed when it is looked at, and once for each bar. */
class IndicatorCell {
  readonly indicator: Indicator;
  readonly window: BarWindow;
  readonly length: number;
  frame: BarFrame | null = null;
  /** Its numbers over the frame, NaN where one is not reckoned yet; null where it has none. */
  column: Float64Array | null = null;
  #inFrame: FrameValues<unknown> | null = null;
  #computedAt = -1;
  #value: unknown;

  constructor(indicator: Indicator, window: BarWindow) {
    this.indicator = indicator;
    this.window = window;
    this.length = indicator.length;
  }

  /** As of the newest bar. */
  look(): unknown {
    const { window, length } = this;
    if (window.version === this.#computedAt) return this.#value;
    this.#computedAt = window.version;
    const { over } = this.indicator;
    const { frame } = window;
    if (over === undefined || frame === null || window.size < length)
      this.#value = this.indicator.compute(window.bars.slice(-length));
    else {
      if (this.#inFrame === null || frame !== this.frame) {
        this.frame = frame;
        this.#inFrame = valuesOver(over, frame);
      }
      this.#value = this.#inFrame(window.index);
      this.column = columnOf(this.#inFrame);
    }
    return this.#value;
  }
}

/** What reads the figure at a place. One for all sets, so that sets of the same names are of one shape for the machine. */
const readers: ((this: IndicatorSet) => unknown)[] = [];

class IndicatorSet {
  readonly [name: string]: unknown;
  readonly #cells: readonly (IndicatorCell | null)[];

  constructor(names: readonly string[], cells: readonly (IndicatorCell | null)[]) {
    this.#cells = cells;
    for (const [place, name] of names.entries())
      Object.defineProperty(this, name, { enumerable: true, get: IndicatorSet.#readerOf(place) });
  }

  /** Looked at several times at each close, it does all by itself. */
  static #readerOf(place: number): (this: IndicatorSet) => unknown {
    return (readers[place] ??= function read(this: IndicatorSet): unknown {
      const cell = this.#cells[place];
      if (cell === null || cell === undefined) return undefined;
      const { column, window } = cell;
      if (column !== null && window.frame === cell.frame && window.size >= cell.length) {
        const known = column[window.index] as number;
        if (!Number.isNaN(known)) return known;
      }
      return cell.look();
    });
  }
}

/** The indicators' values by name, as of the newest bars of their windows. Only what is looked at is computed, and once for each bar. */
export function indicatorValues(
  indicators: Indicators,
  windowOf: (interval: Interval | null) => BarWindow | undefined,
): Readonly<Record<string, unknown>> {
  const cells = Object.values(indicators).map((indicator) => {
    const window = windowOf(indicator.interval);
    return window === undefined ? null : new IndicatorCell(indicator, window);
  });
  return new IndicatorSet(Object.keys(indicators), cells);
}
