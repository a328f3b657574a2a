import { instrumentId, timestampUs, usFromMs } from '@monsta/core';
import type { InstrumentId, TimestampUs } from '@monsta/core';
import type { ExchangeSymbol } from './exchange-model.ts';
import { parseKlineInterval, parseTimeZone, type KlineInterval } from './kline-intervals.ts';

/** Binance's own way to say no: HTTP status, code, text. */
export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  readonly status: number;
  readonly code: number;
  /** What the answer carries beside code and text; null: nothing. */
  readonly data: unknown;

  constructor(code: number, message: string, status = 400, data: unknown = null) {
    super(message);
    this.code = code;
    this.status = status;
    this.data = data;
  }

  /** What is sent as JSON. */
  body(): object {
    const error = { code: this.code, msg: this.message };
    return this.data === null ? error : { ...error, data: this.data };
  }
}

const SYMBOL_RANGE = '^[A-Z0-9-_.]{1,20}$';
const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;
const SYMBOLS_RANGE = '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$';
const SYMBOLS = /^\[("[A-Z0-9\-_.]{1,20}"(,"[A-Z0-9\-_.]{1,20}")*)?\]$/;
const NUMBER_RANGE = '^[0-9]{1,20}$';
const NUMBER = /^[0-9]{1,20}$/;
/** A timestamp from here on is in microseconds: in milliseconds it would be in the year 5138. */
const MICROSECONDS_FROM = 100_000_000_000_000;

const mandatoryMissing = (name: string): BinanceError =>
  new BinanceError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

const illegal = (name: string, range: string): BinanceError =>
  new BinanceError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);

/** The parameters of a form; `null` stands for one that is named twice. */
function readForm(text: string): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const [name, value] of new URLSearchParams(text)) values.set(name, values.has(name) ? null : value);
  return values;
}

