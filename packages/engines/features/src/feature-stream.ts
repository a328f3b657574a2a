import { err, intervalMs, ok, type Interval, type Result } from '@monsta/core';
import { barFault, type BarValues } from './bar-columns.ts';
import { FEATURE_COUNT, LOOKBACK_BARS, writeFeatureRow, type FeatureInputs } from './feature-set.ts';

/**
 * What a stream of bars allows to be said at its newest bar.
 * - `short`: fewer than `needed` contiguous bars; `afterGap` says that a gap, not the start, cut them off.
 * - `undefined`: enough bars, but a value has no meaning (a price that never moved, no volume).
 */
export type FeatureOutcome =
  | { readonly kind: 'row'; readonly values: Float64Array }
  | { readonly kind: 'short'; readonly contiguous: number; readonly needed: number; readonly afterGap: boolean }
  | { readonly kind: 'undefined' };

const CAPACITY = 4 * LOOKBACK_BARS;

/** Features bar by bar: the same numbers, bit for bit, as `datasetSteps` computes over the whole history. */
export class FeatureStream {
  readonly interval: Interval;
  readonly #inputs: FeatureInputs = {
    openTimeMs: new Float64Array(CAPACITY),
    high: new Float64Array(CAPACITY),
    low: new Float64Array(CAPACITY),
    close: new Float64Array(CAPACITY),
    logClose: new Float64Array(CAPACITY),
    volume: new Float64Array(CAPACITY),
  };
  /** Contiguous bars held, the newest at `#size − 1`. */
  #size = 0;
  #lastOpenTimeMs: number | null = null;
  #afterGap = false;

  constructor(interval: Interval) {
    this.interval = interval;
  }

  /** When the next bar opens if none is missing: the close of the newest; null before the first bar. */
  get nextOpenTimeMs(): number | null {
    return this.#lastOpenTimeMs === null ? null : this.#lastOpenTimeMs + intervalMs(this.interval);
  }

  /**
   * Takes the next closed bar. A jump in time starts the features anew.
   * Faults (the bar is not taken): `bar_invalid`, `bars_disordered` (not later than the newest).
   */
  push(bar: BarValues): Result<null> {
    const wrong = barFault(bar);
    if (wrong !== null) return err('bar_invalid', `the bar opened at ${bar.openTimeMs} can't be used: ${wrong}`);
    const expected = this.nextOpenTimeMs;
    if (expected !== null && bar.openTimeMs < expected)
      return err('bars_disordered', `the bar opened at ${bar.openTimeMs} is not after the newest one`);
    if (expected !== null && bar.openTimeMs > expected) {
      this.#size = 0;
      this.#afterGap = true;
    }
    if (this.#size === CAPACITY) this.#keepNewest();
    const { openTimeMs, high, low, close, logClose, volume } = this.#inputs;
    const index = this.#size;
    openTimeMs[index] = bar.openTimeMs;
    high[index] = bar.high;
    low[index] = bar.low;
    close[index] = bar.close;
    logClose[index] = Math.log(bar.close);
    volume[index] = bar.volume;
    this.#size += 1;
    this.#lastOpenTimeMs = bar.openTimeMs;
    return ok(null);
  }

  /** The features as of the newest bar. */
  current(): FeatureOutcome {
    if (this.#size < LOOKBACK_BARS)
      return { kind: 'short', contiguous: this.#size, needed: LOOKBACK_BARS, afterGap: this.#afterGap };
    const values = new Float64Array(FEATURE_COUNT);
    return writeFeatureRow(this.#inputs, this.interval, this.#size - 1, values, 0)
      ? { kind: 'row', values }
      : { kind: 'undefined' };
  }

  /** Makes room: what lies further back than the lookback is needed no more. */
  #keepNewest(): void {
    for (const column of Object.values<Float64Array>({ ...this.#inputs }))
      column.copyWithin(0, CAPACITY - LOOKBACK_BARS, CAPACITY);
    this.#size = LOOKBACK_BARS;
  }
}
