import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approximate,
  DECIMAL_SCALE_MAX,
  divide,
  formatDecimal,
  formatUnits,
  formatUnitsShort,
  parseDecimal,
  pow10,
  rescale,
} from './decimal.ts';
import { expectOk } from './result.ts';

const decimalText = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.integer({ min: 0, max: DECIMAL_SCALE_MAX }))
  .map(([negative, units, scale]) => formatUnits(negative && units > 0n ? -units : units, scale));

describe('decimal', () => {
  it('parses and prints any decimal without losing a digit', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        expect(formatDecimal(expectOk(parseDecimal(text)))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the value when it prints without trailing zeros', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 18 }),
        (units, scale) => {
          const short = formatUnitsShort(units, scale);
          expect(expectOk(rescale(expectOk(parseDecimal(short)), scale))).toBe(units);
          expect(short).not.toMatch(/\.\d*0$|\.$|^-0$/);
        },
      ),
    );
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '1e5',
    '.5',
    '5.',
    '0x10',
    '1,5',
    '--1',
    'NaN',
    'Infinity',
    '1.2.3',
    '٣',
    '9'.repeat(61),
    `0.${'1'.repeat(31)}`,
  ])('refuses %j as malformed', (text) => {
    expect(parseDecimal(text)).toMatchObject({ ok: false, fault: { code: 'decimal_malformed', retry: 'permanent' } });
  });

  it('rescales up exactly and refuses to cut digits that are not zero', () => {
    const value = expectOk(parseDecimal('1.250'));
    expect(expectOk(rescale(value, 5))).toBe(125000n);
    expect(expectOk(rescale(value, 2))).toBe(125n);
    expect(rescale(value, 1)).toMatchObject({ ok: false, fault: { code: 'decimal_inexact' } });
  });

  it('divides with floor below, ceil above, and half-even nearest', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 10n }),
        (dividend, divisor) => {
          const floor = divide(dividend, divisor, 'floor');
          const ceil = divide(dividend, divisor, 'ceil');
          const nearest = divide(dividend, divisor, 'half-even');
          expect(floor * divisor <= dividend && dividend < (floor + 1n) * divisor).toBe(true);
          expect(ceil).toBe(dividend % divisor === 0n ? floor : floor + 1n);
          const distance = nearest * divisor - dividend;
          expect((distance < 0n ? -distance : distance) * 2n <= divisor).toBe(true);
        },
      ),
    );
    expect([1n, 3n, 5n, -1n, -3n].map((half) => divide(half, 2n, 'half-even'))).toEqual([0n, 2n, 2n, 0n, -2n]);
  });

  it('approximates by the binary number that is nearest, as of the text', () => {
    const units = fc.oneof(
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
      fc.maxSafeInteger().map(BigInt),
      fc.maxSafeInteger().map((short) => BigInt(short) * 10n ** 10n),
    );
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 30 }), (value, scale) => {
        expect(approximate(value, scale)).toBe(Number(formatUnits(value, scale)));
      }),
    );
  });

  it('states the range of powers it knows', () => {
    expect(pow10(18)).toBe(10n ** 18n);
    expect(() => pow10(-1)).toThrow(RangeError);
  });
});
