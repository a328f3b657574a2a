import {
  PLAIN_TERMS,
  amount,
  assetId,
  clientOrderId,
  fillId,
  instrumentId,
  notional,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
  type Fill,
  type Instrument,
  type Order,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisionSchema, fillSchema, orderSchema, predictionSchema } from './schemas.ts';
import { encodeDecision, encodeFill, encodeOrder, encodePrediction } from './trading-codecs.ts';

const instrument: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};

const order: Order = {
  clientOrderId: clientOrderId('order-1'),
  strategyId: strategyId('ema-cross'),
  instrument: instrument.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(3_000),
  limitPrice: price(6_000_000),
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: timestampUs(1_700_000_000_000_999),
  venueOrderId: null,
  status: 'partially_filled',
  filledQuantity: quantity(0),
  filledNotional: amount(0n),
  reasonCode: null,
  reason: null,
  updatedUs: timestampUs(1_700_000_000_001_000),
};

describe('an order on the wire', () => {
  it('has exact decimals, whole milliseconds, and no average price before the first fill', () => {
    const message = encodeOrder(order, instrument);
    expect(orderSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({
      quantity: '0.03000',
      limitPrice: '60000.00',
      filledQuantity: '0.00000',
      averagePrice: null,
      createdMs: 1_700_000_000_000,
      updatedMs: 1_700_000_000_001,
    });
    expect(encodeOrder({ ...order, type: 'market', limitPrice: null }, instrument).limitPrice).toBeNull();
    const stop = { type: 'stop_loss_limit', stopPrice: price(6_010_000), icebergQuantity: quantity(1_000) } as const;
    const waiting = encodeOrder({ ...order, ...stop, trailingBps: 150, listId: clientOrderId('list') }, instrument);
    expect(orderSchema.parse(waiting)).toMatchObject({
      type: 'stop_loss_limit',
      stopPrice: '60100.00',
      trailingBps: 150,
      icebergQuantity: '0.01000',
      listId: 'list',
    });
  });

  it('tells how much worse than at the decision it was filled: dearer bought and cheaper sold are both above zero', () => {
    const half = { decisionPrice: price(6_000_000), filledQuantity: quantity(1_000) };
    const at = (ticks: number) => ({ ...half, filledNotional: notional(price(ticks), quantity(1_000), instrument) });
    expect(encodeOrder({ ...order, ...at(6_006_000) }, instrument)).toMatchObject({
      decisionPrice: '60000.00',
      slippageBps: 10,
    });
    expect(encodeOrder({ ...order, side: 'sell', ...at(6_006_000) }, instrument).slippageBps).toBe(-10);
    expect(encodeOrder({ ...order, side: 'sell', ...at(5_999_970) }, instrument).slippageBps).toBe(0.05);
    expect(encodeOrder({ ...order, decisionPrice: price(6_000_000) }, instrument).slippageBps).toBeNull();
    expect(encodeOrder({ ...order, ...at(6_006_000), decisionPrice: null }, instrument).slippageBps).toBeNull();
  });

  it('has an average price between its cheapest and dearest fill, exact when they are one', () => {
    const fill = fc.record({
      at: fc.integer({ min: 1, max: 20_000_000 }),
      size: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 5 }), (fills) => {
        const filledQuantity = quantity(fills.reduce((sum, { size }) => sum + size, 0));
        const filledNotional = amount(
          fills.reduce((sum, { at, size }) => sum + notional(price(at), quantity(size), instrument), 0n),
        );
        const average =
          Number(encodeOrder({ ...order, filledQuantity, filledNotional }, instrument).averagePrice) * 100;
        const prices = fills.map(({ at }) => at);
        expect(average).toBeGreaterThanOrEqual(Math.min(...prices) - 1e-6);
        expect(average).toBeLessThanOrEqual(Math.max(...prices) + 1e-6);
      }),
    );
    const third = encodeOrder(
      { ...order, filledQuantity: quantity(3), filledNotional: notional(price(100), quantity(1), instrument) },
      instrument,
    );
    expect(third.averagePrice).toBe('0.33333333');
  });
});

it('a fill, a decision and a prediction are in the form of their schemas', () => {
  const fill: Fill = {
    fillId: fillId('1'),
    clientOrderId: order.clientOrderId,
    venueOrderId: venueOrderId('7'),
    strategyId: order.strategyId,
    instrument: instrument.id,
    side: 'sell',
    price: price(6_000_001),
    quantity: quantity(7),
    fee: amount(-1_500_000_000_000n),
    feeAsset: assetId('BNB'),
    liquidity: 'maker',
    tsEventUs: timestampUs(5_000),
  };
  expect(fillSchema.parse(encodeFill(fill, instrument))).toMatchObject({
    price: '60000.01',
    quantity: '0.00007',
    fee: '-0.0000015',
    timeMs: 5,
  });
  const decision = encodeDecision({
    id: 'd',
    strategyId: 's',
    instrument: instrument.id,
    tsEventUs: timestampUs(5_999),
    action: 'hold',
    wanted: null,
    prediction: null,
    risk: null,
    orders: ['o'],
  });
  expect(decisionSchema.parse(decision)).toMatchObject({ timeMs: 5, orders: ['o'] });
  const prediction = encodePrediction({
    instrument: instrument.id,
    model: 'm',
    interval: '5m',
    horizonMs: 1,
    tsEventUs: timestampUs(2_000),
    probabilityUp: null,
    rawProbabilityUp: null,
    calibrated: false,
    score: null,
    hasVote: false,
    trainedAtUs: timestampUs(1_000),
    absence: { code: 'training', reason: 'x' },
  });
  expect(predictionSchema.parse(prediction)).toMatchObject({ timeMs: 2, trainedAtMs: 1, probabilityUp: null });
});
