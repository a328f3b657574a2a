import { expect, it } from 'vitest';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { expectOk } from '@monsta/core';
import { parseObjective } from '@monsta/simulation/scoring';
import { defineStrategy } from '@monsta/trading';
import { prepareBacktest } from '../backtest/prepare.ts';
import { barFile, specOf, testFolder } from './optimize.test-support.ts';
import { pulseOf, sharedPulse } from './protocol.ts';
import { TrialRunner } from './run-trial.ts';
import { trialBaseOf } from './trial-base.ts';

it('gives a sign of life with each call of a strategy, however many closes are played between two looks at the time', async () => {
  const spec = specOf(barFile(testFolder(), 3_000));
  const prepared = expectOk(await prepareBacktest(spec.backtest, { role: aiTradingConfigSchema.parse({}) }));
  const pulse = pulseOf(sharedPulse());
  const seen: number[] = [];
  const watching = defineStrategy({
    name: 'watching',
    parameters: {},
    intervals: () => ['1h'],
    onBar({ setTarget }) {
      if (seen.length % 50 === 0) setTarget(seen.length % 100 === 0 ? 1 : 0);
      seen.push(pulse.signs);
    },
    onFill: () => void seen.push(pulse.signs),
  });
  const base = { ...trialBaseOf(prepared, watching.name), parameters: {} };
  const rules = {
    objective: expectOk(parseObjective(spec.objective)),
    stopping: { kind: 'none' } as const,
    yearDays: null,
  };
  // The hand of the clock stands: it plays as many closes at once as it ever does.
  const runner = new TrialRunner(base, watching, rules, {
    beat: (closes) => pulse.beat(closes),
    calls: pulse.calls,
    nowMs: () => 0,
  });
  const task = { id: '1', span: { fromMs: 0, toMs: Infinity }, values: {} };
  expect(runner.trial({ ...task, kind: 'trial', lossLimits: [] }).result.kind).toBe('finished');
  expect(seen.length).toBeGreaterThan(3_000);
  expect(seen.filter((signs, index) => signs === seen[index - 1])).toEqual([]);
});
