import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenTicks, nearest, piecesOf, roundTicks, scaleOf, spanOf } from './plot.ts';

const at = (...times: readonly number[]) => times.map((timeMs) => ({ timeMs, value: timeMs }));

describe('a curve over time', () => {
  it('is one piece while it is sampled, and breaks where it is not', () => {
    expect(piecesOf(at(0, 60, 120, 180))).toHaveLength(1);
    // A sample more, taken between two, breaks nothing; one that is missing neither.
    expect(piecesOf(at(0, 60, 61, 120, 240, 300))).toHaveLength(1);
    expect(piecesOf(at(0, 60, 120, 300, 360)).map((piece) => piece.length)).toEqual([3, 2]);
    expect(piecesOf(at(0, 60, 120, 900)).map((piece) => piece.length)).toEqual([3, 1]);
    expect(piecesOf([])).toEqual([]);
    expect(piecesOf(at(5))).toHaveLength(1);
  });

  it('loses and invents no sample', () => {
    const times = fc.uniqueArray(fc.nat(1_000_000), { maxLength: 60 }).map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(times, (list) => {
        expect(piecesOf(at(...list)).flat()).toEqual(at(...list));
      }),
    );
  });

  it('is drawn to scale', () => {
    const scale = scaleOf(10, 20, 0, 100);
    expect([10, 15, 20].map(scale.at)).toEqual([0, 50, 100]);
    expect(scaleOf(5, 5, 0, 100).at(5)).toBe(50);
  });

  it('has round ticks within its span', () => {
    expect(roundTicks(0, 10, 4)).toEqual([0, 5, 10]);
    expect(roundTicks(9_994.2, 10_000.3, 4)).toEqual([9_996, 9_998, 10_000]);
    expect(roundTicks(3, 3, 4)).toEqual([3]);
    expect(evenTicks(0, 30, 4)).toEqual([0, 10, 20, 30]);
    expect(evenTicks(7, 7, 4)).toEqual([7]);
  });

  it('leaves air around what it shows, a level line too', () => {
    const [low, high] = spanOf(at(0, 100));
    expect(low < 0 && high > 100).toBe(true);
    const level = spanOf([{ timeMs: 0, value: 10_000 }]);
    expect(level[0] < 10_000 && level[1] > 10_000).toBe(true);
    expect(spanOf([])).toEqual([0, 1]);
  });

  it('has a nearest sample to any instant but where it has none', () => {
    expect(nearest(at(0, 60, 120), 80)?.timeMs).toBe(60);
    expect(nearest(at(0, 60, 120), 9_999)?.timeMs).toBe(120);
    expect(nearest([], 0)).toBeNull();
  });
});
