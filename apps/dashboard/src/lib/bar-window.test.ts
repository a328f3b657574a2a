import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BARS_HELD_MAX, EMPTY_WINDOW, gapsOf, mergeBars, takeBar, type BarWindow } from './bar-window.ts';
import { barIn, barsIn } from './market.test-support.ts';

const windowOf = (first: number, last: number): BarWindow => ({ bars: barsIn(first, last), mayHaveOlder: true });
const slots = ({ bars }: BarWindow): readonly number[] => bars.map(({ openTimeMs }) => openTimeMs / 60_000);

describe('a window of bars', () => {
  it('takes the forming bar after the last closed one, then its changes, then its close', () => {
    const [first, begun] = takeBar(windowOf(1, 3), barIn(4, { closed: false, close: '1' }));
    expect([slots(first), begun.kind]).toEqual([[1, 2, 3, 4], 'newest']);
    const [second] = takeBar(first, barIn(4, { closed: false, close: '2' }));
    expect(second.bars.at(-1)?.close).toBe('2');
    const [third] = takeBar(second, barIn(4, { close: '3' }));
    expect(third.bars.at(-1)).toMatchObject({ closed: true, close: '3' });
    expect(slots(third)).toEqual([1, 2, 3, 4]);
  });

  it('sees a hole when a bar was missed, or its close was', () => {
    expect(takeBar(windowOf(1, 3), barIn(5, { closed: false }))[1].kind).toBe('hole');
    const [forming] = takeBar(windowOf(1, 3), barIn(4, { closed: false }));
    const [unchanged, change] = takeBar(forming, barIn(5, { closed: false }));
    expect([unchanged, change.kind]).toEqual([forming, 'hole']);
  });

  it('does not reopen a closed bar for a late message', () => {
    const window = windowOf(1, 3);
    expect(takeBar(window, barIn(3, { closed: false, close: '9' }))).toEqual([window, { kind: 'none' }]);
    expect(takeBar(window, barIn(2, { close: '9' }))).toEqual([window, { kind: 'none' }]);
    expect(takeBar(window, barIn(0))).toEqual([window, { kind: 'none' }]);
  });

  it('closes an older bar that was still forming when its close comes late', () => {
    const bars = [barIn(1), barIn(2, { closed: false, close: '5' }), barIn(3, { closed: false })];
    const [window, change] = takeBar({ bars, mayHaveOlder: false }, barIn(2, { close: '6' }));
    expect(change.kind).toBe('reset');
    expect(window.bars[1]).toMatchObject({ closed: true, close: '6' });
    expect(slots(window)).toEqual([1, 2, 3]);
  });

  it('starts with the first bar it is given', () => {
    const [window, change] = takeBar(EMPTY_WINDOW, barIn(7));
    expect([slots(window), change.kind]).toEqual([[7], 'reset']);
  });

  it('joins any two runs into one in order, each slot once, closed bars final', () => {
    const run = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 40 }), fc.boolean()).map(([slot, closed]) => barIn(slot, { closed })),
    );
    fc.assert(
      fc.property(run, run, (older, newer) => {
        const merged = mergeBars(older, newer);
        const times = merged.map(({ openTimeMs }) => openTimeMs);
        expect(times).toEqual(
          [...new Set([...older, ...newer].map(({ openTimeMs }) => openTimeMs))].toSorted((a, b) => a - b),
        );
        const closed = new Set([...older, ...newer].filter((bar) => bar.closed).map(({ openTimeMs }) => openTimeMs));
        const lastOlder = new Map(older.map((bar) => [bar.openTimeMs, bar]));
        for (const bar of merged) {
          if (lastOlder.get(bar.openTimeMs)?.closed === true) expect(bar.closed).toBe(true);
          if (bar.closed) expect(closed.has(bar.openTimeMs)).toBe(true);
        }
      }),
    );
  });

  it('holds no more than it may: the oldest go', () => {
    const merged = mergeBars(barsIn(0, BARS_HELD_MAX), barsIn(BARS_HELD_MAX + 1, BARS_HELD_MAX + 5));
    expect(merged.length).toBe(BARS_HELD_MAX);
    expect(merged.at(-1)?.openTimeMs).toBe((BARS_HELD_MAX + 5) * 60_000);
    const [grown] = takeBar({ bars: merged, mayHaveOlder: true }, barIn(BARS_HELD_MAX + 6));
    expect(grown.bars.length).toBe(BARS_HELD_MAX);
  });

  it('counts what is missing between its bars', () => {
    expect(gapsOf([barIn(1), barIn(2), barIn(6), barIn(7), barIn(9)], '1m')).toEqual([
      { beforeMs: 6 * 60_000, missingBars: 3 },
      { beforeMs: 9 * 60_000, missingBars: 1 },
    ]);
    expect(gapsOf(barsIn(1, 9), '1m')).toEqual([]);
    expect(gapsOf([], '1m')).toEqual([]);
  });
});
