import { err, ok, type Result } from '@monsta/core';
import { checkBarColumns, type BarColumns } from './bar-columns.ts';
import { featureMatrixSteps, type OtherBars } from './feature-matrix.ts';
import type { FeatureSet } from './feature-set.ts';
import { labelColumns, type LabelColumn } from './labels.ts';
import { barsUpTo, FUTURES, otherBarsBeside, otherBarsUpTo, type Future } from './leak-futures.ts';
import { sampledBars } from './leak-samples.ts';
import { CORE_SET } from './shipped-sets.ts';
import { isColumnFeature } from './user-feature.ts';
import { sliceBarColumns, userValuesSteps } from './user-values.ts';

export interface LeakGateOptions {
  /** Default: `CORE_SET`; somebody's own features belong to it. */
  readonly set?: FeatureSet;
  /** Bars of the other instruments that the set names. */
  readonly others?: OtherBars;
  /** Horizons whose labels (`labelColumns`) are looked at. */
  readonly horizons?: readonly number[];
  /** Labels of one's own, looked at beside those. */
  readonly labels?: readonly LabelColumn[];
  /** How many times are looked at; edges and gaps are among them. Default 48. */
  readonly samples?: number;
  readonly seed?: number;
}

/** Of a function of whole columns: with the bars that it says it is made of, and no others, as a stream gives them. */
const OWN_BARS = 'its own bars alone';

/** A feature or a label whose value changes with what comes after it, or with what a stream does not give it. */
export interface Leak {
  readonly kind: 'feature' | 'label';
  readonly name: string;
  /** The bar whose value it is. */
  readonly barIndex: number;
  readonly openTimeMs: number;
  /** What was done to the bars that it may not depend on. */
  readonly future: Future | typeof OWN_BARS;
  /** With what really came; null: missing. */
  readonly value: number | null;
  /** Without it, or with the replacement; null: missing. */
  readonly otherwise: number | null;
}

export interface LeakReport {
  /** One of each feature and label that leaks, the first that was found; none: nothing leaks at the times that were looked at. */
  readonly leaks: readonly Leak[];
  readonly features: readonly string[];
  readonly labels: readonly string[];
  readonly barsChecked: number;
  /** Values that were reckoned anew and compared. */
  readonly comparisons: number;
}

/** Times that are looked at with the whole history around them; the others with so many warm-ups of it. */
const WHOLE_SAMPLES = 2;
const NEAR_BARS_MIN = 600;
const NEAR_WARM_UPS = 3;
/** Relative difference that another order of additions may make. */
const ROUNDING = 1e-9;

/**
 * Looks for values that know what comes later: at times sampled over the history (edges and the surroundings of gaps among them) every feature is reckoned anew with all bars after its own cut
 * off, and with them replaced by what could not be (NaN, huge prices, another plausible market, other times); every label the same way with the bars after its horizon. All must be equal to
 * the last bit. A feature that looks at what comes after is found where it matters at one of the times; that is no proof for other times.
 * Somebody's functions of whole columns are also reckoned from their own bars alone, which is all that a stream gives them.
 * In steps; a limit of time is the caller's, who may stop between them.
 * Faults: those of `checkBarColumns` and `featureMatrixSteps`; `history_too_short` (fewer bars than the set's warm-up and the longest horizon).
 */
export function* leakGateSteps(
  columns: BarColumns,
  options: LeakGateOptions = {},
): Generator<void, Result<LeakReport>> {
  const { set = CORE_SET, others = new Map(), horizons = [1], labels = [], samples = 48, seed = 1 } = options;
  const checked = checkBarColumns(columns);
  if (!checked.ok) return checked;
  const allLabels = [...horizons.flatMap(labelColumns), ...labels];
  const horizonMax = Math.max(0, ...allLabels.map(({ horizonBars }) => horizonBars));
  const needed = set.warmUpBars + horizonMax + 1;
  if (columns.length < needed)
    return err('history_too_short', `the leak gate needs ${needed} bars, and there are ${columns.length}`);
  const found: Found = { leaks: new Map(), comparisons: 0 };
  const reach = Math.max(NEAR_BARS_MIN, NEAR_WARM_UPS * set.warmUpBars) + horizonMax;
  const bars = sampledBars(columns, set.warmUpBars, samples, seed);
  for (const [index, bar] of bars.entries()) {
    const whole = index % Math.ceil(bars.length / WHOLE_SAMPLES) === 0;
    const from = whole ? 0 : Math.max(0, bar - reach);
    const near = sliceBarColumns(columns, from, whole ? columns.length : Math.min(columns.length, bar + reach + 1));
    const place = { columns: near, bar: bar - from, from, seed };
    const features = yield* featureLeaks(place, set, otherBarsBeside(others, near), found);
    if (!features.ok) return features;
    for (const label of allLabels) {
      labelLeaks(place, label, found);
      yield;
    }
  }
  return ok({
    leaks: [...found.leaks.values()],
    features: set.names,
    labels: allLabels.map(({ name }) => name),
    barsChecked: bars.length,
    comparisons: found.comparisons,
  });
}

