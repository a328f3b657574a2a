'use client';
import { useBook, useTrades } from '../../data/queries.ts';
import type { MarketPrices } from '../../lib/order-draft.ts';

/** What the page knows of an instrument's prices right now. */
export function useMarketPrices(instrument: string): MarketPrices {
  const book = useBook(instrument).data;
  const trades = useTrades(instrument).data;
  return {
    bestBid: book?.bids?.[0]?.[0] ?? null,
    bestAsk: book?.asks?.[0]?.[0] ?? null,
    lastTrade: trades?.[0]?.price ?? null,
  };
}
