import { BinanceError } from '../parameters.ts';

/** A request of the WebSocket API. */
export interface RequestFrame {
  /** As the client sent it, in JSON, so that it goes back digit for digit. */
  readonly id: string;
  /** Without the version that may stand before it. */
  readonly method: string;
  /** Every value as it would stand in a query: numbers digit for digit as they were sent, lists as JSON. */
  readonly params: Readonly<Record<string, string>>;
}

export type ReadFrame = { readonly frame: RequestFrame } | { readonly id: string; readonly error: BinanceError };

const NO_ID = 'null';
const ID_RANGE = '^[a-zA-Z0-9-_]{1,36}$';
const ID_TEXT = /^[a-zA-Z0-9\-_]{1,36}$/;
const WHOLE = /^-?[0-9]{1,20}$/;
const VERSION = /^v[0-9]+\//;

const invalid = (message: string): BinanceError => new BinanceError(-1135, message);
const misplaced = (field: string, expected: string): BinanceError =>
  invalid(`Invalid '${field}' in JSON request; expected ${expected}.`);

/** A number as it was written: clients sign the digits that they send. */
class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}

interface ReviverContext {
  readonly source?: string;
}

function parse(text: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: ReviverContext): unknown =>
    typeof value === 'number' ? new WrittenNumber(context?.source ?? String(value)) : value;
  return JSON.parse(text, keepDigits);
}

function readId(id: unknown): string | null {
  if (id === null) return NO_ID;
  if (typeof id === 'string') return ID_TEXT.test(id) ? JSON.stringify(id) : null;
  return id instanceof WrittenNumber && WHOLE.test(id.text) ? id.text : null;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof WrittenNumber) return value.text;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

function read(text: string): ReadFrame {
  const request = parse(text);
  if (!isObject(request)) return { id: NO_ID, error: invalid('Invalid JSON Request') };
  const { method, params = {} } = request;
  const id = readId(request['id']);
  if (id === null) {
    return { id: NO_ID, error: misplaced('id', `an integer, a string matching '${ID_RANGE}', or null`) };
  }
  if (typeof method !== 'string') return { id, error: misplaced('method', 'a string') };
  if (!isObject(params)) return { id, error: misplaced('params', 'an object') };
  const texts = Object.entries(params).map(([name, value]) => [name, valueText(value)] as const);
  return { frame: { id, method: method.replace(VERSION, ''), params: Object.fromEntries(texts) } };
}

/** Reads one message of a client; −1135 says what is wrong with it. */
export function readRequestFrame(text: string): ReadFrame {
  try {
    return read(text);
  } catch (thrown) {
    // No JSON, or nested deeper than anything that can be meant.
    if (thrown instanceof SyntaxError || thrown instanceof RangeError) {
      return { id: NO_ID, error: invalid('Invalid JSON Request') };
    }
    throw thrown;
  }
}

/** What a client signs: all parameters but the signature, sorted by name, as they are, without percent-encoding. */
export function signedText(params: RequestFrame['params']): string {
  return Object.keys(params)
    .filter((name) => name !== 'signature')
    .sort()
    .map((name) => `${name}=${params[name] ?? ''}`)
    .join('&');
}
