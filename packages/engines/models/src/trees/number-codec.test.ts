import { ok } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orFault } from './model-faults.ts';
import { decodeNumbers, encodeNumbers, type StoredNumbers } from './number-codec.ts';

/** Through JSON, as files are. */
const stored = (numbers: Parameters<typeof encodeNumbers>[0]): StoredNumbers =>
  JSON.parse(JSON.stringify(encodeNumbers(numbers))) as StoredNumbers;

const bits = (numbers: Float64Array): BigUint64Array => new BigUint64Array(numbers.buffer);
/** Few numbers or many, and more than a byte tells apart. */
const sizes = fc.constantFrom(1, 3, 300, 100_000);

describe('numbers in files', () => {
  it('come back bit for bit, whether few of them differ or many', () => {
    const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(fc.array(double, { minLength: 1, maxLength: 300, size: 'max' }), sizes, (some, times) => {
        const numbers = Float64Array.from(
          { length: Math.min(2_000, some.length * times) },
          (_, at) => some[at % some.length] ?? 0,
        );
        expect(bits(decodeNumbers(stored(numbers), Float64Array, 'here'))).toEqual(bits(numbers));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300, size: 'max' }), sizes, (some, times) => {
        const numbers = Int32Array.from(
          { length: Math.min(2_000, some.length * times) },
          (_, at) => some[at % some.length] ?? 0,
        );
        expect(decodeNumbers(stored(numbers), Int32Array, 'here')).toEqual(numbers);
        const words = new Uint32Array(numbers.buffer);
        expect(decodeNumbers(stored(words), Uint32Array, 'here')).toEqual(words);
      }),
    );
    const all = Float64Array.from({ length: 70_000 }, (_, index) => index / 3);
    expect(decodeNumbers(stored(all), Float64Array, 'here')).toEqual(all);
  });

  it('take a byte or two each where few of them differ', () => {
    const length = (different: number): number =>
      JSON.stringify(encodeNumbers(Float64Array.from({ length: 30_000 }, (_, index) => (index % different) / 7)))
        .length;
    expect(length(2)).toBeLessThan(41_000);
    expect(length(1_000)).toBeLessThan(92_000);
    expect(length(30_000)).toBeLessThan(321_000);
  });

  it('that are damaged are refused with the place', () => {
    const complaintOf = (value: unknown): string => {
      const read = orFault('file', () => ok(decodeNumbers(value, Float64Array, 'x')));
      return read.ok ? 'none' : read.fault.message;
    };
    const whole = stored(new Float64Array(100)) as { readonly numbers: string; readonly codes: string };
    for (const [value, complaint] of [
      [null, 'x'],
      ['?', 'x'],
      [{ ...whole, codes: 7 }, 'x.codes'],
      [{ ...whole, numbers: 'AAAA' }, 'x.numbers'],
      [{ ...whole, numbers: '' }, 'x.codes'],
    ] as const)
      expect(complaintOf(value)).toContain(`${complaint}: `);
  });
});
