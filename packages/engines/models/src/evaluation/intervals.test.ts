import { normalCdf, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import { aucSteps, areaUnderRoc } from './auc.ts';
import { judge, leastOf, levelOfLook, resampleSteps, type Judged, type Judgement } from './judgement.ts';
import { honestStretch, percentileEstimate, studentFactor } from '../block-bootstrap.ts';

const SEEDS = 400;
const judgement: Judgement = { level: 0.95, correctedLevel: 0.95, resamples: 400, seed: 1, horizonBars: 6 };

/** Sums of six free normals, each sharing five with the next: what labels over six bars are like. Of variance 1. */
function overlapping(seed: number, rows: number, horizon = 6): Float64Array {
  const random = seededRandom(seed);
  const free = Float64Array.from({ length: rows + horizon }, () => random.gaussian());
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let part = 0; part < horizon; part += 1) sum += free[row + part] ?? 0;
    return sum / Math.sqrt(horizon);
  });
}

/** How many of the seeds' intervals hold the truth. */
function covered(truth: number, of: (seed: number) => Judged | null): number {
  let count = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const found = of(seed);
    if (found !== null && found.low <= truth && truth <= found.high) count += 1;
  }
  return count;
}

/** 95 % of 400, within three and a half standard errors of a count. */
const expectNominal = (count: number): void => {
  expect(count).toBeGreaterThanOrEqual(380 - 15);
  expect(count).toBeLessThanOrEqual(395);
};

describe('intervals of rows that overlap hold the truth as often as they say', () => {
  it('of an accuracy', () => {
    const truth = normalCdf(0.2);
    expectNominal(
      covered(truth, (seed) => {
        const hit = Int8Array.from(overlapping(seed, 1_000), (value) => (value + 0.2 > 0 ? 1 : 0));
        return runSteps(resampleSteps({ hit }, { ...judgement, seed })).judge((sums) => sums.hit / 1_000);
      }),
    );
  });

  it('and would not if rows were drawn one by one, as if they were free', () => {
    const truth = normalCdf(0.2);
    let naive = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = seededRandom(seed);
      const values = overlapping(seed, 300);
      const hits = values.map((value) => (value + 0.2 > 0 ? 1 : 0));
      const single = Float64Array.from({ length: 200 }, () => {
        let sum = 0;
        for (let row = 0; row < 300; row += 1) sum += hits[random.integer(300)] ?? 0;
        return sum / 300;
      });
      const { low, high } = percentileEstimate(hits.reduce((sum, hit) => sum + hit, 0) / 300, single, 0.95);
      if (low <= truth && truth <= high) naive += 1;
    }
    // What overlaps is taken for evidence.
    expect(naive).toBeLessThan(75);
  });

  it('of a root mean squared error', () => {
    expectNominal(
      covered(1, (seed) => {
        const square = overlapping(seed, 1_000).map((value) => value * value);
        const sums = runSteps(resampleSteps({ square }, { ...judgement, seed }));
        return sums.judge((totals) => Math.sqrt(totals.square / 1_000));
      }),
    );
  });

  it('of an area under the ROC curve', { timeout: 20_000 }, () => {
    // Scores of rises are half a deviation above those of falls: AUC = Φ(0.5 / √2). Truth and score both overlap.
    const truth = normalCdf(0.5 / Math.SQRT2);
    const count = covered(truth, (seed) => {
      const outcome = overlapping(seed, 600);
      const noise = overlapping(seed + 100_000, 600);
      const up = Uint8Array.from(outcome, (value) => (value > 0 ? 1 : 0));
      const scores = noise.map((value, row) => normalCdf(value + (up[row] === 1 ? 0.25 : -0.25)));
      return runSteps(aucSteps(scores, up, { ...judgement, resamples: 200, seed }));
    });
    expectNominal(count);
  });

  it('of few blocks: a dozen of them need a wider interval', () => {
    expectNominal(
      covered(0, (seed) => {
        const value = overlapping(seed, 288);
        return runSteps(resampleSteps({ value }, { ...judgement, seed })).judge((sums) => sums.value / 288);
      }),
    );
  });
});

