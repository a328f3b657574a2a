import type { BarFrame } from '@monsta/features/indicators';
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

const frameOf = (ns: readonly number[]): BarFrame => {
  const column = Float64Array.from(ns);
  const openTimeMs = column.map((n) => n * MINUTE);
  const prices = { open: column, high: column, low: column, close: column };
  return { interval: '1m', length: ns.length, openTimeMs, ...prices, volume: column.map(() => 1) };
};

test('holds the same whether it follows bars in columns or is given them, from whenever it begins to follow', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat({ max: 20 }),
      fc.array(fc.boolean(), { minLength: 61, maxLength: 61 }),
      (ns, capacity, from, looks) => {
        const sorted = ns.toSorted((a, b) => a - b);
        const [own, following] = [new BarWindow('1m', capacity), new BarWindow('1m', capacity)];
        for (const [index, n] of sorted.entries()) {
          if (index === from) following.follow(frameOf(sorted));
          expect(following.push(bar(n))).toBe(own.push(bar(n)));
          expect([following.size, following.full, following.newestOpenMs]).toEqual([
            own.size,
            own.full,
            own.newestOpenMs,
          ]);
          expect(following.newest).toEqual(own.newest);
          if (looks[n] === true) expect(following.bars).toEqual(own.bars);
        }
        following.merge([bar(61)]);
        own.merge([bar(61)]);
        expect(following.bars).toEqual(own.bars);
      },
    ),
  );
});

test('leaves columns in which its bars are not, and goes on by itself', () => {
  const window = new BarWindow('1m', 3, [1, 2].map(bar));
  window.follow(frameOf([2, 3]));
  expect(window.frame).toBeNull();
  const other = new BarWindow('1m', 3);
  other.follow(frameOf([1, 2]));
  expect([1, 2, 3].map((n) => other.push(bar(n)))).toEqual(['added', 'added', 'added']);
  expect([other.frame, minutes(other)]).toEqual([null, [1, 2, 3]]);
});
