import { strategyId } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, barInput, CONFIG, only, quoteInput, scripted, startInputs, tradeInput } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';
import type { StrategyCall, StrategyWatch } from './strategy-watch.ts';

const STRATEGIES = [scripted([1], 'one'), scripted([null, 1], 'two')];
const BEFORE: readonly KernelInput[] = [
  ...startInputs(),
  tradeInput(1, 6_000_000),
  quoteInput(2, 5_999_999, 6_000_000),
];

const decisionsOf = (outputs: readonly KernelOutput[]): readonly string[] =>
  only(outputs, 'decision').map(({ decision }) => `${decision.strategyId}: ${decision.action}`);

function kernelWith(watch: StrategyWatch): Kernel {
  const kernel = new Kernel(CONFIG, STRATEGIES, watch);
  for (const input of BEFORE) kernel.handle(input);
  return kernel;
}

test('each call of a strategy is seen to begin and to end', () => {
  const seen: string[] = [];
  const kernel = kernelWith({
    enter: (index, handler) => seen.push(`${index}.${handler}`),
    leave: () => seen.push('.'),
  });
  kernel.handle(barInput(0, 6_000_000));
  const begun = ['0.setup', '.', '1.setup', '.'];
  expect(seen).toEqual([...begun, '0.onBar', '.', '1.onBar', '.']);
});

test('what a watch throws leaves the kernel, and is no failure of the strategy', () => {
  const enter = (index: number, call: StrategyCall): void => {
    if (index === 1 && call === 'onBar') throw new RangeError('cut off here');
  };
  const kernel = kernelWith({ enter, leave: () => undefined });
  expect(() => kernel.handle(barInput(0, 6_000_000))).toThrow('cut off here');
});

test('a strategy that was cut off is asked no more, with its reason; the others go on', () => {
  const kernel = kernelWith({ enter: () => undefined, leave: () => undefined });
  const failure = { message: 'onBar did not return within 2000 ms', file: '/home/me/one.ts', line: null };
  const told = kernel.handle({ kind: 'strategy-failed', tsUs: atMs(3), strategyId: strategyId('one'), failure });
  expect(only(told, 'note')).toMatchObject([
    { level: 'error', code: 'strategy_stuck', message: expect.stringContaining('/home/me/one.ts') as string },
  ]);
  expect(decisionsOf(kernel.handle(barInput(0, 6_000_000)))).toEqual(['one: not_trading', 'two: hold']);
  expect(decisionsOf(kernel.handle(barInput(1, 6_000_000)))).toEqual(['one: not_trading', 'two: enter']);
});
