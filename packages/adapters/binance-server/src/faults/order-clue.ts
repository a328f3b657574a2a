import type { IncomingRequest } from '@monsta/ports';
import { frameText, parseJson } from './frame-subject.ts';

/** What a request or an answer says about the order that it means. */
export interface OrderClue {
  readonly symbol: string;
  readonly orderId: number | null;
  readonly clientOrderId: string | null;
}

type Values = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function id(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null;

function clueFrom(values: Values, idNames: readonly string[], clientNames: readonly string[]): OrderClue | null {
  const symbol = text(values['symbol']);
  if (symbol === null) return null;
  const orderId = idNames.map((name) => id(values[name])).find((found) => found !== null) ?? null;
  const clientOrderId = clientNames.map((name) => text(values[name])).find((found) => found !== null) ?? null;
  return orderId === null && clientOrderId === null ? null : { symbol, orderId, clientOrderId };
}

/** The order that a request is to cancel, replace, amend or show; null where it names none. */
export function clueInParameters(values: Values): OrderClue | null {
  return clueFrom(values, ['cancelOrderId', 'orderId'], ['cancelOrigClientOrderId', 'origClientOrderId']);
}

/** As `clueInParameters`, from the query and form body of a REST request. */
export function clueInRequest({ rawQuery, body }: IncomingRequest): OrderClue | null {
  return clueInParameters(Object.fromEntries([...new URLSearchParams(rawQuery), ...new URLSearchParams(body)]));
}

/** The order that an answer tells of: the order itself, the new one of a cancel-replace, the amended one, the first of a list. */
export function clueInAnswer(answer: unknown): OrderClue | null {
  if (!isValues(answer)) return null;
  const { newOrderResponse, amendedOrder, orders } = answer;
  const inside = newOrderResponse ?? amendedOrder ?? (Array.isArray(orders) ? (orders as readonly unknown[])[0] : null);
  return clueFrom(isValues(inside) ? inside : answer, ['orderId'], ['clientOrderId']);
}

/** As `clueInAnswer`, from a body that may not be JSON. */
export function clueInBody(body: string | Uint8Array): OrderClue | null {
  return clueInAnswer(parseJson(frameText(body)));
}
