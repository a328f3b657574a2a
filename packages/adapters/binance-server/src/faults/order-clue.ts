import type { IncomingRequest } from '@monsta/ports';
import { frameText, parseJson } from './frame-subject.ts';

/** What a request or an answer says about the order that it means: which, or at least whose. */
export interface OrderClue {
  readonly symbol: string | null;
  readonly orderId: number | null;
  readonly clientOrderId: string | null;
  /** The key of the one who asks. */
  readonly apiKey: string | null;
}

type Values = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function id(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null;

function clueFrom(
  values: Values,
  apiKey: string | null,
  idNames: readonly string[],
  clientNames: readonly string[],
): OrderClue {
  return {
    symbol: text(values['symbol']),
    orderId: idNames.map((name) => id(values[name])).find((found) => found !== null) ?? null,
    clientOrderId: clientNames.map((name) => text(values[name])).find((found) => found !== null) ?? null,
    apiKey,
  };
}

/** The order that a request is to cancel, replace, amend or show. */
export function clueInParameters(values: unknown, sessionKey: string | null): OrderClue {
  const fields = isValues(values) ? values : {};
  const apiKey = text(fields['apiKey']) ?? sessionKey;
  return clueFrom(fields, apiKey, ['cancelOrderId', 'orderId'], ['cancelOrigClientOrderId', 'origClientOrderId']);
}

/** As `clueInParameters`, from the query and form body of a REST request. */
export function clueInRequest({ rawQuery, body, headers }: IncomingRequest): OrderClue {
  const values = Object.fromEntries([...new URLSearchParams(rawQuery), ...new URLSearchParams(body)]);
  return clueInParameters(values, headers['x-mbx-apikey'] ?? null);
}

/**
 * The order that an answer tells of: the order itself, the new one of a cancel-replace, the amended one, the first of a list. Where it tells of none, the one that the request
 * meant; null where the answer is an error.
 */
export function clueInAnswer(answer: unknown, request: OrderClue): OrderClue | null {
  if (!isValues(answer) || 'code' in answer) return null;
  const { newOrderResponse, amendedOrder, orders } = answer;
  const inside = newOrderResponse ?? amendedOrder ?? (Array.isArray(orders) ? (orders as readonly unknown[])[0] : null);
  const clue = clueFrom(isValues(inside) ? inside : answer, request.apiKey, ['orderId'], ['clientOrderId']);
  return clue.orderId === null ? request : clue;
}

/** As `clueInAnswer`, from a body that may not be JSON. */
export function clueInBody(body: string | Uint8Array, request: OrderClue): OrderClue | null {
  return clueInAnswer(parseJson(frameText(body)), request);
}
