import { accountId, expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  ANN,
  BEN,
  BTC,
  CYD,
  OPEN_RULES,
  RICH,
  STRICT_RULES,
  SYMBOL,
  USDT,
  limit,
  market,
  money,
  openExchange,
  order,
} from './exchange.test-support.ts';
import { NO_EXCHANGE_RULES } from './symbol-rules.ts';
import type { NewOrder } from './vocabulary.ts';

const strict = (openingPrice = 10_000) => openExchange(STRICT_RULES, { openingPrice }).exchange;
const stop = (stopPrice: number): NewOrder => order(ANN, { side: 'sell', type: 'STOP_LOSS', quantity: 100, stopPrice });

describe('the filters of a symbol', () => {
  it.each<[string, NewOrder]>([
    ['PRICE_FILTER', limit(ANN, 'buy', 0, 100)],
    ['PRICE_FILTER', limit(ANN, 'buy', 100_000_001, 100)],
    ['PRICE_FILTER', order(ANN, { side: 'sell', type: 'STOP_LOSS', quantity: 100, stopPrice: 0 })],
    ['PERCENT_PRICE_BY_SIDE', limit(ANN, 'buy', 50_001, 100)],
    ['PERCENT_PRICE_BY_SIDE', limit(ANN, 'sell', 1_999, 3_000)],
    ['LOT_SIZE', limit(ANN, 'buy', 10_000, 0)],
    ['LOT_SIZE', limit(ANN, 'buy', 10_000, 9_000_001)],
    ['LOT_SIZE', limit(ANN, 'buy', 10_000, 1.5)],
    ['LOT_SIZE', limit(ANN, 'buy', 10_000, 100, { icebergQuantity: 0 })],
    ['ICEBERG_PARTS', limit(ANN, 'buy', 10_000, 101, { icebergQuantity: 10 })],
    ['MARKET_LOT_SIZE', market(ANN, 'buy', 100_001)],
    ['NOTIONAL', limit(ANN, 'buy', 10_000, 49)],
    ['NOTIONAL', market(ANN, 'buy', 49)],
    ['TRAILING_DELTA', order(ANN, { side: 'sell', type: 'STOP_LOSS', quantity: 100, trailingDelta: 9 })],
    ['TRAILING_DELTA', order(ANN, { side: 'buy', type: 'STOP_LOSS', quantity: 100, trailingDelta: 2_001 })],
  ])('%s refuses order %#', (name, request) => {
    expect(strict().place(request, 1)).toMatchObject({
      ok: false,
      fault: { number: -1013, message: `Filter failure: ${name}` },
    });
  });

  it('NOTIONAL bounds what an order may be worth from above, too', () => {
    const exchange = strict(30_000);
    expect(exchange.place(limit(ANN, 'sell', 150_000, 6_000_001), 1)).toMatchObject({
      fault: { message: 'Filter failure: NOTIONAL' },
    });
    // Worth nine million exactly: it gets as far as the balance.
    expect(exchange.place(limit(ANN, 'sell', 150_000, 6_000_000), 1)).toMatchObject({ fault: { number: -2010 } });
  });

  it('let pass what lies on their bounds', () => {
    const exchange = strict();
    for (const request of [
      limit(ANN, 'buy', 50_000, 100),
      limit(ANN, 'buy', 2_000, 250),
      limit(ANN, 'buy', 9_000, 100, { icebergQuantity: 10 }),
      limit(ANN, 'sell', 50_000, 10),
    ]) {
      expectOk(exchange.place(request, 1));
    }
  });

  it('a market step of zero is no rule, another is', () => {
    expectOk(strict().place(market(ANN, 'sell', 101), 1));
    const rules = { ...STRICT_RULES, marketQuantity: { min: 1, max: 100_000, step: 10 } };
    const { exchange } = openExchange(rules, { openingPrice: 10_000 });
    expect(exchange.place(market(ANN, 'sell', 101), 1)).toMatchObject({
      fault: { message: 'Filter failure: MARKET_LOT_SIZE' },
    });
    expectOk(exchange.place(market(ANN, 'sell', 110), 1));
  });

  it('MAX_NUM_ORDERS counts open orders, MAX_NUM_ALGO_ORDERS those with a trigger, and both forget the ended', () => {
    const { exchange } = openExchange({ ...STRICT_RULES, ordersMax: 6 }, { openingPrice: 10_000 });
    for (let count = 0; count < 5; count += 1) expectOk(exchange.place(stop(9_000 - count), 1));
    expect(exchange.place(stop(8_000), 1)).toMatchObject({ fault: { message: 'Filter failure: MAX_NUM_ALGO_ORDERS' } });
    expectOk(exchange.place(limit(ANN, 'buy', 9_000, 100), 1));
    expect(exchange.place(limit(ANN, 'buy', 9_000, 100), 1)).toMatchObject({
      fault: { message: 'Filter failure: MAX_NUM_ORDERS' },
    });
    expectOk(exchange.cancelAll(ANN, SYMBOL, 2));
    expectOk(exchange.place(stop(8_000), 3));
  });

  it('MAX_NUM_ICEBERG_ORDERS and the limits of the whole exchange', () => {
    const rules = { ordersMax: 3, algoOrdersMax: 1, icebergOrdersMax: 1, orderListsMax: 1 };
    const { exchange } = openExchange(OPEN_RULES, { openingPrice: 10_000, rules });
    expectOk(exchange.place(limit(ANN, 'buy', 9_000, 10, { icebergQuantity: 5 }), 1));
    expect(exchange.place(limit(ANN, 'buy', 9_000, 10, { icebergQuantity: 5 }), 1)).toMatchObject({
      fault: { message: 'Filter failure: EXCHANGE_MAX_NUM_ICEBERG_ORDERS' },
    });
    expectOk(exchange.place(stop(9_000), 1));
    expect(exchange.place(stop(9_000), 1)).toMatchObject({
      fault: { message: 'Filter failure: EXCHANGE_MAX_NUM_ALGO_ORDERS' },
    });
    expectOk(exchange.place(limit(ANN, 'buy', 9_000, 10), 1));
    expect(exchange.place(limit(ANN, 'buy', 9_000, 10), 1)).toMatchObject({
      fault: { message: 'Filter failure: EXCHANGE_MAX_NUM_ORDERS' },
    });
    // Another account has counts of its own.
    expectOk(exchange.place(limit(BEN, 'buy', 9_000, 10), 1));
  });

  it('MAX_POSITION counts what is held, what is locked and what open buys would bring', () => {
    const { exchange } = openExchange({ ...OPEN_RULES, positionMax: money('1000.02') });
    expectOk(exchange.place(limit(ANN, 'sell', 20_000, 500), 1));
    expectOk(exchange.place(limit(ANN, 'buy', 10_000, 15), 1));
    expectOk(exchange.place(limit(ANN, 'buy', 10_000, 5), 1));
    expect(exchange.place(limit(ANN, 'buy', 10_000, 1), 1)).toMatchObject({
      fault: { message: 'Filter failure: MAX_POSITION' },
    });
    expectOk(exchange.place(limit(ANN, 'sell', 20_000, 1), 1));
  });

  it('MAX_ASSET bounds what one order moves: the base by its quantity, the quote by its worth', () => {
    const rules = {
      ...NO_EXCHANGE_RULES,
      assetsMax: [
        { asset: BTC, limit: money('0.02') },
        { asset: USDT, limit: money('2.5') },
      ],
    };
    const { exchange } = openExchange(OPEN_RULES, { rules, openingPrice: 10_000 });
    const refused = { fault: { number: -1013, message: 'Filter failure: MAX_ASSET' } };
    expectOk(exchange.place(limit(BEN, 'sell', 12_500, 20), 1));
    expect(exchange.place(limit(ANN, 'sell', 11_000, 21), 1)).toMatchObject(refused);
    expect(exchange.place(limit(ANN, 'sell', 12_501, 20), 1)).toMatchObject(refused);
    // A market order is counted at the last price.
    expect(exchange.place(market(ANN, 'buy', 21), 1)).toMatchObject(refused);
    expectOk(exchange.place(market(ANN, 'buy', 20), 1));
    expect(exchange.place(market(ANN, 'buy', 21), 1)).toMatchObject(refused);
    expect(exchange.place(market(ANN, 'sell', 20), 1).ok).toBe(true);
  });

  it('the average price is that of the last minutes, by volume', () => {
    const { exchange } = openExchange(STRICT_RULES, { openingPrice: 10_000 });
    const trade = (at: number, size: number, seconds: number): void => {
      expectOk(exchange.place(limit(BEN, 'sell', at, size), seconds * 1e6));
      expectOk(exchange.place(limit(CYD, 'buy', at, size), seconds * 1e6));
    };
    trade(10_000, 100, 0);
    trade(16_000, 200, 60);
    expect(exchange.averagePrice(SYMBOL, 5)).toBe(14_000);
    trade(16_000, 100, 299);
    expect(exchange.averagePrice(SYMBOL, 5)).toBe(14_500);
    // The first trade is five minutes old now.
    trade(16_000, 100, 300);
    expect(exchange.averagePrice(SYMBOL, 5)).toBe(16_000);
    expect(exchange.averagePrice(SYMBOL, 0)).toBe(16_000);
  });
});

