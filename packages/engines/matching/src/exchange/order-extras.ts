import type { Amount, Price, Quantity } from '@monsta/core';
import type { OrderCommission } from './commission-terms.ts';
import type { OrderTerms } from './vocabulary.ts';

/** What most orders have not, kept apart so that they stay small. Never changed, only replaced: copies share it. */
export interface OrderExtras {
  readonly stopPrice: Price;
  readonly icebergQuantity: Quantity;
  /** Lots that self-trade prevention took from it. */
  readonly prevented: Quantity;
  /** What a buy locks for the fee of one lot, in units of the quote asset; 0 where fees come from what is bought. */
  readonly lockFee: number;
  readonly trailingDelta: number;
  readonly quoteOrderQuantity: Amount | null;
  readonly strategyId: number | null;
  readonly strategyType: number | null;
  /** The best price since a trailing order began to follow; 0 before. */
  readonly followed: number;
  readonly trailingUs: number;
  readonly preventedMatchId: number;
  readonly amendments: number;
  /** Of an account that pays a commission, once something of it was paid or set aside. */
  readonly commission: OrderCommission | null;
}

const NO_PRICE = 0 as Price;
const NO_QUANTITY = 0 as Quantity;

/** Shared by all orders that have none. */
export const NO_EXTRAS: OrderExtras = {
  stopPrice: NO_PRICE,
  icebergQuantity: NO_QUANTITY,
  prevented: NO_QUANTITY,
  lockFee: 0,
  trailingDelta: 0,
  quoteOrderQuantity: null,
  strategyId: null,
  strategyType: null,
  followed: 0,
  trailingUs: -1,
  preventedMatchId: -1,
  amendments: 0,
  commission: null,
};

export function extrasOf(terms: OrderTerms): OrderExtras {
  const { stopPrice, icebergQuantity, trailingDelta, quoteOrderQuantity, strategyId, strategyType } = terms;
  if (
    stopPrice === null &&
    icebergQuantity === null &&
    trailingDelta === null &&
    quoteOrderQuantity === null &&
    strategyId === null &&
    strategyType === null
  ) {
    return NO_EXTRAS;
  }
  return {
    ...NO_EXTRAS,
    stopPrice: stopPrice ?? NO_PRICE,
    icebergQuantity: icebergQuantity ?? NO_QUANTITY,
    trailingDelta: trailingDelta ?? 0,
    quoteOrderQuantity,
    strategyId,
    strategyType,
  };
}
