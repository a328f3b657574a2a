import { describe, expect, it } from 'vitest';
import { barAt, fillMarks } from './fill-marks.ts';
import { barIn, barsIn, fillAt } from './market.test-support.ts';

const MINUTE = 60_000;

describe('fills on the chart', () => {
  it('stand at the bar in which they happened: from its open to just before its close', () => {
    const bars = barsIn(1, 5);
    expect(barAt(bars, 2 * MINUTE)?.openTimeMs).toBe(2 * MINUTE);
    expect(barAt(bars, 3 * MINUTE - 1)?.openTimeMs).toBe(2 * MINUTE);
    expect(barAt(bars, 3 * MINUTE)?.openTimeMs).toBe(3 * MINUTE);
  });

  it('are not marked where no bar is held', () => {
    const bars = [barIn(1), barIn(5)];
    for (const outside of [0, MINUTE - 1, 3 * MINUTE, 6 * MINUTE]) expect(barAt(bars, outside)).toBeNull();
    expect(fillMarks([fillAt(3 * MINUTE)], bars)).toEqual([]);
    expect(fillMarks([fillAt(MINUTE)], [])).toEqual([]);
  });

  it('share one mark when they are of one side and bar, and are counted', () => {
    const fills = [
      fillAt(MINUTE + 9),
      fillAt(3 * MINUTE, { side: 'sell' }),
      fillAt(MINUTE + 5),
      fillAt(MINUTE + 7, { side: 'sell' }),
    ];
    expect(fillMarks(fills, barsIn(1, 4))).toEqual([
      { openTimeMs: MINUTE, side: 'buy', fills: 2 },
      { openTimeMs: MINUTE, side: 'sell', fills: 1 },
      { openTimeMs: 3 * MINUTE, side: 'sell', fills: 1 },
    ]);
  });
});
