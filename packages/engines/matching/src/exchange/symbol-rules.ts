import { AMOUNT_SCALE, pow10 } from '@monsta/core';
import type { Amount, AssetId, Decimal, InstrumentId, Price, Step } from '@monsta/core';
import type { ExchangeOrderType, SelfTradeMode } from './vocabulary.ts';

/** The least and most of a price or quantity; 0 disables, as on Binance. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Bounds of a price as multiples of the average price; `averageMinutes` 0 means the last price. */
export interface PercentPrice {
  readonly name: 'PERCENT_PRICE' | 'PERCENT_PRICE_BY_SIDE';
  readonly bidUp: Decimal;
  readonly bidDown: Decimal;
  readonly askUp: Decimal;
  readonly askDown: Decimal;
  readonly averageMinutes: number;
}

/** Bounds of price × quantity, in the quote asset; null where a side is open. */
export interface NotionalRange {
  readonly name: 'MIN_NOTIONAL' | 'NOTIONAL';
  readonly min: Amount | null;
  readonly max: Amount | null;
  readonly minAppliesToMarket: boolean;
  readonly maxAppliesToMarket: boolean;
  readonly averageMinutes: number;
}

export interface TrailingRange {
  readonly aboveMin: number;
  readonly aboveMax: number;
  readonly belowMin: number;
  readonly belowMax: number;
}

/** What may be traded on a symbol and how; a filter that is null does not apply. Prices in ticks, quantities in lots. */
export interface SymbolRules {
  readonly symbol: InstrumentId;
  readonly base: AssetId;
  readonly quote: AssetId;
  readonly tick: Step;
  readonly lot: Step;
  /** Digits that a price or quantity may be written with; more is -1111. */
  readonly pricePrecision: number;
  readonly quantityPrecision: number;
  readonly status: 'TRADING' | 'HALT' | 'BREAK' | 'END_OF_DAY';
  readonly orderTypes: readonly ExchangeOrderType[];
  readonly icebergAllowed: boolean;
  readonly listsAllowed: boolean;
  readonly quoteQuantityAllowed: boolean;
  readonly trailingAllowed: boolean;
  readonly cancelReplaceAllowed: boolean;
  readonly amendAllowed: boolean;
  readonly selfTradeModes: readonly SelfTradeMode[];
  readonly selfTradeModeDefault: SelfTradeMode;
  /** PRICE_FILTER, in ticks. */
  readonly price: Range;
  readonly percentPrice: PercentPrice | null;
  /** LOT_SIZE, in lots. */
  readonly quantity: Range;
  /** MARKET_LOT_SIZE, in lots; `step` 0 = disabled. */
  readonly marketQuantity: (Range & { readonly step: number }) | null;
  /** MIN_NOTIONAL and NOTIONAL: a symbol may have both. */
  readonly notional: readonly NotionalRange[];
  readonly icebergPartsMax: number | null;
  readonly ordersMax: number | null;
  readonly algoOrdersMax: number | null;
  readonly icebergOrdersMax: number | null;
  readonly orderListsMax: number | null;
  readonly orderAmendsMax: number | null;
  /** MAX_POSITION, in the base asset. */
  readonly positionMax: Amount | null;
  readonly trailing: TrailingRange | null;
}

/** Limits on all symbols together; null does not apply. */
export interface ExchangeRules {
  readonly ordersMax: number | null;
  readonly algoOrdersMax: number | null;
  readonly icebergOrdersMax: number | null;
  readonly orderListsMax: number | null;
  /** MAX_ASSET: the most of an asset that one order may move, as base by its quantity and as quote by its worth. */
  readonly assetsMax?: readonly { readonly asset: AssetId; readonly limit: Amount }[];
}

export const NO_EXCHANGE_RULES: ExchangeRules = {
  ordersMax: null,
  algoOrdersMax: null,
  icebergOrdersMax: null,
  orderListsMax: null,
};

/** Digits in which fees are booked, as Binance's. */
export const FEE_SCALE = 8;

/** The digits in which an asset is kept: as many as its prices, lots and fees need, so that every amount is whole, and never fewer than `least`. Never above 18. */
export function assetScales(
  rules: Iterable<SymbolRules>,
  least: ReadonlyMap<AssetId, number> = new Map(),
): ReadonlyMap<AssetId, number> {
  const scales = new Map(least);
  const need = (asset: AssetId, scale: number): void => {
    if (scale > AMOUNT_SCALE) throw new RangeError(`${asset} would need ${scale} digits; ${AMOUNT_SCALE} are the most`);
    scales.set(asset, Math.max(scales.get(asset) ?? FEE_SCALE, scale));
  };
  for (const { base, quote, tick, lot } of rules) {
    need(base, lot.scale);
    need(quote, tick.scale + lot.scale);
  }
  return scales;
}

/** How a symbol's ticks and lots become units of its assets. */
export interface Conversion {
  /** Units of the base asset in a lot. */
  readonly lotUnits: number;
  /** Units of the quote asset in one lot at one tick. */
  readonly tickLotUnits: number;
  readonly baseScale: number;
  readonly quoteScale: number;
}

/** Throws `RangeError` where a lot or a tick × lot is no safe integer of units. */
export function conversionOf(rules: SymbolRules, scales: ReadonlyMap<AssetId, number>): Conversion {
  const baseScale = scales.get(rules.base) ?? FEE_SCALE;
  const quoteScale = scales.get(rules.quote) ?? FEE_SCALE;
  const units = (value: bigint): number => {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${rules.symbol}: a step has too many units`);
    return Number(value);
  };
  const { tick, lot } = rules;
  return {
    lotUnits: units(BigInt(lot.units) * pow10(baseScale - lot.scale)),
    tickLotUnits: units(BigInt(tick.units) * BigInt(lot.units) * pow10(quoteScale - tick.scale - lot.scale)),
    baseScale,
    quoteScale,
  };
}

/** `average × multiplier` in ticks, rounded so that the bound is never wider than the rule. */
export function boundOf(average: Price, multiplier: Decimal, side: 'up' | 'down'): Price {
  const scaled = BigInt(average) * multiplier.units;
  const divisor = pow10(multiplier.scale);
  const bound = side === 'up' ? scaled / divisor : (scaled + divisor - 1n) / divisor;
  return Number(bound > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : bound) as Price;
}

/** Parts that an iceberg order breaks into. */
export const icebergParts = (quantity: number, shown: number): number => Math.ceil(quantity / shown);