describe('where bounds are off', () => {
  const unbounded = { ...OPEN_RULES, price: { min: 0, max: 0 }, quantity: { min: 0, max: 0 } };

  it('an order beyond all counting is refused, and not a crash', () => {
    const { exchange } = openExchange(unbounded);
    const most = Number.MAX_SAFE_INTEGER;
    expect(exchange.place(limit(ANN, 'buy', most, most), 1)).toMatchObject({ fault: { number: -1108 } });
    expect(exchange.place(limit(ANN, 'buy', most, 1), 1)).toMatchObject({ fault: { number: -2010 } });
    expect(exchange.place(limit(ANN, 'buy', 0, 1), 1)).toMatchObject({
      fault: { message: 'Filter failure: PRICE_FILTER' },
    });
    expect(exchange.place(limit(ANN, 'buy', Number.NaN, 1), 1)).toMatchObject({ fault: { number: -1013 } });
    expect(exchange.place(limit(ANN, 'buy', 1, -1), 1)).toMatchObject({
      fault: { message: 'Filter failure: LOT_SIZE' },
    });
  });

  it('a quote quantity finer than the asset is rounded down, and none at all buys nothing', () => {
    const { exchange } = openExchange(unbounded);
    expectOk(exchange.place(limit(ANN, 'sell', 10_000, 4), 1));
    const request = order(BEN, { side: 'buy', type: 'MARKET', quoteOrderQuantity: money('0.100000000000000001') });
    expect(expectOk(exchange.place(request, 1)).executed).toBe(1);
    for (const text of ['0', '-1']) {
      const nothing = { ...request, quoteOrderQuantity: money(text) };
      expect(exchange.place(nothing, 1)).toMatchObject({ fault: { number: -2010 } });
    }
  });
});

