import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byPeriod, joined, lengthOf, within, without, type Span } from './spans.ts';

const spans = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })).map(([fromMs, length]) => ({
    fromMs,
    toMs: fromMs + length,
  })),
  { maxLength: 8 },
);
/** The milliseconds that are in some of the spans. */
const msOf = (list: readonly Span[]): ReadonlySet<number> =>
  new Set(
    list.flatMap(({ fromMs, toMs }) => Array.from({ length: Math.max(0, toMs - fromMs) }, (_, at) => fromMs + at)),
  );
const isTidy = (list: readonly Span[]): boolean =>
  list.every(({ fromMs, toMs }, index) => fromMs < toMs && fromMs > (list[index - 1]?.toMs ?? -1));

describe('spans of time', () => {
  it('are joined to the same time, in order and apart', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const tidy = joined(list);
        expect(isTidy(tidy)).toBe(true);
        expect(msOf(tidy)).toEqual(msOf(list));
        expect(lengthOf(tidy)).toBe(msOf(list).size);
      }),
    );
  });

  it('without others are what is in the ones and not in the others', () => {
    fc.assert(
      fc.property(spans, spans, (list, taken) => {
        const left = without(list, taken);
        expect(isTidy(left)).toBe(true);
        expect(msOf(left)).toEqual(msOf(list).difference(msOf(taken)));
      }),
    );
  });

  it('within a window are what of them is in it', () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 }), (list, fromMs, length) => {
        const window = { fromMs, toMs: fromMs + length };
        expect(msOf(within(list, window))).toEqual(msOf(list).intersection(msOf([window])));
      }),
    );
  });

  it('are cut at the borders of periods, and are all there afterwards', () => {
    const around = (ms: number): Span => ({ fromMs: Math.floor(ms / 7) * 7, toMs: Math.floor(ms / 7) * 7 + 7 });
    fc.assert(
      fc.property(spans, (list) => {
        const periods = byPeriod(list, around);
        expect(periods.map(({ period }) => period.fromMs)).toEqual([
          ...new Set(periods.map(({ period }) => period.fromMs)),
        ]);
        for (const { period, spans: parts } of periods) {
          expect(parts.length).toBeGreaterThan(0);
          expect(within(parts, period)).toEqual(parts);
        }
        expect(msOf(periods.flatMap(({ spans: parts }) => parts))).toEqual(msOf(list));
      }),
    );
  });
});
