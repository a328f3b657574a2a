import { PLAIN_TERMS, price, quantity, type OrderRequest } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, BTC, CONFIG, money } from '../kernel.test-support.ts';
import type { Lock } from './limits.ts';
import { assess } from './rules.ts';
import type { OwnView, RiskView } from './view.ts';

const own: OwnView = {
  limits: null,
  positionValue: money('0'),
  positionCoins: money('0'),
  exposure: money('0'),
  positionsElsewhere: 0,
};
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
  short: null,
  closing: quantity(0),
  sellable: quantity(2_000),
  openOrders: 0,
  positionsElsewhere: 0,
  own,
  confidence: null,
  plannedStop: null,
  locks: [],
  sent: { second: 0, minute: 0 },
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
const sure: Partial<RiskView> = { limits: { ...limits, confidencePpmMin: 700_000 } };
const mine = {
  positionPpmMax: 60_000,
  exposurePpmMax: 80_000,
  openPositionsMax: 3,
  dailyLossPpmMax: null,
  drawdownPpmMax: null,
};
const lock: Lock = {
  scope: {},
  rule: 'low_profit',
  untilUs: atMs(20_000),
  reason: 'four round trips made -3 together',
  limit: 'at least 0 %',
  actual: '-3 of 400',
};
const sell: OrderRequest = { ...buy, side: 'sell', reduceOnly: true };
const limitAt = (ticks: number): Partial<OrderRequest> => ({ type: 'limit', limitPrice: price(ticks) });

test('an order within every limit is approved as it is', () => {
  expect(assess(buy, view)).toEqual({ approved: buy });
  expect(assess(sell, view)).toEqual({ approved: sell });
});

test.each([
  ['the last trade', buy],
  ['its trigger', { ...buy, type: 'stop_loss_limit', stopPrice: price(6_000_000) }],
] as const)('a price too far off is told with %s that it is measured by', (measure, order) => {
  expect(
    assess({ ...order, limitPrice: price(6_300_001), type: order.type === 'market' ? 'limit' : order.type }, view),
  ).toMatchObject({
    denied: { limit: `within 5 % of ${measure}`, actual: `63000.01 with ${measure} at 60000.00` },
  });
});

