import { describe, expect, it } from 'vitest';
import { labelledBars, reachOf } from './bars-plot.ts';

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
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

  it('are all there where there is room, the first at the first bar', () => {
    expect(labelledBars(hours, 800).size).toBe(24);
  });

  it('are fewer where there is less', () => {
    expect([...labelledBars(hours, 300)]).toEqual([0, 3, 6, 9, 12, 15, 18, 21]);
    expect(labelledBars(hours, 0).size).toBeLessThan(2);
  });

  it('wider than their bars are not cut off at the edge', () => {
    const [first = 0] = labelledBars(new Array<string>(50).fill('-4.13%'), 600);
    expect((first + 0.5) * (600 / 50)).toBeGreaterThan(6 * 3);
  });
});
