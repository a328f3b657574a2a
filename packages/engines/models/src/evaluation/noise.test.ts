import { describe, expect, it } from 'vitest';
import { binomialUpperBound } from '../series.test-support.ts';
import { evaluateDirection, evaluateReturn, EXECUTOR_CASES, noiseMarket } from './executors.test-support.ts';

const SEEDS = 100;
/** One-sided: the low end of an interval at 95 % lies above zero in 2.5 % of cases where there is nothing. */
const NOMINAL = 0.025;
/** Of a false alarm of these tests, had the seeds not been fixed. */
const TAIL = 0.001;

const effort = (seed: number) => ({ seed, folds: 4, trainRowsMin: 300, resamples: 400 });

describe('on pure noise, over 100 seeds', () => {
  let missedInAll = 0;

  it.each(EXECUTOR_CASES)(
    '%s shows skill in direction as seldom as its level says, and intervals miss the truth as often',
    { timeout: 120_000 },
    (_, each) => {
      const counts = { skilled: 0, above: 0, missed: 0, votes: 0 };
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { score, hasVote } = evaluateDirection(each.direction(), noiseMarket(seed, 1_000, 4), effort(seed));
        const { coin, best } = score.skill;
        if (best.low > 0) counts.skilled += 1;
        if (coin.low > 0) counts.above += 1;
        if (coin.low > 0 || coin.high < 0) counts.missed += 1;
        if (hasVote) counts.votes += 1;
      }
      // Over the best of three baselines chance has it harder than over one.
      expect(counts.skilled).toBeLessThanOrEqual(binomialUpperBound(SEEDS, NOMINAL, TAIL));
      expect(counts.above).toBeLessThanOrEqual(binomialUpperBound(SEEDS, NOMINAL, TAIL));
      expect(counts.missed).toBeLessThanOrEqual(binomialUpperBound(SEEDS, 2 * NOMINAL, TAIL));
      missedInAll += counts.missed;
      expect(counts.votes).toBeLessThanOrEqual(counts.skilled);
    },
  );

  it.each(EXECUTOR_CASES)('%s shows skill in returns as seldom', { timeout: 120_000 }, (_, each) => {
    let skilled = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { score } = evaluateReturn(each.logReturn(), noiseMarket(seed, 1_000, 4), effort(seed));
      if (score.skill.best.low > 0) skilled += 1;
    }
    expect(skilled).toBeLessThanOrEqual(binomialUpperBound(SEEDS, NOMINAL, TAIL));
  });

  it('and intervals are not so wide that they never miss', () => {
    // Five of a hundred, of each executor.
    expect(missedInAll).toBeGreaterThan(0);
  });
});
