import { describe, expect, it } from 'vitest';
import { casesOf, outcomeOf } from './cases.test-support.ts';

const CASES = casesOf(new URL('../../docs/backtest-cases.md', import.meta.url));

describe('the cases that were worked by hand', () => {
  it.each(CASES)('$number: $why', (row) => {
    expect(outcomeOf(row)).toBe(row.comes);
  });

  it('are sixty and more, numbered one after the other', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(60);
    expect(CASES.map(({ number }) => Number(number))).toEqual(CASES.map((_row, index) => index + 1));
  });
});
