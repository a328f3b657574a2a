import { formatUnits, parsePrice, parseQuantity, price, quantity, type Step } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LISTED_SYMBOLS } from './symbols.ts';
import { notional8, price8, quantity8, step8 } from './wire.ts';

const steps = fc.record({ units: fc.constantFrom(1, 2, 5, 10, 25), scale: fc.integer({ min: 0, max: 8 }) });

describe('numbers on the wire', () => {
  it('have eight fractional digits and lose nothing, also where plain numbers would', () => {
    fc.assert(
      fc.property(steps, fc.nat(Number.MAX_SAFE_INTEGER), (step: Step, count) => {
        const text = price8(price(count), { tick: step });
        expect(text).toBe(formatUnits(BigInt(count) * BigInt(step.units) * 10n ** BigInt(8 - step.scale), 8));
        const back = parsePrice(text, { tick: step });
        expect(back.ok && back.value).toBe(count);
        expect(quantity8(quantity(count), { lot: step })).toBe(text);
      }),
    );
  });

  it('of steps and turnover are as the exchange prints them', () => {
    const [btc] = LISTED_SYMBOLS;
    if (btc === undefined) throw new Error('no symbols are listed');
    const { instrument } = btc;
    expect(step8(instrument.tick)).toBe('0.01000000');
    expect(step8(instrument.lot)).toBe('0.00001000');
    const at = parsePrice('61837.63', instrument);
    const size = parseQuantity('0.02', instrument);
    expect(at.ok && size.ok && notional8(at.value, size.value, instrument)).toBe('1236.75260000');
  });
});
