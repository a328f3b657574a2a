import { err, intervalMs, ok, type Result } from '@monsta/core';
import type { BarColumns } from './bar-columns.ts';
import { FeatureGraph } from './feature-graph.ts';
import { FeatureRun } from './feature-run.ts';
import type { FeatureSet } from './feature-set.ts';
import { userValuesSteps } from './user-values.ts';

/** The features of each bar. */
export interface FeatureMatrix {
  readonly names: readonly string[];
  readonly rows: number;
  readonly width: number;
  /** Row-major, `rows × width`; NaN where a value is missing: too few contiguous bars, or no meaning (a price that never moved, no volume, flow that is not known). */
  readonly values: Float64Array;
}

/** Bars of other instruments that the set names, of the same interval. */
export type OtherBars = ReadonlyMap<string, BarColumns>;

const BARS_AT_ONCE = 1_024;

/**
 * The features of every bar, in steps of some milliseconds. The columns are taken to be sound (`checkBarColumns`).
 * Faults: `other_missing` (an instrument that the set names), `interval_mismatch` (its bars are of another length), `feature_failed` (somebody's own).
 */
export function* featureMatrixSteps(
  columns: BarColumns,
  set: FeatureSet,
  others: OtherBars = new Map(),
): Generator<void, Result<FeatureMatrix>> {
  const companions = othersAt(columns, set, others);
  if (!companions.ok) return companions;
  const external = yield* userValuesSteps(set.user, columns);
  if (!external.ok) return external;
  const { openTimeMs, length, interval } = columns;
  const stepMs = intervalMs(interval);
  const width = set.features.length;
  const values = new Float64Array(length * width);
  const graph = new FeatureGraph(stepMs);
  const run = new FeatureRun(
    graph,
    set.features.map((feature) => feature.build(graph)),
    BARS_AT_ONCE,
  );
  const beside = { others: companions.value, external: external.value };
  for (let start = 0; start < length;) {
    let end = start + 1;
    while (end < length && (openTimeMs[end] as number) === (openTimeMs[end - 1] as number) + stepMs) end += 1;
    run.reset();
    for (let from = start; from < end;) {
      const to = run.append(columns, from, end, beside);
      const first = run.newest - (to - from) + 1;
      for (const [column, output] of run.outputs.entries())
        writeColumn(output.values, first, to - from, values, from * width + column, width);
      from = to;
      yield;
    }
    start = end;
  }
  return ok({ names: set.names, rows: length, width, values });
}

/** What is not finite is missing. */
function writeColumn(
  from: Float64Array,
  first: number,
  count: number,
  into: Float64Array,
  offset: number,
  width: number,
): void {
  for (let row = 0, at = offset; row < count; row += 1, at += width) {
    const value = from[first + row] as number;
    into[at] = Number.isFinite(value) ? value : Number.NaN;
  }
}

/** The closes of the other instruments at the bars' times. */
function othersAt(columns: BarColumns, set: FeatureSet, others: OtherBars): Result<ReadonlyMap<string, Float64Array>> {
  const found = new Map<string, Float64Array>();
  for (const instrument of set.others) {
    const other = others.get(instrument);
    if (other === undefined)
      return err('other_missing', `the feature set ${set.id} needs bars of ${instrument} beside the instrument's own`);
    if (other.interval !== columns.interval)
      return err(
        'interval_mismatch',
        `the bars of ${instrument} are ${other.interval} bars; the instrument's own are ${columns.interval} bars`,
      );
    const closes = new Float64Array(columns.length).fill(Number.NaN);
    let at = 0;
    for (let index = 0; index < columns.length; index += 1) {
      const time = columns.openTimeMs[index] as number;
      while (at < other.length && (other.openTimeMs[at] as number) < time) at += 1;
      if (at < other.length && other.openTimeMs[at] === time) closes[index] = other.close[at] as number;
    }
    found.set(instrument, closes);
  }
  return ok(found);
}
