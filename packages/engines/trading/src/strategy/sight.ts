import {
  approximateAmount,
  approximatePrice,
  approximateQuantity,
  msFromUs,
  type BookLevel,
  type BookSnapshot,
  type Fill,
  type Instrument,
  type InstrumentId,
  type Order,
  type Price,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { TargetParts } from '../decide.ts';
import { positionSight } from './position-sight.ts';
import { isProtective } from '../protection.ts';
import type { SlippageBook } from '../slippage-book.ts';
import type { StrategySight } from './context.ts';
import type { StrategySlot } from './slot.ts';
import type {
  StrategyBook,
  StrategyContext,
  StrategyFill,
  StrategyOrder,
  StrategyPosition,
  StrategyPrediction,
  StrategyTrade,
} from './vocabulary.ts';

/** `instrument`: in whose steps the order is. */
export const orderSight = (order: Order, instrument: Instrument): StrategyOrder => ({
  id: order.clientOrderId,
  tag: order.tag,
  side: order.side,
  type: order.type,
  status: order.status,
  quantity: approximateQuantity(order.quantity, instrument),
  filledQuantity: approximateQuantity(order.filledQuantity, instrument),
  limitPrice: order.limitPrice === null ? null : approximatePrice(order.limitPrice, instrument),
  stopPrice: order.stopPrice === null ? null : approximatePrice(order.stopPrice, instrument),
  reason: order.reason,
});

export const fillSight = (fill: Fill, tag: string | null, instrument: Instrument): StrategyFill => ({
  id: fill.fillId,
  orderId: fill.clientOrderId,
  tag,
  side: fill.side,
  price: approximatePrice(fill.price, instrument),
  quantity: approximateQuantity(fill.quantity, instrument),
  fee: approximateAmount(fill.fee),
  feeAsset: fill.feeAsset,
  liquidity: fill.liquidity,
  timeMs: msFromUs(fill.tsEventUs),
});

export const tradeSight = (trade: TradeTick, instrument: Instrument): StrategyTrade => ({
  id: trade.tradeId,
  price: approximatePrice(trade.price, instrument),
  quantity: approximateQuantity(trade.quantity, instrument),
  taker: trade.buyerIsMaker ? 'sell' : 'buy',
  timeMs: msFromUs(trade.tsEventUs),
});

export function bookSight({ bids, asks, tsEventUs }: BookSnapshot, instrument: Instrument): StrategyBook {
  const level = ([at, size]: BookLevel): readonly [number, number] => [
    approximatePrice(at, instrument),
    approximateQuantity(size, instrument),
  ];
  return { bids: bids.map(level), asks: asks.map(level), timeMs: msFromUs(tsEventUs) };
}

/** By slot, of all working orders that they are among: looked at far more often than one of them moves. */
const own = new WeakMap<StrategySlot, { readonly among: readonly Order[]; readonly orders: readonly Order[] }>();

/** Orders of a strategy that are its own, not what protects its positions. */
export function ownOrders(slot: StrategySlot, { portfolio }: Pick<TargetParts, 'portfolio'>): readonly Order[] {
  const among = portfolio.workingOrders();
  const known = own.get(slot);
  if (known?.among === among) return known.orders;
  const orders = portfolio.workingOf(slot.strategy.id, slot.instrument).filter((order) => !isProtective(order));
  own.set(slot, { among, orders });
  return orders;
}

/** Who knows the time, and what models have said. */
interface Watched {
  readonly nowUs: TimestampUs;
  predictionsOf(instrument: InstrumentId): readonly StrategyPrediction[];
}

export interface SightParts extends Pick<TargetParts, 'config' | 'markets' | 'portfolio' | 'risk'> {
  readonly slippage: SlippageBook;
}

/**
 * The kernel, as strategies see it. Its methods are those of a class, not made anew for each kernel: code that the machine has compiled for one run is good for the next.
 */
export class KernelSight implements StrategySight {
  readonly #parts: SightParts;
  readonly #watched: Watched;

  constructor(parts: SightParts, watched: Watched) {
    this.#parts = parts;
    this.#watched = watched;
  }

  nowUs(): TimestampUs {
    return this.#watched.nowUs;
  }

  predictions(instrument: InstrumentId): readonly StrategyPrediction[] {
    return this.#watched.predictionsOf(instrument);
  }

  position(slot: StrategySlot): StrategyPosition {
    return positionSight(slot, this.#parts);
  }

  orders(slot: StrategySlot): readonly StrategyOrder[] {
    const { portfolio } = this.#parts;
    return ownOrders(slot, this.#parts).map((order) => orderSight(order, portfolio.stepsOf(order)));
  }

  slippage(slot: StrategySlot): StrategyContext['slippage'] {
    return this.#parts.slippage.of(slot.strategy.id) ?? { fills: 0, bps: null };
  }

  account(): StrategyContext['account'] {
    const { config, portfolio } = this.#parts;
    const equity = portfolio.equity(config.quoteAsset);
    return {
      equity: equity === null ? null : approximateAmount(equity),
      free: approximateAmount(portfolio.freeCash(config.quoteAsset)),
    };
  }

  quote(id: InstrumentId): StrategyContext['quote'] {
    const { markets } = this.#parts;
    const instrument = markets.instrument(id);
    const { bid, ask, lastTrade } = markets.state(id);
    const shown = (at: Price | null): number | null =>
      at === null || instrument === null ? null : approximatePrice(at, instrument);
    return { bid: shown(bid), ask: shown(ask), last: shown(lastTrade) };
  }
}
