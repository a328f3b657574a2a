import { expect, test } from 'vitest';
import { emaCross } from './strategies/ema-cross.ts';
import { barInput, configured, crossing, only, running } from './kernel.test-support.ts';
import { defineStrategy } from './strategy.ts';
import type { StrategyContext } from './strategy/vocabulary.ts';
import { parseParameters, validateStrategy } from './strategy/validate.ts';

const faultOf = (result: ReturnType<typeof validateStrategy> | ReturnType<typeof parseParameters>) =>
  result.ok ? null : result.fault;

test('the shipped strategy is valid, with its defaults', () => {
  expect(validateStrategy(emaCross)).toMatchObject({ ok: true });
  expect(parseParameters(emaCross, null)).toEqual({
    ok: true,
    value: { fast: 9, slow: 21, short: false, interval: '1m' },
  });
  expect(parseParameters(emaCross, { fast: 5 })).toMatchObject({ value: { fast: 5, slow: 21 } });
});

test.each<[unknown, RegExp]>([
  [{ fast: 1 }, /'fast' must be a whole number from 2 to 200, not 1/],
  [{ fast: 9.5 }, /'fast' must be a whole number/],
  [{ fats: 9 }, /'fats' is unknown; there are fast, slow, short, interval/],
  [{ interval: '2m', slow: 'x' }, /'slow' must be .*; 'interval' must be one of 1m/],
  [{ fast: 30 }, /fast \(30\) must be below slow \(21\)/],
  [[], /must be a JSON object/],
  [{ __proto__: null, constructor: 1 }, /'constructor' is unknown/],
])('parameters %o are refused in words', (given, message) => {
  expect(faultOf(parseParameters(emaCross, given))).toMatchObject({
    code: 'parameters_invalid',
    message: expect.stringMatching(message) as string,
  });
});

test.each<[unknown, RegExp]>([
  [undefined, /must have a default export made with defineStrategy/],
  [
    {},
    /name must be .*intervals must be a function .*; there must be at least one of onStart, onBar.*; parameters must be an object/,
  ],
  [{ ...emaCross, name: 'No Good' }, /name must be text of/],
  [{ ...emaCross, parameters: { fast: 3 } }, /parameter 'fast' must be \{kind/],
  [
    { ...emaCross, parameters: { fast: { kind: 'integer', default: 3, min: 4, max: 5 } } },
    /default of parameter 'fast' must be a whole number from 4 to 5/,
  ],
  [{ ...emaCross, intervals: () => ['2m'] }, /intervals\(\) must return a list of different ones of .* not \["2m"\]/],
  [{ ...emaCross, warmUpBars: () => 0 }, /warmUpBars\(\) must return/],
  [
    {
      ...emaCross,
      intervals: () => {
        throw new Error('oh');
      },
    },
    /throws while its parameters are checked: Error: oh/,
  ],
])('an export %o is refused in words', (exported, message) => {
  expect(faultOf(validateStrategy(exported))).toMatchObject({
    code: 'strategy_invalid',
    message: expect.stringMatching(message) as string,
  });
});

test('the EMA cross warms up, goes long when the fast average rises above the slow one, and leaves when it falls below', () => {
  const kernel = running([crossing]);
  const actions: string[] = [];
  const closes = [...Array.from({ length: 15 }, () => 6_000_000), 6_010_000, 6_020_000, 6_000_000, 5_990_000];
  closes.forEach((close, minute) => {
    const outputs = kernel.handle(barInput(minute, close));
    actions.push(
      ...only(outputs, 'decision').map(
        ({ decision }) => `${decision.action}:${JSON.stringify(decision.wanted).slice(0, 12)}`,
      ),
    );
  });
  expect(actions.slice(0, 14).every((action) => action.startsWith('warm_up'))).toBe(true);
  expect(actions[14]).toMatch(/^hold:\{"target":0/);
  expect(actions[15]).toMatch(/"target":1/);
  expect(actions[18]).toMatch(/"target":0/);
});

test.each<[string, (context: StrategyContext) => void, RegExp]>([
  ['a fraction above 1', (context) => context.setTarget(1.1), /setTarget: the fraction must be from -1 to 1, not 1.1/],
  ['a fraction that is no number', (context) => context.setTarget(Number.NaN), /not NaN/],
  [
    'bars of an interval that it did not name',
    (context) => void context.barsOf('1h'),
    /barsOf: 1h is not among what intervals\(\) returns/,
  ],
])('a strategy that asks for %s is stopped with a message', (_what, onBar, message) => {
  const strategy = configured(defineStrategy({ name: 'wrong', parameters: {}, intervals: () => ['1m'], onBar }));
  const [output] = only(running([strategy]).handle(barInput(0, 6_000_000)), 'decision');
  expect(output?.decision).toMatchObject({
    action: 'error',
    wanted: { message: expect.stringMatching(message) as string },
  });
});
