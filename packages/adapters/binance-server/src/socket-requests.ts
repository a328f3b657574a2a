/** What a client asked for on a stream socket, or why it can't be understood (Binance's code and text). */
export type SocketRequest =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly id: RequestId; readonly streams: readonly string[] }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_COMBINED'; readonly id: RequestId; readonly combined: boolean }
  | { readonly method: 'GET_COMBINED'; readonly id: RequestId };

export type RequestId = number | string | null;

export interface SocketError {
  readonly code: number;
  readonly msg: string;
  /** Undefined where the request had none that could be read. */
  readonly id: RequestId | undefined;
}

export type ParsedRequest = { readonly request: SocketRequest } | { readonly error: SocketError };

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;
const ID_TEXT = /^[A-Za-z0-9_-]{1,36}$/;

function readId(value: unknown): RequestId | undefined {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  return typeof value === 'string' && ID_TEXT.test(value) ? value : undefined;
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

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // What the client sent is no JSON: the caller answers with Binance's code for it.
    return null;
  }
}

function parseProperty(method: 'SET_PROPERTY' | 'GET_PROPERTY', params: unknown, id: RequestId): ParsedRequest {
  const [name, value] = Array.isArray(params) ? (params as readonly unknown[]) : [params];
  if (typeof name !== 'string') return invalid('property name must be a string', id);
  if (name !== 'combined') return { error: { code: 0, msg: 'Unknown property', id } };
  if (method === 'GET_PROPERTY') return { request: { method: 'GET_COMBINED', id } };
  if (typeof value !== 'boolean') return { error: { code: 1, msg: 'Invalid value type: expected Boolean', id } };
  return { request: { method: 'SET_COMBINED', id, combined: value } };
}

/** Reads one message of a client. */
export function parseSocketRequest(text: string): ParsedRequest {
  const parsed = parseJson(text);
  if (parsed === null) {
    return { error: { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1', id: undefined } };
  }
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('expected an object', undefined);
  }
  const fields: { readonly method?: unknown; readonly params?: unknown; readonly id?: unknown } = value;
  const id = readId(fields.id);
  if (id === undefined) return invalid('request ID must be an unsigned integer', undefined);
  if (fields.method === undefined) return invalid('missing field `method`', id);
  const method = METHODS.find((known) => known === fields.method);
  if (method === undefined) {
    const shown = typeof fields.method === 'string' ? fields.method.slice(0, 40) : typeof fields.method;
    return invalid(
      `unknown variant \`${shown}\`, expected one of ${METHODS.map((name) => `\`${name}\``).join(', ')}`,
      id,
    );
  }
  if (method === 'LIST_SUBSCRIPTIONS') return { request: { method, id } };
  if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') return parseProperty(method, fields.params, id);
  const streams = readStreams(fields.params);
  return streams === null
    ? invalid('params must be an array of stream names', id)
    : { request: { method, id, streams } };
}
