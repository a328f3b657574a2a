import type { Instrument } from '@monsta/core';
import { EXCHANGE_ORDER_TYPES, SELF_TRADE_MODES } from '../exchange/vocabulary.ts';
import type { NotionalRange, SymbolRules } from '../exchange/symbol-rules.ts';

/**
 * The trading rules of an instrument as far as MONSTA knows them: steps, quantities and worth. Everything else is allowed. A market order's worth is checked at the last price,
 * and orders of one account that would trade with each other are handled as on Binance: what rests expires.
 */
export function rulesOfInstrument(instrument: Instrument): SymbolRules {
  const { id, base, quote, tick, lot, quantityMin, quantityMax, marketQuantityMax, notionalMin, notionalMax } =
    instrument;
  const notional: NotionalRange = {
    name: 'NOTIONAL',
    min: notionalMin,
    max: notionalMax,
    minAppliesToMarket: true,
    maxAppliesToMarket: true,
    averageMinutes: 0,
  };
  return {
    symbol: id,
    base,
    quote,
    tick,
    lot,
    pricePrecision: tick.scale,
    quantityPrecision: lot.scale,
    status: instrument.status === 'trading' ? 'TRADING' : 'HALT',
    orderTypes: EXCHANGE_ORDER_TYPES,
    icebergAllowed: true,
    listsAllowed: true,
    quoteQuantityAllowed: true,
    trailingAllowed: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    selfTradeModes: SELF_TRADE_MODES,
    selfTradeModeDefault: 'EXPIRE_MAKER',
    price: { min: 1, max: 0 },
    percentPrice: null,
    quantity: { min: quantityMin, max: quantityMax },
    marketQuantity: marketQuantityMax === null ? null : { min: 0, max: marketQuantityMax, step: 0 },
    notional: notionalMin === null && notionalMax === null ? [] : [notional],
    icebergPartsMax: null,
    ordersMax: null,
    algoOrdersMax: null,
    icebergOrdersMax: null,
    orderListsMax: null,
    orderAmendsMax: null,
    positionMax: null,
    trailing: null,
  };
}
