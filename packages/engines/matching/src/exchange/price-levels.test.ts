import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriceLevels } from './price-levels.ts';
import { NONE } from './records.ts';

/** Prices from best to worst, walked from level to level. */
function walked(levels: PriceLevels): readonly number[] {
  const prices: number[] = [];
  for (let level = levels.best; level !== NONE; level = levels.worse(level)) prices.push(levels.priceOf(level));
  expect(levels.bestPrice).toBe(prices[0] ?? 0);
  return prices;
}

describe.each(['bids', 'asks'] as const)('the price levels of the %s', (side) => {
  const sorted = (prices: Iterable<number>): readonly number[] =>
    [...prices].toSorted((left, right) => (side === 'bids' ? right - left : left - right));

  it('are the prices that were put in and not taken out, best first, over many chunks', { timeout: 60_000 }, () => {
    // Runs of prices fill chunks until they split; taking runs out empties them again.
    const run = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 25, size: 'max' }), fc.boolean(), (runs, downwards) => {
        const levels = new PriceLevels(side);
        const model = new Set<number>();
        for (const [puts, from, count] of runs) {
          for (let step = 0; step < count; step += 1) {
            const price = downwards ? from + count - step : from + step;
            if (puts) {
              const level = levels.obtain(price);
              expect(levels.priceOf(level)).toBe(price);
              // A level that is made anew has forgotten what its slot held.
              expect([levels.quantityOf(level), levels.firstOf(level)]).toEqual([model.has(price) ? price : 0, NONE]);
              if (!model.has(price)) levels.addQuantity(level, price);
              model.add(price);
              continue;
            }
            const level = levels.find(price);
            expect(level === NONE ? null : levels.priceOf(level)).toBe(model.has(price) ? price : null);
            if (level !== NONE) levels.remove(level);
            model.delete(price);
          }
          expect(levels.size).toBe(model.size);
        }
        expect(walked(levels)).toEqual(sorted(model));
      }),
      { numRuns: 60 },
    );
  });

  it('hold prices far beyond 32 bits', () => {
    const levels = new PriceLevels(side);
    const prices = [1, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER];
    for (const price of prices) levels.obtain(price);
    expect(walked(levels)).toEqual(sorted(prices));
    expect(levels.priceOf(levels.find(2 ** 40))).toBe(2 ** 40);
    expect(levels.find(2 ** 40 + 1)).toBe(NONE);
  });
});
