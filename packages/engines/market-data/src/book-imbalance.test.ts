import { INTERVALS, intervalUs, price, quantity, timestampUs, type Interval } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookImbalance } from './book-imbalance.ts';

const SECOND_US = 1_000_000;
/** Begins an hour. */
const START_US = Date.UTC(2024, 7, 9) * 1_000;
const at = (second: number) => timestampUs(START_US + second * SECOND_US);

/** A book of these sizes from a second on; null: lost. */
interface Told {
  readonly second: number;
  readonly sizes: readonly [bid: number, ask: number] | null;
}

function follow(told: readonly Told[]): BookImbalance {
  const imbalance = new BookImbalance(INTERVALS);
  for (const { second, sizes } of told) {
    if (sizes === null) imbalance.lost();
    else imbalance.changed(at(second), [price(100), quantity(sizes[0])], [price(101), quantity(sizes[1])]);
  }
  return imbalance;
}

/** Second by second: what stands in it, as far as the book is not lost before the next change. */
function counted(told: readonly Told[], interval: Interval, openSecond: number): number | null {
  const length = intervalUs(interval) / SECOND_US;
  let [known, sum] = [0, 0];
  for (let second = openSecond; second < openSecond + length; second += 1) {
    const before = told.findLastIndex((each) => each.sizes !== null && each.second <= second);
    const standing = told[before];
    if (standing?.sizes === undefined || standing.sizes === null || told[before + 1]?.sizes === null) continue;
    const [bid, ask] = standing.sizes;
    known += 1;
    sum += (bid - ask) / (bid + ask);
  }
  return known < length / 2 ? null : Math.round((sum / known) * 1e6);
}

const size = fc.integer({ min: 1, max: 1_000_000 });
const changes = fc
  .array(fc.record({ afterS: fc.nat(90), sizes: fc.option(fc.tuple(size, size), { freq: 8 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((steps) => {
    let second = 0;
    return steps.map(({ afterS, sizes }): Told => {
      second += afterS;
      return { second, sizes };
    });
  });

describe('the imbalance of a book over a bar', () => {
  it('is the mean by time, as it is counted second by second, of every interval', () => {
    fc.assert(
      fc.property(changes, fc.constantFrom<Interval>('1m', '5m', '15m'), fc.nat(6), (told, interval, back) => {
        const length = intervalUs(interval) / SECOND_US;
        const newest = Math.floor((told.at(-1)?.second ?? 0) / length);
        // Of the bar that is forming, and those that it remembers.
        const open = Math.max(0, newest - back) * length;
        const found = follow(told).of(interval, at(open));
        const expected = counted(told, interval, open);
        if (expected === null || found === null) expect(found).toBe(expected);
        else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('is not known where nobody followed the book for half of the bar', () => {
    const begun = (second: number) => follow([{ second, sizes: [3, 1] }]).of('1m', at(0));
    expect([begun(0), begun(30), begun(31), begun(60)]).toEqual([500_000, 500_000, null, null]);
    const lost = (second: number) =>
      follow([
        { second: 0, sizes: [3, 1] },
        { second, sizes: [3, 1] },
        { second: 59, sizes: null },
      ]).of('1m', at(0));
    // What came after the last change before the loss is not known either.
    expect([lost(30), lost(29)]).toEqual([500_000, null]);
  });

  it('stands from bar to bar as long as nothing changes, and begins anew after a loss', () => {
    const quiet = follow([{ second: 0, sizes: [1, 3] }]);
    expect(quiet.of('1m', at(600))).toBe(-500_000);
    quiet.lost();
    expect(quiet.of('1m', at(660))).toBeNull();
    quiet.changed(at(660), [price(100), quantity(1)], [price(101), quantity(1)]);
    expect(quiet.of('1m', at(660))).toBe(0);
    expect(quiet.of('1m', at(600))).toBeNull();
  });

  it('is the same whether a bar is asked for before or after changes that belong to the next', () => {
    const told = [
      { second: 10, sizes: [3, 1] },
      { second: 40, sizes: [1, 1] },
    ] as const;
    const before = follow(told).of('1m', at(0));
    expect(follow([...told, { second: 61, sizes: [9, 1] }]).of('1m', at(0))).toBe(before);
    expect(before).toBe(Math.round(((0.5 * 30) / 50) * 1e6));
  });

  it('has no time that goes back: a change that is dated earlier counts from the last', () => {
    const back = follow([
      { second: 0, sizes: [3, 1] },
      { second: 30, sizes: [1, 1] },
      { second: 20, sizes: [1, 3] },
    ]);
    expect(back.of('1m', at(0))).toBe(0);
  });

  it('is not known while a side is empty', () => {
    const imbalance = follow([{ second: 0, sizes: [3, 1] }]);
    imbalance.changed(at(20), undefined, [price(101), quantity(1)]);
    expect(imbalance.of('1m', at(0))).toBeNull();
  });
});
