import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GeneratedNames } from './generated-names.ts';

const counts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('a name for a request that gave none', () => {
  it('is 22 letters and digits, whatever the count', () => {
    fc.assert(
      fc.property(counts, fc.string(), (count, symbol) => {
        expect(new GeneratedNames(symbol).at(count)).toMatch(/^[0-9A-Za-z]{22}$/);
      }),
    );
  });

  it('is another for another count, be it the next one or any', () => {
    const btc = new GeneratedNames('BTCUSDT');
    const names = new Set(Array.from({ length: 100_000 }, (_, count) => btc.at(59_957_683_727 + count)));
    expect(names.size).toBe(100_000);
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        expect(btc.at(one) === btc.at(other)).toBe(one === other);
      }),
    );
  });

  it('differs between symbols that have counted as far, and is the same each time', () => {
    const btc = new GeneratedNames('BTCUSDT');
    expect(btc.at(7)).not.toBe(new GeneratedNames('ETHUSDT').at(7));
    expect(btc.at(90_000_000)).not.toBe(btc.at(7));
    expect(btc.at(7)).toBe(new GeneratedNames('BTCUSDT').at(7));
  });
});