test('a take profit that may only rest needs no trade to be measured by; one that could take does', () => {
  const profit: OrderRequest = { ...sell, ...limitAt(6_300_000), type: 'limit_maker' };
  expect(assess(profit, { ...view, lastTrade: null })).toEqual({ approved: profit });
  expect(assess({ ...profit, type: 'limit' }, { ...view, lastTrade: null })).toMatchObject({
    denied: { rule: 'price_collar' },
  });
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
  [
    'above its share of equity together with all that is held',
    buy,
    { limits: { ...limits, exposurePpmMax: 500_000 }, exposure: money('4400.00000001') },
    'exposure_share_max',
  ],
  ['while what all is worth is unknown', buy, { exposure: null }, 'exposure_share_max'],
  ['that is not confident enough', buy, { ...sure, confidence: 0.699_999 }, 'confidence_min'],
  ['whose confidence is no number', buy, { ...sure, confidence: Number.NaN }, 'confidence_min'],
  [
    'worth more than an entry may be',
    buy,
    { limits: { ...limits, orderNotionalMax: money('599.99') } },
    'order_notional_max',
  ],
  [
    'worth more than the instrument takes',
    buy,
    { instrument: { ...BTC, notionalMax: money('599.99') } },
    'order_notional_max',
  ],
  [
    'that opens a position too many',
    buy,
    { limits: { ...limits, openPositionsMax: 2 }, positionsElsewhere: 2 },
    'open_positions_max',
  ],
  [
    'that would lose too much at its stop',
    buy,
    { limits: { ...limits, tradeRiskPpmMax: 3_000 }, plannedStop: price(5_700_000 - 1) },
    'trade_risk_max',
  ],
  [
    'whose fees alone would be too much',
    buy,
    { limits: { ...limits, tradeRiskPpmMax: 117, feePpm: 1_000 }, plannedStop: price(6_000_000) },
    'trade_risk_max',
  ],
  [
    'right after many within a second',
    buy,
    { limits: { ...limits, ordersPerSecondMax: 5 }, sent: { second: 5, minute: 5 } },
    'order_rate',
  ],
  [
    'right after many within a minute',
    buy,
    { limits: { ...limits, ordersPerMinuteMax: 9 }, sent: { second: 0, minute: 9 } },
    'order_rate',
  ],
  ['that is locked', buy, { locks: [lock] }, 'low_profit'],
  [
    'above the strategy’s own position',
    buy,
    { own: { ...own, limits: mine, positionValue: money('0.00000001') } },
    'strategy_position_max',
  ],
  [
    'above the strategy’s own exposure',
    buy,
    { own: { ...own, limits: mine, exposure: money('200.00000001') } },
    'strategy_exposure_max',
  ],
  [
    'while the strategy’s own exposure is unknown',
    buy,
    { own: { ...own, limits: mine, exposure: null } },
    'strategy_exposure_max',
  ],
  [
    'of a strategy with positions enough',
    buy,
    { own: { ...own, limits: mine, positionsElsewhere: 3 } },
    'strategy_open_positions_max',
  ],
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
  [
    'while entries are locked, too many and too unsure',
    sell,
    { locks: [lock], confidence: 0, sent: { second: 9_999, minute: 99_999 } },
  ],
  ['larger than an entry may be', sell, { limits: { ...limits, orderNotionalMax: money('10') } }],
  [
    'of a strategy beyond all of its limits',
    sell,
    { positionsElsewhere: 99, own: { ...own, limits: mine, exposure: null, positionsElsewhere: 9 } },
  ],
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

test('an entry that carries no confidence, or whose stop nobody knows, is not held to that rule', () => {
  const strict = { limits: { ...limits, confidencePpmMin: 1_000_000, tradeRiskPpmMax: 1 } };
  expect(assess(buy, { ...view, ...strict })).toEqual({ approved: buy });
});

test('the loss at the stop is that of the whole position, what is held and working in it', () => {
  const risky = { limits: { ...limits, tradeRiskPpmMax: 3_000 }, plannedStop: price(5_700_000) };
  const held = { ...own, positionCoins: money('0.00001') };
  expect(assess(buy, { ...view, ...risky, own: held })).toMatchObject({
    denied: {
      rule: 'trade_risk_max',
      limit: '0.3 % of equity (30 USDT)',
      actual: '0.3003 % (30.03 of 10000 USDT)',
      message: 'too much would be lost if the position were closed at its stop of 57000.00',
    },
  });
});

test('the lock that lasts longest says until when', () => {
  const longer: Lock = { ...lock, rule: 'stop_loss_guard', untilUs: atMs(30_000) };
  expect(assess(buy, { ...view, locks: [lock, longer, lock] })).toMatchObject({
    denied: {
      rule: 'stop_loss_guard',
      message: expect.stringContaining('no entries until 2024-08-08T00:00:30.000Z') as string,
    },
  });
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
  const within: readonly Partial<RiskView>[] = [
    { limits: { ...limits, exposurePpmMax: 500_000 }, exposure: money('4400') },
    { ...sure, confidence: 0.7 },
    { limits: { ...limits, orderNotionalMax: money('600') } },
    { instrument: { ...BTC, notionalMax: money('600') } },
    { limits: { ...limits, openPositionsMax: 2 }, positionsElsewhere: 1 },
    { limits: { ...limits, tradeRiskPpmMax: 3_000 }, plannedStop: price(5_700_000) },
    { limits: { ...limits, tradeRiskPpmMax: 120, feePpm: 1_000 }, plannedStop: price(6_000_000) },
    { limits: { ...limits, ordersPerSecondMax: 5, ordersPerMinuteMax: 9 }, sent: { second: 4, minute: 8 } },
    { own: { ...own, limits: mine, exposure: money('200'), positionsElsewhere: 2 } },
  ];
  for (const part of within) expect(assess(buy, { ...view, ...part })).toEqual({ approved: buy });
});
