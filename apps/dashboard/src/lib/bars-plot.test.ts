import { describe, expect, it } from 'vitest';
import { labelEvery, reachOf } from './bars-plot.ts';

const overlay = { name: 'band', stroke: '', dash: '', mirrored: true };

describe('the reach of a plot of bars', () => {
  it('holds zero, every bar, what it may be, and what is drawn over it on both sides', () => {
    const [low, high] = reachOf(
      [
        { key: 'a', label: 'a', value: 2, low: -1, high: 3 },
        { key: 'b', label: 'b', value: null },
      ],
      [{ ...overlay, values: [4] }],
    );
    expect(low).toBeLessThan(-4);
    expect(high).toBeGreaterThan(4);
  });

  it('stands on zero where nothing is below it', () => {
    expect(reachOf([{ key: 'a', label: 'a', value: 5 }], [])[0]).toBe(0);
    expect(reachOf([{ key: 'a', label: 'a', value: -5 }], [])[1]).toBe(0);
  });

  it('is something where there is nothing', () => {
    expect(reachOf([], [])).toEqual([0, 1]);
    expect(reachOf([{ key: 'a', label: 'a', value: null }], [])).toEqual([0, 1]);
  });
});

describe('labels', () => {
  it('have room', () => {
    expect(labelEvery(24, 600, 25)).toBe(1);
    expect(labelEvery(24, 300, 25)).toBe(2);
    expect(labelEvery(24, 0, 25)).toBeGreaterThan(1);
  });
});
