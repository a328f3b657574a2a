import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affordable, compare, isMultiple, isPositive, multiply, sumOf } from './exact.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 0, max: 8 }))
  .map(([units, scale]) => {
    const digits = units.toString().padStart(scale + 1, '0');
    return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  });

describe('arithmetic on decimal text', () => {
  it('is exact where binary numbers are not', () => {
    expect(sumOf(['0.1', '0.2'])).toBe('0.3');
    expect(multiply('0.01634', '61213.75')).toBe('1000.232675');
    expect(compare('0.30', '0.3')).toBe(0);
    expect(isPositive('0.00')).toBe(false);
  });

  it('has no sum where one part is unknown', () => {
    expect(sumOf(['1', null])).toBeNull();
    expect(sumOf([])).toBe('0');
    expect(multiply('x', '1')).toBeNull();
  });

  it('knows what is on an instrument’s steps', () => {
    expect(isMultiple('60000.01', '0.01')).toBe(true);
    expect(isMultiple('60000.015', '0.01')).toBe(false);
    expect(isMultiple('1', '0')).toBe(false);
  });

  it('buys as many whole lots as the money pays for, and not one more', () => {
    fc.assert(
      fc.property(decimal.filter(isPositive), decimal.filter(isPositive), (amount, price) => {
        const lot = '0.00001';
        const quantity = affordable(amount, price, lot) ?? '';
        expect(isMultiple(quantity, lot)).toBe(true);
        expect(compare(multiply(quantity, price) ?? '', amount)).not.toBe(1);
        expect(compare(multiply(sumOf([quantity, lot]) ?? '', price) ?? '', amount)).toBe(1);
      }),
    );
  });
});
