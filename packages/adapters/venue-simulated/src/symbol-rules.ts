import type { ExchangeSymbol } from '@monsta/binance-server';
import { expectOk, parseDecimal } from '@monsta/core';
import { EXCHANGE_ORDER_TYPES, SELF_TRADE_MODES, type SymbolRules } from '@monsta/matching';

/** Digits that Binance lets prices and quantities be written with. */
const PRECISION = 8;
const PRICE_TICKS_MAX = 100_000_000;
const AVERAGE_MINUTES = 5;
const ICEBERG_PARTS_MAX = 10;

const UP = expectOk(parseDecimal('5'));
const DOWN = expectOk(parseDecimal('0.2'));

/** The rules of a listed symbol as Binance publishes them, with all that it lets a symbol do. */
export function symbolRules({ instrument }: ExchangeSymbol): SymbolRules {
  const { id, base, quote, tick, lot, quantityMin, quantityMax, marketQuantityMax } = instrument;
  return {
    symbol: id,
    base,
    quote,
    tick,
    lot,
    pricePrecision: PRECISION,
    quantityPrecision: PRECISION,
    status: 'TRADING',
    orderTypes: EXCHANGE_ORDER_TYPES,
    icebergAllowed: true,
    listsAllowed: true,
    quoteQuantityAllowed: true,
    trailingAllowed: true,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    selfTradeModes: SELF_TRADE_MODES,
    selfTradeModeDefault: 'EXPIRE_MAKER',
    price: { min: 1, max: PRICE_TICKS_MAX },
    percentPrice: {
      name: 'PERCENT_PRICE_BY_SIDE',
      bidUp: UP,
      bidDown: DOWN,
      askUp: UP,
      askDown: DOWN,
      averageMinutes: AVERAGE_MINUTES,
    },
    quantity: { min: quantityMin, max: quantityMax },
    marketQuantity: { min: 0, max: marketQuantityMax ?? quantityMax, step: 0 },
    notional: [
      {
        name: 'NOTIONAL',
        min: instrument.notionalMin,
        max: instrument.notionalMax,
        minAppliesToMarket: true,
        maxAppliesToMarket: false,
        averageMinutes: AVERAGE_MINUTES,
      },
    ],
    icebergPartsMax: ICEBERG_PARTS_MAX,
    ordersMax: 200,
    algoOrdersMax: 5,
    icebergOrdersMax: null,
    orderListsMax: 20,
    orderAmendsMax: 10,
    positionMax: null,
    trailing: { aboveMin: 10, aboveMax: 2_000, belowMin: 10, belowMax: 2_000 },
  };
}
