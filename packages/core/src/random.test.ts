import { describe, expect, it } from 'vitest';
import { hashText, mixSeed, seededRandom } from './random.ts';

describe('seeded random', () => {
  it('gives the same sequence for the same seed and another for another', () => {
    const take = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 50 }, () => random.next());
    };
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it('is uniform and its gaussians are standard normal, within the noise of a large sample', () => {
    const random = seededRandom(1);
    const counts = new Array<number>(10).fill(0);
    const size = 200_000;
    for (let index = 0; index < size; index += 1) {
      const bucket = random.integer(10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - size / 10) ** 2 / (size / 10), 0);
    expect(chiSquare).toBeLessThan(33.7); // p = 0.0001 at 9 degrees of freedom
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < size; index += 1) {
      const value = random.gaussian();
      sum += value;
      squares += value * value;
    }
    expect(Math.abs(sum / size)).toBeLessThan(4 / Math.sqrt(size));
    expect(Math.abs(squares / size - 1)).toBeLessThan(4 * Math.sqrt(2 / size));
  });

  it('mixes words into independent seeds', () => {
    const seeds = new Set<number>();
    for (let a = 0; a < 100; a += 1) for (let b = 0; b < 100; b += 1) seeds.add(mixSeed(a, b, hashText('BTCUSDT')));
    expect(seeds.size).toBeGreaterThan(9_990);
    expect(() => seededRandom(1).integer(0)).toThrow(RangeError);
  });
});
