import { expectOk, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationSteps, type CalibrationResult } from './calibration.ts';
import type { OutOfSample, ScoringData } from './evaluation.ts';
import { sigmoid } from './logistic-objective.ts';
import { calibrate, fitPlattSteps, logit } from './platt.ts';
import { forecastQualitySteps } from './reliability.ts';
import { noiseData } from './series.test-support.ts';

/** Forecasts of which the truth is known: the price rises with `σ(slope · logit(raw) + intercept)`. */
function world(rows: number, slope: number, intercept: number, seed = 1) {
  const random = seededRandom(seed);
  const raw = Float64Array.from({ length: rows }, () => sigmoid(0.6 * random.gaussian()));
  const up = raw.map((each) => (random.next() < sigmoid(slope * logit(each) + intercept) ? 1 : 0));
  return { raw, up: Uint8Array.from(up) };
}

const forecastQuality = (...given: Parameters<typeof forecastQualitySteps>) => runSteps(forecastQualitySteps(...given));

const fit = (raw: Float64Array, up: Uint8Array, rows = raw.length) => runSteps(fitPlattSteps(raw.map(logit), up, rows));

describe('Platt’s calibration', () => {
  it.each([
    [0.4, 0.2],
    [1, 0],
    [1.8, -0.3],
  ])('finds the slope %f and the intercept %f that bent the probabilities', (slope, intercept) => {
    const { raw, up } = world(40_000, slope, intercept);
    const found = expectOk(fit(raw, up));
    // Four standard errors of so many rows.
    expect(Math.abs(found.slope - slope)).toBeLessThan(0.08);
    expect(Math.abs(found.intercept - intercept)).toBeLessThan(0.045);
  });

  it('is where the derivatives of Platt’s loss vanish, whatever the forecasts were', () => {
    const forecast = fc.tuple(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(forecast, { minLength: 30, maxLength: 200 }), (pairs) => {
        const raw = Float64Array.from(pairs, ([each]) => each);
        const up = Uint8Array.from(pairs, ([, each]) => each);
        const found = fit(raw, up);
        if (!found.ok) {
          expect(['one_class', 'fit_not_converged', 'calibration_inverted']).toContain(found.fault.code);
          return;
        }
        const risen = up.reduce((sum, each) => sum + each, 0);
        let [bySlope, byIntercept] = [0, 0];
        for (const [row, each] of raw.entries()) {
          const target = up[row] === 1 ? (risen + 1) / (risen + 2) : 1 / (raw.length - risen + 2);
          const error = calibrate(found.value, each) - target;
          bySlope += error * logit(each);
          byIntercept += error;
        }
        expect(Math.abs(bySlope)).toBeLessThan(1e-3);
        expect(Math.abs(byIntercept)).toBeLessThan(1e-3);
      }),
    );
  });

  it('never turns the order of the probabilities around, and never promises certainty', () => {
    const { raw, up } = world(2_000, 1.8, 0);
    const found = expectOk(fit(raw, up));
    const sorted = [...raw].toSorted((one, other) => one - other).map((each) => calibrate(found, each));
    expect(sorted).toEqual(sorted.toSorted((one, other) => one - other));
    const separable = expectOk(
      fit(
        Float64Array.from({ length: 40 }, (_, row) => (row < 20 ? 0.3 : 0.7)),
        Uint8Array.from({ length: 40 }, (_, row) => (row < 20 ? 0 : 1)),
      ),
    );
    // Twenty of twenty: (20 + 1) / (20 + 2).
    expect(calibrate(separable, 0.7)).toBeCloseTo(21 / 22, 6);
    expect(calibrate(separable, 0.3)).toBeCloseTo(1 / 22, 6);
  });

  it('is refused where there is nothing to compare, where forecasts are all alike, and where they point the wrong way', () => {
    const { raw, up } = world(1_000, -1, 0);
    expect(fit(raw, up)).toMatchObject({ ok: false, fault: { code: 'calibration_inverted' } });
    expect(fit(raw.fill(0.5), up)).toMatchObject({ ok: false, fault: { code: 'fit_not_converged' } });
    expect(fit(raw, new Uint8Array(1_000))).toMatchObject({ ok: false, fault: { code: 'one_class' } });
  });
});

