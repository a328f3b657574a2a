/**
 * The rules for accepting an order, once more: written from the documentation, in the plainest way, with `bigint` fractions and no caches, to hold the engine against.
 */
import type { NaiveList, NaiveOrder } from './naive-order.test-support.ts';
import type { ExchangeRules, SymbolRules } from './symbol-rules.ts';
import type { OrderTerms } from './vocabulary.ts';

/** What the rules are judged by. */
export interface NaiveMarket {
  readonly rules: SymbolRules;
  readonly exchangeRules: ExchangeRules;
  readonly lotAmount: bigint;
  readonly tickLotAmount: bigint;
  readonly lists: readonly NaiveList[];
  open(): readonly NaiveOrder[];
  remaining(order: NaiveOrder): number;
  totalOf(account: string, asset: string): bigint;
  average(minutes: number): bigint | null;
}

export type Refused = readonly [number: number, message: string];

const missing = (name: string): Refused => [
  -1102,
  `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
];
const unneeded = (name: string): Refused => [-1106, `Parameter '${name}' sent when not required.`];
const filter = (name: string): Refused => [-1013, `Filter failure: ${name}`];

/** Which parameters a type must have (`!`) and may not have (`-`). */
const NEEDS: Readonly<Record<OrderTerms['type'], Readonly<Record<string, '!' | '-'>>>> = {
  LIMIT: { timeInForce: '!', quantity: '!', quoteOrderQty: '-', price: '!', stopPrice: '-', trailingDelta: '-' },
  MARKET: { price: '-', timeInForce: '-', stopPrice: '-', trailingDelta: '-', icebergQty: '-' },
  STOP_LOSS: { quantity: '!', quoteOrderQty: '-', price: '-', timeInForce: '-', icebergQty: '-' },
  TAKE_PROFIT: { quantity: '!', quoteOrderQty: '-', price: '-', timeInForce: '-', icebergQty: '-' },
  STOP_LOSS_LIMIT: { timeInForce: '!', quantity: '!', quoteOrderQty: '-', price: '!' },
  TAKE_PROFIT_LIMIT: { timeInForce: '!', quantity: '!', quoteOrderQty: '-', price: '!' },
  LIMIT_MAKER: { quantity: '!', quoteOrderQty: '-', price: '!', timeInForce: '-', stopPrice: '-', trailingDelta: '-' },
};

export function naiveTermsFault(terms: OrderTerms): Refused | null {
  const sent: Readonly<Record<string, unknown>> = {
    timeInForce: terms.timeInForce,
    quantity: terms.quantity,
    quoteOrderQty: terms.quoteOrderQuantity,
    price: terms.price,
    stopPrice: terms.stopPrice,
    trailingDelta: terms.trailingDelta,
    icebergQty: terms.icebergQuantity,
  };
  const { type, quantity, icebergQuantity } = terms;
  if (type === 'MARKET' && (quantity === null) === (terms.quoteOrderQuantity === null)) {
    return quantity === null
      ? [-1102, "Param 'origQty' or 'quoteOrderQty' must be sent, but both were empty/null!"]
      : unneeded('quoteOrderQty');
  }
  for (const [name, need] of Object.entries(NEEDS[type])) {
    if (name === 'icebergQty') continue;
    if (need === '!' && sent[name] === null) return missing(name);
    if (need === '-' && sent[name] !== null) return unneeded(name);
  }
  const waits = type.startsWith('STOP') || type.startsWith('TAKE');
  if (waits && terms.stopPrice === null && terms.trailingDelta === null) {
    return [-1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!"];
  }
  if (icebergQuantity === null) return null;
  if (NEEDS[type]['icebergQty'] === '-') return unneeded('icebergQty');
  if (type !== 'LIMIT_MAKER' && terms.timeInForce !== 'gtc') {
    return [-1128, 'Combination of optional parameters invalid.'];
  }
  return quantity !== null && icebergQuantity > quantity ? [-2010, 'IcebergQty exceeds QTY.'] : null;
}

const outside = (value: number, range: { readonly min: number; readonly max: number }): boolean =>
  (range.min > 0 && value < range.min) || (range.max > 0 && value > range.max);

export function naiveFilterFault(exchange: NaiveMarket, account: string, terms: OrderTerms): Refused | null {
  const { rules } = exchange;
  for (const price of [terms.price, terms.stopPrice]) {
    if (price !== null && (price < 1 || outside(price, rules.price))) return filter('PRICE_FILTER');
  }
  const percent = rules.percentPrice;
  if (terms.price !== null && percent !== null) {
    const average = exchange.average(percent.averageMinutes);
    const up = terms.side === 'buy' ? percent.bidUp : percent.askUp;
    const down = terms.side === 'buy' ? percent.bidDown : percent.askDown;
    const at = BigInt(terms.price);
    if (average !== null) {
      const tooHigh = at * 10n ** BigInt(up.scale) > average * up.units;
      const tooLow = at * 10n ** BigInt(down.scale) < average * down.units;
      if (tooHigh || tooLow) return filter(percent.name);
    }
  }
  const { quantity } = terms;
  if (quantity !== null) {
    const fault = naiveQuantityFault(exchange, terms, quantity);
    if (fault !== null) return fault;
    if (rules.positionMax !== null && terms.side === 'buy') {
      const open = exchange.open().filter((order) => order.account === account && order.terms.side === 'buy');
      const coming = open.reduce((sum, order) => sum + exchange.remaining(order), quantity as number);
      const held = exchange.totalOf(account, rules.base);
      if (held + BigInt(coming) * exchange.lotAmount > rules.positionMax) return filter('MAX_POSITION');
    }
  }
  const delta = terms.trailingDelta;
  if (delta !== null && rules.trailing !== null) {
    const above = terms.type.startsWith('STOP') === (terms.side === 'buy');
    const [min, max] = above
      ? [rules.trailing.aboveMin, rules.trailing.aboveMax]
      : [rules.trailing.belowMin, rules.trailing.belowMax];
    if (delta < min || delta > max) return filter('TRAILING_DELTA');
  }
  return null;
}

export function naiveQuantityFault(
  exchange: NaiveMarket,
  terms: Pick<OrderTerms, 'type' | 'price' | 'icebergQuantity'>,
  quantity: number,
): Refused | null {
  const { rules } = exchange;
  const { icebergQuantity } = terms;
  for (const size of [quantity, icebergQuantity]) {
    if (size !== null && (size < 1 || outside(size, rules.quantity))) return filter('LOT_SIZE');
  }
  if (icebergQuantity !== null && rules.icebergPartsMax !== null) {
    if (Math.ceil(quantity / icebergQuantity) > rules.icebergPartsMax) return filter('ICEBERG_PARTS');
  }
  const atMarket = terms.price === null;
  const market = rules.marketQuantity;
  if (atMarket && market !== null) {
    if (outside(quantity, market) || (market.step > 0 && quantity % market.step > 0)) return filter('MARKET_LOT_SIZE');
  }
  for (const range of rules.notional) {
    const price = atMarket ? exchange.average(range.averageMinutes) : BigInt(terms.price ?? 0);
    if (price === null) continue;
    const worth = price * BigInt(quantity) * exchange.tickLotAmount;
    const low = range.min !== null && worth < range.min && (!atMarket || range.minAppliesToMarket);
    const high = range.max !== null && worth > range.max && (!atMarket || range.maxAppliesToMarket);
    if (low || high) return filter(range.name);
  }
  return null;
}

export function naiveCountFault(
  exchange: NaiveMarket,
  account: string,
  added: readonly OrderTerms[],
  lists: number,
): Refused | null {
  const { rules, exchangeRules } = exchange;
  const mine = exchange.open().filter((order) => order.account === account);
  const waits = (terms: OrderTerms): boolean => terms.type.startsWith('STOP') || terms.type.startsWith('TAKE');
  const iceberg = (terms: OrderTerms): boolean => terms.icebergQuantity !== null;
  const over = (test: (terms: OrderTerms) => boolean, most: number | null): boolean =>
    added.some(test) &&
    most !== null &&
    mine.filter((order: NaiveOrder) => test(order.terms)).length + added.filter(test).length > most;
  if (over(() => true, rules.ordersMax)) return filter('MAX_NUM_ORDERS');
  if (over(() => true, exchangeRules.ordersMax)) return filter('EXCHANGE_MAX_NUM_ORDERS');
  if (over(waits, rules.algoOrdersMax)) return filter('MAX_NUM_ALGO_ORDERS');
  if (over(waits, exchangeRules.algoOrdersMax)) return filter('EXCHANGE_MAX_NUM_ALGO_ORDERS');
  if (over(iceberg, rules.icebergOrdersMax)) return filter('MAX_NUM_ICEBERG_ORDERS');
  if (over(iceberg, exchangeRules.icebergOrdersMax)) return filter('EXCHANGE_MAX_NUM_ICEBERG_ORDERS');
  const open = exchange.lists.filter((list) => !list.done && list.account === account).length + lists;
  if (lists > 0 && rules.orderListsMax !== null && open > rules.orderListsMax) return filter('MAX_NUM_ORDER_LISTS');
  if (lists > 0 && exchangeRules.orderListsMax !== null && open > exchangeRules.orderListsMax) {
    return filter('EXCHANGE_MAX_NUM_ORDER_LISTS');
  }
  return null;
}
