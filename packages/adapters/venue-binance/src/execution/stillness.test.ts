import { amount, assetId, timestampUs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { AccountView } from './account-replies.ts';
import { Stillness } from './stillness.ts';

const SETTLE_US = 30_000_000;
const CHANGED_US = 1_740_830_400_000_000;
const LATER_US = CHANGED_US + SETTLE_US + 1;
const QUIET = { news: 7, unsettled: false };

const view = (free: bigint, locked = 0n, changedUs = CHANGED_US): AccountView => ({
  balances: [{ asset: assetId('USDT'), free: amount(free), locked: amount(locked) }],
  changedUs: timestampUs(changedUs),
});

function found(after = view(5n), askedUs = LATER_US, told = { before: QUIET, after: QUIET }): Stillness {
  const stillness = new Stillness(SETTLE_US);
  stillness.found(view(5n), after, askedUs, told);
  return stillness;
}

describe('an account that stands still', () => {
  it('is compared as a whole first, and then each tenth time', () => {
    expect(new Stillness(SETTLE_US).allowsShort(view(5n), QUIET)).toBe(false);
    const stillness = found();
    const short = Array.from({ length: 12 }, () => stillness.allowsShort(view(5n), QUIET));
    expect(short).toEqual([...Array<boolean>(9).fill(true), false, false, false]);
    stillness.found(view(5n), view(5n), LATER_US, { before: QUIET, after: QUIET });
    expect(stillness.allowsShort(view(5n), QUIET)).toBe(true);
  });

  it.each([
    ['a balance moved', view(6n), QUIET],
    ['money was locked', view(4n, 1n), QUIET],
    ['something happened that left the balances as they were', view(5n, 0n, CHANGED_US + 1), QUIET],
    ['an asset came', { ...view(5n), balances: [...view(5n).balances, ...view(1n).balances] }, QUIET],
    ['something was told of an order', view(5n), { ...QUIET, news: 8 }],
    ['a request is under way', view(5n), { ...QUIET, unsettled: true }],
  ])('does so no more where %s', (_what, now, told) => {
    expect(found().allowsShort(now, told)).toBe(false);
  });

  it.each([
    ['it changed while it was read', found(view(6n))],
    ['it changed so lately that not all answers need show it', found(view(5n), LATER_US - 1)],
    ['an order was heard of meanwhile', found(view(5n), LATER_US, { before: QUIET, after: { ...QUIET, news: 8 } })],
    ['a request was under way', found(view(5n), LATER_US, { before: QUIET, after: { ...QUIET, unsettled: true } })],
  ])('was not seen to where %s', (_what, stillness) => {
    expect(stillness.allowsShort(view(5n), QUIET)).toBe(false);
    expect(stillness.allowsShort(view(6n), { ...QUIET, news: 8 })).toBe(false);
  });

  it('is forgotten where something is amiss', () => {
    const stillness = found();
    stillness.lost();
    expect(stillness.allowsShort(view(5n), QUIET)).toBe(false);
  });
});
