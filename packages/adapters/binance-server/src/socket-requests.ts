/** What a client asked for on a stream socket, or why it can't be understood (Binance's code and text). */
export type SocketRequest =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly id: RequestId; readonly streams: readonly string[] }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_COMBINED'; readonly id: RequestId; readonly combined: boolean }
  | { readonly method: 'GET_COMBINED'; readonly id: RequestId };

/** As the client sent it, in JSON: whole numbers of 64 bits don't fit into one of ours. */
export type RequestId = string;

export interface SocketError {
  readonly code: number;
  readonly msg: string;
  /** Undefined where the request had none that could be read. */
  readonly id: RequestId | undefined;
}

export type ParsedRequest = { readonly request: SocketRequest } | { readonly error: SocketError };

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;
const ID_TEXT = /^[A-Za-z0-9_-]{1,36}$/;
const ID_NUMBER = /"id"\s*:\s*(-?\d{1,19})\s*[,}]/;
const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n } as const;

/** Undefined where the id has none of the three forms: a whole number of 64 bits, up to 36 letters and digits, null. */
function readId(value: unknown, text: string): RequestId | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return ID_TEXT.test(value) ? JSON.stringify(value) : undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  if (Number.isSafeInteger(value)) return String(value);
  const digits = ID_NUMBER.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const whole = BigInt(digits);
  return whole >= INT64.least && whole <= INT64.most ? String(whole) : undefined;
}

const invalid = (msg: string, id: RequestId | undefined): ParsedRequest => ({
  error: { code: 2, msg: `Invalid request: ${msg}`, id },
});

function readStreams(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const streams: string[] = [];
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'string') return null;
    streams.push(item);
  }
  return streams;
}

/** Where in a text its JSON broke off, counted as the exchange counts: lines and columns from 1. */
function placeOf(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length} column ${(lines.at(-1) ?? '').length + 1}`;
}

const VALUE_START = /^(?:[{["\-0-9]|true|false|null)/;

type Parsed = { readonly value: unknown } | { readonly place: string };

function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (thrown) {
    // What the client sent is no JSON: the caller answers with Binance's code for it.
    const position = /at position (\d+)/.exec(thrown instanceof Error ? thrown.message : '')?.[1];
    if (position !== undefined) return { place: placeOf(text, Number(position)) };
    // Of a short text the runtime doesn't say where: no JSON from its first sign on, or broken off somewhere before its end.
    const start = text.search(/\S/);
    return {
      place: placeOf(text, start >= 0 && VALUE_START.test(text.slice(start)) ? text.length : Math.max(0, start)),
    };
  }
}

function parseProperty(method: 'SET_PROPERTY' | 'GET_PROPERTY', params: unknown, id: RequestId): ParsedRequest {
  const list = Array.isArray(params) ? (params as readonly unknown[]) : [params];
  const [name, value] = list;
  if (typeof name !== 'string') return invalid('property name must be a string', id);
  if (name !== 'combined') return { error: { code: 0, msg: 'Unknown property', id } };
  if (list.length > (method === 'GET_PROPERTY' ? 1 : 2)) return invalid('too many parameters', id);
  if (method === 'GET_PROPERTY') return { request: { method: 'GET_COMBINED', id } };
  if (typeof value !== 'boolean') return { error: { code: 1, msg: 'Invalid value type: expected Boolean', id } };
  return { request: { method: 'SET_COMBINED', id, combined: value } };
}

/** Reads one message of a client. */
export function parseSocketRequest(text: string): ParsedRequest {
  const parsed = parseJson(text);
  if ('place' in parsed) {
    return { error: { code: 3, msg: `Invalid JSON: expected value at ${parsed.place}`, id: undefined } };
  }
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('expected an object', undefined);
  }
  const fields: { readonly method?: unknown; readonly params?: unknown; readonly id?: unknown } = value;
  const id = readId(fields.id, text);
  if (id === undefined) return invalid('request ID must be an unsigned integer', undefined);
  const end = `line 1 column ${text.length}`;
  if (fields.method === undefined) return invalid(`missing field \`method\` at ${end}`, id);
  const method = METHODS.find((known) => known === fields.method);
  if (method === undefined) {
    const shown = typeof fields.method === 'string' ? fields.method.slice(0, 40) : typeof fields.method;
    const column = text.indexOf('"method"') + '"method"'.length + 1;
    return invalid(
      `unknown variant \`${shown}\`, expected one of ${METHODS.map((name) => `\`${name}\``).join(', ')} at line 1 column ${column}`,
      id,
    );
  }
  if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') return parseProperty(method, fields.params, id);
  const streams = readStreams(fields.params ?? (method === 'LIST_SUBSCRIPTIONS' ? [] : null));
  if (streams === null) return invalid('params must be an array of stream names', id);
  if (method !== 'LIST_SUBSCRIPTIONS') return { request: { method, id, streams } };
  return streams.length > 0 ? invalid('too many parameters', id) : { request: { method, id } };
}