interface Found {
  readonly leaks: Map<string, Leak>;
  comparisons: number;
}

/** A piece of the history, and the bar in it that is looked at. */
interface Place {
  readonly columns: BarColumns;
  readonly bar: number;
  /** Where the piece begins in the whole. */
  readonly from: number;
  readonly seed: number;
}

function* featureLeaks(place: Place, set: FeatureSet, others: OtherBars, found: Found): Generator<void, Result<null>> {
  const { columns, bar, seed } = place;
  const rowOf = function* (bars: BarColumns, beside: OtherBars): Generator<void, Result<Float64Array>> {
    const matrix = yield* featureMatrixSteps(bars, set, beside);
    return matrix.ok ? ok(matrix.value.values.slice(bar * matrix.value.width, (bar + 1) * matrix.value.width)) : matrix;
  };
  const real = yield* rowOf(columns, others);
  if (!real.ok) return real;
  const time = columns.openTimeMs[bar] as number;
  for (const future of FUTURES) {
    const row = yield* rowOf(barsUpTo(columns, bar, future, seed), otherBarsUpTo(others, time, future, seed));
    // What throws on such a future has looked at it.
    if (!row.ok && row.fault.code !== 'feature_failed') return row;
    for (const [column, name] of set.names.entries()) {
      if (row.ok) compare(found, 'feature', name, place, future, real.value[column], row.value[column]);
      else if (row.fault.details?.['feature'] === name)
        compare(found, 'feature', name, place, future, real.value[column], undefined);
    }
  }
  return yield* memoryLeaks(place, set, real.value, found);
}

/** Somebody's functions of whole columns that are made of more bars than they say: served, they would give other numbers than they were trained on. */
function* memoryLeaks(place: Place, set: FeatureSet, real: Float64Array, found: Found): Generator<void, Result<null>> {
  const { columns, bar } = place;
  for (const feature of set.user) {
    const value = real[set.names.indexOf(feature.name)];
    // Missing: also where there are too few bars.
    if (!isColumnFeature(feature) || value === undefined || Number.isNaN(value)) continue;
    const own = sliceBarColumns(columns, bar - feature.bars + 1, bar + 1);
    const alone = yield* userValuesSteps([feature], own);
    if (!alone.ok) return alone;
    const otherwise = alone.value.get(feature.name)?.at(-1) ?? Number.NaN;
    // Sums may have been added up in another order.
    const near = Math.abs(otherwise - value) <= ROUNDING * Math.max(Math.abs(value), Math.abs(otherwise));
    compare(found, 'feature', feature.name, place, OWN_BARS, value, near ? value : otherwise);
  }
  return ok(null);
}

function labelLeaks(place: Place, label: LabelColumn, found: Found): void {
  const { columns, bar, seed } = place;
  const last = bar + label.horizonBars;
  if (last >= columns.length) return;
  const real = label.values(columns)[bar];
  for (const future of FUTURES) {
    const value = label.values(barsUpTo(columns, last, future, seed))[bar];
    compare(found, 'label', label.name, place, future, real, value);
  }
}

/** Equal to the last bit; missing in both is equal. `undefined`: there is no value at all. */
function compare(
  found: Found,
  kind: Leak['kind'],
  name: string,
  { columns, bar, from }: Place,
  future: Leak['future'],
  value: number | undefined,
  otherwise: number | undefined,
): void {
  found.comparisons += 1;
  if (Object.is(value, otherwise) || found.leaks.has(`${kind} ${name}`)) return;
  const known = (each: number | undefined): number | null => (each === undefined || Number.isNaN(each) ? null : each);
  found.leaks.set(`${kind} ${name}`, {
    kind,
    name,
    barIndex: from + bar,
    openTimeMs: columns.openTimeMs[bar] as number,
    future,
    value: known(value),
    otherwise: known(otherwise),
  });
}

/** A leak in words: which, when, and both values. */
export function describeLeak({ kind, name, openTimeMs, future, value, otherwise }: Leak): string {
  const at = `at the bar of ${new Date(openTimeMs).toISOString()} it is ${value ?? 'missing'}, but ${otherwise ?? 'missing'}`;
  if (future === OWN_BARS) return `the ${kind} ${name} is made of more bars than it says: ${at} of ${OWN_BARS}`;
  return future === 'the same again'
    ? `the ${kind} ${name} is not repeatable: ${at} when it is reckoned again from the same bars`
    : `the ${kind} ${name} looks ahead: ${at} when what comes later is ${future}`;
}