describe('the quality of forecasts', () => {
  it('is computed by hand: two bins, one of them off by a quarter', () => {
    const said = Float64Array.of(0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75);
    const up = Uint8Array.of(0, 0, 0, 1, 1, 1, 1, 1);
    const quality = forecastQuality(said, up, 2);
    expect(quality.bins).toEqual([
      { rows: 4, predicted: 0.25, observed: 0.25 },
      { rows: 4, predicted: 0.75, observed: 1 },
    ]);
    expect(quality.calibrationError).toBeCloseTo(0.125, 12);
    expect(quality.brier).toBeCloseTo((7 * 0.25 ** 2 + 0.75 ** 2) / 8, 12);
    expect(quality.logLoss).toBeCloseTo(-(7 * Math.log(0.75) + Math.log(0.25)) / 8, 12);
  });

  it('holds every forecast in exactly one bin, whose means are those of its forecasts', () => {
    const forecast = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(
        fc.array(forecast, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 12 }),
        (pairs, bins) => {
          const said = Float64Array.from(pairs, ([each]) => each);
          const up = Uint8Array.from(pairs, ([, each]) => each);
          const quality = forecastQuality(said, up, bins);
          const sum = (of: (bin: (typeof quality.bins)[number]) => number): number =>
            quality.bins.reduce((total, bin) => total + of(bin), 0);
          expect(sum(({ rows }) => rows)).toBe(said.length);
          expect(sum(({ rows, predicted }) => rows * predicted)).toBeCloseTo(
            said.reduce((total, each) => total + each, 0),
            8,
          );
          expect(sum(({ rows, observed }) => rows * observed)).toBeCloseTo(
            up.reduce((total, each) => total + each, 0),
            8,
          );
          expect(quality.bins.map(({ predicted }) => predicted)).toEqual(
            quality.bins.map(({ predicted }) => predicted).toSorted((one, other) => one - other),
          );
          expect(quality.calibrationError).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('calibrating by the walk-forward’s forecasts', () => {
  const FIRST = 500;

  /** `folds` tests of `size` rows, the first of them after 500 rows that nobody forecast. */
  function forecasts(raw: Float64Array, up: Uint8Array, folds: number, horizonBars = 1) {
    const size = raw.length / folds;
    const base = noiseData(1, FIRST + raw.length, 1);
    const data: ScoringData = { ...base, horizonBars, up: Uint8Array.of(...base.up.subarray(0, FIRST), ...up) };
    const outOfSample: OutOfSample = {
      first: FIRST,
      probabilities: raw,
      folds: Array.from({ length: folds }, (_, fold) => {
        const from = FIRST + fold * size;
        return { train: { from: 0, to: from - 2 * horizonBars }, test: { from, to: from + size } };
      }),
    };
    return { data, outOfSample };
  }

  const run = (raw: Float64Array, up: Uint8Array, folds: number, horizonBars = 1, horizonsMin = 500) => {
    const { data, outOfSample } = forecasts(raw, up, folds, horizonBars);
    return runSteps(calibrationSteps(data, outOfSample, { horizonsMin, embargoHorizons: 1 }));
  };

  it('mends forecasts that promise too much, judged on forecasts that it was not fitted on', () => {
    const { raw, up } = world(20_000, 0.3, 0.1);
    const { calibration, rows, folds, before, after } = expectOk(run(raw, up, 10));
    // The first fold has no forecasts before it.
    expect([rows, folds, calibration.rows]).toEqual([18_000, 9, 20_000]);
    expect(after.logLoss).toBeLessThan(before.logLoss - 0.01);
    expect(after.brier).toBeLessThan(before.brier);
    expect(before.calibrationError).toBeGreaterThan(0.05);
    // Chance alone makes 0.4 / √1800 of it.
    expect(after.calibrationError).toBeLessThan(0.02);
  });

  it('does not better forecasts that are right already', () => {
    const { raw, up } = world(20_000, 1, 0);
    const { before, after } = expectOk(run(raw, up, 10));
    expect(Math.abs(after.logLoss - before.logLoss)).toBeLessThan(0.002);
  });

  it('judges a fold by nothing that was not known before it: other outcomes later, or within the embargo, change nothing', () => {
    const { raw, up } = world(4_000, 0.5, 0);
    const last = (outcomes: Uint8Array): CalibrationResult => expectOk(run(raw, outcomes, 2, 3, 500));
    const first = last(up);
    // What the calibration said of the second fold, judged with outcomes of its own, must come from the first fold's settled rows alone.
    const changed = Uint8Array.from(up, (each, row) => (row >= 2_000 - 2 * 3 + 1 ? 1 - each : each));
    const second = last(changed);
    const said = ({ after }: CalibrationResult) => after.bins.map(({ rows, predicted }) => [rows, predicted]);
    expect(said(second)).toEqual(said(first));
    const early = Uint8Array.from(up, (each, row) => (row === 2_000 - 2 * 3 ? 1 - each : each));
    expect(said(last(early))).not.toEqual(said(first));
  });

  it('is refused with the numbers where forecasts are too few: counted in horizons, since neighbours overlap', () => {
    const { raw, up } = world(4_000, 1, 0);
    expect(run(raw, up, 10, 1, 1_000).ok).toBe(true);
    expect(run(raw, up, 10, 12, 1_000)).toMatchObject({
      ok: false,
      fault: { code: 'rows_too_few', details: { rows: 4_000, needed: 12_000 } },
    });
  });
});
