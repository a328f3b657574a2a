import {
  quantity,
  type InstrumentId,
  type Price,
  type QuoteTick,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';

const DEPTH = quantity(1_000_000_000);

/** A price of a market without a spread, as the kernel hears of it: a quote, deep enough for anything, and a last trade. */
export function tickAt(
  instrument: InstrumentId,
  price: Price,
  tsUs: TimestampUs,
  update: number,
): readonly [QuoteTick, TradeTick] {
  const at = { instrument, tsEventUs: tsUs, tsInitUs: tsUs };
  const sides = { bidPrice: price, bidQuantity: DEPTH, askPrice: price, askQuantity: DEPTH };
  return [
    { kind: 'quote', updateId: update, ...sides, ...at },
    { kind: 'trade', tradeId: update, price, quantity: quantity(1), buyerIsMaker: false, ...at },
  ];
}
