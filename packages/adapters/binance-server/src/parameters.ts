import { instrumentId, parseInterval, type InstrumentId, type Interval } from '@monsta/core';
import type { ExchangeSymbol } from './exchange-model.ts';

/** Binance's own way to say no: HTTP status, code, text. */
export class BinanceError extends Error {
  override readonly name = 'BinanceError';
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const SYMBOL_RANGE = '^[A-Z0-9-_.]{1,20}$';
const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;
const SYMBOLS_RANGE = '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$';
const SYMBOLS = /^\[("[A-Z0-9\-_.]{1,20}"(,"[A-Z0-9\-_.]{1,20}")*)?\]$/;
const NUMBER_RANGE = '^[0-9]{1,20}$';
const NUMBER = /^[0-9]{1,20}$/;

/** The query of one request. Every parameter must be read before `finish`, or Binance's −1104 is thrown. */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #read = new Set<string>();

  constructor(rawQuery: string) {
    for (const [name, value] of new URLSearchParams(rawQuery)) {
      if (this.#values.has(name)) throw new BinanceError(-1101, 'Duplicate values for a parameter detected.');
      this.#values.set(name, value);
    }
  }

  #take(name: string): string | null {
    this.#read.add(name);
    const value = this.#values.get(name);
    if (value === undefined) return null;
    if (value === '') throw new BinanceError(-1105, `Parameter '${name}' was empty.`);
    return value;
  }

  #mandatory(name: string): string {
    const value = this.#take(name);
    if (value !== null) return value;
    throw new BinanceError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value as it was sent, without any check: for weights, which are charged before the request is understood. */
  peek(name: string): string | undefined {
    return this.#values.get(name);
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
    throw new BinanceError(-1100, `Illegal characters found in parameter 'symbol'; legal range is '${SYMBOL_RANGE}'.`);
  }

  /** `symbols=["BTCUSDT","ETHUSDT"]`. */
  optionalSymbols(): readonly InstrumentId[] | null {
    const value = this.#take('symbols');
    if (value === null) return null;
    if (!SYMBOLS.test(value)) {
      throw new BinanceError(
        -1100,
        `Illegal characters found in parameter 'symbols'; legal range is '${SYMBOLS_RANGE}'.`,
      );
    }
    return [...value.matchAll(/"([^"]+)"/g)].map((match) => instrumentId(match[1] ?? ''));
  }

  interval(): Interval {
    const parsed = parseInterval(this.#mandatory('interval'));
    if (parsed.ok) return parsed.value;
    throw new BinanceError(-1120, 'Invalid interval.');
  }

  /** A whole number ≥ 0, or null where it was not sent. */
  optionalInteger(name: string): number | null {
    const value = this.#take(name);
    if (value === null) return null;
    if (!NUMBER.test(value)) {
      throw new BinanceError(
        -1100,
        `Illegal characters found in parameter '${name}'; legal range is '${NUMBER_RANGE}'.`,
      );
    }
    const parsed = Number(value);
    if (!Number.isSafeInteger(parsed)) throw new BinanceError(-1108, `Parameter '${name}' overflowed.`);
    return parsed;
  }

  /** Above the most, the most is given, as Binance does. */
  limit(byDefault: number, most: number): number {
    const value = this.optionalInteger('limit');
    if (value === 0) throw new BinanceError(-1130, "Data sent for parameter 'limit' is not valid.");
    return Math.min(value ?? byDefault, most);
  }

  /** One of a few words, or null where it was not sent. */
  optionalChoice<T extends string>(name: string, choices: readonly T[]): T | null {
    const value = this.#take(name);
    if (value === null) return null;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
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
