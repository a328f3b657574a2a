import { addAmounts, amount, assetId, timestampUs, type Amount } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccountTotals } from './account-totals.ts';
import { balance, money } from './kernel.test-support.ts';

const USDT = assetId('USDT');
const at = timestampUs;

function opened(): AccountTotals {
  const totals = new AccountTotals();
  totals.set([balance('USDT', '100')]);
  return totals;
}

describe('what the account holds', () => {
  test('is compared by total; an asset that is not named is empty', () => {
    const totals = opened();
    totals.compareAll([{ ...balance('USDT', '40'), locked: money('60') }], at(1), at(1));
    expect(totals.takeOver(1)).toEqual([]);
    totals.compareAll([balance('BNB', '1')], at(2), at(2));
    expect(totals.takeOver(2)).toEqual([
      { asset: 'BNB', ours: 0n, theirs: money('1'), tsUs: at(2) },
      { asset: 'USDT', ours: money('100'), theirs: 0n, tsUs: at(2) },
    ]);
    expect(totals.takeOver(3)).toEqual([]);
  });

  test('a movement told after the balance that holds it explains it; one from later does not', () => {
    const totals = opened();
    totals.compare([balance('USDT', '150')], at(10), at(10));
    totals.move(USDT, money('7'), at(11));
    expect(totals.of(USDT)).toBe(money('107'));
    totals.move(USDT, money('50'), at(9));
    expect(totals.takeOver(1_000)).toEqual([]);
    expect(totals.of(USDT)).toBe(money('157'));
  });

  test('what was told before the newest movement can not be compared', () => {
    const totals = opened();
    totals.move(USDT, money('-10'), at(20));
    totals.compare([balance('USDT', '100')], at(19), at(21));
    expect(totals.takeOver(1_000)).toEqual([]);
  });

  test('of two balances the newer one counts, whichever is told last', () => {
    const totals = opened();
    totals.compare([balance('USDT', '80')], at(5), at(5));
    totals.compare([balance('USDT', '100')], at(4), at(6));
    expect(totals.takeOver(6)).toEqual([{ asset: 'USDT', ours: money('100'), theirs: money('80'), tsUs: at(5) }]);
  });

  test('a difference counts from when it was first seen, whatever it becomes, until it is gone', () => {
    const totals = opened();
    totals.compare([balance('USDT', '90')], at(1), at(1));
    totals.compare([balance('USDT', '80')], at(5), at(5));
    expect(totals.takeOver(0)).toEqual([]);
    expect(totals.takeOver(1)).toEqual([{ asset: 'USDT', ours: money('100'), theirs: money('80'), tsUs: at(5) }]);
  });

  test('a movement that what was taken over held already moves nothing', () => {
    const totals = opened();
    totals.compare([balance('USDT', '150')], at(10), at(10));
    totals.takeOver(10);
    expect(totals.move(USDT, money('50'), at(10))).toBe(false);
    expect(totals.of(USDT)).toBe(money('150'));
    expect(totals.move(USDT, money('1'), at(11))).toBe(true);
    expect(totals.of(USDT)).toBe(money('151'));
  });

  const movement = fc.record({
    by: fc.integer({ min: -50, max: 50 }),
    lateness: fc.nat({ max: 8 }),
    told: fc.boolean(),
  });

  test('ends where the venue is, whatever the order in which balances and movements are told, and nothing is taken over', () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 20 }), (movements) => {
        const totals = opened();
        const news: { readonly atUs: number; readonly tell: () => void }[] = [];
        let venue: Amount = money('100');
        for (const [index, { by, lateness, told }] of movements.entries()) {
          const tsUs = index + 1;
          const moved = amount(BigInt(by));
          venue = addAmounts(venue, moved);
          const free = venue;
          news.push({ atUs: tsUs + lateness, tell: () => void totals.move(USDT, moved, at(tsUs)) });
          if (!told) continue;
          const balances = [{ asset: USDT, free, locked: amount(0n) }];
          news.push({ atUs: tsUs, tell: () => totals.compare(balances, at(tsUs), at(tsUs)) });
        }
        for (const { tell } of news.toSorted((left, right) => left.atUs - right.atUs)) tell();
        expect(totals.of(USDT)).toBe(venue);
        expect(totals.takeOver(Number.MAX_SAFE_INTEGER)).toEqual([]);
      }),
    );
  });
});
