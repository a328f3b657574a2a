import { expectOk, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isotonicCalibrationSteps } from '../calibration.ts';
import { noiseData } from '../series.test-support.ts';
import { conformalScoreSteps, conformalWidthsSteps, type ConformalOptions } from './conformal.ts';
import { calibrateIsotonic, fitIsotonic } from './isotonic.ts';
import type { Judgement } from './judgement.ts';

const judgement: Judgement = { level: 0.95, correctedLevel: 0.95, resamples: 400, seed: 1, horizonBars: 1 };

describe('isotonic calibration', () => {
  it('pools what goes the wrong way, with one rise below and one fall above all', () => {
    // By hand: {rise + 0, 0} → ⅓, {1, 0} pooled → ½, {1, fall} is below: pooled with them.
    const found = expectOk(
      fitIsotonic(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), Uint8Array.of(0, 0, 0, 1, 1, 1), 6),
    );
    expect(found.calibrated[0]).toBeCloseTo(1 / 4, 12);
    expect(found.calibrated.at(-1)).toBeCloseTo(3 / 4, 12);
    expect(calibrateIsotonic(found, 0.35)).toBeCloseTo(0.5, 12);
    expect(calibrateIsotonic(found, 0)).toBeCloseTo(1 / 4, 12);
    expect(calibrateIsotonic(found, 1)).toBeCloseTo(3 / 4, 12);
  });

  it('rises, never promises certainty, and has the smallest squared error of all that rise', () => {
    const forecast = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(forecast, { minLength: 4, maxLength: 40 }), fc.integer(), (pairs, seed) => {
        const raw = Float64Array.from(pairs, ([each]) => each / 20);
        const up = Uint8Array.from(pairs, ([, each]) => each);
        const found = fitIsotonic(raw, up, raw.length);
        if (!found.ok) {
          expect(['one_class', 'calibration_inverted']).toContain(found.fault.code);
          return;
        }
        const { calibrated } = found.value;
        expect([...calibrated]).toEqual([...calibrated].toSorted((one, other) => one - other));
        expect(Math.min(...calibrated)).toBeGreaterThan(0);
        expect(Math.max(...calibrated)).toBeLessThan(1);
        // Against other rising functions of the same points, the two pseudo-forecasts included.
        const [least, most] = [Math.min(...raw), Math.max(...raw)];
        const error = (of: (probability: number) => number): number =>
          raw.reduce((sum, each, row) => sum + (of(each) - (up[row] ?? 0)) ** 2, 0) +
          (of(least) - 1) ** 2 +
          of(most) ** 2;
        const best = error((probability) => calibrateIsotonic(found.value, probability));
        const random = seededRandom(seed);
        for (let trial = 0; trial < 10; trial += 1) {
          const [slope, intercept, step] = [random.next(), random.next() - 0.5, random.next()];
          const other = (probability: number): number =>
            intercept + slope * probability + (probability > step ? 0.3 : 0);
          expect(best).toBeLessThanOrEqual(error(other) + 1e-9);
        }
      }),
    );
  });

  it('finds a curve that Platt’s cannot, and is judged by forecasts it was not fitted on', () => {
    const rows = 12_000;
    const base = noiseData(4, rows, 1);
    const random = seededRandom(9);
    const raw = Float64Array.from({ length: rows }, () => random.next());
    // Certain steps: ⅓ below 0.7, 0.9 above.
    const truth = (probability: number): number => (probability < 0.7 ? 1 / 3 : 0.9);
    const up = Uint8Array.from(raw, (each) => (random.next() < truth(each) ? 1 : 0));
    const folds = Array.from({ length: 6 }, (_, fold) => ({
      train: { from: 0, to: 1 },
      test: { from: fold * 2_000, to: (fold + 1) * 2_000 },
    }));
    const found = expectOk(
      runSteps(isotonicCalibrationSteps({ ...base, up }, { first: 0, probabilities: raw, folds })),
    );
    expect(found.folds).toBe(5);
    expect(found.probabilities.findIndex((each) => !Number.isNaN(each))).toBe(2_000);
    expect(calibrateIsotonic(found.calibration, 0.4)).toBeCloseTo(1 / 3, 1);
    expect(calibrateIsotonic(found.calibration, 0.85)).toBeCloseTo(0.9, 1);
    // What is left at best: 0.7 · ⅓ · ⅔ + 0.3 · 0.9 · 0.1.
    expect(found.before.brier).toBeGreaterThan(0.21);
    expect(found.after.brier).toBeLessThan(0.1826 + 0.004);
    expect(found.after.calibrationError).toBeLessThan(0.03);
  });

  it('is refused where there is nothing to compare or to tell apart', () => {
    const raw = Float64Array.of(0.1, 0.2, 0.3, 0.4);
    expect(fitIsotonic(raw, new Uint8Array(4), 4)).toMatchObject({ ok: false, fault: { code: 'one_class' } });
    expect(fitIsotonic(raw, Uint8Array.of(1, 1, 0, 0), 4)).toMatchObject({
      ok: false,
      fault: { code: 'calibration_inverted' },
    });
  });
});

