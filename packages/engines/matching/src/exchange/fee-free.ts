import type { Order } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';

/**
 * Lots of a fill of this order, as things are, that cost no fee: of an account that pays on entries alone those that close what it holds of the base asset, or buy back what it owes; of any other none. What is
 * locked counts as held.
 */
export function feeFreeLots(market: SymbolMarket, { trader, isBuy }: Order): number {
  if (trader.account.feesOn === 'both') return 0;
  const { free, locked, borrowed } = trader.base;
  const net = free.toBig() + locked.toBig() - borrowed.toBig();
  const closes = isBuy ? -net : net;
  return closes <= 0n ? 0 : Number(closes / BigInt(market.conversion.lotUnits));
}

/** How many of `lots` are one execution: what closes a position for no fee and what opens another are two. */
export function lotsAtOnce(market: SymbolMarket, order: Order, lots: number): number {
  const free = feeFreeLots(market, order);
  return free === 0 ? lots : Math.min(lots, free);
}
