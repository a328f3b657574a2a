import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberOfId } from './ids.ts';
import { baseAmount, lotsWithin, notional, price, quantity, wholeLots } from './instrument.ts';
import { amount } from './money.ts';
import { NotionalSum } from './notional-sum.ts';

const STEPS = [
  { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } },
  { tick: { units: 5, scale: 8 }, lot: { units: 10, scale: 0 } },
] as const;

test('a sum of prices times quantities, also of differences, is exact however large, over instruments, and whenever it is looked at', () => {
  const part = fc.record({
    ticks: fc.oneof(fc.integer({ min: -9_000_000, max: 9_000_000 }), fc.maxSafeInteger()),
    lots: fc.oneof(fc.nat(1_000_000), fc.maxSafeNat()),
    which: fc.constantFrom(0, 0, 0, 1),
    looked: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(part), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (parts, from) => {
      const sum = new NotionalSum(amount(from));
      let exact = from;
      for (const { ticks, lots, which, looked } of parts) {
        const steps = STEPS[which];
        sum.add(ticks, quantity(lots), steps);
        const whole = notional(price(Math.abs(ticks)), quantity(lots), steps);
        exact += ticks < 0 ? -whole : whole;
        if (looked) expect(sum.value).toBe(exact);
      }
      expect(sum.value).toBe(exact);
    }),
  );
});

test('an amount is so many whole lots, or none that is whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(1_000_000), fc.constantFrom(0n, 0n, 1n, -1n), fc.constantFrom(0, 1))),
      (all) => {
        for (const [lots, beside, which] of all) {
          const steps = STEPS[which];
          const base = amount(baseAmount(quantity(lots), steps) + beside);
          expect(wholeLots(base, steps)).toBe(beside === 0n ? lots : null);
          expect(lotsWithin(base, steps)).toBe(beside < 0n ? Math.max(0, lots - 1) : lots);
        }
      },
    ),
  );
});

test('an id is a number only as numbers are written', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.integer().map(String), fc.maxSafeNat().map(String), fc.stringMatching(/^[0-9]{0,17}$/)),
      (id) => {
        const number = numberOfId(id);
        expect(number === -1 || String(number) === id).toBe(true);
        if (/^(0|[1-9][0-9]{0,14})$/.test(id)) expect(number).toBe(Number(id));
      },
    ),
  );
});
