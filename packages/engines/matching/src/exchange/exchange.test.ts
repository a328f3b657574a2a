import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  ANN,
  BEN,
  BTC,
  CYD,
  SYMBOL,
  USDT,
  balanceOf,
  cancelOf,
  limit,
  lots,
  market,
  money,
  openExchange,
  order,
} from './exchange.test-support.ts';

describe('limit orders', () => {
  it('rest in the book with their funds locked', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'buy', 10_000, 500), 1));
    expect(heard.told()).toEqual(['1 NEW/NEW']);
    expect(balanceOf(exchange, ANN, USDT)).toEqual({ free: money('9999950'), locked: money('50') });
    expect(exchange.depth(SYMBOL, 10)).toEqual({ lastUpdateId: 1, bids: [[10_000, 500]], asks: [] });
  });

  it('trade at the price of the order that was there first, best price and oldest first', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_002, 10), 1));
    expectOk(exchange.place(limit(BEN, 'sell', 10_001, 10), 2));
    expectOk(exchange.place(limit(ANN, 'sell', 10_001, 10), 3));
    expectOk(exchange.place(limit(CYD, 'buy', 10_002, 25), 4));
    expect(heard.trades.map(({ price, quantity, sellerOrderId }) => [price, quantity, sellerOrderId])).toEqual([
      [10_001, 10, 2],
      [10_001, 10, 3],
      [10_002, 5, 1],
    ]);
    expect(heard.told(4)).toEqual([
      '2 TRADE/FILLED',
      '4 TRADE/PARTIALLY_FILLED',
      '3 TRADE/FILLED',
      '4 TRADE/PARTIALLY_FILLED',
      '1 TRADE/PARTIALLY_FILLED',
      '4 TRADE/FILLED',
    ]);
    expect(balanceOf(exchange, CYD, USDT)).toEqual({ free: money('9999997.4997'), locked: money('0') });
    expect(balanceOf(exchange, CYD, BTC).free).toBe(money('1000.025'));
  });

  it('give back what a better price saved', () => {
    const { exchange } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 9_000, 10), 1));
    expectOk(exchange.place(limit(BEN, 'buy', 10_000, 20), 2));
    expect(balanceOf(exchange, BEN, USDT)).toEqual({ free: money('9999998.1'), locked: money('1') });
  });

  it.each([
    ['ioc', 8, '2 EXPIRED/EXPIRED', 5],
    ['fok', 8, '2 EXPIRED/EXPIRED', 0],
    ['fok', 5, '2 TRADE/FILLED', 5],
  ] as const)('%s over %i lots with 5 on offer ends with %s', (timeInForce, size, last, executed) => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 5), 1));
    const placed = expectOk(exchange.place(limit(BEN, 'buy', 10_000, size, { timeInForce }), 2));
    expect(heard.told().at(-1)).toBe(last);
    expect(heard.reports.at(-1)?.expiryReason).toBe(
      executed === size ? null : timeInForce === 'ioc' ? 'UNFILLED_IOC_QUANTITY_EXPIRED' : 'UNFILLED_FOK_ORDER_EXPIRED',
    );
    expect(placed.executed).toBe(executed);
    expect(balanceOf(exchange, BEN, USDT).locked).toBe(money('0'));
  });

  it('are refused as a whole where the money is not there', () => {
    const { exchange, heard } = openExchange();
    expect(exchange.place(limit(ANN, 'buy', 100_000_000, 9_000_000), 1)).toMatchObject({
      ok: false,
      fault: { number: -2010, message: 'Account has insufficient balance for requested action.' },
    });
    expect(heard.reports).toEqual([]);
    expect(expectOk(exchange.place(limit(ANN, 'buy', 1, 1), 1)).orderId).toBe(1);
  });
});

describe('market orders', () => {
  it('that run out of book end EXPIRED, partly filled', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expectOk(exchange.place(market(BEN, 'buy', 6), 2));
    expect(heard.told(1)).toEqual(['2 NEW/NEW', '1 TRADE/FILLED', '2 TRADE/PARTIALLY_FILLED', '2 EXPIRED/EXPIRED']);
    expect(heard.reports.at(-1)?.expiryReason).toBe('INSUFFICIENT_LIQUIDITY');
    expect(balanceOf(exchange, BEN, USDT)).toEqual({ free: money('9999999.6'), locked: money('0') });
  });

  it('by quote quantity spend as much of it as whole lots allow', () => {
    const { exchange } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expectOk(exchange.place(limit(ANN, 'sell', 20_000, 4), 1));
    const request = order(BEN, { side: 'buy', type: 'MARKET', quoteOrderQuantity: money('0.99') });
    const placed = expectOk(exchange.place(request, 2));
    // 4 lots cost 0.4, two more 0.4; the third would cost 0.2 where 0.19 are left.
    expect(placed).toMatchObject({ status: 'FILLED', quantity: 6, executed: 6 });
    expect(placed.cumulativeQuote).toBe(money('0.8'));
  });

  it('by quote quantity are refused on an empty book or below one lot', () => {
    const { exchange } = openExchange();
    const request = order(BEN, { side: 'buy', type: 'MARKET', quoteOrderQuantity: money('0.05') });
    const noBook = 'Order book liquidity is less than symbol minimum quantity.';
    expect(exchange.place(request, 1)).toMatchObject({ fault: { number: -2010, message: noBook } });
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    const noLot = 'Order book liquidity is less than LOT_SIZE filter minimum quantity.';
    expect(exchange.place(request, 1)).toMatchObject({ fault: { number: -2010, message: noLot } });
  });
});

