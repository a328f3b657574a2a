import { expectOk, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import { comparisonSteps, type ModelComparison, type PairedForecasts } from './comparison.ts';

const OPTIONS = { block: 20, resamples: 400, level: 0.8, seed: 3, rowsMin: 100 };

/** Rows whose chance of a rise is known, and what two models make of it: the truth, drawn towards one half and shaken. */
function market(rows: number, seed: number, shake: { readonly serving: number; readonly challenger: number }) {
  const random = seededRandom(seed);
  const pair: PairedForecasts = {
    serving: new Float64Array(rows),
    challenger: new Float64Array(rows),
    up: new Uint8Array(rows),
  };
  for (let row = 0; row < rows; row += 1) {
    const truth = 0.5 + 0.1 * Math.sin(row / 50);
    const said = (by: number): number => Math.min(0.95, Math.max(0.05, truth + by * random.gaussian()));
    pair.serving[row] = said(shake.serving);
    pair.challenger[row] = said(shake.challenger);
    pair.up[row] = random.next() < truth ? 1 : 0;
  }
  return pair;
}

const compare = (pair: PairedForecasts): ModelComparison => expectOk(runSteps(comparisonSteps(pair, OPTIONS)));

describe('two models on the same rows', () => {
  it('are compared by their mean log losses', () => {
    const pair = { serving: Float64Array.of(0.8, 0.4), challenger: Float64Array.of(0.5, 0.5), up: Uint8Array.of(1, 0) };
    const found = expectOk(runSteps(comparisonSteps(pair, { ...OPTIONS, rowsMin: 2 })));
    expect(found.servingLogLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12);
    expect(found.challengerLogLoss).toBeCloseTo(Math.LN2, 12);
    expect(found.difference.value).toBeCloseTo(found.challengerLogLoss - found.servingLogLoss, 12);
    expect([found.difference.low <= found.difference.value, found.difference.high >= found.difference.value]).toEqual([
      true,
      true,
    ]);
  });

  it('say that the challenger is worse where it is, and not where it is better or the same', () => {
    expect(compare(market(4_000, 1, { serving: 0.01, challenger: 0.3 })).worse).toBe(true);
    expect(compare(market(4_000, 1, { serving: 0.3, challenger: 0.01 })).worse).toBe(false);
    const same = market(4_000, 1, { serving: 0.05, challenger: 0.05 });
    const twins = compare({ ...same, challenger: same.serving });
    expect([twins.difference, twins.worse]).toEqual([{ value: 0, low: 0, high: 0, level: 0.8 }, false]);
  });

  it('call an equal challenger worse about as often as the level says, one time in ten', () => {
    let worse = 0;
    for (let seed = 0; seed < 200; seed += 1)
      worse += compare(market(1_000, seed, { serving: 0.05, challenger: 0.05 })).worse ? 1 : 0;
    // 20 expected; the binomial's 99.9 % lies within.
    expect(worse).toBeGreaterThan(6);
    expect(worse).toBeLessThan(37);
  });

  it('compare nothing on too few rows', () => {
    const pair = market(99, 1, { serving: 0.1, challenger: 0.1 });
    expect(runSteps(comparisonSteps(pair, OPTIONS))).toMatchObject({ ok: false, fault: { code: 'rows_too_few' } });
  });
});
