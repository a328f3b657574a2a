import { expectOk, ok, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SCORING_OPTIONS, type OutOfSample } from '../evaluation.ts';
import type { Executor, ReturnExecutor } from '../executor.ts';
import { decodeRidgeModel } from '../ridge-codec.ts';
import { ridgeRegression } from '../ridge-regression.ts';
import { MODELLESS, noiseData } from '../series.test-support.ts';
import { baselineProbabilities, directionScoreSteps } from './direction-score.ts';
import { evaluateDirectionSteps, type EvaluationData, type EvaluationOptions } from './evaluate-direction.ts';
import { evaluateReturnSteps } from './evaluate-return.ts';
import type { Judgement } from './judgement.ts';
import { returnScoreSteps } from './return-score.ts';
import { judgedNet } from './signals.ts';

const judgement: Judgement = { level: 0.95, correctedLevel: 0.99, resamples: 400, seed: 1, horizonBars: 1 };

const options: EvaluationOptions = {
  scoring: { ...DEFAULT_SCORING_OPTIONS, folds: 5, resamples: 400 },
  correctedLevel: 0.975,
  costs: { feeShare: 0.0005, slippageShare: 0 },
  calibrationHorizonsMin: 500,
  learningCurve: true,
};

/** A market of one-bar moves of ±1 %, of which the first feature tells the next one's direction with probability `known`. */
function toldMarket(seed: number, rows: number, known: number): EvaluationData {
  const random = seededRandom(seed);
  const base = noiseData(seed, rows, 2);
  const close = new Float64Array(rows + 1).fill(100);
  const features = base.features.slice();
  for (let row = 0; row < rows; row += 1) {
    const rose = base.up[row] === 1;
    close[row + 1] = (close[row] ?? 100) * (rose ? 1.01 : 1 / 1.01);
    features[2 * row] = random.next() < known === rose ? 1 : -1;
  }
  const logReturn = Float64Array.from({ length: rows }, (_, row) =>
    Math.log((close[row + 1] ?? 1) / (close[row] ?? 1)),
  );
  const lastSign = Int8Array.from({ length: rows }, (_, row) => (row === 0 ? 0 : base.up[row - 1] === 1 ? 1 : -1));
  return { ...base, features, lastSign, close, logReturn };
}

/** Says 0.7 where the first feature is above zero and 0.3 elsewhere. */
const teller: Executor<null> = {
  name: 'teller',
  ...MODELLESS,
  *fitSteps(_data, _range, progress) {
    progress?.(0.5);
    yield;
    progress?.(1);
    return ok(null);
  },
  probabilityUp: (_model, features, offset) => ((features[offset] ?? 0) > 0 ? 0.7 : 0.3),
};

