import { describe, expect, it } from 'vitest';
import { BEST, evaluateDirection, evaluateReturn, EXECUTOR_CASES, ruledMarket } from './executors.test-support.ts';

const effort = { seed: 1, folds: 3, trainRowsMin: 10_000, resamples: 400 };
const BARS = 30_000;

describe('on a market whose best possible score is known', () => {
  it.each(EXECUTOR_CASES)(
    '%s finds nine tenths of the direction and of the return, and no more than there is',
    { timeout: 60_000 },
    (_, each) => {
      const data = ruledMarket(each.rule, 11, BARS);
      const best = BEST[each.rule];
      const { score, hasVote } = evaluateDirection(each.direction(), data, effort);
      const skill = score.skill.coin.value / (best.accuracy - 0.5);
      expect(skill).toBeGreaterThan(0.9);
      // Four standard errors of the accuracy.
      expect(score.accuracy.value).toBeLessThan(best.accuracy + 2 / Math.sqrt(score.rows));
      expect(score.skill.best.low).toBeGreaterThan(0);
      expect(hasVote).toBe(true);
      const returns = evaluateReturn(each.logReturn(), data, effort);
      expect(returns.score.r2.value / best.r2).toBeGreaterThan(0.9);
      expect(returns.score.r2.low).toBeLessThan(best.r2);
      expect(returns.isSkilled).toBe(true);
    },
  );

  it('a linear model does not see the rule of the regimes: it is no rule of its kind', () => {
    const [, linear] = EXECUTOR_CASES[0] ?? [];
    if (linear === undefined) throw new Error('there is a linear model');
    const { score, hasVote } = evaluateDirection(linear.direction(), ruledMarket('regime', 11, 6_000), {
      ...effort,
      trainRowsMin: 2_000,
    });
    expect(Math.abs(score.skill.coin.value)).toBeLessThan(0.04);
    expect(hasVote).toBe(false);
  });
});
