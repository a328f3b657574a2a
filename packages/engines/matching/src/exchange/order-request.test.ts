import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPrice, formatQuantity } from '@monsta/core';
import { OPEN_RULES, lots, money, ticks } from './exchange.test-support.ts';
import { readOrder, type OrderFields } from './order-request.ts';

const LIMIT: OrderFields = {
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.500',
  price: '61737.63000000',
};

describe('an order as it is sent', () => {
  it('becomes terms in ticks and lots, whatever zeros stand at the end', () => {
    const read = readOrder({ ...LIMIT, newClientOrderId: 'a-1', selfTradePreventionMode: 'DECREMENT' }, OPEN_RULES);
    expect(read).toMatchObject({
      terms: {
        side: 'buy',
        type: 'LIMIT',
        timeInForce: 'gtc',
        quantity: 500,
        price: 6_173_763,
        stopPrice: null,
        clientOrderId: 'a-1',
        selfTradeMode: 'DECREMENT',
      },
    });
    expect(readOrder({ side: 'SELL', type: 'MARKET', quoteOrderQty: '12.50' }, OPEN_RULES)).toMatchObject({
      terms: { quantity: null, quoteOrderQuantity: money('12.5') },
    });
  });

  it('reads any price and quantity that the steps can print', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 10 ** 12 }), (at, size) => {
        const price = formatPrice(ticks(at), OPEN_RULES);
        const quantity = formatQuantity(lots(size), OPEN_RULES);
        expect(readOrder({ ...LIMIT, price, quantity }, OPEN_RULES)).toMatchObject({
          terms: { price: at, quantity: size },
        });
      }),
    );
  });

  it.each<[number, string, OrderFields]>([
    [-1111, "Parameter 'price' has too much precision.", { ...LIMIT, price: '1.123456789' }],
    [-1111, "Parameter 'quantity' has too much precision.", { ...LIMIT, quantity: '0.000000001' }],
    [-1013, 'Filter failure: PRICE_FILTER', { ...LIMIT, price: '1.001' }],
    [-1013, 'Filter failure: PRICE_FILTER', { ...LIMIT, stopPrice: '1.001' }],
    [-1013, 'Filter failure: LOT_SIZE', { ...LIMIT, quantity: '0.0005' }],
    [-1013, 'Filter failure: LOT_SIZE', { ...LIMIT, icebergQty: '0.0005' }],
    [-1013, 'Filter failure: LOT_SIZE', { ...LIMIT, quantity: '99999999999999999999' }],
    [-1117, 'Invalid side.', { ...LIMIT, side: 'buy' }],
    [-1116, 'Invalid orderType.', { ...LIMIT, type: 'ICEBERG' }],
    [-1115, 'Invalid timeInForce.', { ...LIMIT, timeInForce: 'GTX' }],
    [-1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed.", { type: 'LIMIT' }],
    [
      -1013,
      'This symbol does not allow the specified self-trade prevention mode.',
      { ...LIMIT, selfTradePreventionMode: 'TRANSFER' },
    ],
    [
      -1130,
      "Data sent for parameter 'selfTradePreventionMode' is not valid.",
      { ...LIMIT, selfTradePreventionMode: 'X' },
    ],
    ...['-1', '1e5', '1,5', '.5', '5.', '', 'NaN', '1 '].map((price): [number, string, OrderFields] => [
      -1100,
      String.raw`Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.`,
      { ...LIMIT, price },
    ]),
    [
      -1100,
      "Illegal characters found in parameter 'trailingDelta'; legal range is '^[0-9]{1,20}$'.",
      { ...LIMIT, trailingDelta: '1.5' },
    ],
    [
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_.:/]{1,36}$'.",
      { ...LIMIT, newClientOrderId: 'a b' },
    ],
  ])('%i %s (%#)', (number, message, fields) => {
    expect(readOrder(fields, OPEN_RULES)).toMatchObject({ ok: false, fault: { number, message } });
  });
});
