import {
  assetId,
  instrumentId,
  parseAmount,
  quantity,
  type Amount,
  type AssetId,
  type Instrument,
  type InstrumentId,
  type TimestampUs,
} from '@monsta/core';
import {
  EXCHANGE_ORDER_TYPES,
  NO_EXCHANGE_RULES,
  readSymbolRules,
  SELF_TRADE_MODES,
  type ExchangeRules,
  type SymbolRules,
} from '@monsta/matching';
import { isObject, Malformed, readArray, readId, readObject, readText, take, type JsonObject } from './json-reader.ts';

/** A symbol as the venue lists it: all its rules, and what the rest of MONSTA trades it by. */
export interface ListedSymbol {
  readonly rules: SymbolRules;
  readonly instrument: Instrument;
}

/** What exchangeInfo says. */
export interface ExchangeListing {
  readonly symbols: ReadonlyMap<InstrumentId, ListedSymbol>;
  /** Limits on all symbols together. */
  readonly rules: ExchangeRules;
  /** Symbols that could not be read: nothing is known of their rules, and they can't be traded. */
  readonly leftOut: readonly { readonly symbol: string; readonly reason: string }[];
  /** What we do not know and passed over (`filter T_PLUS_SELL`, `field x`), and how often. */
  readonly unknown: ReadonlyMap<string, number>;
}

const SYMBOL_FIELDS = new Set([
  'symbol',
  'status',
  'baseAsset',
  'baseAssetPrecision',
  'quoteAsset',
  'quotePrecision',
  'quoteAssetPrecision',
  'baseCommissionPrecision',
  'quoteCommissionPrecision',
  'orderTypes',
  'icebergAllowed',
  'ocoAllowed',
  'otoAllowed',
  'opoAllowed',
  'quoteOrderQtyMarketAllowed',
  'allowTrailingStop',
  'cancelReplaceAllowed',
  'amendAllowed',
  'pegInstructionsAllowed',
  'isSpotTradingAllowed',
  'isMarginTradingAllowed',
  'filters',
  'permissions',
  'permissionSets',
  'defaultSelfTradePreventionMode',
  'allowedSelfTradePreventionModes',
]);
const SYMBOL_FILTERS = new Set([
  'PRICE_FILTER',
  'PERCENT_PRICE',
  'PERCENT_PRICE_BY_SIDE',
  'LOT_SIZE',
  'MIN_NOTIONAL',
  'NOTIONAL',
  'ICEBERG_PARTS',
  'MARKET_LOT_SIZE',
  'MAX_NUM_ORDERS',
  'MAX_NUM_ALGO_ORDERS',
  'MAX_NUM_ICEBERG_ORDERS',
  'MAX_NUM_ORDER_LISTS',
  'MAX_NUM_ORDER_AMENDS',
  'MAX_POSITION',
  'TRAILING_DELTA',
]);
const STATUSES = new Set<unknown>(['TRADING', 'HALT', 'BREAK', 'END_OF_DAY']);
const ORDER_TYPES = new Set<unknown>(EXCHANGE_ORDER_TYPES);
const MODES = new Set<unknown>(SELF_TRADE_MODES);

/** Counts what the reader of a symbol passes over. */
class Unknown {
  readonly counts = new Map<string, number>();

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Counts the members of a list that are not known. */
  members(list: unknown, known: ReadonlySet<unknown>, what: string): void {
    if (!Array.isArray(list)) return;
    for (const member of list) if (!known.has(member)) this.add(`${what} ${String(member).slice(0, 40)}`);
  }

  symbol(json: JsonObject): void {
    for (const field of Object.keys(json)) if (!SYMBOL_FIELDS.has(field)) this.add(`field ${field.slice(0, 40)}`);
    this.members(json['orderTypes'], ORDER_TYPES, 'order type');
    this.members(json['allowedSelfTradePreventionModes'], MODES, 'self-trade mode');
    this.members(filterTypes(json['filters']), SYMBOL_FILTERS, 'filter');
    if (!STATUSES.has(json['status'])) this.add(`status ${String(json['status']).slice(0, 40)}`);
  }
}

const filterTypes = (filters: unknown): readonly unknown[] =>
  Array.isArray(filters) ? filters.map((filter) => (isObject(filter) ? filter['filterType'] : null)) : [];

/** A status that is not known, or a symbol that is not for spot, is one that nothing can be traded in. */
function closedWhereUnknown(json: JsonObject): JsonObject {
  const tradable = STATUSES.has(json['status']) && json['isSpotTradingAllowed'] !== false;
  return tradable || json['status'] === 'BREAK' ? json : { ...json, status: 'HALT' };
}

/** The strictest of the bounds that are there. */
const highest = (bounds: readonly (Amount | null)[]): Amount | null =>
  bounds.reduce((high, bound) => (bound !== null && (high === null || bound > high) ? bound : high), null);
const lowest = (bounds: readonly (Amount | null)[]): Amount | null =>
  bounds.reduce((low, bound) => (bound !== null && (low === null || bound < low) ? bound : low), null);

