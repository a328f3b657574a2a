import { expectOk } from '@monsta/core';
import { datasetSteps, runSteps, type Dataset } from '@monsta/features';
import { calibrate, calibrationSteps, logisticRegression, walkForwardSteps } from '@monsta/models';
import { defineStrategy, SHIPPED_STRATEGIES } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { runStrategy, type StrategyRun, type TestPrediction } from '../../../apps/monsta/src/testing/index.ts';
import { hourColumns, present, realHours, type Hour } from './real-hours.test-support.ts';

/** Hours that are traded, the newest of the file; without a gap. */
const TRADED = 4_000;

const datasetOf = (hours: readonly Hour[]): Dataset => expectOk(runSteps(datasetSteps(hourColumns(hours), 1)));

/** Learns, scores and calibrates on what lies before the traded hours, as the model server does, and speaks at each of these. */
function learn() {
  const all = realHours();
  const begin = all.length - TRADED;
  const past = datasetOf(all.slice(0, begin));
  const executor = logisticRegression();
  const score = expectOk(runSteps(walkForwardSteps(executor, past)));
  const { calibration } = expectOk(runSteps(calibrationSteps(past, score.outOfSample)));
  const model = expectOk(runSteps(executor.fitSteps(past, { from: 0, to: past.rows })));
  const whole = datasetOf(all);
  const predictions: TestPrediction[] = [];
  for (let row = 0; row < whole.rows; row += 1) {
    const atBar = (whole.barIndex[row] ?? NaN) - begin;
    if (atBar < 0) continue;
    const raw = executor.probabilityUp(model, whole.features, row * whole.width);
    predictions.push({
      atBar,
      // With bars of an hour alone, an order sent a moment after the close would meet the open an hour later.
      latencyMs: 0,
      probabilityUp: calibrate(calibration, raw),
      rawProbabilityUp: raw,
      hasVote: score.hasVote,
      skillLow: score.skill.low,
    });
  }
  return { bars: all.slice(begin), predictions, score };
}

/** Does what the model says, whatever it costs. */
const believer = defineStrategy({
  name: 'believer',
  parameters: {},
  intervals: () => ['1h'],
  onPrediction: ({ setTarget }, { probabilityUp }) => setTarget((probabilityUp ?? 0) > 0.5 ? 1 : 0),
});

describe.skipIf(!present)('model-driven on real hours that its model had not seen', () => {
  it('mostly does not trade: what the model knows is less than what a round trip costs', { timeout: 240_000 }, () => {
    const { bars, predictions, score } = learn();
    expect(predictions.length).toBeGreaterThan(0.99 * TRADED - 1);
    const modelDriven = SHIPPED_STRATEGIES.find(({ name }) => name === 'model-driven');
    const run = (name: string, strategy: unknown): StrategyRun => {
      const settings = { risk: { confidencePpmMin: 0, dailyLossPpmMax: 1_000_000, drawdownPpmMax: 1_000_000 } };
      const result = runStrategy(strategy, { bars, predictions, settings });
      expect(result.failure).toBeNull();
      const entries = result.fills.filter(({ side }) => side === 'buy').length;
      console.info(
        `${name}: ${entries} entries in ${TRADED} hours, equity 10000 to ${result.equity?.toFixed(2)} (vote ${score.hasVote}, skill low ${score.skill.low.toFixed(4)})`,
      );
      return result;
    };
    const buys = ({ fills }: StrategyRun): number => fills.filter(({ side }) => side === 'buy').length;
    const open = run('model-driven', modelDriven);
    const blind = run('long above one half, blind to costs', believer);
    expect(buys(open)).toBeLessThan(0.01 * TRADED);
    expect(buys(blind)).toBeGreaterThan(10 * (buys(open) + 1));
    const noTrade = open.decisions.filter(({ wanted }) =>
      /edge -?[\d.]+ bps: no trade, because the edge is below/.test((wanted as { reason?: string }).reason ?? ''),
    );
    expect(noTrade.length).toBeGreaterThan(0.9 * TRADED);
  });
});
