/** Part of a column, from an index on and before another, in which nothing is missing between neighbours. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A column in which nothing is missing. */
export const wholeOf = (values: Float64Array): readonly Stretch[] =>
  values.length === 0 ? [] : [{ from: 0, to: values.length }];

/** How many pairs of values lie `lag` apart within a stretch. */
export function pairsAt(stretches: readonly Stretch[], lag: number): number {
  let pairs = 0;
  for (const { from, to } of stretches) pairs += Math.max(0, to - from - lag);
  return pairs;
}
