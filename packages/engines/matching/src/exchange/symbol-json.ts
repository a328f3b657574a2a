import {
  AMOUNT_SCALE,
  assetId,
  err,
  formatDecimal,
  formatUnits,
  instrumentId,
  ok,
  parseDecimal,
  parseStep,
  pow10,
} from '@monsta/core';
import type { Amount, Decimal, Result, Step } from '@monsta/core';
import type { NotionalRange, PercentPrice, SymbolRules } from './symbol-rules.ts';
import { EXCHANGE_ORDER_TYPES, SELF_TRADE_MODES, type ExchangeOrderType, type SelfTradeMode } from './vocabulary.ts';

type Json = Readonly<Record<string, unknown>>;

/** Digits that the exchange prints everywhere. */
const PRINTED_SCALE = 8;
const STATUSES = ['TRADING', 'HALT', 'BREAK', 'END_OF_DAY'] as const;

class Malformed extends Error {}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function text(json: Json, key: string): string {
  const value = json[key];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Malformed(`${key} is missing or no text`);
}

function decimal(json: Json, key: string): Decimal {
  const parsed = parseDecimal(text(json, key));
  if (!parsed.ok) throw new Malformed(`${key}: ${parsed.fault.message}`);
  return parsed.value;
}

function count(json: Json, key: string): number {
  const value = json[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Malformed(`${key} is missing or no whole number`);
}

/** A flag, `fallback` where it is absent: older recordings lack the younger ones. */
function flag(json: Json, key: string, fallback: boolean): boolean {
  const value = json[key];
  return typeof value === 'boolean' ? value : fallback;
}

function amountOf(json: Json, key: string): Amount {
  const { units, scale } = decimal(json, key);
  if (scale > AMOUNT_SCALE) throw new Malformed(`${key} has more than ${AMOUNT_SCALE} digits`);
  return (units * pow10(AMOUNT_SCALE - scale)) as Amount;
}

/** Whole steps of a bound, rounded so that the grid within it stays the same: a least upwards, a most downwards. */
function steps(json: Json, key: string, step: Step, rounding: 'up' | 'down'): number {
  const { units, scale } = decimal(json, key);
  const digits = Math.max(scale, step.scale);
  const size = BigInt(step.units) * pow10(digits - step.scale);
  const value = units * pow10(digits - scale);
  const whole = rounding === 'up' ? (value + size - 1n) / size : value / size;
  return Number(whole > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : whole);
}

function stepOf(json: Json, key: string): Step {
  const parsed = parseStep(text(json, key));
  if (!parsed.ok) throw new Malformed(`${key}: ${parsed.fault.message}`);
  return parsed.value;
}

function members<T extends string>(value: unknown, known: readonly T[], fallback: readonly T[]): readonly T[] {
  return Array.isArray(value) ? known.filter((member) => value.includes(member)) : fallback;
}

function percentOf(filters: ReadonlyMap<string, Json>): PercentPrice | null {
  const bySide = filters.get('PERCENT_PRICE_BY_SIDE');
  if (bySide !== undefined) {
    return {
      name: 'PERCENT_PRICE_BY_SIDE',
      bidUp: decimal(bySide, 'bidMultiplierUp'),
      bidDown: decimal(bySide, 'bidMultiplierDown'),
      askUp: decimal(bySide, 'askMultiplierUp'),
      askDown: decimal(bySide, 'askMultiplierDown'),
      averageMinutes: count(bySide, 'avgPriceMins'),
    };
  }
  const both = filters.get('PERCENT_PRICE');
  if (both === undefined) return null;
  const up = decimal(both, 'multiplierUp');
  const down = decimal(both, 'multiplierDown');
  const averageMinutes = count(both, 'avgPriceMins');
  return { name: 'PERCENT_PRICE', bidUp: up, bidDown: down, askUp: up, askDown: down, averageMinutes };
}

function notionalOf(filters: ReadonlyMap<string, Json>): readonly NotionalRange[] {
  const ranges: NotionalRange[] = [];
  const least = filters.get('MIN_NOTIONAL');
  if (least !== undefined) {
    ranges.push({
      name: 'MIN_NOTIONAL',
      min: amountOf(least, 'minNotional'),
      max: null,
      minAppliesToMarket: flag(least, 'applyToMarket', true),
      maxAppliesToMarket: false,
      averageMinutes: count(least, 'avgPriceMins'),
    });
  }
  const range = filters.get('NOTIONAL');
  if (range !== undefined) {
    ranges.push({
      name: 'NOTIONAL',
      min: amountOf(range, 'minNotional'),
      max: amountOf(range, 'maxNotional'),
      minAppliesToMarket: flag(range, 'applyMinToMarket', true),
      maxAppliesToMarket: flag(range, 'applyMaxToMarket', false),
      averageMinutes: count(range, 'avgPriceMins'),
    });
  }
  return ranges;
}

function rulesOf(json: Json): SymbolRules {
  const listed: readonly unknown[] = Array.isArray(json['filters']) ? json['filters'] : [];
  const filters = new Map(listed.filter(isJson).map((filter) => [text(filter, 'filterType'), filter]));
  const need = (name: string): Json => {
    const filter = filters.get(name);
    if (filter === undefined) throw new Malformed(`it has no ${name} filter`);
    return filter;
  };
  const most = (name: string, key: string): number | null => {
    const filter = filters.get(name);
    return filter === undefined ? null : count(filter, key);
  };
  const status = STATUSES.find((known) => known === json['status']);
  if (status === undefined) throw new Malformed('status is unknown');
  const prices = need('PRICE_FILTER');
  const sizes = need('LOT_SIZE');
  const tick = stepOf(prices, 'tickSize');
  const lot = stepOf(sizes, 'stepSize');
  const market = filters.get('MARKET_LOT_SIZE');
  const position = filters.get('MAX_POSITION');
  const trailing = filters.get('TRAILING_DELTA');
  const selfTradeModes = members<SelfTradeMode>(json['allowedSelfTradePreventionModes'], SELF_TRADE_MODES, ['NONE']);
  return {
    symbol: instrumentId(text(json, 'symbol')),
    base: assetId(text(json, 'baseAsset')),
    quote: assetId(text(json, 'quoteAsset')),
    tick,
    lot,
    pricePrecision: count(json, 'quotePrecision'),
    quantityPrecision: count(json, 'baseAssetPrecision'),
    status,
    orderTypes: members<ExchangeOrderType>(json['orderTypes'], EXCHANGE_ORDER_TYPES, []),
    icebergAllowed: flag(json, 'icebergAllowed', false),
    listsAllowed: flag(json, 'ocoAllowed', false),
    quoteQuantityAllowed: flag(json, 'quoteOrderQtyMarketAllowed', false),
    trailingAllowed: flag(json, 'allowTrailingStop', false),
    cancelReplaceAllowed: flag(json, 'cancelReplaceAllowed', false),
    amendAllowed: flag(json, 'amendAllowed', false),
    selfTradeModes,
    selfTradeModeDefault: selfTradeModes.find((mode) => mode === json['defaultSelfTradePreventionMode']) ?? 'NONE',
    price: { min: steps(prices, 'minPrice', tick, 'up'), max: steps(prices, 'maxPrice', tick, 'down') },
    percentPrice: percentOf(filters),
    quantity: { min: steps(sizes, 'minQty', lot, 'up'), max: steps(sizes, 'maxQty', lot, 'down') },
    marketQuantity:
      market === undefined
        ? null
        : {
            min: steps(market, 'minQty', lot, 'up'),
            max: steps(market, 'maxQty', lot, 'down'),
            step: steps(market, 'stepSize', lot, 'up'),
          },
    notional: notionalOf(filters),
    icebergPartsMax: most('ICEBERG_PARTS', 'limit'),
    ordersMax: most('MAX_NUM_ORDERS', 'maxNumOrders'),
    algoOrdersMax: most('MAX_NUM_ALGO_ORDERS', 'maxNumAlgoOrders'),
    icebergOrdersMax: most('MAX_NUM_ICEBERG_ORDERS', 'maxNumIcebergOrders'),
    orderListsMax: most('MAX_NUM_ORDER_LISTS', 'maxNumOrderLists'),
    orderAmendsMax: most('MAX_NUM_ORDER_AMENDS', 'maxNumOrderAmends'),
    positionMax: position === undefined ? null : amountOf(position, 'maxPosition'),
    trailing:
      trailing === undefined
        ? null
        : {
            aboveMin: count(trailing, 'minTrailingAboveDelta'),
            aboveMax: count(trailing, 'maxTrailingAboveDelta'),
            belowMin: count(trailing, 'minTrailingBelowDelta'),
            belowMax: count(trailing, 'maxTrailingBelowDelta'),
          },
  };
}

/** Reads a symbol of `exchangeInfo`. Fault `exchange_info_invalid` with the symbol and what is wrong with it. */
export function readSymbolRules(json: unknown): Result<SymbolRules> {
  if (!isJson(json)) return err('exchange_info_invalid', 'a symbol of exchangeInfo is no object');
  try {
    return ok(rulesOf(json));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const symbol = typeof json['symbol'] === 'string' ? json['symbol'] : 'a symbol without a name';
    return err('exchange_info_invalid', `exchangeInfo: ${symbol}: ${error.message}`);
  }
}

const printed = (value: number, step: Step): string =>
  formatUnits(BigInt(value) * BigInt(step.units) * pow10(PRINTED_SCALE - step.scale), PRINTED_SCALE);

const printedAmount = (value: Amount): string =>
  formatUnits(value / pow10(AMOUNT_SCALE - PRINTED_SCALE), PRINTED_SCALE);

/** The symbol as `exchangeInfo` lists it; what `readSymbolRules` reads back. */
export function writeSymbolRules(rules: SymbolRules): Json {
  return {
    symbol: rules.symbol,
    status: rules.status,
    baseAsset: rules.base,
    baseAssetPrecision: rules.quantityPrecision,
    quoteAsset: rules.quote,
    quotePrecision: rules.pricePrecision,
    quoteAssetPrecision: rules.pricePrecision,
    baseCommissionPrecision: PRINTED_SCALE,
    quoteCommissionPrecision: PRINTED_SCALE,
    orderTypes: rules.orderTypes,
    icebergAllowed: rules.icebergAllowed,
    ocoAllowed: rules.listsAllowed,
    otoAllowed: rules.listsAllowed,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: rules.quoteQuantityAllowed,
    allowTrailingStop: rules.trailingAllowed,
    cancelReplaceAllowed: rules.cancelReplaceAllowed,
    amendAllowed: rules.amendAllowed,
    // Pegged orders are not taken; the field is there on every symbol since they exist.
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: filtersOf(rules),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: rules.selfTradeModeDefault,
    allowedSelfTradePreventionModes: rules.selfTradeModes,
  };
}

function filtersOf(rules: SymbolRules): readonly Json[] {
  const { tick, lot, marketQuantity, percentPrice, trailing } = rules;
  const filters: Json[] = [
    {
      filterType: 'PRICE_FILTER',
      minPrice: printed(rules.price.min, tick),
      maxPrice: printed(rules.price.max, tick),
      tickSize: printed(1, tick),
    },
    {
      filterType: 'LOT_SIZE',
      minQty: printed(rules.quantity.min, lot),
      maxQty: printed(rules.quantity.max, lot),
      stepSize: printed(1, lot),
    },
  ];
  const limit = (filterType: string, key: string, most: number | null): void => {
    if (most !== null) filters.push({ filterType, [key]: most });
  };
  limit('ICEBERG_PARTS', 'limit', rules.icebergPartsMax);
  if (marketQuantity !== null) {
    filters.push({
      filterType: 'MARKET_LOT_SIZE',
      minQty: printed(marketQuantity.min, lot),
      maxQty: printed(marketQuantity.max, lot),
      stepSize: printed(marketQuantity.step, lot),
    });
  }
  if (trailing !== null) {
    filters.push({
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: trailing.aboveMin,
      maxTrailingAboveDelta: trailing.aboveMax,
      minTrailingBelowDelta: trailing.belowMin,
      maxTrailingBelowDelta: trailing.belowMax,
    });
  }
  if (percentPrice !== null) filters.push(percentJson(percentPrice));
  for (const range of rules.notional) filters.push(notionalJson(range));
  limit('MAX_NUM_ORDERS', 'maxNumOrders', rules.ordersMax);
  limit('MAX_NUM_ORDER_LISTS', 'maxNumOrderLists', rules.orderListsMax);
  limit('MAX_NUM_ALGO_ORDERS', 'maxNumAlgoOrders', rules.algoOrdersMax);
  limit('MAX_NUM_ICEBERG_ORDERS', 'maxNumIcebergOrders', rules.icebergOrdersMax);
  limit('MAX_NUM_ORDER_AMENDS', 'maxNumOrderAmends', rules.orderAmendsMax);
  if (rules.positionMax !== null) {
    filters.push({ filterType: 'MAX_POSITION', maxPosition: printedAmount(rules.positionMax) });
  }
  return filters;
}

function percentJson(rule: PercentPrice): Json {
  const { averageMinutes: avgPriceMins } = rule;
  if (rule.name === 'PERCENT_PRICE') {
    const multiplierUp = formatDecimal(rule.bidUp);
    return { filterType: rule.name, multiplierUp, multiplierDown: formatDecimal(rule.bidDown), avgPriceMins };
  }
  return {
    filterType: rule.name,
    bidMultiplierUp: formatDecimal(rule.bidUp),
    bidMultiplierDown: formatDecimal(rule.bidDown),
    askMultiplierUp: formatDecimal(rule.askUp),
    askMultiplierDown: formatDecimal(rule.askDown),
    avgPriceMins,
  };
}

function notionalJson(range: NotionalRange): Json {
  const { averageMinutes: avgPriceMins } = range;
  const minNotional = printedAmount(range.min ?? (0n as Amount));
  if (range.name === 'MIN_NOTIONAL') {
    return { filterType: range.name, minNotional, applyToMarket: range.minAppliesToMarket, avgPriceMins };
  }
  return {
    filterType: range.name,
    minNotional,
    applyMinToMarket: range.minAppliesToMarket,
    // Binance prints a bound where there is none to speak of.
    maxNotional: range.max === null ? '9223372036.00000000' : printedAmount(range.max),
    applyMaxToMarket: range.maxAppliesToMarket,
    avgPriceMins,
  };
}
