import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnits, parseDecimal, pow10, type Decimal } from './decimal.ts';
import {
  affordableQuantity,
  approximatePrice,
  baseAmount,
  formatPrice,
  formatQuantity,
  lotsWithin,
  notional,
  parsePrice,
  parseQuantity,
  parseStep,
  parseVolume,
  price,
  quantity,
  toSteps,
  type Step,
} from './instrument.ts';
import { amount, formatAmount } from './money.ts';
import { expectOk } from './result.ts';

const step = fc.record({ units: fc.constantFrom(1, 2, 5, 25), scale: fc.integer({ min: 0, max: 8 }) });
const decimal: fc.Arbitrary<Decimal> = fc.record({
  units: fc.bigInt({ min: 0n, max: 10n ** 14n }),
  scale: fc.integer({ min: 0, max: 10 }),
});

/** The decimal and `steps` grid steps as integers at one scale. */
function comparable(value: Decimal, steps: number, grid: Step): [wanted: bigint, got: bigint, size: bigint] {
  const scale = Math.max(value.scale, grid.scale);
  const size = BigInt(grid.units) * pow10(scale - grid.scale);
  return [value.units * pow10(scale - value.scale), BigInt(steps) * size, size];
}

describe('instrument grids', () => {
  it('round to tick and lot down never goes up, and up never goes down, by less than one step', () => {
    fc.assert(
      fc.property(decimal, step, (value, grid) => {
        const down = toSteps(value, grid, 'down');
        const up = toSteps(value, grid, 'up');
        fc.pre(down.ok && up.ok);
        if (!down.ok || !up.ok) return;
        const [wanted, lower, size] = comparable(value, down.value, grid);
        const [, upper] = comparable(value, up.value, grid);
        expect(lower <= wanted && wanted - lower < size).toBe(true);
        expect(upper >= wanted && upper - wanted < size).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('accept a decimal exactly when it lies on the grid', () => {
    fc.assert(
      fc.property(decimal, step, (value, grid) => {
        const exact = toSteps(value, grid, 'exact');
        const down = toSteps(value, grid, 'down');
        fc.pre(down.ok);
        if (!down.ok) return;
        const [wanted, lower] = comparable(value, down.value, grid);
        expect(exact.ok).toBe(wanted === lower);
        if (!exact.ok) expect(exact.fault.code).toBe('off_grid');
      }),
    );
  });

  it('print and parse prices and quantities back to the same ticks and lots', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), step, (steps, grid) => {
        const instrument = { tick: grid, lot: grid };
        expect(expectOk(parsePrice(formatPrice(price(steps), instrument), instrument))).toBe(steps);
        expect(expectOk(parseQuantity(formatQuantity(quantity(steps), instrument), instrument))).toBe(steps);
      }),
    );
  });

  it.each([
    ['0.01000000', { units: 1, scale: 2 }],
    ['0.05', { units: 5, scale: 2 }],
    ['1.00000000', { units: 1, scale: 0 }],
    ['10', { units: 10, scale: 0 }],
    ['0.00000001', { units: 1, scale: 8 }],
  ])('read the step %s', (text, expected) => {
    expect(expectOk(parseStep(text))).toEqual(expected);
  });

  it.each(['0', '0.000', '-0.01', 'x', '0.0000000001'])('refuse the step %s', (text) => {
    expect(parseStep(text).ok).toBe(false);
  });

  it('refuse what no safe integer of steps can hold, and what is negative', () => {
    expect(parsePrice('99999999999999999.99', { tick: { units: 1, scale: 2 } })).toMatchObject({
      ok: false,
      fault: { code: 'out_of_range' },
    });
    expect(parsePrice('-1', { tick: { units: 1, scale: 2 } })).toMatchObject({
      ok: false,
      fault: { code: 'out_of_range' },
    });
  });
});

describe('money of an instrument', () => {
  const btcusdt = { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } };

  it('multiplies price and quantity exactly', () => {
    const at = expectOk(parsePrice('61737.63', btcusdt));
    const size = expectOk(parseQuantity('0.02000', btcusdt));
    expect(formatAmount(notional(at, size, btcusdt))).toBe('1234.7526');
    expect(formatAmount(baseAmount(size, btcusdt))).toBe('0.02');
    expect(approximatePrice(at, btcusdt)).toBe(61737.63);
  });

  it('buys the most lots the money covers, never one more', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 26n }), fc.integer({ min: 1, max: 10 ** 9 }), (units, ticks) => {
        const lots = affordableQuantity(amount(units), price(ticks), btcusdt);
        expect(notional(price(ticks), lots, btcusdt) <= units).toBe(true);
        expect(notional(price(ticks), quantity(lots + 1), btcusdt) > units).toBe(true);
      }),
    );
    expect(affordableQuantity(amount(10n ** 18n), price(0), btcusdt)).toBe(0);
  });

  it('multiplies prices and quantities exactly, however large they are', () => {
    const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 0, max: 10 ** 8 })).map(Math.abs);
    fc.assert(
      fc.property(whole, whole, step, step, (ticks, lots, tick, lot) => {
        const instrument = { tick, lot };
        const units = BigInt(lots) * BigInt(lot.units);
        const product = BigInt(ticks) * BigInt(tick.units) * units;
        expect(notional(price(ticks), quantity(lots), instrument)).toBe(product * pow10(18 - tick.scale - lot.scale));
        expect(baseAmount(quantity(lots), instrument)).toBe(units * pow10(18 - lot.scale));
      }),
    );
  });

  it('finds the lots within an amount of the base asset, rounded down', () => {
    expect(lotsWithin(amount(20_009_999_999_999_999n), btcusdt)).toBe(2000);
    expect(lotsWithin(amount(0n), btcusdt)).toBe(0);
  });

  it('reads volumes finer than the lot of today', () => {
    expect(formatUnits(expectOk(parseVolume('47.181009')), 8)).toBe('47.18100900');
    expect(parseVolume('0.000000001')).toMatchObject({ ok: false, fault: { code: 'decimal_inexact' } });
    expect(parseDecimal('47.181009').ok).toBe(true);
  });
});
