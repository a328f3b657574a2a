import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesPattern } from './pattern.ts';

it.each([
  ['*', '', true],
  ['btcusdt@*', 'btcusdt@trade', true],
  ['btcusdt@*', 'ethusdt@trade', false],
  ['*@depth*100ms', 'btcusdt@depth@100ms', true],
  ['*@depth', 'btcusdt@depth@100ms', false],
  ['/api/v3/order', '/api/v3/order', true],
  ['/api/v3/order', '/api/v3/orderList', false],
  ['a.c', 'abc', false],
  ['**a**', 'bab', true],
])('%j against %j is %j', (pattern, text, expected) => {
  expect(matchesPattern(pattern, text)).toBe(expected);
});

it('agrees with the regular expression of the same meaning', () => {
  const texts = fc.stringMatching(/^[ab*]{0,8}$/);
  fc.assert(
    fc.property(texts, fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
      expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '[ab]*')}$`).test(text));
    }),
  );
});

it('takes no longer for a pattern made to take long', () => {
  const beganMs = performance.now();
  expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - beganMs).toBeLessThan(2_000);
});
