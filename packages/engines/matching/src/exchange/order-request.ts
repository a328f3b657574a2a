import { AMOUNT_SCALE, parseDecimal, pow10 } from '@monsta/core';
import type { Amount, Price, Quantity, Step } from '@monsta/core';
import {
  filterFailure,
  precisionExceeded,
  refusal,
  REFUSALS,
  type ExchangeRefusal,
  type FilterName,
} from './exchange-faults.ts';
import type { SymbolRules } from './symbol-rules.ts';
import { EXCHANGE_ORDER_TYPES, SELF_TRADE_MODES, type OrderTerms, type SelfTradeMode } from './vocabulary.ts';

/** The parameters of an order as they come: texts, by Binance's names. */
export interface OrderFields {
  readonly side?: string;
  readonly type?: string;
  readonly timeInForce?: string;
  readonly quantity?: string;
  readonly quoteOrderQty?: string;
  readonly price?: string;
  readonly stopPrice?: string;
  readonly trailingDelta?: string;
  readonly icebergQty?: string;
  readonly newClientOrderId?: string;
  readonly selfTradePreventionMode?: string;
  readonly strategyId?: string;
  readonly strategyType?: string;
}

const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const DECIMAL_RANGE = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const CLIENT_ID = /^[a-zA-Z0-9\-_.:/]{1,36}$/;
const CLIENT_ID_RANGE = '^[a-zA-Z0-9-_.:/]{1,36}$';
const WHOLE = /^[0-9]{1,15}$/;
const WHOLE_RANGE = '^[0-9]{1,20}$';
const LIFETIMES = ['gtc', 'ioc', 'fok'] as const;

/** Ends the reading with a refusal. */
class Refused extends Error {
  readonly refusal: ExchangeRefusal;

  constructor(reason: ExchangeRefusal) {
    super(reason.fault.message);
    this.refusal = reason;
  }
}

const illegal = (name: string, range: string): Refused =>
  new Refused(
    refusal('illegal_characters', -1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`),
  );

function matching(text: string | undefined, name: string, pattern: RegExp, range: string): string | null {
  if (text === undefined) return null;
  if (!pattern.test(text)) throw illegal(name, range);
  return text;
}

function steps(
  text: string | undefined,
  name: string,
  precision: number,
  step: Step,
  filter: FilterName,
): number | null {
  const decimal = matching(text, name, DECIMAL, DECIMAL_RANGE);
  if (decimal === null) return null;
  const { units, scale } = exactly(decimal, name, precision);
  const digits = Math.max(scale, step.scale);
  const size = BigInt(step.units) * pow10(digits - step.scale);
  const value = units * pow10(digits - scale);
  if (value % size !== 0n || value / size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Refused(filterFailure(filter));
  return Number(value / size);
}

/** The number without the zeros at its end; refused where it has more digits than `precision`. */
function exactly(text: string, name: string, precision: number): { readonly units: bigint; readonly scale: number } {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const parsed = parseDecimal(trimmed);
  if (!parsed.ok) throw illegal(name, DECIMAL_RANGE);
  if (parsed.value.scale > precision) throw new Refused(precisionExceeded(name));
  return parsed.value;
}

function amount(text: string | undefined, name: string, precision: number): Amount | null {
  const decimal = matching(text, name, DECIMAL, DECIMAL_RANGE);
  if (decimal === null) return null;
  const { units, scale } = exactly(decimal, name, precision);
  return (units * pow10(AMOUNT_SCALE - scale)) as Amount;
}

function whole(text: string | undefined, name: string): number | null {
  const digits = matching(text, name, WHOLE, WHOLE_RANGE);
  return digits === null ? null : Number(digits);
}

function oneOf<T extends string>(text: string | undefined, known: readonly T[], fault: ExchangeRefusal): T | null {
  if (text === undefined) return null;
  const found = known.find((each) => each === text);
  if (found === undefined) throw new Refused(fault);
  return found;
}

const modeInvalid = refusal(
  'parameter_invalid',
  -1130,
  "Data sent for parameter 'selfTradePreventionMode' is not valid.",
);

function selfTradeModeOf(text: string | undefined): SelfTradeMode | null {
  // Documented, but no symbol allows it.
  if (text === 'TRANSFER') throw new Refused(REFUSALS.selfTradeModeBarred);
  return oneOf(text, SELF_TRADE_MODES, modeInvalid);
}

const missing = (name: string): Refused =>
  new Refused(
    refusal('parameter_missing', -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  );

function read(fields: OrderFields, rules: SymbolRules): OrderTerms {
  const { pricePrecision, quantityPrecision, tick, lot } = rules;
  const side = oneOf(fields.side, ['BUY', 'SELL'], refusal('side_invalid', -1117, 'Invalid side.'));
  if (side === null) throw missing('side');
  const type = oneOf(fields.type, EXCHANGE_ORDER_TYPES, refusal('order_type_invalid', -1116, 'Invalid orderType.'));
  if (type === null) throw missing('type');
  const lifetime = refusal('time_in_force_invalid', -1115, 'Invalid timeInForce.');
  const timeInForce = oneOf(fields.timeInForce, ['GTC', 'IOC', 'FOK'], lifetime);
  return {
    side: side === 'BUY' ? 'buy' : 'sell',
    type,
    timeInForce: LIFETIMES.find((each) => each.toUpperCase() === timeInForce) ?? null,
    quantity: steps(fields.quantity, 'quantity', quantityPrecision, lot, 'LOT_SIZE') as Quantity | null,
    quoteOrderQuantity: amount(fields.quoteOrderQty, 'quoteOrderQty', pricePrecision),
    price: steps(fields.price, 'price', pricePrecision, tick, 'PRICE_FILTER') as Price | null,
    stopPrice: steps(fields.stopPrice, 'stopPrice', pricePrecision, tick, 'PRICE_FILTER') as Price | null,
    trailingDelta: whole(fields.trailingDelta, 'trailingDelta'),
    icebergQuantity: steps(fields.icebergQty, 'icebergQty', quantityPrecision, lot, 'LOT_SIZE') as Quantity | null,
    clientOrderId: matching(fields.newClientOrderId, 'newClientOrderId', CLIENT_ID, CLIENT_ID_RANGE),
    selfTradeMode: selfTradeModeOf(fields.selfTradePreventionMode),
    strategyId: whole(fields.strategyId, 'strategyId'),
    strategyType: whole(fields.strategyType, 'strategyType'),
  };
}

/**
 * An order's parameters as terms in ticks and lots. Refused with Binance's number and text where a parameter has other characters than it may (-1100), more digits than the
 * symbol's precision (-1111), lies between two ticks or lots (-1013), or is none of the known words (-1115, -1116, -1117, -1130). Whether the parameters fit the type is
 * judged later, by the exchange.
 */
export function readOrder(fields: OrderFields, rules: SymbolRules): { readonly terms: OrderTerms } | ExchangeRefusal {
  try {
    return { terms: read(fields, rules) };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}
