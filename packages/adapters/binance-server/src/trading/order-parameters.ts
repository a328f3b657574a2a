import type { InstrumentId } from '@monsta/core';
import {
  checkTerms,
  readOrder,
  type CancelRestriction,
  type ExchangeFault,
  type OrderFields,
  type OrderTerms,
  type SymbolRules,
} from '@monsta/matching';
import type { AccountContext } from '../api-method.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import { RESPONSE_TYPES, type ResponseType } from './order-json.ts';

const CLIENT_ID = /^[a-zA-Z0-9\-_.:/]{1,36}$/;
const CLIENT_ID_RANGE = '^[a-zA-Z0-9-_.:/]{1,36}$';

/** The exchange's no, as it is sent. `names`: how the request calls the order's parameters. */
export function refusalError(fault: ExchangeFault, names: FieldNames = {}): BinanceError {
  const message = fault.message.replaceAll(/'([A-Za-z]+)'/g, (quoted, field: string) => {
    const name = fault.number > -1200 && fault.number <= -1100 ? names[field as keyof OrderFields] : undefined;
    return name === undefined ? quoted : `'${name}'`;
  });
  return new BinanceError(fault.number, message, fault.number === -2015 ? 401 : 400);
}

/** −1102 for two parameters of which one must be sent. */
export const oneOfTwoMissing = (first: string, second: string): BinanceError =>
  new BinanceError(-1102, `Param '${first}' or '${second}' must be sent, but both were empty/null!`);

export const badCombination = (): BinanceError =>
  new BinanceError(-1128, 'Combination of optional parameters invalid.');

/** The rules of the mandatory `symbol`; −1121 where there is none. */
export function tradedSymbol({ parameters, desk }: AccountContext): SymbolRules {
  return rulesOf({ desk }, parameters.symbol());
}

/** The rules of a symbol; −1121 where there is none. */
export function rulesOf({ desk }: Pick<AccountContext, 'desk'>, symbol: InstrumentId): SymbolRules {
  const rules = desk.exchange.rules(symbol);
  if (rules === null) throw new BinanceError(-1121, 'Invalid symbol.');
  return rules;
}

/** How a request calls the parameters of one of its orders. */
export type FieldNames = Readonly<Partial<Record<keyof OrderFields, string>>>;

const FIELDS = [
  'side',
  'type',
  'timeInForce',
  'quantity',
  'quoteOrderQty',
  'price',
  'stopPrice',
  'trailingDelta',
  'icebergQty',
  'newClientOrderId',
  'selfTradePreventionMode',
  'strategyId',
  'strategyType',
] as const satisfies readonly (keyof OrderFields)[];

/** The names of a single order's parameters. */
const ORDER_NAMES: FieldNames = {
  side: 'side',
  type: 'type',
  timeInForce: 'timeInForce',
  quantity: 'quantity',
  quoteOrderQty: 'quoteOrderQty',
  price: 'price',
  stopPrice: 'stopPrice',
  trailingDelta: 'trailingDelta',
  icebergQty: 'icebergQty',
  newClientOrderId: 'newClientOrderId',
  selfTradePreventionMode: 'selfTradePreventionMode',
  strategyId: 'strategyId',
  strategyType: 'strategyType',
};

/** The names of a leg's parameters: `abovePrice`, `aboveClientOrderId`…; `shared` are those that the legs have in common. */
export function legNames(prefix: string, shared: FieldNames): FieldNames {
  const names: Partial<Record<keyof OrderFields, string>> = { selfTradePreventionMode: 'selfTradePreventionMode' };
  for (const field of FIELDS) {
    if (field === 'quoteOrderQty' || field === 'selfTradePreventionMode') continue;
    names[field] = prefixed(prefix, field === 'newClientOrderId' ? 'clientOrderId' : field);
  }
  return { ...names, ...shared };
}

const prefixed = (prefix: string, name: string): string =>
  prefix === '' ? name : `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Pegged orders are refused, as the symbols say. */
function refusePegs(parameters: Parameters, prefix: string): void {
  const priceType = parameters.optionalText(prefixed(prefix, 'pegPriceType'));
  const offsetType = parameters.optionalText(prefixed(prefix, 'pegOffsetType'));
  const offset = parameters.optionalInteger(prefixed(prefix, 'pegOffsetValue'));
  if (priceType !== null && priceType !== 'PRIMARY_PEG' && priceType !== 'MARKET_PEG') {
    throw new BinanceError(-1210, 'Invalid pegPriceType.');
  }
  if (offsetType !== null && offsetType !== 'PRICE_LEVEL') throw new BinanceError(-1211, 'Invalid pegOffsetType.');
  if (priceType === null && offsetType === null && offset === null) return;
  if (priceType === null || (offsetType === null) !== (offset === null)) throw badCombination();
  throw new BinanceError(-2010, 'Pegged orders are not supported for this symbol.');
}

/** The terms of one order; `fixed` stands for parameters that the request has not. Throws `BinanceError`. */
export function readTerms(
  parameters: Parameters,
  rules: SymbolRules,
  names: FieldNames = ORDER_NAMES,
  prefix = '',
  fixed: OrderFields = {},
): OrderTerms {
  const sent: Partial<Record<keyof OrderFields, string>> = {};
  for (const field of FIELDS) {
    const name = names[field];
    const text = name === undefined ? null : parameters.optionalText(name);
    if (text !== null) sent[field] = text;
  }
  refusePegs(parameters, prefix);
  const read = readOrder({ ...fixed, ...sent }, rules);
  if ('terms' in read) return read.terms;
  throw refusalError(read.fault, names);
}

/** Throws where a leg of a list lacks a parameter of its type or has one too many, in the request's words. */
export function checkLeg(terms: OrderTerms, rules: SymbolRules, names: FieldNames): void {
  const refused = checkTerms(terms, rules);
  if (refused !== null) throw refusalError(refused.fault, names);
}

/** `newOrderRespType`, or what the order's type brings. */
export function responseType(parameters: Parameters, byDefault: ResponseType): ResponseType {
  return parameters.optionalChoice('newOrderRespType', RESPONSE_TYPES) ?? byDefault;
}

export const responseOf = ({ type }: OrderTerms): ResponseType =>
  type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK';

/** A client's id, checked as new ones are; null where it was not sent. */
export const optionalClientId = (parameters: Parameters, name: string): string | null =>
  parameters.optionalMatch(name, CLIENT_ID, CLIENT_ID_RANGE);

/** `cancelRestrictions`; −1145 for an unknown word. */
export function cancelRestriction(parameters: Parameters): CancelRestriction | null {
  const value = parameters.optionalText('cancelRestrictions');
  if (value === null || value === 'ONLY_NEW' || value === 'ONLY_PARTIALLY_FILLED') return value;
  throw new BinanceError(-1145, 'Invalid cancelRestrictions');
}

/** `startTime` and `endTime`, at most a day apart, in microseconds; null: open. */
export function timeRange(parameters: Parameters): { readonly fromUs: number | null; readonly toUs: number | null } {
  const fromUs = parameters.optionalTimeUs('startTime');
  const toUs = parameters.optionalTimeUs('endTime');
  if (fromUs !== null && toUs !== null) {
    if (fromUs > toUs) throw badCombination();
    if (toUs - fromUs > DAY_US) {
      throw new BinanceError(-1127, 'More than 24 hours between startTime and endTime.');
    }
  }
  // The range ends with the whole millisecond that was named.
  return { fromUs, toUs: toUs === null ? null : toUs % 1_000 === 0 ? toUs + 999 : toUs };
}

const DAY_US = 86_400_000_000;
