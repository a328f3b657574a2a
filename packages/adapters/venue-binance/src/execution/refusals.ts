import type { Fault } from '@monsta/core';
import { isObject } from '../json-reader.ts';

/** Why the venue, or what lies on the way to it, said no: a stable code and a sentence. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** What the venue says with the numbers -2010, -2011 and -1013, which stand for many things; its texts tell them apart. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/insufficient balance/i, 'insufficient_balance'],
  [/^duplicate order/i, 'duplicate_order'],
  [/^unknown order/i, 'order_unknown'],
  [/would immediately match/i, 'would_match_immediately'],
  [/would trigger immediately/i, 'would_trigger_immediately'],
  [/relationship of the prices/i, 'oco_bad_prices'],
  [/cancel restrictions/i, 'cancel_restricted'],
  [/market is closed/i, 'market_closed'],
  [/may not place or cancel/i, 'trading_disabled'],
  [/iceberg.* not supported/i, 'iceberg_barred'],
  [/icebergqty exceeds/i, 'iceberg_exceeds_quantity'],
  [/trailing.* not supported/i, 'trailing_barred'],
  [/(oco|oto|opo) orders are not supported/i, 'lists_barred'],
  [/cancel-replace is not supported/i, 'cancel_replace_barred'],
  [/not supported for this symbol|unsupported order combination/i, 'order_type_barred'],
  [/order book liquidity/i, 'liquidity_below_minimum'],
  [/self-trade prevention/i, 'self_trade_mode_barred'],
];

/** The numbers that stand for one thing. */
const NUMBERS: ReadonlyMap<number, string> = new Map([
  [-1003, 'venue_limited'],
  [-1015, 'venue_limited'],
  [-1021, 'venue_clock'],
  [-1022, 'venue_key'],
  [-1100, 'order_malformed'],
  [-1102, 'order_malformed'],
  [-1106, 'order_malformed'],
  [-1111, 'filter_precision'],
  [-1112, 'no_depth'],
  [-1121, 'instrument_unknown'],
  [-1128, 'order_malformed'],
  [-2013, 'order_unknown'],
  [-2014, 'venue_key'],
  [-2015, 'venue_key'],
]);

const FILTER = /^filter failure: ([A-Z_]+)/i;

/** What one of the venue's errors means. `venue_refused` is what has no code of its own here; the sentence says it. */
export function refusalOf(number: number, message: string): Refusal {
  const reason = `${number} ${message}`;
  const filter = FILTER.exec(message)?.[1];
  if (filter !== undefined) return { code: `filter_${filter.toLowerCase()}`, reason };
  const known = NUMBERS.get(number) ?? TEXTS.find(([pattern]) => pattern.test(message))?.[1];
  return { code: known ?? 'venue_refused', reason };
}

/** The venue's error as the REST client's fault carries it; null where the venue said none. */
export function venueErrorOf({ details }: Fault): { readonly code: number; readonly message: string } | null {
  const code = details?.['venueCode'];
  const message = details?.['venueMessage'];
  return typeof code === 'number' ? { code, message: typeof message === 'string' ? message : '' } : null;
}

/** Why a request failed for certain. */
export function refusalOfFault(fault: Fault): Refusal {
  const said = venueErrorOf(fault);
  return said === null || fault.code !== 'venue_rejected'
    ? { code: fault.code, reason: fault.message }
    : refusalOf(said.code, said.message);
}

/** An error inside an answer, `{code, msg}`; null for anything else. */
export function errorInside(json: unknown): Refusal | null {
  if (!isObject(json) || typeof json['code'] !== 'number' || typeof json['msg'] !== 'string') return null;
  return refusalOf(json['code'], json['msg']);
}
