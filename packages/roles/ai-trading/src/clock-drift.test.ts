import { expect, test } from 'vitest';
import { clockDrift } from './clock-drift.ts';

test.each([
  [{ offsetMs: 1_000, errorMs: 1_000 }, null],
  [{ offsetMs: -1_000, errorMs: 0 }, null],
  [{ offsetMs: 1_000.6, errorMs: 5 }, /1001 ms ahead of ours, more than 1000 ms/],
  [{ offsetMs: -2_500, errorMs: 5 }, /2500 ms behind ours/],
  [{ offsetMs: 0, errorMs: 1_000.6 }, /known to 1001 ms only/],
  [null, null],
])('clocks as %o', (reading, words) => {
  const found = clockDrift(reading, 1_000);
  if (words === null) expect(found).toBeNull();
  else expect(found).toMatch(words);
});
