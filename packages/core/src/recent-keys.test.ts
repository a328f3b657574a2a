import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentKeys } from './recent-keys.ts';

test('the newest keys are kept, each once, and the oldest is let go of for one more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 0, max: 12 })), (capacity, added) => {
      const recent = new RecentKeys<number>(capacity);
      let kept: number[] = [];
      for (const key of added) {
        const before = kept;
        if (!kept.includes(key)) kept = [...kept, key].slice(-capacity);
        expect(recent.add(key)).toBe(before.find((each) => !kept.includes(each)) ?? null);
        expect([...recent.keys]).toEqual(kept);
        expect(recent.has(key)).toBe(true);
      }
    }),
  );
  expect(() => new RecentKeys(0)).toThrow(RangeError);
});
