import {
  clientOrderId,
  instrumentId,
  PLAIN_TERMS,
  price,
  quantity,
  strategyId,
  timestampUs,
  type OrderListRequest,
  type OrderRequest,
} from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { isVenueId, listEntry, orderEntry, replacementEntry } from './order-parameters.ts';

const GRID = { tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } };
const order = (terms: Partial<OrderRequest>): OrderRequest => ({
  clientOrderId: clientOrderId('mabc123-1'),
  strategyId: strategyId('s'),
  instrument: instrumentId('BTCUSDT'),
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(2_000),
  limitPrice: null,
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: timestampUs(1_700_000_000_000_000),
  ...terms,
});
const LIMIT = { limitPrice: price(6_173_763) };
const STOP = { stopPrice: price(6_000_000) };

/** The parameters as a query, without those that every order has. */
const shown = (parameters: Readonly<Record<string, string | number>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
    .replace('symbol=BTCUSDT&', '')
    .replace('&newOrderRespType=FULL', '');

describe('an order as parameters', () => {
  it.each<[string, Partial<OrderRequest>, string]>([
    ['limit', LIMIT, 'side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02000&price=61737.63'],
    [
      'limit, at once or never',
      { ...LIMIT, timeInForce: 'fok' },
      'side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.02000&price=61737.63',
    ],
    ['market', { type: 'market', side: 'sell' }, 'side=SELL&type=MARKET&quantity=0.02000'],
    ['post-only', { ...LIMIT, type: 'limit_maker' }, 'side=BUY&type=LIMIT_MAKER&quantity=0.02000&price=61737.63'],
    [
      'stop',
      { ...STOP, type: 'stop_loss', side: 'sell' },
      'side=SELL&type=STOP_LOSS&quantity=0.02000&stopPrice=60000.00',
    ],
    [
      'stop-limit',
      { ...STOP, ...LIMIT, type: 'stop_loss_limit', timeInForce: 'ioc' },
      'side=BUY&type=STOP_LOSS_LIMIT&timeInForce=IOC&quantity=0.02000&price=61737.63&stopPrice=60000.00',
    ],
    ['profit', { ...STOP, type: 'take_profit' }, 'side=BUY&type=TAKE_PROFIT&quantity=0.02000&stopPrice=60000.00'],
    [
      'profit at a limit',
      { ...STOP, ...LIMIT, type: 'take_profit_limit' },
      'side=BUY&type=TAKE_PROFIT_LIMIT&timeInForce=GTC&quantity=0.02000&price=61737.63&stopPrice=60000.00',
    ],
    [
      'trailing stop',
      { type: 'stop_loss', trailingBps: 150 },
      'side=BUY&type=STOP_LOSS&quantity=0.02000&trailingDelta=150',
    ],
    [
      'iceberg',
      { ...LIMIT, icebergQuantity: quantity(500) },
      'side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02000&price=61737.63&icebergQty=0.00500',
    ],
  ])('%s', (_name, terms, query) => {
    const entry = orderEntry(order(terms), GRID, null);
    expect(entry.path).toBe('/api/v3/order');
    expect(shown(entry.parameters)).toBe(`${query}&newClientOrderId=mabc123-1`);
  });

  it('says what happens where it would trade with another of ours', () => {
    expect(orderEntry(order(LIMIT), GRID, 'EXPIRE_BOTH').parameters).toMatchObject({
      selfTradePreventionMode: 'EXPIRE_BOTH',
    });
  });

  it('replaces another by the venue’s id of that, or by ours where there is none yet', () => {
    const named = replacementEntry({ clientOrderId: 'old', venueOrderId: '77' }, order(LIMIT), GRID, null);
    expect(named.path).toBe('/api/v3/order/cancelReplace');
    expect(shown(named.parameters)).toBe(
      'cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=77&cancelRestrictions=ONLY_NEW&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.02000&price=61737.63&newClientOrderId=mabc123-1',
    );
    const unnamed = replacementEntry({ clientOrderId: 'old', venueOrderId: null }, order(LIMIT), GRID, null);
    expect(unnamed.parameters).toMatchObject({ cancelOrigClientOrderId: 'old' });
  });
});

describe('a list as parameters', () => {
  const LIST = clientOrderId('list-1');
  const named = (id: string, terms: Partial<OrderRequest>): OrderRequest =>
    order({ clientOrderId: clientOrderId(id), listId: LIST, ...terms });
  const PROFIT = named('p', { side: 'sell', type: 'limit_maker', limitPrice: price(6_500_000) });
  const LOSS = named('l', {
    side: 'sell',
    type: 'stop_loss_limit',
    stopPrice: price(5_800_000),
    limitPrice: price(5_790_000),
  });
  const ENTRY = named('e', LIMIT);
  const list = (kind: OrderListRequest['kind'], ...orders: readonly OrderRequest[]): OrderListRequest => ({
    listId: LIST,
    kind,
    orders,
  });

  it.each<[OrderListRequest, string, string]>([
    [
      list('oco', PROFIT, LOSS),
      '/api/v3/orderList/oco',
      'listClientOrderId=list-1&side=SELL&quantity=0.02000' +
        '&aboveType=LIMIT_MAKER&abovePrice=65000.00&aboveClientOrderId=p' +
        '&belowType=STOP_LOSS_LIMIT&belowTimeInForce=GTC&belowPrice=57900.00&belowStopPrice=58000.00&belowClientOrderId=l',
    ],
    [
      list('oto', ENTRY, PROFIT),
      '/api/v3/orderList/oto',
      'listClientOrderId=list-1' +
        '&workingSide=BUY&workingType=LIMIT&workingTimeInForce=GTC&workingQuantity=0.02000&workingPrice=61737.63&workingClientOrderId=e' +
        '&pendingSide=SELL&pendingType=LIMIT_MAKER&pendingQuantity=0.02000&pendingPrice=65000.00&pendingClientOrderId=p',
    ],
    [
      list('otoco', ENTRY, PROFIT, LOSS),
      '/api/v3/orderList/otoco',
      'listClientOrderId=list-1' +
        '&workingSide=BUY&workingType=LIMIT&workingTimeInForce=GTC&workingQuantity=0.02000&workingPrice=61737.63&workingClientOrderId=e' +
        '&pendingSide=SELL&pendingQuantity=0.02000' +
        '&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=65000.00&pendingAboveClientOrderId=p' +
        '&pendingBelowType=STOP_LOSS_LIMIT&pendingBelowTimeInForce=GTC&pendingBelowPrice=57900.00&pendingBelowStopPrice=58000.00&pendingBelowClientOrderId=l',
    ],
  ])('$0.kind', (request, path, query) => {
    const entry = listEntry(request, GRID, null);
    if (!entry.ok) throw new Error(entry.fault.message);
    expect([entry.value.path, shown(entry.value.parameters)]).toEqual([path, query]);
  });

  it.each([
    ['too few orders', list('otoco', ENTRY, PROFIT)],
    ['too many', list('oco', ENTRY, PROFIT, LOSS)],
    ['orders of two instruments', list('oto', ENTRY, { ...PROFIT, instrument: instrumentId('ETHUSDT') })],
    ['a pair of two quantities', list('oco', PROFIT, { ...LOSS, quantity: quantity(1) })],
    ['a pair of two sides', list('oco', PROFIT, { ...LOSS, side: 'buy' })],
  ])('is refused with %s', (_name, request) => {
    expect(listEntry(request, GRID, null)).toMatchObject({ ok: false, fault: { code: 'list_refused' } });
  });
});

it.each([
  ['m1a2b3c4-zz', true],
  ['a'.repeat(36), true],
  ['a'.repeat(37), false],
  ['', false],
  ['an id', false],
  ['ид', false],
])('the venue takes %j as an id: %j', (id, taken) => {
  expect(isVenueId(id)).toBe(taken);
});