/** The part of a symbol's rules that the rest of MONSTA trades by. A bound of 0 is none. */
function instrumentOf(rules: SymbolRules, validFromUs: TimestampUs): Instrument {
  const { marketQuantity } = rules;
  return {
    id: rules.symbol,
    base: rules.base,
    quote: rules.quote,
    tick: rules.tick,
    lot: rules.lot,
    quantityMin: quantity(rules.quantity.min),
    quantityMax: quantity(rules.quantity.max === 0 ? Number.MAX_SAFE_INTEGER : rules.quantity.max),
    // A MARKET_LOT_SIZE with step 0 is disabled, but its largest quantity counts.
    marketQuantityMax: marketQuantity === null || marketQuantity.max === 0 ? null : quantity(marketQuantity.max),
    notionalMin: highest(rules.notional.map(({ min }) => min)),
    notionalMax: lowest(rules.notional.map(({ max }) => max)),
    status: rules.status === 'TRADING' ? 'trading' : 'halted',
    version: 1,
    validFromUs,
  };
}

const EXCHANGE_LIMITS = new Map([
  ['EXCHANGE_MAX_NUM_ORDERS', ['ordersMax', 'maxNumOrders']],
  ['EXCHANGE_MAX_NUM_ALGO_ORDERS', ['algoOrdersMax', 'maxNumAlgoOrders']],
  ['EXCHANGE_MAX_NUM_ICEBERG_ORDERS', ['icebergOrdersMax', 'maxNumIcebergOrders']],
  ['EXCHANGE_MAX_NUM_ORDER_LISTS', ['orderListsMax', 'maxNumOrderLists']],
] as const);
type ExchangeLimit = typeof EXCHANGE_LIMITS extends ReadonlyMap<string, readonly [infer Name, string]> ? Name : never;

/** The limits on all symbols together: `exchangeFilters` of exchangeInfo, or the MAX_ASSET ones of `myFilters`. */
function readExchangeRules(filters: unknown, unknown: Unknown): ExchangeRules {
  const limits: Record<ExchangeLimit, number | null> = { ...NO_EXCHANGE_RULES };
  const assetsMax: { readonly asset: AssetId; readonly limit: Amount }[] = [];
  for (const filter of Array.isArray(filters) ? filters.filter(isObject) : []) {
    const type = String(filter['filterType']).slice(0, 40);
    try {
      const known = EXCHANGE_LIMITS.get(type as Parameters<typeof EXCHANGE_LIMITS.get>[0]);
      if (known !== undefined) limits[known[0]] = readId(filter[known[1]], known[1]);
      else if (type === 'MAX_ASSET') {
        const limit = take(parseAmount(readText(filter['limit'], 'limit')), 'limit');
        assetsMax.push({ asset: assetId(readText(filter['asset'], 'asset')), limit });
      } else unknown.add(`exchange filter ${type}`);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      unknown.add(`exchange filter ${type}: ${error.fault.message}`);
    }
  }
  return assetsMax.length === 0 ? limits : { ...limits, assetsMax };
}

/**
 * Reads exchangeInfo whole. A symbol that can't be read is left out with the reason; filters, fields and values that are not known are passed over and counted: what they
 * forbid, only the venue will say. Throws `Malformed` where the answer holds no list of symbols at all.
 */
export function readExchangeListing(json: unknown, validFromUs: TimestampUs): ExchangeListing {
  const body = readObject(json, 'exchangeInfo');
  const unknown = new Unknown();
  const symbols = new Map<InstrumentId, ListedSymbol>();
  const leftOut: { readonly symbol: string; readonly reason: string }[] = [];
  for (const entry of readArray(body['symbols'], 'symbols')) {
    const read = readSymbolRules(isObject(entry) ? closedWhereUnknown(entry) : entry);
    if (read.ok) {
      symbols.set(read.value.symbol, { rules: read.value, instrument: instrumentOf(read.value, validFromUs) });
      if (isObject(entry)) unknown.symbol(entry);
    } else {
      const symbol = isObject(entry) ? String(entry['symbol']).slice(0, 40) : 'unnamed';
      leftOut.push({ symbol, reason: read.fault.message });
    }
  }
  return { symbols, rules: readExchangeRules(body['exchangeFilters'], unknown), leftOut, unknown: unknown.counts };
}

/** The instruments asked for, in that order. Throws `Malformed`: `instrument_unknown` names those that are not listed, `venue_protocol` one that could not be read. */
export function pickInstruments(
  { symbols, leftOut }: ExchangeListing,
  wanted: readonly string[],
): readonly Instrument[] {
  const unreadable = leftOut.find(({ symbol }) => wanted.includes(symbol));
  if (unreadable !== undefined) throw new Malformed('venue_protocol', unreadable.reason);
  const found = wanted.map((id) => symbols.get(instrumentId(id))?.instrument);
  const missing = wanted.filter((_id, index) => found[index] === undefined);
  if (missing.length > 0) throw new Malformed('instrument_unknown', `the venue does not know ${missing.join(', ')}`);
  return found.filter((instrument) => instrument !== undefined);
}
