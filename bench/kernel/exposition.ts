/** A histogram as `/metrics` shows it: how many observations were at most each bound, over all labels. */
export type Buckets = ReadonlyMap<number, number>;

/** The buckets of a histogram in a Prometheus text, added up over its labels; empty where it is not in it. */
export function bucketsOf(text: string, name: string): Buckets {
  const buckets = new Map<number, number>();
  for (const [, labels = '', value = ''] of text.matchAll(new RegExp(`^${name}_bucket\\{([^}]*)\\} (\\S+)$`, 'gm'))) {
    const bound = /le="([^"]+)"/.exec(labels)?.[1];
    if (bound === undefined) continue;
    const at = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(at, (buckets.get(at) ?? 0) + Number(value));
  }
  return buckets;
}

/** The sum of all series of a counter or gauge; 0 where it is not there. */
export function sumOf(text: string, name: string): number {
  let sum = 0;
  for (const [, value = '0'] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm')))
    sum += Number(value);
  return sum;
}

/** What was observed between two readings. */
export function since(later: Buckets, earlier: Buckets): Buckets {
  return new Map([...later].map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]));
}

export const countOf = (buckets: Buckets): number => buckets.get(Number.POSITIVE_INFINITY) ?? 0;

/**
 * The quantile `q` (0–1) of what was observed, interpolated within its bucket as Prometheus's `histogram_quantile` does; beyond the last bound that bound. Null where nothing was observed.
 */
export function quantileOf(buckets: Buckets, q: number): number | null {
  const sorted = [...buckets].toSorted(([left], [right]) => left - right);
  const rank = countOf(buckets) * q;
  if (rank === 0) return null;
  let [lower, below] = [0, 0];
  for (const [bound, count] of sorted) {
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) return lower;
      return lower + ((bound - lower) * (rank - below)) / (count - below);
    }
    [lower, below] = [bound, count];
  }
  return lower;
}
