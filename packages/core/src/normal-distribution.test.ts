import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal-distribution.ts';

describe('the normal distribution', () => {
  // SciPy 1.17, scipy.stats.norm.cdf
  it.each([
    [-8.5, 9.47953482220325e-18],
    [-7.2, 3.010627981117422e-13],
    [-5, 2.866515718791933e-7],
    [-1.96, 0.024997895148220435],
    [0, 0.5],
    [0.3, 0.6179114221889526],
    [1, 0.8413447460685429],
    [6, 0.9999999990134123],
  ])('lies below %d with the probability that SciPy gives', (x, probability) => {
    expect(normalCdf(x)).toBeCloseTo(probability, 14);
    expect(normalCdf(x) / probability).toBeCloseTo(1, 7);
  });

  // SciPy 1.17, scipy.stats.norm.ppf
  it.each([
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.01, -2.3263478740408408],
    [0.3, -0.5244005127080409],
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [1 - 1e-12, 7.0344869100478356],
  ])('has the quantile at %d that SciPy gives', (p, quantile) => {
    expect(normalQuantile(p)).toBeCloseTo(quantile, 12);
  });

  it('has no quantile outside of 0…1, and none that is finite at its ends', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect([normalQuantile(-0.1), normalQuantile(Number.NaN), normalCdf(Number.NaN)]).toEqual([NaN, NaN, NaN]);
    expect([normalCdf(-40), normalCdf(40)]).toEqual([0, 1]);
  });

  it('comes back to the probability that a quantile was asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
      }),
    );
  });
});
