import { clientOrderId, instrumentId, PLAIN_TERMS, price, quantity, strategyId, type Order } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, BTC, money } from './kernel.test-support.ts';
import { Markets } from './markets.ts';
import { Portfolio } from './portfolio.ts';
import { flatPosition } from './position.ts';

const ETH = { ...BTC, id: instrumentId('ETHUSDT') };
const STRATEGY = strategyId('s');

function world() {
  const markets = new Markets();
  markets.setInstruments([BTC, ETH]);
  return { markets, portfolio: new Portfolio(markets) };
}
const trade = (markets: Markets, instrument: typeof BTC, ticks: number): void =>
  markets.onTrade({
    kind: 'trade',
    instrument: instrument.id,
    tradeId: 1,
    price: price(ticks),
    quantity: quantity(1),
    buyerIsMaker: false,
    tsEventUs: atMs(0),
    tsInitUs: atMs(0),
  });
const order = (part: Partial<Order>): Order => ({
  clientOrderId: clientOrderId('m1'),
  strategyId: STRATEGY,
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(1_000),
  limitPrice: price(5_000_000),
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: atMs(0),
  venueOrderId: null,
  status: 'accepted',
  filledQuantity: quantity(0),
  filledNotional: money('0'),
  reasonCode: null,
  reason: null,
  updatedUs: atMs(0),
  ...part,
});

test('what is at stake is all positions at their marks and what is left of all entries at their own prices', () => {
  const { markets, portfolio } = world();
  expect(portfolio.exposure()).toBe(money('0'));
  trade(markets, BTC, 6_000_000);
  trade(markets, ETH, 300_000);
  portfolio.putPosition({ ...flatPosition(STRATEGY, BTC.id, atMs(0)), quantity: money('0.01') });
  portfolio.putPosition({ ...flatPosition(strategyId('other'), ETH.id, atMs(0)), quantity: money('1') });
  portfolio.putOrder(order({ filledQuantity: quantity(400), status: 'partially_filled' }));
  portfolio.putOrder(order({ clientOrderId: clientOrderId('m2'), side: 'sell', reduceOnly: true }));
  // 600 + 3,000 + 0.006 × 50,000
  expect(portfolio.exposure()).toBe(money('3900'));
});

test('what is at stake is unknown while the price of a position, or of an order at the market, is', () => {
  const { markets, portfolio } = world();
  portfolio.putPosition({ ...flatPosition(STRATEGY, ETH.id, atMs(0)), quantity: money('1') });
  expect(portfolio.exposure()).toBeNull();
  trade(markets, ETH, 300_000);
  expect(portfolio.exposure()).toBe(money('3000'));
  portfolio.putOrder(order({ type: 'market', limitPrice: null, status: 'pending_submit' }));
  expect(portfolio.exposure()).toBeNull();
  trade(markets, BTC, 6_000_000);
  expect(portfolio.exposure()).toBe(money('3600'));
});
