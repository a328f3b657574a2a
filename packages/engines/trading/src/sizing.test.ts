import { absAmount, applyRate, baseAmount, price, quantity } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BTC, money } from './kernel.test-support.ts';
import { valueAt } from './position.ts';
import { limitFromApproximate, sizeTowards } from './sizing.ts';

test.each([
  [0.1 + 0.2, 'buy', 30],
  [0.1 + 0.2, 'sell', 30],
  [59_000.019, 'buy', 5_900_001],
  [59_000.011, 'sell', 5_900_002],
] as const)('%d as a limit of a %s is %d ticks: never worse than asked', (value, side, ticks) => {
  expect(limitFromApproximate(value, side, BTC)).toEqual({ ok: true, value: ticks });
});

test('a target is approached and never overshot, and never sells more than is there', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.bigInt({ min: 0n, max: 10n ** 24n }),
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      (targetPpm, allocation, lots, at) => {
        const held = baseAmount(quantity(lots), BTC);
        const whole = allocation as ReturnType<typeof money>;
        const input = {
          targetPpm,
          allocation: whole,
          held,
          sellable: quantity(lots),
          instrument: BTC,
          mark: price(at),
          enterAt: price(at),
          rebalanceBandPpm: 100_000,
        };
        const sized = sizeTowards(input);
        if (!('side' in sized)) return;
        const wanted = applyRate(whole, targetPpm, 'floor');
        const sign = sized.side === 'buy' ? 1n : -1n;
        const before = valueAt(held, price(at), BTC) - wanted;
        const after = before + sign * valueAt(baseAmount(sized.quantity, BTC), price(at), BTC);
        expect(sized.quantity).toBeGreaterThan(0);
        expect(sized.side === 'buy' || sized.quantity <= lots).toBe(true);
        expect(absAmount(after as typeof whole) <= absAmount(before as typeof whole)).toBe(true);
        expect(sized.side === 'buy' ? after <= 0n : after >= 0n).toBe(true);
        // A short position is the same, the other way round.
        const mirrored = sizeTowards({ ...input, targetPpm: -targetPpm, held: -held as typeof held });
        expect(mirrored).toEqual({ ...sized, side: sized.side === 'buy' ? 'sell' : 'buy' });
      },
    ),
  );
});

test('within the band nothing is done, unless nothing is held', () => {
  const input = {
    targetPpm: 1_000_000,
    allocation: money('1000'),
    instrument: BTC,
    mark: price(6_000_000),
    enterAt: price(6_000_000),
    rebalanceBandPpm: 100_000,
  };
  expect(sizeTowards({ ...input, held: baseAmount(quantity(1_500), BTC), sellable: quantity(1_500) })).toHaveProperty(
    'none',
  );
  expect(sizeTowards({ ...input, held: baseAmount(quantity(1_499), BTC), sellable: quantity(1_499) })).toMatchObject({
    side: 'buy',
    quantity: 167,
  });
  expect(sizeTowards({ ...input, targetPpm: 50_000, held: money('0'), sellable: quantity(0) })).toMatchObject({
    side: 'buy',
  });
});
