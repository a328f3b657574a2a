import { divide } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wide } from './wide.ts';

const safe = fc.oneof(fc.maxSafeNat(), fc.nat(1_000_000), fc.constantFrom(0, 1, 2 ** 50 - 1, 2 ** 50, 2 ** 53 - 1));
const big = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 100n }), safe.map(BigInt));
const wide = (value: bigint): Wide => new Wide().setBig(value);

describe('wide integers are exact, as bigint is', () => {
  it('when they are set and read', () => {
    fc.assert(
      fc.property(big, (value) => {
        expect(wide(value).toBig()).toBe(value);
      }),
    );
  });

  it('in products, small and beyond 2^53', () => {
    fc.assert(
      fc.property(safe, safe, fc.constantFrom(1, 10, 1_000, 10 ** 10), (left, right, factor) => {
        const product = BigInt(left) * BigInt(right) * BigInt(factor);
        fc.pre(product < 2n ** 103n);
        expect(new Wide().setProduct(left, right, factor).toBig()).toBe(product);
      }),
      { numRuns: 1_000 },
    );
  });

  it('in sums, differences and comparisons', () => {
    fc.assert(
      fc.property(big, big, (left, right) => {
        expect(wide(left).add(wide(right)).toBig()).toBe(left + right);
        expect(wide(left).covers(wide(right))).toBe(left >= right);
        if (left >= right) expect(wide(left).subtract(wide(right)).toBig()).toBe(left - right);
        else {
          const less = wide(left);
          expect(() => less.subtract(wide(right))).toThrow(RangeError);
          expect(less.toBig()).toBe(left);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('in shares, rounded up to the unit', () => {
    const unit = fc.constantFrom(1, 10, 1_000, 10 ** 10);
    fc.assert(
      fc.property(big, fc.nat(1_000_000), unit, (value, rate, step) => {
        const expected = divide(value * BigInt(rate), 1_000_000n * BigInt(step), 'ceil') * BigInt(step);
        expect(new Wide().setShare(wide(value), rate, 1_000_000, step).toBig()).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
