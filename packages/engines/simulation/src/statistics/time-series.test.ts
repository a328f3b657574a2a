import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autocorrelationOf, ljungBox, robustPortmanteau, varianceRatioOf } from './autocorrelation.ts';
import { chiSquaredAbove } from './chi-squared.ts';
import { kpss } from './kpss.ts';
import { momentsOf } from './moments.ts';
import { quantileOf } from './returns.ts';
import { wholeOf, type Stretch } from './stretches.ts';
import { hillEstimate, tailRisk } from './tails.ts';
import { autoregression, clustered, REFERENCE, walk } from './time-series.test-support.ts';
import { augmentedDickeyFuller } from './unit-root.ts';

/** Right to so many decimals of what is compared, whatever its size. */
function expectNear(found: number | undefined, wanted: number, relative = 1e-9): void {
  expect(Math.abs((found ?? Number.NaN) - wanted)).toBeLessThanOrEqual(relative * Math.max(1e-3, Math.abs(wanted)));
}

const SERIES = [
  ['a random walk', walk(1, 500), REFERENCE.walk],
  ['an autoregression', autoregression(2, 800, 0.5), REFERENCE.autoregression],
  ['clustered returns', clustered(3, 1_000), REFERENCE.clustered],
] as const;

const GAPPED = [
  ['a random walk with gaps', walk(4, 700), REFERENCE.gappedWalk],
  ['clustered returns with gaps', clustered(5, 600), REFERENCE.gappedReturns],
] as const;

const stretchesOf = (pairs: readonly (readonly [number, number])[]): readonly Stretch[] =>
  pairs.map(([from, to]) => ({ from, to }));

describe('χ²', () => {
  it('has the upper tail that scipy has', () => {
    for (const { x, degrees, above } of REFERENCE.chiSquared)
      expect(Math.abs(chiSquaredAbove(x, degrees) - above)).toBeLessThan(1e-13 + 1e-9 * above);
  });

  it('of two degrees falls as e^(−x ÷ 2)', () => {
    for (const x of [0, 0.3, 2, 9, 40]) expectNear(chiSquaredAbove(x, 2), Math.exp(-x / 2), 1e-12);
  });

  it('knows nothing of no degrees', () => {
    expect(chiSquaredAbove(1, 0)).toBeNaN();
    expect(chiSquaredAbove(Number.NaN, 3)).toBeNaN();
    expect(chiSquaredAbove(-1, 3)).toBe(1);
  });
});

describe.each(SERIES)('of %s', (_, series, reference) => {
  it('the unit root test is that of statsmodels', () => {
    const found = augmentedDickeyFuller(series, wholeOf(series));
    expect(found).toMatchObject({
      lags: reference.adf.lags,
      lagsMax: reference.adf.lagsMax,
      observations: reference.adf.observations,
    });
    expectNear(found?.statistic, reference.adf.statistic, 1e-8);
    expectNear(found?.p, reference.adf.p, 1e-6);
    expect(found?.critical.map(({ level }) => level)).toEqual([0.01, 0.05, 0.1]);
    for (const [index, value] of reference.adf.critical.entries()) expectNear(found?.critical[index]?.value, value);
  });

  it('KPSS is that of statsmodels', () => {
    const found = kpss(series, wholeOf(series));
    expect(found?.lags).toBe(reference.kpss.lags);
    expectNear(found?.statistic, reference.kpss.statistic);
    expectNear(found?.p, reference.kpss.p);
  });

  it('autocorrelations and Ljung–Box are those of statsmodels', () => {
    const found = autocorrelationOf(series, wholeOf(series), 24);
    if (found === null) throw new Error('there is one');
    const box = ljungBox(found);
    for (let lag = 0; lag < 24; lag += 1) {
      expectNear(found.values[lag], reference.acf[lag] ?? Number.NaN);
      expectNear(found.robustErrors[lag], reference.robustErrors[lag] ?? Number.NaN);
      expectNear(box[lag]?.statistic, reference.ljungBox[lag] ?? Number.NaN);
      expect(Math.abs((box[lag]?.p ?? 2) - (reference.ljungBoxP[lag] ?? 3))).toBeLessThan(1e-9);
    }
  });

  it('moments, quantiles and the Hill index are those of numpy and statsmodels', () => {
    const { skew, kurtosis } = momentsOf(series);
    expectNear(skew ?? undefined, reference.jarqueBera.skew);
    expectNear(kurtosis ?? undefined, reference.jarqueBera.kurtosis);
    const sorted = series.slice().sort();
    for (const [index, share] of [0.01, 0.05, 0.5, 0.95, 0.99].entries())
      expectNear(quantileOf(sorted, share) ?? undefined, reference.quantiles[index] ?? Number.NaN);
    const losses = series
      .filter((value) => value < 0)
      .map((value) => -value)
      .sort();
    const found = hillEstimate(losses, reference.hill.order);
    expectNear(found?.index, reference.hill.index);
    expectNear(found?.standardError, reference.hill.standardError);
  });
});

