import type { DataDescription } from '@monsta/contracts';
import {
  autocorrelationOf,
  ljungBox,
  robustPortmanteau,
  varianceRatioOf,
  type Autocorrelation,
} from '../statistics/autocorrelation.ts';
import { kpss } from '../statistics/kpss.ts';
import type { Stretch } from '../statistics/stretches.ts';
import { augmentedDickeyFuller } from '../statistics/unit-root.ts';
import type { BarReturns } from './bar-returns.ts';
import type { Unknowns } from './unknowns.ts';

type Stationarity = DataDescription['stationarity']['returns'];
type Correlation = DataDescription['autocorrelation']['returns'];

/** Fewest values that are tested for a unit root. */
const LEVELS_MIN = 50;
const SIGNIFICANT = 0.05;
/** How many returns are added up for each variance ratio. */
const RATIO_BARS = [2, 4, 8, 16, 32] as const;
/** A lag must have so many times as many returns. */
const RETURNS_A_LAG = 4;

function verdictOf({ adf, kpss: level }: Omit<Stationarity, 'verdict'>): Stationarity['verdict'] {
  if (adf === null || level === null) return null;
  const [noRoot, notLevel] = [adf.p < SIGNIFICANT, level.p < SIGNIFICANT];
  if (noRoot) return notLevel ? 'both_rejected' : 'stationary';
  return notLevel ? 'unit_root' : 'neither_rejected';
}

function stationarityOf(
  name: string,
  levels: Float64Array,
  stretches: readonly Stretch[],
  flat: boolean,
  unknowns: Unknowns,
): Stationarity {
  const figure = `stationarity.${name}`;
  const nothing = { adf: null, kpss: null, verdict: null };
  if (levels.length < LEVELS_MIN) {
    unknowns.tooFew(figure, LEVELS_MIN, levels.length);
    return nothing;
  }
  if (flat) {
    unknowns.because(figure, 'constant');
    return nothing;
  }
  const found = augmentedDickeyFuller(levels, stretches);
  const level = kpss(levels, stretches);
  if (found === null) unknowns.because(`${figure}.adf`, 'not_solvable');
  if (level === null) unknowns.because(`${figure}.kpss`, 'not_solvable');
  const adf = found === null ? null : { ...found, critical: [...found.critical] };
  const tests = { adf, kpss: level === null ? null : { ...level, critical: [...level.critical] } };
  return { ...tests, verdict: verdictOf(tests) };
}

/** Tests of log price and returns. `flat`: all returns are the same. */
export function stationarityPart(
  { logCloses, closeStretches, values, stretches }: BarReturns,
  flat: boolean,
  unknowns: Unknowns,
): DataDescription['stationarity'] {
  return {
    logPrice: stationarityOf('logPrice', logCloses, closeStretches, flat, unknowns),
    returns: stationarityOf('returns', values, stretches, flat, unknowns),
  };
}

const told = (found: Autocorrelation, lags: number): Correlation => ({
  values: [...found.values.subarray(0, lags)],
  robustErrors: [...found.robustErrors.subarray(0, lags)],
  ljungBox: [...ljungBox(found)].slice(0, lags),
  robust: [...robustPortmanteau(found)].slice(0, lags),
});

/** Autocorrelations at lags 1 … `lagsMax`, fewer of a short series, and variance ratios. */
export function autocorrelationPart(
  { values, stretches }: BarReturns,
  lagsMax: number,
  flat: boolean,
  unknowns: Unknowns,
): Pick<DataDescription, 'autocorrelation' | 'varianceRatios'> {
  const count = values.length;
  const most = Math.floor(count / RETURNS_A_LAG);
  const lags = Math.min(lagsMax, most);
  const band = count === 0 ? null : 1.96 / Math.sqrt(count);
  if (lags < 1 || flat) {
    if (flat && lags >= 1) unknowns.because('autocorrelation', 'constant');
    else unknowns.tooFew('autocorrelation', RETURNS_A_LAG, count);
    return { autocorrelation: { band, returns: null, absolute: null, squared: null }, varianceRatios: [] };
  }
  if (lags < lagsMax) unknowns.tooFew(`autocorrelation.lags`, lagsMax * RETURNS_A_LAG, count);
  const found = autocorrelationOf(values, stretches, Math.min(most, Math.max(lags, RATIO_BARS[4] - 1)));
  const correlation = (name: string, of: (value: number) => number): Correlation => {
    const each = autocorrelationOf(values.map(of), stretches, lags);
    return each === null ? unknowns.because(`autocorrelation.${name}`, 'constant') : told(each, lags);
  };
  const ratios = found === null ? [] : RATIO_BARS.flatMap((bars) => varianceRatioOf(found, bars) ?? []);
  if (ratios.length < RATIO_BARS.length) unknowns.tooFew('varianceRatios', RATIO_BARS[4] * RETURNS_A_LAG, count);
  return {
    autocorrelation: {
      band,
      returns: found === null ? unknowns.because('autocorrelation.returns', 'constant') : told(found, lags),
      absolute: correlation('absolute', Math.abs),
      squared: correlation('squared', (value) => value * value),
    },
    varianceRatios: ratios,
  };
}
