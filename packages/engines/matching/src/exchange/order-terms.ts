import { parameterMissing, parameterUnneeded, refusal, REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import { isContingent, isMarketLike } from './order-view.ts';
import type { SymbolRules } from './symbol-rules.ts';
import type { OrderTerms } from './vocabulary.ts';

/** Least `strategyType` that a client may use. */
const STRATEGY_TYPE_MIN = 1_000_000;

/** Checks that an order has the parameters of its type, no others, and only what the symbol allows; null where it is in order. */
export function checkTerms(terms: OrderTerms, rules: SymbolRules): ExchangeRefusal | null {
  return checkParameters(terms) ?? checkIceberg(terms, rules) ?? checkAllowed(terms, rules);
}

function checkParameters(terms: OrderTerms): ExchangeRefusal | null {
  const { type, timeInForce, quantity, quoteOrderQuantity, price, stopPrice, trailingDelta } = terms;
  const needsPrice = !isMarketLike(type);
  const needsTimeInForce = needsPrice && type !== 'LIMIT_MAKER';
  if (needsTimeInForce && timeInForce === null) return parameterMissing('timeInForce');
  if (type === 'MARKET') {
    if (quantity === null && quoteOrderQuantity === null) return REFUSALS.quantityOrQuote;
    if (quantity !== null && quoteOrderQuantity !== null) return parameterUnneeded('quoteOrderQty');
  } else {
    if (quantity === null) return parameterMissing('quantity');
    if (quoteOrderQuantity !== null) return parameterUnneeded('quoteOrderQty');
  }
  if (needsPrice && price === null) return parameterMissing('price');
  if (!needsPrice && price !== null) return parameterUnneeded('price');
  if (!needsTimeInForce && timeInForce !== null) return parameterUnneeded('timeInForce');
  if (isContingent(type)) {
    if (stopPrice === null && trailingDelta === null) return REFUSALS.stopOrDelta;
  } else {
    if (stopPrice !== null) return parameterUnneeded('stopPrice');
    if (trailingDelta !== null) return parameterUnneeded('trailingDelta');
  }
  const { strategyType } = terms;
  return strategyType !== null && strategyType < STRATEGY_TYPE_MIN ? REFUSALS.strategyType : null;
}

function checkIceberg(terms: OrderTerms, rules: SymbolRules): ExchangeRefusal | null {
  const { type, icebergQuantity, timeInForce, quantity } = terms;
  if (icebergQuantity === null) return null;
  if (isMarketLike(type)) return parameterUnneeded('icebergQty');
  if (!rules.icebergAllowed) return REFUSALS.icebergBarred;
  if (type !== 'LIMIT_MAKER' && timeInForce !== 'gtc') return REFUSALS.badCombination;
  return quantity !== null && icebergQuantity > quantity ? REFUSALS.icebergExceedsQuantity : null;
}

function checkAllowed(terms: OrderTerms, rules: SymbolRules): ExchangeRefusal | null {
  const { type, trailingDelta, quoteOrderQuantity, selfTradeMode } = terms;
  if (!rules.orderTypes.includes(type)) {
    const words = type.charAt(0) + type.slice(1).toLowerCase().replaceAll('_', ' ');
    return refusal('order_type_barred', -2010, `${words} orders are not supported for this symbol.`);
  }
  if (trailingDelta !== null && !rules.trailingAllowed) return REFUSALS.trailingBarred;
  if (quoteOrderQuantity !== null && !rules.quoteQuantityAllowed) return REFUSALS.quoteQuantityBarred;
  return selfTradeMode !== null && !rules.selfTradeModes.includes(selfTradeMode) ? REFUSALS.selfTradeModeBarred : null;
}
