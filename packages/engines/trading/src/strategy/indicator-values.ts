import type { Interval } from '@monsta/core';
import { columnOf, valuesOver, type BarFrame, type FrameValues, type Indicator } from '@monsta/features/indicators';
import type { BarWindow } from '../bar-window.ts';
import type { Indicators } from './vocabulary.ts';

const NONE = new Float64Array(0);

/** One figure over one window: computed when it is looked at, and once for each bar. */
class IndicatorCell {
  readonly indicator: Indicator;
  readonly window: BarWindow;
  /** Its numbers over the frame, of the window's stretch with that number alone; NaN where one is not reckoned yet. */
  column: Float64Array = NONE;
  stretch = -1;
  #frame: BarFrame | null = null;
  #inFrame: FrameValues<unknown> | null = null;
  #computedAt = -1;
  #value: unknown;

  constructor(indicator: Indicator, window: BarWindow) {
    this.indicator = indicator;
    this.window = window;
  }

  /** As of the newest bar. */
  look(): unknown {
    const { window, indicator } = this;
    if (window.version === this.#computedAt) return this.#value;
    this.#computedAt = window.version;
    const { over, length } = indicator;
    const { frame } = window;
    if (over === undefined || frame === null || window.size < length)
      this.#value = indicator.compute(window.bars.slice(-length));
    else {
      if (this.#inFrame === null || frame !== this.#frame) {
        this.#frame = frame;
        this.#inFrame = valuesOver(over, frame);
      }
      this.#value = this.#inFrame(window.index);
      const column = columnOf(this.#inFrame);
      if (column !== null) {
        this.column = column;
        this.stretch = window.stretch;
      }
    }
    return this.#value;
  }
}

type Reader = (this: IndicatorSet) => unknown;

/** What reads the figure at a place, and a number there. One for all sets, so that sets of the same names are of one shape for the machine. */
const readers: Reader[] = [];
const numberReaders: Reader[] = [];

class IndicatorSet {
  readonly [name: string]: unknown;
  readonly #cells: readonly (IndicatorCell | null)[];

  constructor(names: readonly string[], cells: readonly (IndicatorCell | null)[]) {
    this.#cells = cells;
    for (const [place, name] of names.entries()) {
      const isNumber = cells[place]?.indicator.isNumber === true;
      const get = isNumber ? IndicatorSet.#numberAt(place) : IndicatorSet.#valueAt(place);
      Object.defineProperty(this, name, { enumerable: true, get });
    }
  }

  static #valueAt(place: number): Reader {
    return (readers[place] ??= function readValue(this: IndicatorSet): unknown {
      return this.#cells[place]?.look();
    });
  }

  /** Looked at several times at each close, it does all by itself. Either way it comes to what is known to be a number: of what might be something else the machine makes an object each time. */
  static #numberAt(place: number): Reader {
    return (numberReaders[place] ??= function readNumber(this: IndicatorSet): number {
      const cell = this.#cells[place] as IndicatorCell;
      const { window } = cell;
      const known = cell.stretch === window.stretch ? (cell.column[window.index] as number) : Number.NaN;
      return Number.isNaN(known) ? Number(cell.look()) : known;
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
