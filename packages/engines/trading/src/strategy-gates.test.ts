import { strategyId } from '@monsta/core';
import { expect, it } from 'vitest';
import { atMs } from './kernel.test-support.ts';
import { StrategyGates, stricterOf } from './strategy-gates.ts';
import type { GateCause } from './trading-gate.ts';

const paused: GateCause = {
  code: 'user',
  state: 'HALTED',
  reason: 'a look first',
  by: 'user',
  sinceUs: atMs(5),
  lasting: true,
};
const [one, other] = [strategyId('one'), strategyId('other')];

it('one strategy paused leaves the others open', () => {
  const gates = new StrategyGates();
  gates.of(one).raise(paused);
  expect([gates.of(one).current().state, gates.of(other).current().state]).toEqual(['HALTED', 'ACTIVE']);
});

it('the stricter of account and strategy is in force, whichever it is, with its reason', () => {
  const gates = new StrategyGates();
  gates.of(one).raise({ ...paused, state: 'REDUCING' });
  const reducing = gates.of(one).current();
  const open = gates.of(other).current();
  expect(stricterOf(open, reducing)).toBe(reducing);
  expect(stricterOf(reducing, open)).toBe(reducing);
  const halted = { ...reducing, state: 'HALTED' as const, reason: 'the account' };
  expect([stricterOf(reducing, halted), stricterOf(halted, reducing)]).toEqual([halted, halted]);
});

it('gates restored from their state are as they were', () => {
  const gates = new StrategyGates();
  gates.of(one).raise(paused);
  gates.of(other).raise(paused);
  gates.of(other).resume('looked at', atMs(6));
  const restored = new StrategyGates();
  restored.restore(gates.state);
  expect(restored.state).toEqual(gates.state);
  expect(restored.of(other).current()).toEqual({ state: 'ACTIVE', reason: 'looked at', by: 'user', sinceUs: atMs(6) });
});
