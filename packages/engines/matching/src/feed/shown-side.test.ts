import { price, quantity } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShownSide } from './shown-side.ts';

const level = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 }));

test.each([true, false])(
  'a new best leaves what lies behind it, sorted, and nothing before it (bids: %s)',
  (isBids) => {
    fc.assert(
      fc.property(fc.uniqueArray(level, { selector: ([at]) => at }), level, (levels, [at, size]) => {
        const side = new ShownSide(isBids);
        const sorted = levels.toSorted(([left], [right]) => (isBids ? right - left : left - right));
        side.setAll(sorted.map(([ticks, lots]) => [price(ticks), quantity(lots)]));
        side.setBest(at, size);
        const behind = sorted.filter(([ticks]) => (isBids ? ticks < at : ticks > at));
        const expected = [[at, size], ...behind];
        expect(side.prices.map((ticks, index) => [ticks, side.shown[index]])).toEqual(expected);
        expect(side.left).toEqual(side.shown);
      }),
    );
  },
);
