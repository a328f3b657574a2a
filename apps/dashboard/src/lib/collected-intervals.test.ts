import { describe, expect, it } from 'vitest';
import { shownInterval } from './collected-intervals.ts';

describe('the interval of the chart', () => {
  it('is the chosen one where its bars are collected, else the first of those that are', () => {
    expect(shownInterval('1m', ['1m', '1h'])).toBe('1m');
    expect(shownInterval('1m', ['30m', '1w'])).toBe('30m');
    expect(shownInterval('1m', [])).toBe('1m');
  });
});
