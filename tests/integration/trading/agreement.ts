import { formatAmount, isFinal, type Fill, type Order } from '@monsta/core';
import type { Decision } from '@monsta/ports';
import { expect } from 'vitest';
import { expectOk, parseAmount } from '@monsta/core';
import { ACCOUNT, type Life } from './world.ts';

const ALL = { limit: 1_000, cursor: null };

export interface Books {
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly Decision[];
}

/** Ledger and venue hold the same orders, the same fills once each and the same money; the position is what the fills make. */
export async function verifyAgreement(life: Life): Promise<Books> {
  const { ledger, venue } = life;
  const orders = expectOk(await ledger.orders(ACCOUNT, ALL)).items.map(({ value }) => value);
  const fills = expectOk(await ledger.fills(ACCOUNT, ALL)).items.map(({ value }) => value);
  const decisions = expectOk(await ledger.decisions(ACCOUNT, ALL)).items;
  const venueFills: Fill[] = [];
  for (const order of orders) {
    const there = expectOk(await venue.order(order.clientOrderId));
    const itsFills = expectOk(await venue.fillsOf(order.clientOrderId));
    venueFills.push(...itsFills);
    expect(order.status).not.toBe('pending_submit');
    expect(there === null ? 'rejected' : there.status).toBe(order.status);
    expect(order.filledQuantity).toBe(itsFills.reduce((sum, fill) => sum + fill.quantity, 0));
  }
  const byId = (list: readonly Fill[]): Fill[] => list.toSorted((a, b) => Number(a.fillId) - Number(b.fillId));
  expect(byId(fills)).toEqual(byId(venueFills));
  const open = expectOk(await venue.openOrders()).map(({ clientOrderId }) => clientOrderId);
  expect(open.toSorted()).toEqual(
    orders
      .filter(({ status }) => !isFinal(status))
      .map(({ clientOrderId }) => clientOrderId)
      .toSorted(),
  );
  const ours = expectOk(await ledger.balances(ACCOUNT)).map(
    ({ asset, free, locked }) => `${asset} ${formatAmount((free + locked) as typeof free)}`,
  );
  const theirs = expectOk(await venue.balances()).map(
    ({ asset, free, locked }) => `${asset} ${formatAmount((free + locked) as typeof free)}`,
  );
  expect(ours).toEqual(theirs);
  const coins = expectOk(await venue.balances()).find(({ asset }) => asset === 'BTC');
  const held = expectOk(await ledger.positions(ACCOUNT)).reduce(
    (sum, position) => sum + expectOk(parseAmount(position.quantity)),
    0n,
  );
  expect(held).toBe(coins === undefined ? 0n : coins.free + coins.locked);
  const ids = decisions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(expectOk(await ledger.divergences(ACCOUNT, ALL)).items).toEqual([]);
  return { orders, fills, decisions };
}
