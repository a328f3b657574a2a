import { formatAmount, formatPrice, formatQuantity, notional } from '@monsta/core';
import type { Instrument, OrderRequest, Price } from '@monsta/core';

/** Why a venue refuses. `reason` carries Binance's number and text, then ours. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

const filter = (name: string, why: string): Refusal => ({
  code: `filter_${name.toLowerCase()}`,
  reason: `-1013 Filter failure: ${name}: ${why}`,
});

/**
 * Checks an order against the instrument's filters as Binance does: LOT_SIZE, MARKET_LOT_SIZE, PRICE_FILTER, NOTIONAL (for a market order at `reference`).
 * Codes: `market_closed`, `filter_lot_size`, `filter_market_lot_size`, `filter_price_filter`, `filter_notional`, `order_malformed`.
 */
export function checkFilters(request: OrderRequest, instrument: Instrument, reference: Price): Refusal | null {
  const { quantity, limitPrice } = request;
  const shown = (value: typeof quantity): string => formatQuantity(value, instrument);
  if (instrument.status !== 'trading') {
    return { code: 'market_closed', reason: `-1013 Market is closed: ${instrument.id} is halted` };
  }
  if ((request.type === 'limit') !== (limitPrice !== null)) {
    return { code: 'order_malformed', reason: '-1102 a limit order needs a price, a market order must have none' };
  }
  if (
    !Number.isSafeInteger(quantity) ||
    quantity < 1 ||
    quantity < instrument.quantityMin ||
    quantity > instrument.quantityMax
  ) {
    return filter(
      'LOT_SIZE',
      `quantity ${shown(quantity)} is outside ${shown(instrument.quantityMin)}…${shown(instrument.quantityMax)}`,
    );
  }
  const { marketQuantityMax } = instrument;
  if (request.type === 'market' && marketQuantityMax !== null && quantity > marketQuantityMax) {
    return filter('MARKET_LOT_SIZE', `quantity ${shown(quantity)} is above ${shown(marketQuantityMax)}`);
  }
  if (limitPrice !== null && (!Number.isSafeInteger(limitPrice) || limitPrice < 1)) {
    return filter('PRICE_FILTER', 'the price must be at least one tick');
  }
  const at = limitPrice ?? reference;
  const value = notional(at, quantity, instrument);
  const worth = `${shown(quantity)} at ${formatPrice(at, instrument)} is worth ${formatAmount(value)} ${instrument.quote}`;
  if (instrument.notionalMin !== null && value < instrument.notionalMin) {
    return filter('NOTIONAL', `${worth}, below ${formatAmount(instrument.notionalMin)}`);
  }
  if (instrument.notionalMax !== null && value > instrument.notionalMax) {
    return filter('NOTIONAL', `${worth}, above ${formatAmount(instrument.notionalMax)}`);
  }
  return null;
}