/** A JSON value as it would stand in a query. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** The parameters of one request. Every one must be read before `finish`, or Binance's −1104 is thrown. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string | null>;
  readonly #read = new Set<string>();

  private constructor(values: ReadonlyMap<string, string | null>) {
    this.#values = values;
  }

  /** From a query and a form body; where both name a parameter the query's counts. */
  static fromForm(rawQuery: string, body: string): Parameters {
    const query = readForm(rawQuery);
    return new Parameters(body === '' ? query : new Map([...readForm(body), ...query]));
  }

  /** From the `params` of a WebSocket request. */
  static fromJson(params: Readonly<Record<string, unknown>>): Parameters {
    return new Parameters(new Map(Object.entries(params).map(([name, value]) => [name, textOf(value)])));
  }

  /** Throws −1101 where the query or the body names a parameter twice. */
  check(): void {
    for (const value of this.#values.values()) {
      if (value === null) throw new BinanceError(-1101, 'Duplicate values for a parameter detected.');
    }
  }

  #take(name: string): string | null {
    this.#read.add(name);
    const value = this.#values.get(name) ?? null;
    if (value === '') throw new BinanceError(-1105, `Parameter '${name}' was empty.`);
    return value;
  }

  #mandatory(name: string): string {
    const value = this.#take(name);
    if (value !== null) return value;
    throw mandatoryMissing(name);
  }

  /** The text as it was sent. Throws −1102 where it is missing, −1105 where it is empty. */
  text(name: string): string {
    return this.#mandatory(name);
  }

  /** The text as it was sent, or null where it was not. Throws −1105 where it is empty. */
  optionalText(name: string): string | null {
    return this.#take(name);
  }

  /** A text of the characters that `pattern` allows; `range` is how the error names them. */
  optionalMatch(name: string, pattern: RegExp, range: string): string | null {
    const value = this.#take(name);
    if (value !== null && !pattern.test(value)) throw illegal(name, range);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value as it was sent, without any check: for weights, which are charged before the request is understood. */
  peek(name: string): string | undefined {
    return this.#values.get(name) ?? undefined;
  }

  symbol(): InstrumentId {
    return this.#checkSymbol(this.#mandatory('symbol'));
  }

  optionalSymbol(): InstrumentId | null {
    const value = this.#take('symbol');
    return value === null ? null : this.#checkSymbol(value);
  }

  #checkSymbol(value: string): InstrumentId {
    if (SYMBOL.test(value)) return instrumentId(value);
    throw illegal('symbol', SYMBOL_RANGE);
  }

  /** `symbols=["BTCUSDT","ETHUSDT"]`. */
  optionalSymbols(): readonly InstrumentId[] | null {
    const value = this.#take('symbols');
    if (value === null) return null;
    if (!SYMBOLS.test(value)) throw illegal('symbols', SYMBOLS_RANGE);
    return [...value.matchAll(/"([^"]+)"/g)].map((match) => instrumentId(match[1] ?? ''));
  }

  klineInterval(): KlineInterval {
    const parsed = parseKlineInterval(this.#mandatory('interval'));
    if (parsed !== null) return parsed;
    throw new BinanceError(-1120, 'Invalid interval.');
  }

  /** The zone that `timeZone` names, as an offset from UTC in µs; 0 where it was not sent. */
  timeZone(): number {
    const value = this.#take('timeZone');
    const parsed = value === null ? 0 : parseTimeZone(value);
    if (parsed !== null) return parsed;
    throw new BinanceError(-1130, "Data sent for parameter 'timeZone' is not valid.");
  }

  /** A whole number ≥ 0, or null where it was not sent. */
  optionalInteger(name: string): number | null {
    const value = this.#take(name);
    if (value === null) return null;
    if (!NUMBER.test(value)) throw illegal(name, NUMBER_RANGE);
    const parsed = Number(value);
    if (!Number.isSafeInteger(parsed)) throw new BinanceError(-1108, `Parameter '${name}' overflowed.`);
    return parsed;
  }

  /** A whole number ≥ 0. */
  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === null) throw mandatoryMissing(name);
    return value;
  }

  /** A point in time, sent in milliseconds or, as the size shows, in microseconds. */
  optionalTimeUs(name: string): TimestampUs | null {
    const value = this.optionalInteger(name);
    if (value === null) return null;
    return value >= MICROSECONDS_FROM ? timestampUs(value) : usFromMs(value);
  }

  /** Above the most, the most is given, as Binance does. */
  limit(byDefault: number, most: number): number {
    const value = this.optionalInteger('limit');
    if (value === 0) throw new BinanceError(-1130, "Data sent for parameter 'limit' is not valid.");
    return Math.min(value ?? byDefault, most);
  }

  /** One of a few words, or null where it was not sent; else `refusal`, by default Binance's −1130. */
  optionalChoice<T extends string>(
    name: string,
    choices: readonly T[],
    refusal: BinanceError = new BinanceError(-1130, `Data sent for parameter '${name}' is not valid.`),
  ): T | null {
    const value = this.#take(name);
    if (value === null) return null;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw refusal;
  }

  /** `true` or `false`, in any case; null where it was not sent. */
  optionalFlag(name: string): boolean | null {
    const value = this.#take(name)?.toLowerCase() ?? null;
    if (value === null || value === 'true' || value === 'false') return value === null ? null : value === 'true';
    throw new BinanceError(-1130, `Data sent for parameter '${name}' is not valid.`);
  }

  finish(): void {
    if ([...this.#values.keys()].every((name) => this.#read.has(name))) return;
    const read = [...this.#read].filter((name) => this.#values.has(name)).length;
    throw new BinanceError(
      -1104,
      `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${this.#values.size}'.`,
    );
  }
}

/** The symbol, or Binance's −1121. */
export function findSymbol(symbols: readonly ExchangeSymbol[], id: InstrumentId): ExchangeSymbol {
  const found = symbols.find(({ instrument }) => instrument.id === id);
  if (found === undefined) throw new BinanceError(-1121, 'Invalid symbol.');
  return found;
}