describe('variance ratios', () => {
  it.each(SERIES.slice(1))(
    'of %s are near those of overlapping sums, of which they are the limit',
    (_, series, reference) => {
      const found = autocorrelationOf(series, wholeOf(series), 15);
      if (found === null) throw new Error('there is one');
      for (const [q, wanted] of Object.entries(reference.varianceRatio)) {
        const ratio = varianceRatioOf(found, Number(q));
        expect(Math.abs((ratio?.ratio ?? 0) - wanted.ratio)).toBeLessThan(
          ((3 * Number(q)) / series.length) * wanted.ratio,
        );
        expect(Math.abs((ratio?.z ?? 0) - wanted.z)).toBeLessThan(0.1 + 0.05 * Math.abs(wanted.z));
      }
    },
  );

  it('by hand: +1, −1, +1, −1 undoes itself', () => {
    const found = autocorrelationOf(Float64Array.of(1, -1, 1, -1), [{ from: 0, to: 4 }], 1);
    // ρ₁ = −3 ÷ 4, so 1 + 2 × ½ × ρ₁ = ¼.
    expect(found && varianceRatioOf(found, 2)?.ratio).toBeCloseTo(0.25, 12);
    expect(found && varianceRatioOf(found, 4)).toBeNull();
  });
});

describe.each(GAPPED)('of %s', (_, series, reference) => {
  const stretches = stretchesOf(reference.stretches);

  it('only rows within a stretch take part in the unit root test, as least squares over them says', () => {
    const found = augmentedDickeyFuller(series, stretches);
    const { lags, lagsMax, observations, statistic } = reference.adf;
    expect(found).toMatchObject({ lags, lagsMax, observations });
    expectNear(found?.statistic, statistic, 1e-8);
  });

  it('products of KPSS and autocorrelations stay within a stretch', () => {
    expectNear(kpss(series, stretches)?.statistic, reference.kpss.statistic);
    const found = autocorrelationOf(series, stretches, 24);
    for (let lag = 0; lag < 24; lag += 1) {
      expectNear(found?.values[lag], reference.acf[lag] ?? Number.NaN);
      expectNear(found?.robustErrors[lag], reference.robustErrors[lag] ?? Number.NaN);
    }
  });
});

describe('what has no answer', () => {
  const flat = new Float64Array(200).fill(3);
  const line = Float64Array.from({ length: 200 }, (_, index) => index);

  it('a constant and a straight line', () => {
    expect(augmentedDickeyFuller(flat, wholeOf(flat))).toBeNull();
    expect(augmentedDickeyFuller(line, wholeOf(line))).toBeNull();
    expect(kpss(flat, wholeOf(flat))).toBeNull();
    expect(autocorrelationOf(flat, wholeOf(flat), 3)).toBeNull();
  });

  it('too few values', () => {
    const few = Float64Array.of(1, 2, 4);
    expect(augmentedDickeyFuller(few, wholeOf(few))).toBeNull();
    expect(kpss(few, wholeOf(few))).toBeNull();
    expect(autocorrelationOf(Float64Array.of(1), wholeOf(Float64Array.of(1)), 3)).toBeNull();
    expect(hillEstimate(few, 3)).toBeNull();
    expect(tailRisk(new Float64Array(), 0.95, 0, 1)).toBeNull();
  });

  it('values that all stand alone between gaps', () => {
    const values = walk(9, 300);
    const alone = Array.from(values, (_, index) => ({ from: index, to: index + 1 }));
    expect(augmentedDickeyFuller(values, alone)).toBeNull();
    expect(autocorrelationOf(values, alone, 2)?.values).toEqual(new Float64Array(2));
    const found = autocorrelationOf(values, alone, 2);
    expect(found && ljungBox(found)).toEqual([]);
    expect(found && robustPortmanteau(found)).toEqual([]);
  });
});

describe('the tests', () => {
  const scaled = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }),
    factor: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  });

  it('do not depend on the unit of what is tested', () => {
    fc.assert(
      fc.property(scaled, ({ seed, factor }) => {
        const series = autoregression(seed, 150, 0.8);
        const other = series.map((value) => value * factor + 7 * factor);
        const whole = wholeOf(series);
        expectNear(
          augmentedDickeyFuller(other, whole)?.statistic,
          augmentedDickeyFuller(series, whole)?.statistic ?? 0,
          1e-6,
        );
        expectNear(kpss(other, whole)?.statistic, kpss(series, whole)?.statistic ?? 0, 1e-6);
        const [one, two] = [autocorrelationOf(series, whole, 5), autocorrelationOf(other, whole, 5)];
        for (let lag = 0; lag < 5; lag += 1) expectNear(two?.values[lag], one?.values[lag] ?? 0, 1e-6);
      }),
      { numRuns: 30 },
    );
  });

  it('of losses by hand: the fifth of ten, and the mean beyond it', () => {
    const sorted = Float64Array.of(-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10);
    const risk = tailRisk(sorted, 0.9, 0, 1);
    expect(risk?.valueAtRisk).toBeCloseTo(8, 12);
    expect(risk?.expectedShortfall).toBeCloseTo(9, 12);
    expect(risk?.normalValueAtRisk).toBeCloseTo(1.2815515655446004, 12);
  });

  it('the index of a Pareto tail is found', () => {
    // Quantiles of a Pareto distribution with index 3.
    const sizes = Float64Array.from({ length: 10_000 }, (_, index) => (1 - (index + 0.5) / 10_000) ** (-1 / 3)).sort();
    const found = hillEstimate(sizes, 500);
    expect(found?.index).toBeGreaterThan(2.95);
    expect(found?.index).toBeLessThan(3.05);
    expect(found?.standardError).toBeCloseTo((found?.index ?? 0) / Math.sqrt(500), 12);
  });
});