describe('post-only and iceberg orders', () => {
  it('LIMIT_MAKER is refused where it would take', () => {
    const { exchange } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    const crossing = order(BEN, { side: 'buy', type: 'LIMIT_MAKER', price: 10_000, quantity: 1 });
    expect(exchange.place(crossing, 2)).toMatchObject({
      fault: { number: -2010, message: 'Order would immediately match and take.' },
    });
    expectOk(exchange.place({ ...crossing, price: limit(BEN, 'buy', 9_999, 1).price }, 2));
  });

  it('an iceberg shows one part at a time and goes to the end of the queue with each', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 10, { icebergQuantity: 4 }), 1));
    expectOk(exchange.place(limit(BEN, 'sell', 10_000, 5), 2));
    expect(exchange.depth(SYMBOL, 1)?.asks).toEqual([[10_000, 9]]);
    expectOk(exchange.place(market(CYD, 'buy', 12), 3));
    expect(heard.trades.map(({ quantity, sellerOrderId }) => [sellerOrderId, quantity])).toEqual([
      [1, 4],
      [2, 5],
      [1, 3],
    ]);
    expect(exchange.depth(SYMBOL, 1)?.asks).toEqual([[10_000, 1]]);
  });
});

describe('stops', () => {
  it('wait until a trade reaches their price and then take', () => {
    const { exchange, heard } = openExchange(undefined, { openingPrice: 10_000 });
    expectOk(exchange.place(limit(ANN, 'buy', 9_000, 20), 1));
    expectOk(exchange.place(order(BEN, { side: 'sell', type: 'STOP_LOSS', quantity: 5, stopPrice: 9_500 }), 2));
    expectOk(exchange.place(limit(ANN, 'buy', 9_400, 1), 3));
    expect(heard.told()).toEqual(['1 NEW/NEW', '2 NEW/NEW', '3 NEW/NEW']);
    expectOk(exchange.place(market(CYD, 'sell', 1), 4));
    expect(heard.told(3)).toEqual([
      '4 NEW/NEW',
      '3 TRADE/FILLED',
      '4 TRADE/FILLED',
      '2 NEW/NEW',
      '1 TRADE/PARTIALLY_FILLED',
      '2 TRADE/FILLED',
    ]);
  });

  it('that would trigger at once are refused', () => {
    const { exchange } = openExchange(undefined, { openingPrice: 10_000 });
    const stop = order(BEN, { side: 'buy', type: 'TAKE_PROFIT', quantity: 5, stopPrice: 10_000 });
    expect(exchange.place(stop, 1)).toMatchObject({
      fault: { number: -2010, message: 'Order would trigger immediately.' },
    });
  });

  it('trailing: a sell follows the highest price and triggers when it has fallen by the delta', () => {
    const { exchange, heard } = openExchange(undefined, { openingPrice: 40_000 });
    const stop = order(BEN, {
      side: 'sell',
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'gtc',
      quantity: 5,
      price: 39_000,
      trailingDelta: 700,
    });
    expectOk(exchange.place(stop, 1));
    const trade = (at: number): void => {
      expectOk(exchange.place(limit(ANN, 'sell', at, 1), 2));
      expectOk(exchange.place(limit(CYD, 'buy', at, 1), 2));
    };
    for (const at of [42_000, 39_500, 45_500, 42_316]) trade(at);
    expect(heard.reports.filter(({ orderId }) => orderId === 1)).toHaveLength(1);
    // 42,315 = 45,500 × 0.93
    trade(42_315);
    expect(exchange.depth(SYMBOL, 1)?.asks).toEqual([[39_000, 5]]);
  });
});

