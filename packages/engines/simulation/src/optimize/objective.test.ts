import { expect, it } from 'vitest';
import { parseObjective } from './objective.ts';

it.each([
  ['sharpe', { name: 'sharpe', direction: 'max' }],
  ['maxDrawdown', { name: 'maxDrawdown', direction: 'min' }],
  ['maxDrawdown:max', { name: 'maxDrawdown', direction: 'max' }],
  ['trades:min', { name: 'trades', direction: 'min' }],
])('%s is a statistic and the way that is better', (text, value) => {
  expect(parseObjective(text)).toEqual({ ok: true, value });
});

it.each([
  ['sharp', /'sharp' is no statistic; there are: .*sharpe/],
  ['toString', /no statistic/],
  ['trades', /say trades:max or trades:min/],
  ['sharpe:up', /:max, :min or nothing/],
  ['sharpe:max:min', /:max, :min or nothing/],
])('%s is refused', (text, message) => {
  const parsed = parseObjective(text);
  expect(parsed.ok ? '' : parsed.fault.message).toMatch(message);
});