describe('the scores of directions', () => {
  it('are what their definitions say, row by row', () => {
    const data = {
      ...noiseData(1, 6, 1),
      up: Uint8Array.of(1, 0, /* tested: */ 1, 1, 0, 0),
      lastSign: Int8Array.of(0, 0, 1, -1, -1, 1),
    };
    const outOfSample: OutOfSample = {
      first: 2,
      probabilities: Float64Array.of(0.8, 0.4, 0.3, 0.6),
      folds: [{ train: { from: 0, to: 2 }, test: { from: 2, to: 6 } }],
    };
    const score = runSteps(directionScoreSteps(data, outOfSample, 1, judgement));
    expect(score.accuracy.value).toBe(0.5);
    expect(score.balancedAccuracy?.value).toBe(0.5);
    // Rises 0.8 and 0.4, falls 0.3 and 0.6: three pairs of four in order.
    expect(score.auc?.value).toBe(0.75);
    expect(score.logLoss.value).toBeCloseTo(-Math.log(0.8 * 0.4 * 0.7 * 0.4) / 4, 12);
    expect(score.brier.value).toBeCloseTo((0.04 + 0.36 + 0.09 + 0.36) / 4, 12);
    expect(score.confusion).toEqual({ upUp: 1, upDown: 1, downUp: 1, downDown: 1 });
    // A tie of the training counts as up, and as one half where a probability is asked for.
    expect(score.baselines.majority.accuracy).toBe(0.5);
    expect(score.baselines.majority.logLoss).toBeCloseTo(Math.LN2, 12);
    expect(score.baselines.lastSign.accuracy).toBe(0.5);
    expect(score.skill.coin.value).toBe(0);
    expect(score.logLossSkill.coin.value).toBeCloseTo(Math.LN2 - score.logLoss.value, 12);
    expect(score.skill.best.corrected.level).toBe(0.99);
  });

  it('hold baselines that say what came after rises and falls of the training, and of nothing else', () => {
    const data = { up: Uint8Array.of(1, 1, 0, 1, 0, 0), lastSign: Int8Array.of(1, 1, 1, -1, 0, -1) };
    const said = baselineProbabilities(data, { train: { from: 0, to: 5 } });
    expect(said.majority).toBeCloseTo(4 / 7, 12);
    expect(said.lastSign(1)).toBeCloseTo(3 / 5, 12);
    expect(said.lastSign(-1)).toBeCloseTo(2 / 3, 12);
    expect(said.lastSign(0)).toBe(said.majority);
  });

  it('count what is told as skill, calibrate it, and trade it', () => {
    const data = toldMarket(2, 6_000, 0.7);
    const shares: number[] = [];
    const found = expectOk(runSteps(evaluateDirectionSteps(teller, data, options, (share) => shares.push(share))));
    expect(Math.abs(found.score.accuracy.value - 0.7)).toBeLessThan(0.03);
    expect(found.score.skill.best.corrected.low).toBeGreaterThan(0.1);
    expect(found.score.calibrationError.low).toBeLessThan(0.02);
    expect(found.platt.found?.calibration.slope).toBeCloseTo(1, 0);
    expect(found.isotonic.found?.calibration.calibrated.at(-1)).toBeCloseTo(0.7, 1);
    // ±1 % called right in 7 of 10 cases earns 40 basis points a bar, less what turning around costs.
    const longShort = found.net?.longShort;
    expect(longShort?.grossPerBar.low).toBeGreaterThan(0.003);
    expect(longShort?.netPerBar.value).toBeCloseTo(
      (longShort?.grossPerBar.value ?? 0) - (0.0005 * 2 * (longShort?.roundTrips ?? 0)) / (longShort?.bars ?? 1),
      12,
    );
    expect(found.hasVote).toBe(true);
    expect(found.learningCurve.map(({ share }) => share)).toEqual([0.125, 0.25, 0.5, 1]);
    expect(found.folds).toHaveLength(5);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  });

  it('give no vote to skill that does not pay: costs take it', () => {
    const data = toldMarket(2, 6_000, 0.6);
    const dear = { ...options, costs: { feeShare: 0.02, slippageShare: 0 } };
    const found = expectOk(runSteps(evaluateDirectionSteps(teller, data, dear)));
    expect(found.score.skill.best.corrected.low).toBeGreaterThan(0);
    // Nothing said is worth four per cent: nothing is traded, and so nothing is proven.
    expect(found.net?.longShort.roundTrips).toBe(0);
    expect(judgedNet(found.net)).toBeNull();
    expect(found.hasVote).toBe(false);
  });

  it('say why nothing was calibrated', () => {
    const found = expectOk(runSteps(evaluateDirectionSteps(teller, toldMarket(3, 1_500, 0.3), options)));
    // Higher forecasts were followed by fewer rises.
    expect(found.platt.absence?.code).toBe('calibration_inverted');
    expect(found.isotonic.absence?.code).toBe('calibration_inverted');
    const many = { ...options, calibrationHorizonsMin: 5_000 };
    const few = expectOk(runSteps(evaluateDirectionSteps(teller, toldMarket(3, 1_500, 0.7), many)));
    expect(few.platt.absence?.code).toBe('rows_too_few');
    expect(found.net).toBeNull();
    expect(found.hasVote).toBe(false);
  });
});

