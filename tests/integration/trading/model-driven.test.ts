import { encodePrediction, topics } from '@monsta/contracts';
import { expectOk, strategyId } from '@monsta/core';
import { parseParameters, SHIPPED_STRATEGIES, type ConfiguredStrategy } from '@monsta/trading';
import { expect, onTestFinished, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { BTC, World, type Life } from './world.ts';

function modelDriven(): ConfiguredStrategy {
  const definition = SHIPPED_STRATEGIES.find(({ name }) => name === 'model-driven');
  if (definition === undefined) throw new Error('model-driven is not shipped');
  const parameters = expectOk(parseParameters(definition, { interval: '1m', moveBars: 20 }));
  return { id: strategyId('model-driven'), definition, parameters, instruments: [BTC.id] };
}

/** What the model server publishes of the bar that has just closed. */
function speak(world: World, life: Life, probabilityUp: number, hasVote: boolean): void {
  const nowUs = world.tape.clock.nowUs();
  const quality = { logLoss: 0.69, brier: 0.248, calibrationError: 0.01, bins: [] };
  const message = encodePrediction({
    instrument: BTC.id,
    model: 'logistic-regression',
    interval: '1m',
    horizonMs: 60_000,
    tsEventUs: nowUs,
    probabilityUp,
    rawProbabilityUp: probabilityUp - 0.02,
    calibrated: true,
    score: {
      rows: 2_000,
      folds: 10,
      accuracy: { value: 0.55, low: 0.54, high: 0.56, level: 0.95 },
      logLoss: 0.69,
      brier: 0.248,
      baselines: { majority: 0.51, lastSign: 0.5 },
      skill: { value: 0.04, low: 0.03, high: 0.05, level: 0.95 },
      calibration: {
        method: 'platt',
        slope: 1,
        intercept: 0,
        fittedRows: 2_000,
        rows: 1_800,
        folds: 9,
        before: quality,
        after: quality,
      },
      uncalibrated: null,
      net: {
        ...{ sideCostBps: 12, roundTrips: 60 },
        perBarBps: { value: 0.5, low: 0.2, high: 0.8, level: 0.95 },
      },
      untraded: null,
    },
    hasVote,
    trainedAtUs: nowUs,
    absence: null,
  });
  expectOk(life.stream.publish(topics.predictions(BTC.id), message, { tsEventUs: nowUs }));
}

test('what the model server says becomes an order and a position, and the end of its vote an exit; the decisions have what it said', async () => {
  const world = new World();
  onTestFinished(() => world.remove());
  const life = await world.live([modelDriven()]);
  onTestFinished(() => life.kill());
  expectOk(await world.start(life));
  for (let minute = 0; minute < 22; minute += 1) await world.minute(life, minute % 2 === 0 ? 6_000_000 : 6_060_000);
  speak(world, life, 0.9, true);
  await world.quiet(life);
  await world.minute(life, 6_000_000);
  speak(world, life, 0.9, false);
  await world.quiet(life);
  await world.minute(life, 6_060_000);

  const { orders, decisions } = await verifyAgreement(life);
  expect(orders.map(({ side, status }) => `${side} ${status}`).toSorted()).toEqual(['buy filled', 'sell filled']);
  const acted = decisions.filter(({ action }) => action === 'enter' || action === 'exit');
  expect(acted.map(({ action }) => action).toSorted()).toEqual(['enter', 'exit']);
  const entry = acted.find(({ action }) => action === 'enter');
  expect(entry).toMatchObject({
    risk: { result: 'approved' },
    wanted: { target: 1, confidence: 0.9 },
    prediction: [{ probabilityUp: 0.9, rawProbabilityUp: 0.88, calibrated: true, hasVote: true, skillLow: 0.03 }],
  });
  expect(JSON.stringify(acted.find(({ action }) => action === 'exit')?.wanted)).toContain('has no vote');
  expect(life.fatal).toEqual([]);
});
