import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { automaticBlockLength, drawStationary } from './stationary-bootstrap.ts';

/** An autoregressive series of order one: each value a share of the one before, and something new. */
function persistent(share: number, length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  let value = 0;
  return Float64Array.from({ length }, () => (value = share * value + random.gaussian()));
}

describe('the automatic block length', () => {
  it('is near the best one for an autoregressive series, (2φ ÷ (1 − φ²))^⅔ × n^⅓', () => {
    // From G = Σ|k|R(k) and g(0) = ΣR(k) of Politis and White 2004 with R(k) = φ^|k| R(0).
    for (const share of [0.3, 0.5, 0.7]) {
      const best = ((2 * share) / (1 - share * share)) ** (2 / 3) * Math.cbrt(20_000);
      const chosen = [1, 2, 3, 4, 5].map((seed) => automaticBlockLength(persistent(share, 20_000, seed)));
      const mean = chosen.reduce((sum, each) => sum + each, 0) / chosen.length;
      expect(mean / best).toBeGreaterThan(0.8);
      expect(mean / best).toBeLessThan(1.2);
    }
  });

  it('is short where neighbours are not alike, and one where nothing varies', () => {
    const chosen = [1, 2, 3, 4, 5].map((seed) => automaticBlockLength(persistent(0, 2_000, seed)));
    expect(chosen.reduce((sum, each) => sum + each, 0) / 5).toBeLessThan(6);
    expect(automaticBlockLength(new Float64Array(100))).toBe(1);
    expect(automaticBlockLength(Float64Array.of(1, 2))).toBe(1);
  });

  it('is never longer than a third of the series', () => {
    const rising = Float64Array.from({ length: 60 }, (_, index) => index);
    expect(automaticBlockLength(rising)).toBeLessThanOrEqual(20);
  });
});

describe('the stationary bootstrap', () => {
  it('draws blocks of the mean length asked for, and every place as often as any other', () => {
    const random = seededRandom(1);
    const drawn = new Int32Array(200_000);
    drawStationary(random, 50, 8, drawn);
    let breaks = 0;
    const counts = new Array<number>(50).fill(0);
    for (const [index, place] of drawn.entries()) {
      counts[place] = (counts[place] ?? 0) + 1;
      if (index > 0 && place !== ((drawn[index - 1] ?? 0) + 1) % 50) breaks += 1;
    }
    // One new block in fifty begins by chance just where the last one ended.
    expect(drawn.length / (breaks / (1 - 1 / 50))).toBeCloseTo(8, 0);
    for (const count of counts) expect(Math.abs(count / 4_000 - 1)).toBeLessThan(0.2);
  });

  it('draws single places where neighbours are not to be kept together', () => {
    const drawn = new Int32Array(10_000);
    drawStationary(seededRandom(2), 10, 1, drawn);
    const kept = drawn.reduce(
      (sum, place, index) => sum + (index > 0 && place === ((drawn[index - 1] ?? 0) + 1) % 10 ? 1 : 0),
      0,
    );
    expect(kept / 10_000).toBeCloseTo(0.1, 1);
  });
});