describe('the parameters of an order', () => {
  it.each<[number, string, NewOrder]>([
    [
      -1102,
      "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
      limit(ANN, 'buy', 1, 1, { timeInForce: null }),
    ],
    [
      -1102,
      "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
      order(ANN, { side: 'buy', type: 'LIMIT_MAKER', quantity: 1 }),
    ],
    [
      -1102,
      "Param 'origQty' or 'quoteOrderQty' must be sent, but both were empty/null!",
      order(ANN, { side: 'buy', type: 'MARKET' }),
    ],
    [-1106, "Parameter 'price' sent when not required.", market(ANN, 'buy', 1, { price: 1 })],
    [-1106, "Parameter 'stopPrice' sent when not required.", limit(ANN, 'buy', 1, 1, { stopPrice: 1 })],
    [
      -1128,
      'Combination of optional parameters invalid.',
      limit(ANN, 'buy', 1, 2, { icebergQuantity: 1, timeInForce: 'ioc' }),
    ],
    [-2010, 'IcebergQty exceeds QTY.', limit(ANN, 'buy', 1, 2, { icebergQuantity: 3 })],
    [-1134, '`strategyType` was less than 1000000.', limit(ANN, 'buy', 1, 2, { strategyType: 999_999 })],
  ])('%i %s', (number, message, request) => {
    expect(openExchange().exchange.place(request, 1)).toMatchObject({ ok: false, fault: { number, message } });
  });

  it('refuse what the symbol does not allow', () => {
    const rules = {
      ...OPEN_RULES,
      orderTypes: ['LIMIT'] as const,
      icebergAllowed: false,
      selfTradeModes: ['NONE'] as const,
    };
    const { exchange } = openExchange(rules);
    const messages = [
      market(ANN, 'buy', 1),
      limit(ANN, 'buy', 1, 2, { icebergQuantity: 1 }),
      limit(ANN, 'buy', 1, 2, { selfTradeMode: 'DECREMENT' }),
    ].map((request) => {
      const refused = exchange.place(request, 1);
      return refused.ok ? 'accepted' : refused.fault.message;
    });
    expect(messages).toEqual([
      'Market orders are not supported for this symbol.',
      'Iceberg orders are not supported for this symbol.',
      'This symbol does not allow the specified self-trade prevention mode.',
    ]);
    const halted = openExchange({ ...OPEN_RULES, status: 'HALT' }).exchange;
    expect(halted.place(limit(ANN, 'buy', 1, 1), 1)).toMatchObject({ fault: { message: 'Market is closed.' } });
  });

  it('an unknown account or symbol, and a client id in use', () => {
    const { exchange } = openExchange();
    const request = limit(ANN, 'buy', 1, 1, { clientOrderId: 'same' });
    expect(exchange.place({ ...request, account: accountId('nobody') }, 1)).toMatchObject({ fault: { number: -2015 } });
    expect(exchange.place({ ...request, symbol: 'X' as typeof SYMBOL }, 1)).toMatchObject({ fault: { number: -1121 } });
    expectOk(exchange.place(request, 1));
    expect(exchange.place(request, 1)).toMatchObject({ fault: { number: -2010, message: 'Duplicate order sent.' } });
    exchange.addAccount(accountId('dan'), { balances: RICH });
    expectOk(exchange.place({ ...request, account: accountId('dan') }, 1));
  });
});
