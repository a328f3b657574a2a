import { PLAIN_TERMS, price, quantity, type OrderRequest } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, BTC, CONFIG, money } from '../kernel.test-support.ts';
import { assess, type RiskView } from './rules.ts';

const limits = { ...CONFIG.limits, staleAfterMs: 30_000 };
const view: RiskView = {
  nowUs: atMs(10_000),
  limits,
  instrument: BTC,
  tradingState: 'ACTIVE',
  tradingReason: null,
  flattening: false,
  feed: 'live',
  lastTrade: price(6_000_000),
  lastDataUs: atMs(9_000),
  touch: price(6_000_000),
  equity: money('10000'),
  freeCash: money('10000'),
  positionValue: money('0'),
  openEntryValue: money('0'),
  exposure: money('0'),
  sellable: quantity(2_000),
  openOrders: 0,
};
const buy: OrderRequest = {
  clientOrderId: 'c' as never,
  strategyId: 's' as never,
  instrument: BTC.id,
  side: 'buy',
  type: 'market',
  timeInForce: 'gtc',
  quantity: quantity(1_000),
  limitPrice: null,
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: atMs(10_000),
};
const sell: OrderRequest = { ...buy, side: 'sell', reduceOnly: true };
const limitAt = (ticks: number): Partial<OrderRequest> => ({ type: 'limit', limitPrice: price(ticks) });

test('an order within every limit is approved as it is', () => {
  expect(assess(buy, view)).toEqual({ approved: buy });
  expect(assess(sell, view)).toEqual({ approved: sell });
});

test.each<[string, OrderRequest, Partial<RiskView>, string]>([
  ['in HALTED, an exit', sell, { tradingState: 'HALTED' }, 'trading_state'],
  ['in REDUCING, an entry', buy, { tradingState: 'REDUCING' }, 'trading_state'],
  ['on a halted instrument', buy, { instrument: { ...BTC, status: 'halted' } }, 'instrument_halted'],
  ['to sell more than is held', { ...sell, quantity: quantity(2_001) }, {}, 'position_short'],
  ['to enter on a feed that is not live', buy, { feed: 'stale' }, 'stale_data'],
  ['to enter before anything is known of the feed', buy, { feed: null }, 'stale_data'],
  ['to enter on old data', buy, { lastDataUs: atMs(-20_001) }, 'stale_data'],
  ['below the least notional', { ...buy, quantity: quantity(8) }, {}, 'order_notional_min'],
  ['of nothing', { ...buy, quantity: quantity(0) }, {}, 'order_quantity'],
  ['too far from the last trade', { ...buy, ...limitAt(6_300_001) }, {}, 'price_collar'],
  [
    'whose limit is too far from its trigger',
    { ...buy, type: 'stop_loss_limit', stopPrice: price(6_000_000), limitPrice: price(6_300_001) },
    {},
    'price_collar',
  ],
  ['with no trade to measure by', buy, { lastTrade: null }, 'price_collar'],
  ['with no price at all', buy, { lastTrade: null, touch: null }, 'price_unknown'],
  ['with too many orders open', buy, { openOrders: 10 }, 'open_orders_max'],
  ['above the position limit', { ...buy, quantity: quantity(1_667) }, {}, 'position_max'],
  ['above it together with what is held', buy, { positionValue: money('400.01') }, 'position_max'],
  ['above it together with what is working', buy, { openEntryValue: money('400.01') }, 'position_max'],
  ['while the equity is unknown', buy, { equity: null }, 'position_max'],
  [
    'above what may be at stake, by the last digit',
    buy,
    { limits: { ...limits, exposureMax: money('1000') }, exposure: money('400.00000001') },
    'exposure_max',
  ],
  [
    'while what is at stake is unknown',
    buy,
    { limits: { ...limits, exposureMax: money('1000') }, exposure: null },
    'exposure_max',
  ],
  ['beyond the cash', buy, { freeCash: money('602.99') }, 'cash'],
])('an order %s is denied with rule, limit and actual', (_when, order, part, rule) => {
  expect(assess(order, { ...view, ...part })).toMatchObject({
    denied: { rule, limit: expect.stringMatching(/./) as string, actual: expect.stringMatching(/./) as string },
  });
});

test.each<[string, OrderRequest, Partial<RiskView>]>([
  ['in REDUCING', sell, { tradingState: 'REDUCING' }],
  ['of a kill switch that flattens', sell, { tradingState: 'HALTED', flattening: true }],
  ['on a stale feed', sell, { feed: 'stale', lastDataUs: null }],
  ['at the market far from the last trade', sell, { touch: price(3_000_000) }],
  ['while the equity is unknown', sell, { equity: null, openOrders: 10 }],
  ['while far too much is at stake', sell, { limits: { ...limits, exposureMax: money('1') }, exposure: money('5000') }],
  ['while what is at stake is unknown', sell, { limits: { ...limits, exposureMax: money('1') }, exposure: null }],
  ['that stops a loss far below the market', { ...sell, type: 'stop_loss', stopPrice: price(3_000_000) }, {}],
  [
    'that takes a profit far above the market',
    { ...sell, type: 'take_profit_limit', stopPrice: price(9_000_000), limitPrice: price(8_990_000) },
    {},
  ],
])('an exit %s is approved', (_when, order, part) => {
  expect(assess(order, { ...view, ...part })).toEqual({ approved: order });
});

test('an entry by a stop is weighed at its trigger', () => {
  const entry: OrderRequest = { ...buy, type: 'stop_loss', stopPrice: price(6_500_000) };
  expect(assess(entry, { ...view, freeCash: money('653.24') })).toMatchObject({ denied: { rule: 'cash' } });
  expect(assess(entry, { ...view, freeCash: money('653.25') })).toEqual({ approved: entry });
});

test('exactly at a limit is within it', () => {
  const staked = { limits: { ...limits, exposureMax: money('1000') }, exposure: money('400') };
  expect(assess(buy, { ...view, ...staked })).toHaveProperty('approved');
  expect(assess(buy, { ...view, positionValue: money('400') })).toEqual({ approved: buy });
  expect(assess({ ...buy, ...limitAt(6_300_000) }, view)).toHaveProperty('approved');
  expect(assess(buy, { ...view, freeCash: money('603') })).toHaveProperty('approved');
  expect(assess(buy, { ...view, lastDataUs: atMs(-20_000) })).toHaveProperty('approved');
});