describe('cancel, amend and cancel-replace', () => {
  it('a cancel gives the funds back and is refused a second time', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4, { clientOrderId: 'mine' }), 1));
    const report = expectOk(exchange.cancel({ ...cancelOf(ANN, 1), newClientOrderId: 'stop-it' }, 2));
    expect(report).toMatchObject({ status: 'CANCELED', clientOrderId: 'stop-it', originalClientOrderId: 'mine' });
    expect(balanceOf(exchange, ANN, BTC)).toEqual({ free: money('1000'), locked: money('0') });
    expect(exchange.cancel(cancelOf(ANN, 1), 3)).toMatchObject({
      fault: { number: -2011, message: 'Unknown order sent.' },
    });
    expect(heard.told()).toEqual(['1 NEW/NEW', '1 CANCELED/CANCELED']);
  });

  it("nobody can cancel another's order", () => {
    const { exchange } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expect(exchange.cancel(cancelOf(BEN, 1), 2).ok).toBe(false);
  });

  it('an amend keeps the place in the queue and unlocks the difference', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'buy', 10_000, 10), 1));
    expectOk(exchange.place(limit(BEN, 'buy', 10_000, 10), 2));
    const request = { account: ANN, symbol: SYMBOL, orderId: 1, clientOrderId: null, newClientOrderId: 'less' };
    expectOk(exchange.amend({ ...request, newQuantity: lots(4) }, 3));
    expect(heard.reports.at(-1)).toMatchObject({ executionType: 'REPLACED', quantity: 4, clientOrderId: 'less' });
    expect(balanceOf(exchange, ANN, USDT).locked).toBe(money('0.4'));
    expectOk(exchange.place(market(CYD, 'sell', 5), 4));
    expect(heard.trades.map(({ buyerOrderId, quantity }) => [buyerOrderId, quantity])).toEqual([
      [1, 4],
      [2, 1],
    ]);
    expect(exchange.amend({ ...request, orderId: 2, account: BEN, newQuantity: lots(11) }, 5)).toMatchObject({
      fault: { number: -2038, message: 'Order amend (quantity increase) is not supported.' },
    });
  });

  it('cancel-replace stops, goes on, or fails by halves as its mode says', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expectOk(exchange.place(limit(BEN, 'buy', 9_000, 4), 1));
    const replacement = limit(BEN, 'buy', 9_100, 4);
    const stop = exchange.cancelReplace({ mode: 'STOP_ON_FAILURE', cancel: cancelOf(BEN, 99), order: replacement }, 2);
    expect(expectOk(stop)).toMatchObject({ fault: { number: -2022 }, newOrderResult: 'NOT_ATTEMPTED' });
    const maker = order(BEN, { side: 'buy', type: 'LIMIT_MAKER', price: 10_000, quantity: 1 });
    const half = exchange.cancelReplace({ mode: 'STOP_ON_FAILURE', cancel: cancelOf(BEN, 2), order: maker }, 3);
    expect(expectOk(half)).toMatchObject({
      fault: { number: -2021 },
      cancelResult: 'SUCCESS',
      newOrderResult: 'FAILURE',
      newOrderFault: { message: 'Order would immediately match and take.' },
    });
    expect(heard.reports.at(-1)).toMatchObject({ status: 'REJECTED', rejectReason: 'WOULD_MATCH_IMMEDIATELY' });
    const goesOn = exchange.cancelReplace({ mode: 'ALLOW_FAILURE', cancel: cancelOf(BEN, 99), order: replacement }, 4);
    expect(expectOk(goesOn)).toMatchObject({ fault: { number: -2021 }, newOrderResult: 'SUCCESS' });
  });
});

describe('the market-data face', () => {
  it('tells changed levels once, with the ids of the updates that they come from', () => {
    const { exchange } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 3), 1));
    expect(exchange.drainDepth(SYMBOL)).toEqual({
      firstUpdateId: 1,
      lastUpdateId: 2,
      bids: [],
      asks: [[10_000, 7]],
    });
    expect(exchange.drainDepth(SYMBOL)).toBeNull();
    expectOk(exchange.place(market(BEN, 'buy', 7), 2));
    expect(exchange.drainDepth(SYMBOL)).toMatchObject({ firstUpdateId: 3, asks: [[10_000, 0]] });
  });

  it('tells the best prices after a command that changed them, and only then', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    expectOk(exchange.place(limit(ANN, 'sell', 10_001, 4), 1));
    expect(heard.bests).toHaveLength(1);
    expectOk(exchange.place(market(BEN, 'buy', 5), 2));
    expect(heard.bests.at(-1)).toMatchObject({ bidPrice: 0, askPrice: 10_001, askQuantity: 3 });
  });

  it('tells an account of every asset that a command moved', () => {
    const { exchange, heard } = openExchange();
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    heard.accounts.length = 0;
    expectOk(exchange.place(market(BEN, 'buy', 4), 2));
    expect(heard.accounts.map(({ account }) => account).toSorted()).toEqual([ANN, BEN]);
    for (const { positions } of heard.accounts) expect(positions).toHaveLength(2);
  });
});
