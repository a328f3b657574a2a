import {
  amount,
  assetId,
  clientOrderId,
  expectOk,
  instrumentId,
  parseAmount,
  price,
  quantity,
  strategyId,
  timestampUs,
} from '@monsta/core';
import type { Instrument, OrderRequest, QuoteTick, TradeTick } from '@monsta/core';

/** Tick 0.01, lot 0.00001, notional 5…9,000,000. */
export const BTCUSDT: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: quantity(10_000_000),
  notionalMin: expectOk(parseAmount('5')),
  notionalMax: expectOk(parseAmount('9000000')),
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};

export const usdt = (text: string) => expectOk(parseAmount(text));

export function quoteAt(bid: number, ask: number, us: number, bidQuantity = 100_000, askQuantity = 100_000): QuoteTick {
  return {
    kind: 'quote',
    instrument: BTCUSDT.id,
    updateId: us,
    bidPrice: price(bid),
    bidQuantity: quantity(bidQuantity),
    askPrice: price(ask),
    askQuantity: quantity(askQuantity),
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  };
}

export function tradeAt(at: number, size: number, us: number): TradeTick {
  return {
    kind: 'trade',
    instrument: BTCUSDT.id,
    tradeId: us,
    price: price(at),
    quantity: quantity(size),
    buyerIsMaker: true,
    tsEventUs: timestampUs(us),
    tsInitUs: timestampUs(us),
  };
}

export function orderOf(id: string, part: Partial<OrderRequest> = {}): OrderRequest {
  return {
    clientOrderId: clientOrderId(id),
    strategyId: strategyId('test'),
    instrument: BTCUSDT.id,
    side: 'buy',
    type: part.limitPrice === undefined || part.limitPrice === null ? 'market' : 'limit',
    timeInForce: 'gtc',
    quantity: quantity(1_000),
    limitPrice: null,
    reduceOnly: false,
    createdUs: timestampUs(1_000),
    ...part,
  };
}

export const NOTHING = amount(0n);
