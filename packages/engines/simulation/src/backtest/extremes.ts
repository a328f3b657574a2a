/**
 * The indices of at most `points` (at least 10) points of columns of equal length, rising, so that a picture of them loses nothing that is seen: the first and the last, and of each
 * stretch between where each column is lowest and highest. All indices where there are no more.
 */
export function extremeIndices(columns: readonly Float64Array[], points: number): readonly number[] {
  const length = columns[0]?.length ?? 0;
  if (length <= points) return Array.from({ length }, (_, index) => index);
  const stretches = Math.max(1, Math.floor((points - 2) / (2 * columns.length)));
  const kept = new Set<number>([0]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const column of columns) {
      let [lowest, highest] = [from, from];
      for (let index = from + 1; index < to; index += 1) {
        const value = column[index] ?? 0;
        if (value < (column[lowest] ?? 0)) lowest = index;
        if (value > (column[highest] ?? 0)) highest = index;
      }
      kept.add(lowest).add(highest);
    }
  }
  kept.add(length - 1);
  return [...kept].toSorted((one, other) => one - other);
}
