import { expectOk } from '@monsta/core';
import { datasetSteps, LOOKBACK_BARS, runSteps, type BarColumns } from '@monsta/features';
import { calibrationSteps, logisticRegression, walkForwardSteps, type Estimate } from '@monsta/models';
import { describe, expect, it } from 'vitest';
import { hourColumns, present, realHours } from './real-hours.test-support.ts';

/** Where bars are missing, counted from the open times alone: the lengths of the contiguous runs. */
function contiguousRuns({ openTimeMs, length }: BarColumns): readonly number[] {
  const runs = [1];
  for (let index = 1; index < length; index += 1) {
    const follows = (openTimeMs[index] ?? NaN) - (openTimeMs[index - 1] ?? NaN) === 3_600_000;
    if (follows) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(1);
  }
  return runs;
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

function expectOrdered(estimate: Estimate): void {
  expect(estimate.low).toBeLessThanOrEqual(estimate.value);
  expect(estimate.value).toBeLessThanOrEqual(estimate.high);
  expect(estimate.level).toBe(0.95);
}

describe.skipIf(!present)('real hourly bars of six years', () => {
  it.each([1, 12])(
    'are scored by walk-forward over %i bars, every bar accounted for',
    { timeout: 120_000 },
    (horizonBars) => {
      const columns = hourColumns(realHours());
      const runs = contiguousRuns(columns);
      expect(columns.length).toBe(58_419);
      expect(runs).toHaveLength(29);

      const data = expectOk(runSteps(datasetSteps(columns, horizonBars)));
      const short = LOOKBACK_BARS - 1;
      const [firstRun = 0, ...laterRuns] = runs;
      const { dropped } = data;
      expect(dropped.warmUp).toBe(Math.min(short, firstRun));
      expect(dropped.gap).toBe(total(laterRuns.map((run) => Math.min(short, run))));
      // Of what is left of each run, the last `horizonBars` have no label; after the last run because the future has not come.
      const unlabelled = runs.map((run) => Math.min(horizonBars, Math.max(0, run - short)));
      expect(dropped.labelAhead).toBe(unlabelled.at(-1));
      expect(dropped.labelGap + dropped.undefinedValue).toBe(total(unlabelled.slice(0, -1)));
      expect(data.rows + total(Object.values<number>({ ...dropped }))).toBe(columns.length);
      expect(data.rows).toBeGreaterThan(50_000);

      const score = expectOk(runSteps(walkForwardSteps(logisticRegression(), data)));
      expect(score.folds).toBe(10);
      expect(score.rows).toBeGreaterThan(0.65 * data.rows);
      for (const accuracy of [score.accuracy.value, score.baselines.majority, score.baselines.lastSign]) {
        expect(accuracy).toBeGreaterThan(0.4);
        expect(accuracy).toBeLessThan(0.65);
      }
      expectOrdered(score.accuracy);
      expectOrdered(score.skill);
      expect(score.skill.value).toBeCloseTo(
        score.accuracy.value - Math.max(score.baselines.majority, score.baselines.lastSign),
        12,
      );
      expect(score.hasVote).toBe(score.skill.low > 0);
      // A probability that is worth anything at all is not much worse than a coin's.
      expect(score.logLoss).toBeLessThan(Math.LN2 + 0.01);
      expect(score.brier).toBeLessThan(0.255);

      const judged = expectOk(runSteps(calibrationSteps(data, score.outOfSample)));
      expect(judged.calibration.rows).toBe(score.rows);
      expect(judged.rows).toBeGreaterThan(20_000);
      // Calibrating out of sample neither ruins what the model says, nor makes it say more than there is.
      expect(judged.after.logLoss).toBeLessThan(judged.before.logLoss + 0.001);
      expect(judged.after.logLoss).toBeLessThan(Math.LN2);
      expect(judged.after.calibrationError).toBeLessThan(0.03);
      const { slope, intercept } = judged.calibration;
      console.info(
        `horizon ${horizonBars} h, ${judged.rows} rows in ${judged.folds} folds: slope ${slope.toFixed(2)}, intercept ${intercept.toFixed(3)}, chance alone ${(0.4 / Math.sqrt(judged.rows / 10)).toFixed(4)}`,
      );
      for (const [when, { logLoss, brier, calibrationError }] of Object.entries({
        raw: judged.before,
        calibrated: judged.after,
      }))
        console.info(
          `horizon ${horizonBars} h, ${judged.rows} rows, ${when}: log loss ${logLoss.toFixed(5)}, Brier ${brier.toFixed(5)}, calibration error ${calibrationError.toFixed(4)}`,
        );
    },
  );
});
