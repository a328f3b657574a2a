import { accountSchema, positionSchema, tradingStateSchema } from '@monsta/contracts';
import {
  accountId,
  amount,
  assetId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Amount,
  type Instrument,
} from '@monsta/core';
import type { PositionView } from '@monsta/trading';
import { expect, test } from 'vitest';
import { accountMessage, drawdownOf, positionMessage, tradingStateMessage } from './messages.ts';

const unit = 10n ** 18n;
const of = (whole: bigint): Amount => amount(whole * unit);
const GATE = { state: 'ACTIVE', reason: null, by: 'system', sinceUs: null } as const;
const about = {
  accountId: accountId('paper:x'),
  mode: 'paper',
  origin: 'replay',
  quoteAsset: 'USDT',
  slippage: [],
} as const;
const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(1_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};

test.each([
  [null, of(1n), null],
  [of(1n), null, null],
  [of(100n), of(100n), 0],
  [of(75n), of(100n), 0.25],
  [of(-5n), of(100n), 1],
  [of(2n), of(3n), 0.33333333],
])('the drawdown of %o from %o is %o', (equity, peak, expected) => {
  expect(drawdownOf(equity, peak)).toBe(expected);
});

test('what is unknown of the account is null, not zero', () => {
  const view = {
    balances: [],
    equity: null,
    dayStartUs: timestampUs(0),
    dayStartEquity: of(5n),
    peakEquity: of(5n),
    gate: GATE,
    nowUs: timestampUs(1_000),
  };
  const message = accountMessage(view, about);
  expect(accountSchema.parse(message)).toMatchObject({
    equity: null,
    dayProfit: null,
    drawdown: null,
    dayStartEquity: '5',
    timeMs: 1,
  });
});

test('a position is told with its exact quantity, rounded average and mark; without a price its value is unknown', () => {
  const view: PositionView = {
    strategyId: strategyId('s'),
    instrument: BTC.id,
    quantity: amount(unit / 3n),
    averagePrice: amount((200n * unit) / 3n),
    mark: price(7_000),
    value: of(23n),
    realizedProfit: of(-1n),
    unrealizedProfit: of(1n),
    feesPaid: of(1n),
    protection: { mode: 'resting', stopPrice: '1.5', takeProfitPrice: null, reason: null },
    fees: { byAsset: { BNB: '0.1', USDT: '1' }, otherValue: '0', unvalued: { BNB: '0.1' } },
    netProfit: null,
    netProfitAbsence: 'no price was known for fees of 0.1 BNB when they were paid',
    exposurePpm: 23_000,
    excursions: { adverse: '1', favourable: '2', adversePpm: 5_000, favourablePpm: 10_000 },
    openedUs: timestampUs(2_000),
    updatedUs: timestampUs(3_000),
  };
  expect(positionSchema.parse(positionMessage(view, () => BTC))).toMatchObject({
    quantity: '0.333333333333333333',
    averagePrice: '66.66666667',
    markPrice: '70.00',
    openedMs: 2,
    netProfit: null,
    exposure: 0.023,
    excursions: { adverse: '1', favourable: '2', adverseShare: 0.005, favourableShare: 0.01 },
  });
  const unpriced = { ...view, mark: null, value: null, unrealizedProfit: null };
  expect(positionMessage(unpriced, () => BTC)).toMatchObject({
    markPrice: null,
    marketValue: null,
    unrealizedProfit: null,
  });
});

test('the trading state says who set it, why and since when', () => {
  const gate = { state: 'HALTED', reason: 'I say so', by: 'user', sinceUs: timestampUs(5_000) } as const;
  expect(tradingStateSchema.parse(tradingStateMessage(gate, 'paper'))).toEqual({
    mode: 'paper',
    state: 'HALTED',
    reason: 'I say so',
    by: 'user',
    sinceMs: 5,
  });
});