describe('conformal intervals', () => {
  const options: ConformalOptions = { coverage: 0.9, windowHorizons: null, horizonsMin: 50 };

  /** Returns over `horizonBars` bars that nothing foretells; the size of moves changes half way where asked for. */
  function market(seed: number, rows: number, horizonBars: number, growth = 1) {
    const random = seededRandom(seed);
    const free = Float64Array.from(
      { length: rows + horizonBars },
      (_, bar) => (bar > rows / 2 ? growth : 1) * random.gaussian(),
    );
    const came = Float64Array.from({ length: rows }, (_, row) =>
      free.subarray(row, row + horizonBars).reduce((sum, each) => sum + each, 0),
    );
    const barIndex = Int32Array.from({ length: rows }, (_, row) => row);
    return { expected: new Float64Array(rows), came, barIndex, horizonBars };
  }

  it('hold the share of returns that is wanted, also of returns that overlap', () => {
    let [inside, rows] = [0, 0];
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = market(seed, 1_200, 4);
      const found = runSteps(conformalScoreSteps(world, options, { ...judgement, horizonBars: 4, resamples: 200 }));
      inside += (found?.coverage.value ?? 0) * (found?.rows ?? 0);
      rows += found?.rows ?? 0;
    }
    expect(inside / rows).toBeGreaterThan(0.89);
    expect(inside / rows).toBeLessThan(0.91);
  });

  it('know only errors that were settled when the forecast was made', () => {
    const world = market(1, 400, 5);
    const widths = runSteps(conformalWidthsSteps(world, options));
    const row = 300;
    // Whatever comes from bar 300 on, the interval made there is the same.
    const other = { ...world, came: world.came.map((each, at) => (at + 5 > row ? 1e9 : each)) };
    expect(runSteps(conformalWidthsSteps(other, options)).subarray(0, row + 1)).toEqual(widths.subarray(0, row + 1));
    expect(widths.findIndex((each) => !Number.isNaN(each))).toBe(50 * 5 + 4);
    const settled = Float64Array.from(world.came.subarray(0, row - 4), Math.abs).sort();
    expect(widths[row]).toBe(settled[Math.ceil((settled.length + 1) * 0.9) - 1]);
  });

  it('that roll follow moves that grow, and those of all errors do not', () => {
    const world = market(3, 4_000, 1, 3);
    const score = (windowHorizons: number | null) =>
      runSteps(conformalScoreSteps(world, { ...options, windowHorizons }, judgement));
    const [split, rolling] = [score(null), score(200)];
    expect(split?.coverage.high).toBeLessThan(0.87);
    expect(rolling?.coverage.value).toBeGreaterThan(0.87);
    expect(rolling?.latestHalfWidth).toBeGreaterThan(2 * (split?.latestHalfWidth ?? 0) * 0.5);
  });

  it('are not made of too few errors', () => {
    expect(runSteps(conformalScoreSteps(market(1, 40, 1), options, judgement))).toBeNull();
  });
});
