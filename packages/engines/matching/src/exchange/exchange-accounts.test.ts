import { accountId } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  ANN,
  balanceOf,
  BEN,
  BTC,
  cancelOf,
  limit,
  lots,
  market,
  money,
  openExchange,
  SYMBOL,
  USDT,
} from './exchange.test-support.ts';

const US = 1_700_000_000_000_000;
const messageOf = (outcome: { readonly ok: boolean; readonly fault?: { number: number; message: string } }) =>
  outcome.fault === undefined ? 'ok' : `${outcome.fault.number} ${outcome.fault.message}`;

describe('a withdrawal', () => {
  it('takes what is free and tells of it, and is refused where less is free', () => {
    const { exchange, heard } = openExchange();
    exchange.place(limit(ANN, 'sell', 1_000, 400_000), US);
    expect(messageOf(exchange.withdraw(ANN, BTC, money('600.001'), US))).toBe(
      '-2010 Account has insufficient balance for requested action.',
    );
    expect(exchange.withdraw(ANN, BTC, money('600'), US).ok).toBe(true);
    expect(balanceOf(exchange, ANN, BTC)).toEqual({ free: 0n, locked: money('400') });
    expect(heard.accounts.at(-1)).toMatchObject({ account: ANN, positions: [{ asset: BTC, free: 0n }] });
    expect(() => exchange.withdraw(accountId('dan'), BTC, money('1'), US)).toThrow('unknown');
  });
});

describe('a symbol that is halted', () => {
  it('takes no orders, no lists and no changes, but cancels; its rules say so until it trades again', () => {
    const { exchange } = openExchange();
    exchange.place(limit(ANN, 'sell', 1_000, 10), US);
    exchange.place(limit(ANN, 'sell', 1_001, 10), US);
    exchange.setStatus(SYMBOL, 'HALT');
    expect(exchange.rules(SYMBOL)?.status).toBe('HALT');
    expect(messageOf(exchange.place(limit(BEN, 'buy', 1_000, 1), US))).toBe('-1013 Market is closed.');
    const amended = exchange.amend({ ...cancelOf(ANN, 2), newQuantity: lots(5) }, US);
    expect(messageOf(amended)).toBe('-2038 Market is closed.');
    expect(exchange.cancel(cancelOf(ANN, 2), US).ok).toBe(true);
    exchange.setStatus(SYMBOL, 'TRADING');
    expect(exchange.place(limit(BEN, 'buy', 1_000, 1), US).ok).toBe(true);
    expect(exchange.best(SYMBOL)?.askQuantity).toBe(9);
  });
});

describe('an account', () => {
  it('that may not trade places, changes and cancels nothing', () => {
    const { exchange } = openExchange();
    exchange.place(limit(ANN, 'sell', 1_000, 10), US);
    exchange.setTrading(ANN, false);
    const barred = 'This account may not place or cancel orders.';
    expect(messageOf(exchange.place(limit(ANN, 'buy', 900, 1), US))).toBe(`-2010 ${barred}`);
    expect(messageOf(exchange.cancel(cancelOf(ANN, 1), US))).toBe(`-2011 ${barred}`);
    expect(messageOf(exchange.cancelAll(ANN, SYMBOL, US))).toBe(`-2011 ${barred}`);
    expect(messageOf(exchange.amend({ ...cancelOf(ANN, 1), newQuantity: lots(5) }, US))).toBe(`-2038 ${barred}`);
    expect(exchange.openOrders(ANN, SYMBOL)).toHaveLength(1);
    exchange.setTrading(ANN, true);
    expect(exchange.cancel(cancelOf(ANN, 1), US).ok).toBe(true);
  });

  it('pays the fees that were set last', () => {
    const { exchange, heard } = openExchange();
    exchange.place(limit(ANN, 'sell', 1_000, 10), US);
    exchange.place(market(BEN, 'buy', 5), US);
    exchange.setFees(BEN, { makerPpm: 0, takerPpm: 2_000 });
    exchange.place(market(BEN, 'buy', 5), US);
    const fees = heard.reports.map(({ account, execution }) => (account === BEN ? execution?.commission : null));
    expect(fees.filter((fee) => fee !== null && fee !== undefined)).toEqual([0n, money('0.00001')]);
    expect(exchange.accounts()).toEqual([ANN, BEN, 'cyd']);
    expect(exchange.accountOptions(accountId('dan'))).toBeNull();
  });

  it('has no fewer options than it was opened with', () => {
    const { exchange } = openExchange();
    const dan = accountId('dan');
    exchange.addAccount(dan, { balances: [{ asset: USDT, free: money('5') }], canTrade: false, tradeGroupId: 3 });
    expect(exchange.accountOptions(dan)).toEqual({
      fees: { makerPpm: 1_000, takerPpm: 1_000 },
      tradeGroupId: 3,
      paysInDiscountAsset: false,
      canTrade: false,
      feesFrom: 'received',
      feesOn: 'both',
      margin: null,
      commission: null,
    });
  });
});

describe('canceling all orders of a symbol', () => {
  it('is one request: every report carries the same name, one that no request had given', () => {
    const { exchange } = openExchange();
    for (const price of [1_000, 1_001, 1_002]) exchange.place(limit(ANN, 'sell', price, 10), US);
    const canceled = exchange.cancelAll(ANN, SYMBOL, US);
    const names = canceled.ok ? canceled.value.map((report) => report.clientOrderId) : [];
    expect(names).toHaveLength(3);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^[0-9A-Za-z]{22}$/);
  });
});
