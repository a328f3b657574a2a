import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BarWindow } from './bar-window.ts';
import type { StrategyBar } from './strategy/vocabulary.ts';

const MINUTE = 60_000;
const bar = (n: number): StrategyBar => ({
  openTimeMs: n * MINUTE,
  closeTimeMs: (n + 1) * MINUTE,
  open: n,
  high: n,
  low: n,
  close: n,
  volume: 1,
});
const minutes = (window: BarWindow): number[] => window.bars.map(({ openTimeMs }) => openTimeMs / MINUTE);

test('keeps the newest bars, refuses old ones, and begins anew after a gap', () => {
  const window = new BarWindow('1m', 2);
  expect([1, 2, 3, 3, 5].map((n) => window.push(bar(n)))).toEqual(['added', 'added', 'added', 'old', 'gap']);
  expect(minutes(window)).toEqual([5]);
  window.merge([3, 4].map(bar));
  expect(minutes(window)).toEqual([4, 5]);
});

test('a history in pieces, the newest first, gives the same window as all of it at once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      (ns, capacity, size) => {
        const sorted = ns.toSorted((a, b) => a - b);
        const whole = new BarWindow('1m', capacity);
        whole.merge(sorted.map(bar));
        const pieces = new BarWindow('1m', capacity);
        for (let end = sorted.length; end > 0; end -= size)
          pieces.merge(sorted.slice(Math.max(0, end - size), end).map(bar));
        const pushed = new BarWindow('1m', capacity);
        for (const n of sorted) pushed.push(bar(n));
        expect(minutes(pieces)).toEqual(minutes(whole));
        expect(minutes(pushed)).toEqual(minutes(whole));
        expect(minutes(whole).every((n, index, all) => index === 0 || n === (all[index - 1] ?? Number.NaN) + 1)).toBe(
          true,
        );
        expect(whole.bars.length).toBeLessThanOrEqual(capacity);
      },
    ),
  );
});
