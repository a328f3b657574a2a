import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkShares, StoppingRule } from './early-stopping.ts';

describe('early stopping', () => {
  it('by the median looks at trials at even parts of the bars, and lets them go on that are no worse than the middle one', () => {
    const stopping = { kind: 'median', trialsMin: 3, checks: 3 } as const;
    expect(checkShares(stopping)).toEqual([0.25, 0.5, 0.75]);
    const rule = new StoppingRule(stopping);
    for (const loss of [4, 1]) rule.tell([loss, loss, loss], true);
    expect(rule.limits()).toEqual([Infinity, Infinity, Infinity]);
    rule.tell([9, null, 2], true);
    expect(rule.limits()).toEqual([4, Infinity, 2]);
    // One that was given up is no measure.
    rule.tell([100], false);
    expect(rule.limits()).toEqual([4, Infinity, 2]);
  });

  it('by halving lets the best of every three go on past each check', () => {
    const stopping = { kind: 'halving', keepOneIn: 3, checks: 2 } as const;
    expect(checkShares(stopping)).toEqual([1 / 9, 1 / 3]);
    const rule = new StoppingRule(stopping);
    for (const loss of [5, 7]) rule.tell([loss], false);
    expect(rule.limits()).toEqual([Infinity, Infinity]);
    rule.tell([3, 3], true);
    expect(rule.limits()).toEqual([3, Infinity]);
    for (const loss of [1, 2, 8]) rule.tell([loss], false);
    expect(rule.limits()).toEqual([2, Infinity]);
  });

  it('none stops nothing', () => {
    const rule = new StoppingRule({ kind: 'none' });
    rule.tell([], true);
    expect(rule.limits()).toEqual([]);
  });

  it('by the median knows the middle of all losses', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 }), (losses) => {
        const rule = new StoppingRule({ kind: 'median', trialsMin: 1, checks: 1 });
        for (const loss of losses) rule.tell([loss], true);
        const rising = losses.toSorted((left, right) => left - right);
        expect(rule.limits()[0] === rising[Math.floor((losses.length - 1) / 2)]).toBe(true);
      }),
    );
  });
});