describe('the stretch of intervals', () => {
  it('knows Student’s t', () => {
    // t at 97.5 %: 2.2622 with 9 degrees of freedom, 2.0452 with 29; the normal one is 1.95996.
    expect(studentFactor(0.95, 10) * 1.959964).toBeCloseTo(2.2622, 2);
    expect(studentFactor(0.95, 30) * 1.959964).toBeCloseTo(2.0452, 3);
    expect(studentFactor(0.95, 100_000)).toBeCloseTo(1, 4);
  });

  it('is nothing where blocks are many and long', () => {
    expect(honestStretch(1_000_000, 400, 1, 0.95)).toBeCloseTo(1, 2);
    expect(honestStretch(1_000, 24, 6, 0.95)).toBeGreaterThan(1.05);
  });

  it('carries a tail that resamples do not reach on as a normal distribution does', () => {
    const random = seededRandom(3);
    const drawn = Float64Array.from({ length: 2_000 }, () => random.gaussian());
    // 0.9999: one tenth of a resample lies beyond each end.
    const { low, high } = percentileEstimate(0, drawn, 0.9999);
    expect(high).toBeGreaterThan(3.5);
    expect(high).toBeLessThan(4.4);
    expect(low).toBeLessThan(-3.5);
    const wider = percentileEstimate(0, drawn, 0.95);
    expect(wider.high).toBeLessThan(high);
  });
});

describe('judging', () => {
  it('makes differences pairwise: what two models share drops out', () => {
    const shared = overlapping(5, 1_000);
    const one = shared.map((value) => value + 0.01);
    const sums = runSteps(resampleSteps({ one, other: shared }, judgement));
    const difference = sums.judge((totals) => (totals.one - totals.other) / 1_000);
    expect(difference?.low).toBeCloseTo(0.01, 9);
    expect(difference?.high).toBeCloseTo(0.01, 9);
  });

  it('says nothing of a statistic without meaning', () => {
    const sums = runSteps(resampleSteps({ none: new Int8Array(50) }, judgement));
    expect(sums.judge(({ none }) => none / none)).toBeNull();
  });

  it('takes off what chance adds to what cannot be below zero', () => {
    const sums = runSteps(resampleSteps({ value: overlapping(6, 500) }, judgement));
    const size = (totals: { readonly value: number }): number => Math.abs(totals.value) / 500;
    const [plain, basic] = [sums.judge(size), sums.judgeUpwardBiased(size)];
    expect(basic?.low).toBeGreaterThanOrEqual(0);
    expect(basic?.high).toBeLessThanOrEqual(plain?.high ?? 0);
  });

  it('of several differences keeps the least of each end', () => {
    const at = (value: number, width: number): Judged =>
      judge(value, Float64Array.of(value - width, value, value + width), 100, judgement);
    const least = leastOf([at(1, 0.1), at(2, 3)]);
    expect(least?.value).toBe(1);
    expect(least?.low).toBeLessThan(0.5);
    expect(least?.high).toBeLessThan(2);
    expect(leastOf([])).toBeNull();
  });

  it('spends on each look a share, and on all of them never more than there is', () => {
    expect(levelOfLook(0.95, 1)).toBeCloseTo(0.975, 12);
    expect(levelOfLook(0.95, 2)).toBeCloseTo(1 - 0.05 / 6, 12);
    let spent = 0;
    for (let look = 1; look <= 10_000; look += 1) spent += 1 - levelOfLook(0.95, look);
    expect(spent).toBeLessThan(0.05);
    expect(spent).toBeGreaterThan(0.0499);
  });
});

describe('the area under the ROC curve', () => {
  it('is the share of pairs in the right order, ties counted half', () => {
    const up = Uint8Array.of(0, 1, 0, 1, 1);
    // Rises 0.4, 0.8, 0.4; falls 0.4, 0.1: (½ + 1) + (1 + 1) + (½ + 1) of 6.
    expect(areaUnderRoc(Float64Array.of(0.4, 0.4, 0.1, 0.8, 0.4), up)).toBeCloseTo(5 / 6, 12);
    expect(areaUnderRoc(Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.5), up)).toBe(0.5);
    expect(areaUnderRoc(Float64Array.of(1, 2), Uint8Array.of(1, 1))).toBeNaN();
  });

  it('has no interval with one class', () => {
    expect(runSteps(aucSteps(new Float64Array(20), new Uint8Array(20), judgement))).toBeNull();
  });
});