describe('the scores of returns', () => {
  it('are what their definitions say, row by row', () => {
    const logReturn = Float64Array.of(0.02, 0, /* tested: */ 0.01, -0.03);
    const lastReturn = Float64Array.of(0, 0, 0.02, 0.01);
    const score = runSteps(
      returnScoreSteps(
        logReturn,
        lastReturn,
        {
          first: 2,
          expected: Float64Array.of(0.02, -0.01),
          folds: [{ train: { from: 0, to: 2 }, test: { from: 2, to: 4 } }],
        },
        1,
        judgement,
      ),
    );
    expect(score.mae.value).toBeCloseTo(0.015, 12);
    expect(score.rmse.value).toBeCloseTo(Math.sqrt((1e-4 + 4e-4) / 2), 12);
    expect(score.r2.value).toBeCloseTo(1 - 5 / 10, 12);
    expect(score.baselines.zero.mae).toBeCloseTo(0.02, 12);
    expect(score.baselines.zero.rmse).toBeCloseTo(Math.sqrt(5e-4), 12);
    // The training rows' mean is 0.01.
    expect(score.baselines.mean.mae).toBeCloseTo(0.02, 12);
    expect(score.baselines.last.mae).toBeCloseTo((0.01 + 0.04) / 2, 12);
    expect(score.maeSkill.best.value).toBeCloseTo(0.005, 12);
  });

  it('find what a linear model can know of a return, and not more', () => {
    const rows = 4_000;
    const base = noiseData(5, rows, 3);
    const random = seededRandom(6);
    // A tenth of the variance is in the first feature.
    const logReturn = Float64Array.from(
      { length: rows },
      (_, row) => 0.001 * ((base.features[3 * row] ?? 0) + 3 * random.gaussian()),
    );
    const close = new Float64Array(rows + 1).fill(100);
    for (let row = 0; row < rows; row += 1) close[row + 1] = (close[row] ?? 1) * Math.exp(logReturn[row] ?? 0);
    const data: EvaluationData = {
      ...base,
      up: Uint8Array.from(logReturn, (each) => (each > 0 ? 1 : 0)),
      logReturn,
      close,
    };
    const found = expectOk(
      runSteps(evaluateReturnSteps(ridgeRegression(), data, { ...options, costs: { feeShare: 0, slippageShare: 0 } })),
    );
    expect(found.score.r2.value).toBeGreaterThan(0.07);
    expect(found.score.r2.value).toBeLessThan(0.13);
    expect(found.score.skill.best.corrected.low).toBeGreaterThan(0);
    expect(found.isSkilled).toBe(true);
    expect(Math.abs((found.conformal.split?.coverage.value ?? 0) - 0.9)).toBeLessThan(0.02);
  });
});

describe('the linear model of returns', () => {
  const executor: ReturnExecutor<unknown> = ridgeRegression({ l2: 1e-9, rowsMin: 10 });

  it('solves the least squares, and is read back bit for bit', () => {
    const base = noiseData(7, 500, 2);
    const logReturn = Float64Array.from(
      { length: 500 },
      (_, row) => 0.01 + 0.5 * (base.features[2 * row] ?? 0) - 0.25 * (base.features[2 * row + 1] ?? 0),
    );
    const model = expectOk(runSteps(executor.fitSteps({ ...base, logReturn }, { from: 0, to: 500 })));
    const back = expectOk(executor.decode(JSON.parse(JSON.stringify(executor.encode(model)))));
    for (let row = 0; row < 500; row += 50) {
      const said = executor.expectedReturn(model, base.features, 2 * row);
      expect(said).toBeCloseTo(logReturn[row] ?? 0, 9);
      expect(executor.expectedReturn(back, base.features, 2 * row)).toBe(said);
    }
  });

  it('sees no row outside its range', () => {
    const base = noiseData(8, 400, 2);
    const logReturn = base.features.filter((_, index) => index % 2 === 0);
    const spoilt = { ...base, features: base.features.slice(), logReturn: logReturn.slice() };
    spoilt.features.fill(Number.NaN, 0, 200).fill(1e300, 600);
    spoilt.logReturn.fill(Number.NaN, 0, 100).fill(1e300, 300);
    const range = { from: 100, to: 300 };
    const [one, other] = [{ ...base, logReturn }, spoilt].map((data) =>
      executor.encode(expectOk(runSteps(executor.fitSteps(data, range)))),
    );
    expect(one).toEqual(other);
  });

  it('refuses too few rows, returns without a value, and what is no stored model', () => {
    const base = noiseData(9, 50, 1);
    const fit = (logReturn: Float64Array, to: number) =>
      runSteps(executor.fitSteps({ ...base, logReturn }, { from: 0, to }));
    expect(fit(new Float64Array(50), 5)).toMatchObject({ ok: false, fault: { code: 'rows_too_few' } });
    expect(fit(new Float64Array(50).fill(Number.NaN), 50)).toMatchObject({
      ok: false,
      fault: { code: 'value_not_finite' },
    });
    expect(decodeRidgeModel({ format: 'other' })).toMatchObject({ ok: false, fault: { code: 'model_malformed' } });
    expect(decodeRidgeModel({ format: 'monsta.ridge-regression', version: 2 })).toMatchObject({
      ok: false,
      fault: { code: 'model_version_unknown' },
    });
  });
});
