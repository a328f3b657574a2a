import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Sums of twelve uniform numbers less 6, as `reference/time-series.py` draws them. */
function noise(seed: number, count: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    let total = 0;
    for (let draw = 0; draw < 12; draw += 1) {
      state = Number((1_664_525n * BigInt(state) + 1_013_904_223n) % 4_294_967_296n);
      total += state / 4_294_967_296;
    }
    return total - 6;
  });
}

export function autoregression(seed: number, count: number, share: number): Float64Array {
  let level = 0;
  return noise(seed, count).map((each) => (level = share * level + each));
}

export const walk = (seed: number, count: number): Float64Array => autoregression(seed, count, 1);

/** Volatility that clusters: GARCH(1,1). */
export function clustered(seed: number, count: number): Float64Array {
  let [variance, value] = [1, 0];
  return noise(seed, count).map((each) => {
    variance = 0.1 + 0.2 * value * value + 0.75 * variance;
    value = Math.sqrt(variance) * each;
    return value;
  });
}

interface TestedThere {
  readonly statistic: number;
  readonly p: number;
}

export interface SeriesReference {
  readonly adf: TestedThere & {
    readonly lags: number;
    readonly lagsMax: number;
    readonly observations: number;
    readonly critical: readonly number[];
  };
  readonly kpss: TestedThere & { readonly lags: number };
  readonly acf: readonly number[];
  readonly ljungBox: readonly number[];
  readonly ljungBoxP: readonly number[];
  readonly jarqueBera: TestedThere & { readonly skew: number; readonly kurtosis: number };
  readonly robustErrors: readonly number[];
  readonly varianceRatio: Readonly<Record<string, { readonly ratio: number; readonly z: number }>>;
  readonly hill: { readonly order: number; readonly index: number; readonly standardError: number };
  readonly quantiles: readonly number[];
}

export type GappedReference = Pick<SeriesReference, 'acf' | 'robustErrors'> & {
  readonly stretches: readonly (readonly [number, number])[];
  readonly adf: Omit<SeriesReference['adf'], 'p' | 'critical'>;
  readonly kpss: Omit<SeriesReference['kpss'], 'p'>;
};

interface Reference {
  readonly walk: SeriesReference;
  readonly autoregression: SeriesReference;
  readonly clustered: SeriesReference;
  readonly gappedWalk: GappedReference;
  readonly gappedReturns: GappedReference;
  readonly chiSquared: readonly { readonly x: number; readonly degrees: number; readonly above: number }[];
}

/** What statsmodels, scipy and numpy say of the same series. */
export const REFERENCE = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../reference/time-series.json'), 'utf8'),
) as Reference;
