import { seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowMoments } from './block-moments.ts';
import { WindowSpread } from './block-spread.ts';
import { WindowDecayedSum, WindowExtreme, WindowSum } from './block-window.ts';
import type { Column, Node } from './node.ts';

const DECAY = 0.9;
const KINDS: readonly (readonly [string, (input: Column, count: number) => Node])[] = [
  ['sum', (input, count) => new WindowSum(input, count)],
  ['largest', (input, count) => new WindowExtreme(input, count, 1)],
  ['smallest', (input, count) => new WindowExtreme(input, count, -1)],
  ['decayed sum', (input, count) => new WindowDecayedSum(input, count, DECAY)],
  ['spread', (input, count) => new WindowSpread(input, count)],
  ['moments', (input, count) => new WindowMoments(input, input, count)],
];

/** Each the plainest way, over the window alone. */
const PLAIN: Readonly<Record<string, (window: readonly number[]) => number>> = {
  sum: (window) => window.reduce((sum, value) => sum + value, 0),
  largest: (window) => Math.max(...window),
  smallest: (window) => Math.min(...window),
  'decayed sum': (window) => window.reduce((sum, value) => sum * DECAY + value, 0),
  spread: squares,
  moments: squares,
};

function squares(window: readonly number[]): number {
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
  return window.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

function valuesOf(
  make: (input: Column, count: number) => Node,
  values: Float64Array,
  count: number,
  first: number,
): Float64Array {
  const node = make({ values }, count);
  node.allocate(values.length);
  const sides =
    node instanceof WindowSpread ? [node.mean] : node instanceof WindowMoments ? [node.squaresX, node.squaresY] : [];
  for (const side of sides) side.allocate(values.length);
  node.reset();
  node.run(0, values.length, first);
  return node.values;
}

describe.each(KINDS)('the %s of a window', (name, make) => {
  it('is what the window alone gives, from any place of a block on, missing where it is missing', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 20, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) }, fc.constant(Number.NaN)),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        fc.integer({ min: 1, max: 25 }),
        fc.nat(1_000),
        (list, count, first) => {
          const made = valuesOf(make, Float64Array.from(list), count, first);
          for (const [row, value] of made.entries()) {
            const window = list.slice(Math.max(0, row - count + 1), row + 1);
            if (window.length < count || window.some(Number.isNaN)) expect(value).toBeNaN();
            else expect(Math.abs(value - (PLAIN[name]?.(window) ?? Number.NaN))).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('looks at each row a few times, however long the window is', () => {
    const rows = 4_000;
    const random = seededRandom(1);
    const reads = (count: number): number => {
      let seen = 0;
      const values = new Proxy(
        Float64Array.from({ length: rows }, () => random.gaussian()),
        {
          get: (target, key) => {
            if (typeof key === 'string' && /^\d+$/.test(key)) seen += 1;
            return Reflect.get(target, key, target) as unknown;
          },
        },
      );
      valuesOf(make, values, count, 0);
      return seen / rows;
    };
    for (const count of [2, 10, 100, 1_000]) {
      expect(reads(count)).toBeGreaterThanOrEqual(1);
      expect(reads(count)).toBeLessThanOrEqual(4);
    }
  });
});

it('a spread of equal values is nothing at all, whatever came before', () => {
  const values = Float64Array.from({ length: 200 }, (_, row) => (row < 100 ? Math.sin(row) * 1e6 : 60_000.1));
  const made = valuesOf((input, count) => new WindowSpread(input, count), values, 20, 7);
  expect([...new Set(made.subarray(119))]).toEqual([0]);
});
