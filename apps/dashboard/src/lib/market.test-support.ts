import type { BarMessage, FillMessage } from '@monsta/contracts';
import { intervalMs, type Interval } from '@monsta/core';

/** A bar in its `slot`-th interval since the epoch. */
export function barIn(slot: number, changes: Partial<BarMessage> = {}, interval: Interval = '1m'): BarMessage {
  const step = intervalMs(interval);
  return {
    instrument: 'BTCUSDT',
    interval,
    openTimeMs: slot * step,
    closeTimeMs: (slot + 1) * step,
    open: '100.00',
    high: '101.00',
    low: '99.00',
    close: '100.50',
    volume: '1.5',
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: null,
    firstTradeId: null,
    lastTradeId: null,
    bookImbalance: null,
    closed: true,
    ...changes,
  };
}

/** Closed bars of the slots from `first` to `last`, both included. */
export const barsIn = (first: number, last: number): readonly BarMessage[] =>
  Array.from({ length: last - first + 1 }, (_, index) => barIn(first + index));

export function fillAt(timeMs: number, changes: Partial<FillMessage> = {}): FillMessage {
  return {
    fillId: `f${timeMs}`,
    clientOrderId: `o${timeMs}`,
    strategyId: 'ema-cross',
    instrument: 'BTCUSDT',
    side: 'buy',
    price: '100.00',
    quantity: '0.01000',
    fee: '0.001',
    feeAsset: 'USDT',
    liquidity: 'taker',
    timeMs,
    ...changes,
  };
}
