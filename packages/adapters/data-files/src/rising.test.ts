import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestRising, placeText } from './rising.ts';

const kept = (values: readonly number[], level = false): readonly number[] | null => {
  const mask = longestRising(Float64Array.from(values), level);
  return mask === null ? null : values.filter((_, at) => mask[at] === 1);
};

/** The length of the longest rising part, by trying all. */
function longest(values: readonly number[], level: boolean): number {
  let most = 0;
  for (let subset = 0; subset < 2 ** values.length; subset += 1) {
    const part = values.filter((_, at) => (subset & (1 << at)) !== 0);
    const rising = part.every(
      (value, at) => at === 0 || value > (part[at - 1] ?? 0) || (level && value === part[at - 1]),
    );
    if (rising) most = Math.max(most, part.length);
  }
  return most;
}

describe('the longest rising part', () => {
  it('is all where all rise', () => {
    expect(kept([1, 2, 5])).toBeNull();
    expect(kept([])).toBeNull();
    expect(kept([1, 2, 2], true)).toBeNull();
  });

  it('leaves out one that is ahead of its time, and not all that come after it', () => {
    expect(kept([1, 2, 90, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
    expect(kept([4, 1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('keeps the first of equal ones', () => {
    const mask = longestRising(Float64Array.of(1, 2, 3, 2, 3, 4));
    expect([...(mask ?? [])]).toEqual([1, 1, 1, 0, 0, 1]);
  });

  it('rises, and is as long as any', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 10 }), fc.boolean(), (values, level) => {
        const found = kept(values, level) ?? values;
        expect(
          found.every((value, at) => at === 0 || value > (found[at - 1] ?? 0) || (level && value === found[at - 1])),
        ).toBe(true);
        expect(found.length).toBe(longest(values, level));
      }),
      { numRuns: 150 },
    );
  });

  it('and what is not in it is told by what is around it', () => {
    const values = Float64Array.of(3, 1, 2);
    expect([0, 1, 2].map((row) => placeText(values, row, String))).toEqual([
      'stands ahead of 1',
      'stands between 3 and 2',
      'stands behind 1',
    ]);
  });
});
