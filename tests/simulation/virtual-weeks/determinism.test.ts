import { expect, it } from 'vitest';
import { runWeek } from './week-case.ts';

it('the same seed gives the same days', { timeout: 120_000 }, async () => {
  const [one, other] = [await runWeek(5, 2), await runWeek(5, 2)];
  expect(one.fills).toBeGreaterThan(0);
  expect(other).toEqual(one);
});
