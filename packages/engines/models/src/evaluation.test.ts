import { expectOk, ok, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import {
  baselineHits,
  bootstrapBlock,
  DEFAULT_SCORING_OPTIONS,
  walkForwardSteps,
  type ScoringData,
  type ScoringOptions,
  type WalkForwardScore,
} from './evaluation.ts';
import type { Executor } from './executor.ts';
import { logisticRegression } from './logistic-regression.ts';
import { binomialUpperBound, datasetFromReturns, MODELLESS, noiseData } from './series.test-support.ts';

const score = (data: ScoringData, options: Partial<ScoringOptions> = {}): WalkForwardScore =>
  expectOk(runSteps(walkForwardSteps(logisticRegression(), data, { ...DEFAULT_SCORING_OPTIONS, ...options })));

/** Says the probability that stands in the first feature. */
const oracle: Executor<null> = {
  name: 'oracle',
  ...MODELLESS,
  *fitSteps() {
    yield;
    return ok(null);
  },
  probabilityUp: (_model, features, offset) => features[offset] ?? Number.NaN,
};

describe('the baselines', () => {
  it('say the training’s commoner direction, and the last move’s direction again', () => {
    const data = {
      up: Uint8Array.of(1, 1, 0, /* tested: */ 1, 0, 0, 1),
      lastSign: Int8Array.of(0, 0, 0, /* tested: */ 1, -1, 1, 0),
    };
    const hits = baselineHits(data, { train: { from: 0, to: 3 }, test: { from: 3, to: 7 } });
    expect([...hits.majority]).toEqual([1, 0, 0, 1]);
    // The last row's last move was none: what majority says stands in.
    expect([...hits.lastSign]).toEqual([1, 1, 0, 1]);
  });

  it('take the majority of the training fold, not of the test', () => {
    const data = { up: Uint8Array.of(0, 0, 1, 1, 1, 1), lastSign: new Int8Array(6) };
    expect([...baselineHits(data, { train: { from: 0, to: 3 }, test: { from: 3, to: 6 } }).majority]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('the walk-forward score', () => {
  it('counts accuracy, log loss and Brier of the probabilities said', () => {
    const base = noiseData(1, 1_000, 1);
    // Says 0.8 for what happens in three cases of four, 0.2 in the fourth.
    const features = Float64Array.from(base.up, (up, row) =>
      row % 4 === 3 ? (up === 1 ? 0.2 : 0.8) : up === 1 ? 0.8 : 0.2,
    );
    const options = { ...DEFAULT_SCORING_OPTIONS, folds: 4, trainRowsMin: 199, trainShareMin: 0 };
    const result = expectOk(runSteps(walkForwardSteps(oracle, { ...base, features }, options)));
    expect(result.rows).toBe(800);
    expect(result.folds).toBe(4);
    expect(result.accuracy.value).toBeCloseTo(0.75, 12);
    expect(result.logLoss).toBeCloseTo(-0.75 * Math.log(0.8) - 0.25 * Math.log(0.2), 12);
    expect(result.brier).toBeCloseTo(0.75 * 0.04 + 0.25 * 0.64, 12);
    const { majority, lastSign } = result.baselines;
    expect(result.skill.value).toBeCloseTo(0.75 - Math.max(majority, lastSign), 12);
    expect(result.hasVote).toBe(true);
  });

  it('keeps the loss finite when certainty was wrong', () => {
    const base = noiseData(2, 1_200, 1);
    const result = expectOk(
      runSteps(walkForwardSteps(oracle, { ...base, features: Float64Array.from(base.up, (up) => 1 - up) })),
    );
    expect(result.accuracy.value).toBe(0);
    expect(result.logLoss).toBeCloseTo(-Math.log(1e-15), 9);
    expect(result.hasVote).toBe(false);
  });

  it('fits each model on rows that end a horizon and an embargo before the first row it is asked about', () => {
    const horizonBars = 7;
    const base = noiseData(4, 1_500, 1);
    const data = { ...base, horizonBars, barIndex: base.barIndex.map((bar) => bar + 3 * Math.floor(bar / 100)) };
    const distances: number[] = [];
    let trainedTo: number | null = null;
    const watcher: Executor<null> = {
      name: 'watcher',
      ...MODELLESS,
      *fitSteps(_data, range) {
        yield;
        trainedTo = range.to;
        return ok(null);
      },
      probabilityUp(_model, _features, offset) {
        if (trainedTo !== null)
          distances.push((data.barIndex[offset] ?? Number.NaN) - (data.barIndex[trainedTo - 1] ?? Number.NaN));
        trainedTo = null;
        return 0.5;
      },
    };
    const result = expectOk(runSteps(walkForwardSteps(watcher, data)));
    expect(distances).toHaveLength(result.folds);
    expect(Math.min(...distances)).toBe(2 * horizonBars);
  });

  it('is the same again for the same data and seed', () => {
    const data = noiseData(3, 1_200, 3);
    expect(score(data)).toEqual(score(data));
  });

  it('refuses too few rows and one class', () => {
    const few = runSteps(walkForwardSteps(logisticRegression(), noiseData(1, 600, 2)));
    expect(few.ok ? 'ok' : few.fault.code).toBe('rows_too_few');
    const flat = runSteps(
      walkForwardSteps(logisticRegression(), { ...noiseData(1, 2_000, 2), up: new Uint8Array(2_000) }),
    );
    expect(flat.ok ? 'ok' : flat.fault.code).toBe('one_class');
  });

  it('resamples in blocks longer than the labels overlap', () => {
    expect([bootstrapBlock(1_000, 1), bootstrapBlock(1_000, 12), bootstrapBlock(64_000, 1)]).toEqual([10, 48, 40]);
  });
});

describe('an executor finds what is there', () => {
  /**
   * Returns that lean against the last one: r' = −0.4 r + noise. The best guess is the opposite of the last sign, right with
   * probability ½ + asin(0.4) / π = 0.631 (two normals of correlation 0.4 agree in sign), last-sign with 0.369.
   */
  it('nearly all of it, on returns that lean back', () => {
    const random = seededRandom(77);
    let last = 0;
    const returns = Array.from({ length: 6_000 }, () => {
      last = -0.4 * last + 0.01 * random.gaussian();
      return last;
    });
    const best = 0.5 + Math.asin(0.4) / Math.PI;
    const result = score(datasetFromReturns(returns, 1, random));
    const standardError = Math.sqrt((best * (1 - best)) / result.rows);
    expect(result.accuracy.value).toBeGreaterThan(best - 0.01 - 2 * standardError);
    expect(result.accuracy.value).toBeLessThan(best + 3 * standardError);
    expect(result.baselines.lastSign).toBeLessThan(0.4);
    expect(result.skill.low).toBeGreaterThan(0.05);
    expect(result.hasVote).toBe(true);
  });

  it('but has no vote where last-sign knows as much', () => {
    const random = seededRandom(78);
    let last = 0;
    const returns = Array.from({ length: 6_000 }, () => {
      last = 0.4 * last + 0.01 * random.gaussian();
      return last;
    });
    const result = score(datasetFromReturns(returns, 1, random));
    expect(result.accuracy.value).toBeGreaterThan(0.6);
    expect(result.baselines.lastSign).toBeGreaterThan(0.6);
    expect(result.skill.value).toBeLessThan(0.02);
    expect(result.hasVote).toBe(false);
  });
});

describe('a vote is not had by luck', () => {
  /** One-sided: the interval's low end at 95 % lies above zero for a model without skill in 2.5 % of cases at most. */
  const nominal = 0.025;

  it('on features without any connection, over 200 seeds; and the accuracy’s interval misses one half as often as it says', () => {
    const seeds = 200;
    let votes = 0;
    let missed = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const result = score(noiseData(seed, 1_000, 4), { folds: 4, trainRowsMin: 300, resamples: 400, seed });
      if (result.hasVote) votes += 1;
      if (result.accuracy.low > 0.5 || result.accuracy.high < 0.5) missed += 1;
    }
    expect(votes).toBeLessThanOrEqual(binomialUpperBound(seeds, nominal, 0.001));
    expect(missed).toBeLessThanOrEqual(binomialUpperBound(seeds, 2 * nominal, 0.001));
    expect(missed).toBeGreaterThan(0);
  });

  it('on a price without memory, real features and labels that overlap, over 100 seeds', { timeout: 30_000 }, () => {
    const seeds = 100;
    let votes = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = seededRandom(seed);
      const returns = Array.from({ length: 1_200 }, () => 0.01 * random.gaussian());
      const data = datasetFromReturns(returns, 6, random);
      if (score(data, { folds: 4, trainRowsMin: 300, resamples: 400, seed }).hasVote) votes += 1;
    }
    expect(votes).toBeLessThanOrEqual(binomialUpperBound(seeds, nominal, 0.001));
  });

  it('and the interval is honest in itself: a coin against a fixed guess, right at its level', () => {
    // The paired interval on its own, without the choice of the best of two: it must exclude zero neither too often nor never.
    const seeds = 400;
    let above = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const data = noiseData(seed, 1_000, 1);
      const random = seededRandom(seed + 10_000);
      const coin = Float64Array.from({ length: 1_000 }, () => random.next());
      const never = { ...data, features: coin, lastSign: Int8Array.from(data.up, (up) => (up === 1 ? -1 : 1)) };
      const options = { ...DEFAULT_SCORING_OPTIONS, folds: 2, trainRowsMin: 300, resamples: 400, seed };
      if (expectOk(runSteps(walkForwardSteps(oracle, never, options))).hasVote) above += 1;
    }
    expect(above).toBeLessThanOrEqual(binomialUpperBound(seeds, nominal, 0.001));
    expect(above).toBeGreaterThan(0);
  });

  it('counts the binomial bound right', () => {
    // P(X > 1) of ten tosses at 1/10 is 0.264, P(X > 2) 0.070, P(X > 3) 0.0128.
    expect([0.3, 0.08, 0.05].map((tail) => binomialUpperBound(10, 0.1, tail))).toEqual([1, 2, 3]);
  });
});
