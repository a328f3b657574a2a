/** Plain forms of the kernels that bin columns; only tests use them. */

/** An entry of a sketch's summary; all four are 32-bit floats. */
export interface PlainEntry {
  readonly rankMin: number;
  readonly rankMax: number;
  readonly weight: number;
  readonly value: number;
}

const f = Math.fround;

/** −0 before 0; equal ones in the order they came in. */
const byValue = (a: number, b: number): number =>
  a - b || (Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : Object.is(b, -0) ? 1 : 0);

/** Indexes of the values in ascending order. */
export const plainOrder = (values: Float32Array): readonly number[] =>
  Array.from(values, (_, index) => index).toSorted((a, b) => byValue(values[a] ?? 0, values[b] ?? 0) || a - b);

/** Each value that occurs, and the weight of all below it, the whole at the end. `weights` are in the order of `sorted`; their sums are those of 64-bit floats from the least value on. */
export function plainDistinct(
  sorted: Float32Array,
  weights: readonly number[],
): { readonly distinct: readonly number[]; readonly before: readonly number[] } {
  const distinct: number[] = [];
  const before: number[] = [];
  let sum = 0;
  sorted.forEach((value, index) => {
    if (index === 0 || value !== sorted[index - 1]) {
      distinct.push(value);
      before.push(sum);
    }
    sum += weights[index] ?? 0;
  });
  return { distinct, before: [...before, sum] };
}

/** The bin of each value: how many of the cuts are not above it. */
export const plainBins = (values: Float32Array, cuts: readonly number[], missing: number): readonly number[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? missing : cuts.filter((cut) => cut <= value).length));

/** Where the run that begins at `from` and holds at most `runs` runs of equal neighbours ends. */
export function plainQueueEnd(values: Float32Array, from: number, runs: number): number {
  let end = from;
  for (let run = 0; run < runs && end < values.length; run += 1) {
    const value = values[end];
    while (end < values.length && values[end] === value) end += 1;
  }
  return end;
}

/** The summary that tells all of what is sorted: of each value how much lies below it, and below and at it. */
export function plainSummary(sorted: Float32Array, weights: readonly number[]): readonly PlainEntry[] {
  const entries: PlainEntry[] = [];
  let below = 0;
  for (const value of new Set(sorted)) {
    let weight = 0;
    sorted.forEach((each, index) => {
      if (each === value) weight = f(weight + f(weights[index] ?? 0));
    });
    entries.push({ rankMin: below, rankMax: f(below + weight), weight, value });
    below = f(below + weight);
  }
  return entries;
}

/** Least rank that what follows an entry can have, and greatest that what comes before it can have. */
const next = ({ rankMin, weight }: PlainEntry): number => f(rankMin + weight);
const previous = ({ rankMax, weight }: PlainEntry): number => f(rankMax - weight);

/** Of a summary the ends and, for each share of the range, the entry whose middle rank is nearest: at most `size`. */
export function plainPrune(entries: readonly PlainEntry[], size: number): readonly PlainEntry[] {
  if (entries.length <= size) return entries;
  const begin = entries[0]?.rankMax ?? 0;
  const range = f((entries.at(-1)?.rankMin ?? 0) - begin);
  const kept = new Set([0]);
  for (let share = 1; share < size - 1; share += 1) {
    const wanted = f(2 * f(f(f(share * range) / (size - 1)) + begin));
    // The first entry after the least one whose successor lies beyond what is wanted.
    const beyond = entries.findIndex((entry, index) => index > 1 && wanted < f(entry.rankMax + entry.rankMin));
    if (beyond < 0) break;
    const [lower, upper] = [entries[beyond - 1], entries[beyond]] as [PlainEntry, PlainEntry];
    kept.add(wanted < f(next(lower) + previous(upper)) ? beyond - 1 : beyond);
  }
  kept.add(entries.length - 1);
  return [...kept].map((index) => entries[index] as PlainEntry);
}

/** What two summaries stand for together: ranks of a value are its ranks in both, from its neighbours where one of them doesn't have it. */
export function plainCombine(a: readonly PlainEntry[], b: readonly PlainEntry[]): readonly PlainEntry[] {
  if (a.length === 0 || b.length === 0) return [...a, ...b];
  const values = [...new Set([...a, ...b].map(({ value }) => value))].toSorted((x, y) => x - y);
  const within = (entries: readonly PlainEntry[], value: number): PlainEntry => {
    const own = entries.find((entry) => entry.value === value);
    if (own !== undefined) return own;
    const lower = entries.findLast((entry) => entry.value < value);
    const upper = entries.find((entry) => entry.value > value);
    const rankMin = lower === undefined ? 0 : next(lower);
    const rankMax = upper === undefined ? (entries.at(-1)?.rankMax ?? 0) : previous(upper);
    return { rankMin, rankMax, weight: 0, value };
  };
  let rankMin = 0;
  let rankMax = 0;
  return values.map((value) => {
    const [ofA, ofB] = [within(a, value), within(b, value)];
    const weight = f(ofA.weight + ofB.weight);
    // Rounding may put ranks out of order: they never fall.
    rankMin = Math.max(rankMin, f(ofA.rankMin + ofB.rankMin));
    rankMax = Math.max(rankMax, f(ofA.rankMax + ofB.rankMax), f(rankMin + weight));
    return { rankMin, rankMax, weight, value };
  });
}

/** The greatest value of each bin. */
export const plainMaxima = (values: Float32Array, bins: readonly number[], count: number): readonly number[] =>
  Array.from({ length: count }, (_, bin) =>
    values.reduce(
      (most, value, row) => (bins[row] === bin && value > most ? value : most),
      -3.402_823_466_385_288_6e38,
    ),
  );
