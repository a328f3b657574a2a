import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { movedPrice, moveOf, type SlippageModel } from './slippage.ts';

const INPUT = { spread: 20, size: 25, volume: 10_000 };

describe('slippage', () => {
  test.each<[SlippageModel, number, number]>([
    [{ kind: 'none' }, 10_000, 10_000],
    [{ kind: 'rate', ppm: 100 }, 10_001, 9_999],
    [{ kind: 'rate', ppm: 150 }, 10_002, 9_998],
    [{ kind: 'ticks', ticks: 3 }, 10_003, 9_997],
    [{ kind: 'spread', sharePpm: 500_000 }, 10_010, 9_990],
    // √(25 ÷ 10000) is a twentieth.
    [{ kind: 'square-root', ppm: 20_000 }, 10_010, 9_990],
  ])('%o moves 10000 to %i for a buyer and to %i for a seller', (model, bought, sold) => {
    const move = moveOf(model, INPUT);
    expect([movedPrice(10_000, true, move), movedPrice(10_000, false, move)]).toEqual([bought, sold]);
  });

  test('is the exact product, rounded to the tick against the taker', () => {
    const ceil = (units: bigint): bigint => (units + 999_999n) / 1_000_000n;
    const prices = fc.oneof(
      fc.integer({ min: 1, max: 9_000_000_000 }),
      fc.integer({ min: 1, max: 9_000 }).map((each) => each * 1_000_000 - 1),
    );
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 10 ** 6 - 1 }), (price, ppm) => {
        const bought = ceil(BigInt(price) * BigInt(1_000_000 + ppm));
        const sold = (BigInt(price) * BigInt(1_000_000 - ppm)) / 1_000_000n;
        expect(BigInt(movedPrice(price, true, { ppm, ticks: 0 }))).toBe(bought);
        expect(BigInt(movedPrice(price, false, { ppm, ticks: 0 }))).toBe(sold > 0n ? sold : 1n);
      }),
      { numRuns: 1_000 },
    );
  });

  test('never moves in the taker’s favour, nor below one tick, and less than a tick more than the exact rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 0, max: 10 ** 6 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
        (price, ppm, size, volume) => {
          const move = moveOf({ kind: 'square-root', ppm }, { spread: 0, size, volume });
          const exact = ppm * Math.sqrt(Math.min(1, size / volume));
          expect(move.ppm).toBeGreaterThanOrEqual(exact - 1e-6);
          expect(move.ppm).toBeLessThan(exact + 1.000001);
          const bought = movedPrice(price, true, move);
          const sold = movedPrice(price, false, move);
          expect(bought).toBeGreaterThanOrEqual(price);
          expect(bought - (price * (1_000_000 + move.ppm)) / 1_000_000).toBeLessThan(1.001);
          expect(sold).toBeLessThanOrEqual(price);
          expect(sold).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});
