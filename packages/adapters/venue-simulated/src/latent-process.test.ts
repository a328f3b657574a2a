import { describe, expect, it } from 'vitest';
import { bestForecast } from './disclosure.ts';
import { LatentHours } from './latent-hours.ts';
import { LatentMarket, REGIME_SHARES, REGIMES } from './latent-market.ts';
import { MINUTES_PER_HOUR, PriceProcess } from './price-process.ts';
import { SIMULATED_PROFILES } from './profiles.ts';
import { autocorrelation, autocorrelationError, kurtosis, logReturns, quantile } from './statistics.test-support.ts';
import { SUM, SUM_LENGTH } from './trade-sums.ts';

const HOURS = 8_000;
const SEEDS = [3, 17, 101];

/** How often two hours in a row went the same way, in all assets and seeds, and how many pairs there were. */
function agreement(edge: number): { readonly share: number; readonly pairs: number } {
  let agreeing = 0;
  let pairs = 0;
  for (const seed of SEEDS) {
    const market = new LatentMarket(seed, edge);
    for (const profile of SIMULATED_PROFILES) {
      const hours = new LatentHours(market, profile);
      let before = 0;
      for (let hour = 0; hour < HOURS; hour += 1) {
        const change = hours.logPrice(hour + 1) - hours.logPrice(hour);
        if (hour > 0) {
          pairs += 1;
          if (change * before > 0) agreeing += 1;
        }
        before = change;
      }
    }
  }
  return { share: agreeing / pairs, pairs };
}

/** The closes of so many minutes of the process. */
function minuteCloses(process: PriceProcess, fromHour: number, hours: number): number[] {
  const sums = new Float64Array(SUM_LENGTH);
  return Array.from({ length: hours * MINUTES_PER_HOUR }, (_, minute) => {
    process.addMinute(fromHour * MINUTES_PER_HOUR + minute, sums.fill(0));
    return sums[SUM.close] ?? 0;
  });
}

describe('the edge of the latent process', () => {
  // Assets move together: five of them count for not much more than two by themselves.
  const error = (pairs: number): number => Math.sqrt(0.25 / (pairs * 0.4));

  it.each([0, 0.05, 0.3, -0.2])(
    '%d: the best forecast of an hour’s direction is right as often as stated',
    (edge) => {
      const { share, pairs } = agreement(edge);
      const expected = edge < 0 ? 1 - bestForecast(edge) : bestForecast(edge);
      expect(Math.abs(share - expected)).toBeLessThan(3.5 * error(pairs));
      // The bound tells the edges apart.
      expect(error(pairs)).toBeLessThan(0.003);
    },
    60_000,
  );

  it('is known exactly: 50 % without, 51.6 % by default, a third of the way to certainty at 0.5', () => {
    expect(bestForecast(0)).toBe(0.5);
    expect(bestForecast(0.05)).toBeCloseTo(0.5159, 4);
    expect(bestForecast(0.5)).toBeCloseTo(2 / 3, 10);
    expect(() => new LatentMarket(1, 0.51)).toThrow(RangeError);
    expect(() => new LatentMarket(1, Number.NaN)).toThrow(RangeError);
  });

  it('is all there is: the expected price is today’s', () => {
    // The mean of what 250 markets multiply a price by in 30 days, within its error.
    const factors = Array.from({ length: 250 }, (_, seed) => {
      const [profile] = SIMULATED_PROFILES;
      if (profile === undefined) throw new Error('no profile');
      return Math.exp(new LatentHours(new LatentMarket(seed, 0), profile).logPrice(720));
    });
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
    const variance = factors.reduce((sum, factor) => sum + (factor - mean) ** 2, 0) / factors.length;
    expect(Math.abs(mean - 1)).toBeLessThan(3.5 * Math.sqrt(variance / factors.length));
    expect(variance).toBeGreaterThan(0.000_5);
  }, 60_000);
});

describe('the latent process', () => {
  it('is in each regime as often as its chain says, and stays for days', () => {
    const counts = [0, 0, 0];
    let changes = 0;
    for (const seed of SEEDS) {
      const market = new LatentMarket(seed, 0);
      for (let hour = 0; hour < HOURS; hour += 1) {
        const regime = market.regime(hour);
        counts[regime] = (counts[regime] ?? 0) + 1;
        if (hour > 0 && regime !== market.regime(hour - 1)) changes += 1;
      }
    }
    const total = HOURS * SEEDS.length;
    REGIMES.forEach((_, index) => expect((counts[index] ?? 0) / total).toBeCloseTo(REGIME_SHARES[index] ?? 0, 1));
    expect(total / changes).toBeGreaterThan(35);
    expect(total / changes).toBeLessThan(75);
  });

  it('makes returns of a minute with heavy tails that come in clusters and do not foretell each other', () => {
    const abs10: number[] = [];
    const tails: number[] = [];
    for (const seed of SEEDS) {
      const market = new LatentMarket(seed, 0.05);
      for (const profile of SIMULATED_PROFILES) {
        for (const fromHour of [700, 9_000]) {
          const returns = logReturns(minuteCloses(new PriceProcess(market, profile), fromHour, 72));
          tails.push(kurtosis(returns));
          abs10.push(autocorrelation(returns.map(Math.abs), 10));
          for (const lag of [1, 2, 5]) {
            const limit = 4.5 * autocorrelationError(returns, lag);
            expect(Math.abs(autocorrelation(returns, lag))).toBeLessThan(limit);
          }
        }
      }
    }
    expect(Math.min(...tails)).toBeGreaterThan(5);
    expect(quantile(abs10, 0.1)).toBeGreaterThan(0.15);
    expect(Math.min(...abs10)).toBeGreaterThan(0.1);
  }, 60_000);

  it('moves assets together as their profiles say', () => {
    for (const seed of SEEDS) {
      const market = new LatentMarket(seed, 0);
      const [btc, eth] = SIMULATED_PROFILES.map((profile) => new LatentHours(market, profile));
      if (btc === undefined || eth === undefined) throw new Error('two profiles are needed');
      let both = 0;
      let [left, right] = [0, 0];
      for (let hour = 0; hour < HOURS; hour += 1) {
        const [a, b] = [btc.logPrice(hour + 1) - btc.logPrice(hour), eth.logPrice(hour + 1) - eth.logPrice(hour)];
        both += a * b;
        left += a * a;
        right += b * b;
      }
      // 0.85 × 0.8 of the diffusion; the volatilities and jumps that are each asset's own take some off.
      expect(both / Math.sqrt(left * right)).toBeGreaterThan(0.55);
      expect(both / Math.sqrt(left * right)).toBeLessThan(0.78);
    }
  }, 60_000);
});
