/** The first index whose value is not below `value` (`above`: is above it), of a rising list of which `length` values count. */
function lowerBound(values: Float64Array, length: number, value: number, above: boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = values[middle] ?? 0;
    if (other < value || (above && other === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Which of `values` are left when as few as can be are taken out for the rest to rise strictly (patience sorting, the longest increasing subsequence): 1 where one stays. Of equal ones the first
 * stays, or with `level` all do, as ones that rise. Null where all rise as they are.
 */
export function longestRising(values: Float64Array, level = false): Uint8Array | null {
  const { length } = values;
  let sorted = 1;
  const follows = (value: number, before: number): boolean => value > before || (level && value === before);
  while (sorted < length && follows(values[sorted] ?? 0, values[sorted - 1] ?? 0)) sorted += 1;
  if (sorted >= length) return null;
  /** Of the chains of each length the smallest last value, and where it stands. */
  const tails = new Float64Array(length);
  const tailAt = new Int32Array(length);
  const before = new Int32Array(length);
  let chains = 0;
  for (let at = 0; at < length; at += 1) {
    const value = values[at] ?? 0;
    const place =
      chains === 0 || follows(value, tails[chains - 1] ?? 0) ? chains : lowerBound(tails, chains, value, level);
    if (!level && place < chains && tails[place] === value) continue;
    tails[place] = value;
    tailAt[place] = at;
    before[at] = place === 0 ? -1 : (tailAt[place - 1] ?? -1);
    if (place === chains) chains += 1;
  }
  const kept = new Uint8Array(length);
  for (let at = tailAt[chains - 1] ?? -1; at >= 0; at = before[at] ?? -1) kept[at] = 1;
  return kept;
}

/** Where a row that is out of order stands, by what is around it. */
export function placeText(values: Float64Array, row: number, show: (value: number) => string): string {
  const [before, after] = [values[row - 1], values[row + 1]];
  if (before === undefined) return `stands ahead of ${show(after ?? 0)}`;
  return after === undefined ? `stands behind ${show(before)}` : `stands between ${show(before)} and ${show(after)}`;
}
