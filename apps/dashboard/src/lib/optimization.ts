import type { OptimizationDetail } from '@monsta/contracts';

export type OptimizationResultShown = NonNullable<OptimizationDetail['result']>;
export type StabilityMap = OptimizationResultShown['map'][number];

/** A value of a parameter as text: without the dust of a binary fraction. */
export const parameterText = (value: number | string | boolean): string =>
  String(typeof value === 'number' ? Number(value.toPrecision(6)) : value);

/** How good each cell is within its map: 0 is the worst, 1 the best; null where the value is not known, or no way is better. */
export function goodness(
  { objective }: Pick<StabilityMap, 'objective'>,
  better: 'max' | 'min' | null,
): readonly (readonly (number | null)[])[] {
  const known = objective.flat().filter((value) => value !== null);
  const low = known.reduce((least, value) => Math.min(least, value), Infinity);
  const high = known.reduce((most, value) => Math.max(most, value), -Infinity);
  const place = (value: number): number => (high > low ? (value - low) / (high - low) : 1);
  return objective.map((row) =>
    row.map((value) =>
      value === null || better === null ? null : better === 'max' || high === low ? place(value) : 1 - place(value),
    ),
  );
}

/** What trials of all windows failed with, the most frequent first. */
export function failuresOf(
  windows: OptimizationResultShown['windows'],
): readonly { readonly message: string; readonly trials: number }[] {
  const counts = new Map<string, number>();
  for (const { failures } of windows)
    for (const { message, trials } of failures) counts.set(message, (counts.get(message) ?? 0) + trials);
  return [...counts]
    .map(([message, trials]) => ({ message, trials }))
    .toSorted((one, other) => other.trials - one.trials);
}
