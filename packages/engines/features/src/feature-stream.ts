import { err, intervalMs, ok, type Interval, type Result } from '@monsta/core';
import { barFault, type BarValues } from './bar-columns.ts';
import { FeatureGraph } from './feature-graph.ts';
import { FeatureRun } from './feature-run.ts';
import type { FeatureSet } from './feature-set.ts';
import { enoughKnown, type MissingPolicy } from './missing.ts';
import { CORE_SET } from './shipped-sets.ts';
import { UserStream } from './user-values.ts';

/**
 * What a stream of bars allows to be said at its newest bar.
 * - `short`: fewer than `needed` contiguous bars; `afterGap` says that a gap, not the start, cut them off.
 * - `undefined`: enough bars, but a value has no meaning (a price that never moved, no volume); where missing values are kept: most of them.
 */
export type FeatureOutcome =
  | { readonly kind: 'row'; readonly values: Float64Array }
  | { readonly kind: 'short'; readonly contiguous: number; readonly needed: number; readonly afterGap: boolean }
  | { readonly kind: 'undefined' };

export interface FeatureStreamOptions {
  /** Default: `CORE_SET`. */
  readonly set?: FeatureSet;
  /** Default: `drop`. */
  readonly missing?: MissingPolicy;
}

const BARS_AT_ONCE = 1_024;
const NO_OTHERS: ReadonlyMap<string, BarValues> = new Map();
const NO_CLOSES: ReadonlyMap<string, number> = new Map();

/** The closes of the bars that opened at that time. */
function closesAt(others: ReadonlyMap<string, BarValues>, openTimeMs: number): ReadonlyMap<string, number> {
  const closes = new Map<string, number>();
  for (const [instrument, other] of others) if (other.openTimeMs === openTimeMs) closes.set(instrument, other.close);
  return closes;
}

/** Features bar by bar, in O(1) each: the same numbers, bit for bit, as `featureMatrixSteps` reckons over the whole history, from wherever the stream began. */
export class FeatureStream {
  readonly interval: Interval;
  readonly set: FeatureSet;
  readonly #missing: MissingPolicy;
  readonly #run: FeatureRun;
  readonly #user: UserStream;
  #contiguous = 0;
  #lastOpenTimeMs: number | null = null;
  #afterGap = false;

  constructor(interval: Interval, { set = CORE_SET, missing = 'drop' }: FeatureStreamOptions = {}) {
    this.interval = interval;
    this.set = set;
    this.#missing = missing;
    const graph = new FeatureGraph(intervalMs(interval));
    const outputs = set.features.map((feature) => feature.build(graph));
    this.#run = new FeatureRun(graph, outputs, BARS_AT_ONCE);
    this.#user = new UserStream(set.user, { interval });
  }

  /** When the next bar opens if none is missing: the close of the newest; null before the first bar. */
  get nextOpenTimeMs(): number | null {
    return this.#lastOpenTimeMs === null ? null : this.#lastOpenTimeMs + intervalMs(this.interval);
  }

  /**
   * Takes the next closed bar, and those of the other instruments that the set names (of another time: not known). A jump in time starts the features anew.
   * Faults: `bar_invalid`, `bars_disordered` (not later than the newest): the bar is not taken; `feature_failed`: somebody's own threw, and the features start anew.
   */
  push(bar: BarValues, others: ReadonlyMap<string, BarValues> = NO_OTHERS): Result<null> {
    const wrong = barFault(bar);
    if (wrong !== null) return err('bar_invalid', `the bar opened at ${bar.openTimeMs} can't be used: ${wrong}`);
    const expected = this.nextOpenTimeMs;
    if (expected !== null && bar.openTimeMs < expected)
      return err('bars_disordered', `the bar opened at ${bar.openTimeMs} is not after the newest one`);
    if (expected !== null && bar.openTimeMs > expected) {
      this.#restart();
      this.#afterGap = true;
    }
    const own = this.#user.push(bar);
    if (!own.ok) {
      this.#restart();
      return own;
    }
    this.#run.pushBar(bar, others.size === 0 ? NO_CLOSES : closesAt(others, bar.openTimeMs), own.value);
    this.#contiguous += 1;
    this.#lastOpenTimeMs = bar.openTimeMs;
    return ok(null);
  }

  /** The features as of the newest bar. */
  current(): FeatureOutcome {
    const { warmUpBars, features } = this.set;
    const short = this.#contiguous < warmUpBars;
    const outcome: FeatureOutcome = short
      ? { kind: 'short', contiguous: this.#contiguous, needed: warmUpBars, afterGap: this.#afterGap }
      : { kind: 'undefined' };
    if (this.#contiguous === 0 || (short && this.#missing === 'drop')) return outcome;
    const { outputs, newest } = this.#run;
    const values = new Float64Array(features.length);
    let known = 0;
    for (let column = 0; column < values.length; column += 1) {
      const value = outputs[column]?.values[newest] ?? Number.NaN;
      const finite = Number.isFinite(value);
      values[column] = finite ? value : Number.NaN;
      if (finite) known += 1;
    }
    return enoughKnown(known, values.length, this.#missing) ? { kind: 'row', values } : outcome;
  }

  #restart(): void {
    this.#run.reset();
    this.#user.reset();
    this.#contiguous = 0;
  }
}
