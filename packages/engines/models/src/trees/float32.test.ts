import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { above32, below32, text32 } from './float32.ts';

const floats = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('32-bit floats', () => {
  it('have no neighbour between one and the one below or above', () => {
    fc.assert(
      fc.property(floats, (value) => {
        const low = below32(value);
        expect(low).toBeLessThan(value);
        expect(Math.fround(low)).toBe(low);
        const middle = Math.fround((low + value) / 2);
        expect(middle === low || middle === value || Number.isInteger(Math.log2(Math.abs(middle)))).toBe(true);
        expect(above32(low) + 0).toBe(value + 0);
      }),
    );
  });

  it('step over zero and stop at the infinities', () => {
    expect(below32(0)).toBe(-1.401298464324817e-45);
    expect(above32(0)).toBe(1.401298464324817e-45);
    expect(below32(Infinity)).toBe(3.4028234663852886e38);
    expect(below32(-Infinity)).toBe(-Infinity);
    expect(above32(-Infinity)).toBe(-3.4028234663852886e38);
    expect(above32(1)).toBe(1 + 2 ** -23);
  });

  it('are written with an exponent and read back the same', () => {
    fc.assert(
      fc.property(floats, (value) => {
        expect(text32(value)).toContain('e');
        expect(Math.fround(Number(text32(value))) + 0).toBe(value + 0);
      }),
    );
    expect(text32(0.1)).toBe('1e-1');
  });
});
