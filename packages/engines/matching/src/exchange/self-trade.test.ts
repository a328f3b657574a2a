import { accountId, expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  ANN,
  BEN,
  BTC,
  SYMBOL,
  USDT,
  balanceOf,
  limit,
  market,
  money,
  openExchange,
  RICH,
} from './exchange.test-support.ts';
import type { SelfTradeMode } from './vocabulary.ts';

/** Ann buys 6 at 20,000 and then sells 2 at that price, as the documentation's own scenarios do. */
function meet(mode: SelfTradeMode, taken = 2) {
  const opened = openExchange();
  expectOk(opened.exchange.place(limit(ANN, 'buy', 20_000, 6), 1));
  expectOk(opened.exchange.place(limit(ANN, 'sell', 20_000, taken, { selfTradeMode: mode }), 2));
  return opened;
}

describe('self-trade prevention', () => {
  it.each([
    ['NONE', ['1 TRADE/PARTIALLY_FILLED', '2 TRADE/FILLED'], [[20_000, 4]], []],
    ['EXPIRE_TAKER', ['2 TRADE_PREVENTION/EXPIRED_IN_MATCH'], [[20_000, 6]], []],
    ['EXPIRE_MAKER', ['1 TRADE_PREVENTION/EXPIRED_IN_MATCH'], [], [[20_000, 2]]],
    ['EXPIRE_BOTH', ['1 TRADE_PREVENTION/EXPIRED_IN_MATCH', '2 TRADE_PREVENTION/EXPIRED_IN_MATCH'], [], []],
    ['DECREMENT', ['1 TRADE_PREVENTION/NEW', '2 TRADE_PREVENTION/EXPIRED_IN_MATCH'], [[20_000, 4]], []],
  ] as const)('%s', (mode, told, bids, asks) => {
    const { exchange, heard } = meet(mode);
    expect(heard.told(2)).toEqual(told);
    expect(exchange.depth(SYMBOL, 5)).toMatchObject({ bids, asks });
    expect(heard.trades).toHaveLength(mode === 'NONE' ? 1 : 0);
    const held = BigInt(bids[0]?.[1] ?? 0) * (money('200') / 1000n);
    expect(balanceOf(exchange, ANN, USDT).locked).toBe(held);
    const sold = BigInt(asks[0]?.[1] ?? 0) * money('0.001');
    expect(balanceOf(exchange, ANN, BTC).locked).toBe(sold);
  });

  it('says what was prevented, and with whom', () => {
    const { heard } = meet('DECREMENT');
    expect(heard.reports.at(-1)).toMatchObject({
      preventedQuantity: 2,
      prevention: {
        preventedMatchId: 0,
        lastPreventedQuantity: 2,
        executionQuantity: 2,
        executionPrice: 20_000,
        counterOrderId: 1,
        tradeGroupId: null,
      },
    });
    expect(heard.reports.at(-1)?.preventedQuote).toBe(money('0.4'));
    expect(heard.reports.at(-1)?.execution).toBeNull();
  });

  it('a decrement that is greater than the maker expires it and goes on', () => {
    const { exchange, heard } = meet('DECREMENT', 8);
    expect(heard.told(2)).toEqual(['1 TRADE_PREVENTION/EXPIRED_IN_MATCH', '2 TRADE_PREVENTION/NEW']);
    expect(exchange.depth(SYMBOL, 5)?.asks).toEqual([[20_000, 2]]);
    expectOk(exchange.place(limit(BEN, 'buy', 20_000, 2), 3));
    // It executed less than was ordered, so that it is not FILLED.
    expect(heard.reports.find(({ orderId, execution }) => orderId === 2 && execution !== null)?.status).toBe(
      'EXPIRED_IN_MATCH',
    );
  });

  it('holds between the accounts of one trade group', () => {
    const { exchange, heard } = openExchange();
    for (const name of ['g1', 'g2']) {
      exchange.addAccount(accountId(name), {
        balances: RICH,
        tradeGroupId: 7,
      });
    }
    expectOk(exchange.place(limit(accountId('g1'), 'buy', 20_000, 6), 1));
    expectOk(exchange.place(market(accountId('g2'), 'sell', 2, { selfTradeMode: 'EXPIRE_MAKER' }), 2));
    expect(heard.told(2)).toEqual(['1 TRADE_PREVENTION/EXPIRED_IN_MATCH', '2 EXPIRED/EXPIRED']);
    expect(heard.reports[2]?.prevention?.tradeGroupId).toBe(7);
  });

  it('a FOK order does not count on what it may not trade with', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'buy', 20_000, 6), 1));
    expectOk(exchange.place(limit(BEN, 'buy', 20_000, 2), 2));
    const fok = limit(ANN, 'sell', 20_000, 3, { timeInForce: 'fok', selfTradeMode: 'EXPIRE_MAKER' });
    expectOk(exchange.place(fok, 3));
    expect(heard.told(2)).toEqual(['3 NEW/NEW', '3 EXPIRED/EXPIRED']);
    expectOk(exchange.place({ ...fok, quantity: limit(ANN, 'sell', 1, 2).quantity }, 4));
    expect(heard.told(4)).toEqual([
      '4 NEW/NEW',
      '1 TRADE_PREVENTION/EXPIRED_IN_MATCH',
      '2 TRADE/FILLED',
      '4 TRADE/FILLED',
    ]);
  });
});
