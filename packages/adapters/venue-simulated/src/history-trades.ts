import { price, quantity, usFromMs, type TradeTick } from '@monsta/core';
import { MINUTE_MS, tradesBy, type PriceProcess } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';

/** Id of the last trade that the process has at `ms`; 0 before the first. */
export function lastTradeIdBy(process: PriceProcess, ms: number): number {
  if (ms < EPOCH_MS) return 0;
  const minute = process.minute(Math.floor((ms - EPOCH_MS) / MINUTE_MS));
  return minute.firstTradeId + tradesBy(minute, ms) - 1;
}

/** A trade of the process by its id. */
export function historyTrade(process: PriceProcess, tradeId: number): TradeTick {
  const { minuteIndex, place } = process.locate(tradeId);
  const minute = process.minute(minuteIndex);
  const buyerIsMaker = minute.buyerIsMaker[place] === 1;
  const timeUs = usFromMs(minute.timesMs[place] ?? 0);
  return {
    kind: 'trade',
    instrument: process.profile.symbol.instrument.id,
    tradeId,
    price: price((minute.bids[place] ?? 0) + (buyerIsMaker ? 0 : 1)),
    quantity: quantity(minute.lots[place] ?? 0),
    buyerIsMaker,
    tsEventUs: timeUs,
    tsInitUs: timeUs,
  };
}
