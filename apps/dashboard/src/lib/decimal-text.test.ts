import { formatUnits } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCompact,
  formatExact,
  formatPoints,
  formatRounded,
  formatShare,
  formatShort,
  formatSigned,
  percentChange,
  runningSums,
  subtract,
  trendOf,
} from './decimal-text.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, scale]) => formatUnits(units, scale));

describe('exact numbers on the screen', () => {
  it('keep every digit, beyond what binary floating point holds', () => {
    expect(formatExact('12345678901234567890.123456789012345678', 'en')).toBe(
      '12,345,678,901,234,567,890.123456789012345678',
    );
    expect(formatExact('61737.60', 'ko')).toBe('61,737.60');
    expect(formatExact('0.1', 'en')).toBe('0.1');
  });

  it('are the same number again once the grouping is taken out', () => {
    fc.assert(
      fc.property(decimal, (text) => {
        const normal = /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
        const shown = formatExact(text, 'en').replaceAll(',', '');
        expect(shown.replace(/^-(0(\.0+)?)$/, '$1')).toBe(normal);
      }),
    );
  });

  it('that are not decimals are shown as they came, not as NaN', () => {
    for (const odd of ['', 'abc', '1e5', 'NaN', ' 1']) {
      expect([formatExact(odd, 'en'), formatRounded(odd, 'en', 2), formatSigned(odd, 'en', 2)]).toEqual([
        odd,
        odd,
        odd,
      ]);
      expect(formatCompact(odd, 'en')).toBe(odd);
    }
  });

  it('are rounded half away from zero, on their decimal digits', () => {
    expect(formatRounded('1.005', 'en', 2)).toBe('1.01');
    expect(formatRounded('-1.005', 'en', 2)).toBe('-1.01');
    expect(formatRounded('1.004999999999999999', 'en', 2)).toBe('1.00');
  });

  it('carry a sign unless they are zero', () => {
    expect(formatSigned('3.2', 'en', 2)).toBe('+3.20');
    expect(formatSigned('-3.2', 'en', 2)).toBe('-3.20');
    expect(formatSigned('0.000', 'en', 2)).toBe('0.00');
  });

  it('lose trailing zeros where many assets stand in a column', () => {
    expect(formatShort('0.01598400', 'en', 8)).toBe('0.015984');
    expect(formatShort('9013.482910000000000000', 'en', 8)).toBe('9,013.48291');
  });

  it('are said in few characters where space is short', () => {
    expect(formatCompact('7917.12', 'en')).toBe('7.917K');
    expect(formatCompact('79171200', 'ko')).toBe('7917만');
  });
});

describe('shares', () => {
  it('are shown in percent and in points', () => {
    expect(formatShare(0.5271, 'en', 1)).toBe('52.7%');
    expect(formatPoints(0.0043, 'en')).toBe('+0.4');
    expect(formatPoints(-0.0031, 'en')).toBe('-0.3');
  });
});

describe('arithmetic on decimal text', () => {
  it('is exact where binary numbers are not', () => {
    expect(subtract('0.3', '0.1')).toBe('0.2');
    expect(subtract('61737.63', '61737.61')).toBe('0.02');
    expect(runningSums(['0.1', '0.2', '0.30'])).toEqual(['0.1', '0.3', '0.60']);
  });

  it('undoes itself: a difference added back gives the number', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = subtract(a, b);
        expect(difference).not.toBeNull();
        const back = subtract(runningSums([b, difference ?? '']).at(-1) ?? '', a);
        expect(trendOf(back ?? 'none')).toBe('flat');
        expect(back).toMatch(/^-?0(\.0+)?$/);
      }),
    );
  });

  it('gives a change in percent', () => {
    expect(percentChange('100', '101.5')).toBe('1.50');
    expect(percentChange('62436.43', '62436.45', 6)).toBe('0.000032');
    expect(percentChange('3', '2')).toBe('-33.33');
  });

  it('says nothing where there is nothing to say', () => {
    expect(percentChange('0', '1')).toBeNull();
    expect(percentChange('-5', '1')).toBeNull();
    expect(percentChange('1', 'x')).toBeNull();
    expect(subtract('x', '1')).toBeNull();
    expect(runningSums(['1', 'x', '2'])).toEqual(['1']);
  });

  it('knows which way a number points', () => {
    expect(['1', '-0.01', '0.000', 'x'].map(trendOf)).toEqual(['up', 'down', 'flat', 'flat']);
  });
});
