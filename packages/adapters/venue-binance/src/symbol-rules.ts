import { err, MS_PER_HOUR, ok, type InstrumentId, type Result } from '@monsta/core';
import type { SymbolRules } from '@monsta/matching';
import type { Timer } from '@monsta/ports';
import type { BinanceConnection } from './connection.ts';
import { MarketRest } from './market-rest.ts';

export interface BinanceSymbolRulesOptions {
  readonly connection: BinanceConnection;
  readonly symbols: readonly InstrumentId[];
}

/** The trading rules of the symbols that an account trades, as the venue lists them. */
export interface BinanceSymbolRules {
  /** Null for a symbol that is not among them. */
  rulesOf(symbol: InstrumentId): SymbolRules | null;
  /** Reads them again soon. */
  doubt(): void;
  stop(): void;
}

const REFRESH_MS = MS_PER_HOUR;
const DOUBTED_MS = 30_000;

class SymbolRulesBook implements BinanceSymbolRules {
  readonly #options: BinanceSymbolRulesOptions;
  readonly #stop = new AbortController();
  readonly #rest: MarketRest;
  #rules: ReadonlyMap<InstrumentId, SymbolRules> = new Map();
  #timer: Timer | null = null;
  #readMs = Number.NEGATIVE_INFINITY;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(options: BinanceSymbolRulesOptions) {
    this.#options = options;
    this.#rest = new MarketRest(options.connection, this.#stop.signal);
  }

  rulesOf(symbol: InstrumentId): SymbolRules | null {
    return this.#rules.get(symbol) ?? null;
  }

  /** Every symbol must be listed and readable. */
  async load(): Promise<Result<null>> {
    const { symbols } = this.#options;
    const listing = await this.#rest.listingOf(symbols);
    if (!listing.ok) return listing;
    const found = new Map([...listing.value.symbols].map(([id, { rules }]) => [id, rules]));
    const missing = symbols.filter((id) => !found.has(id));
    if (missing.length > 0) return err('instrument_unknown', `the venue’s rules of ${missing.join(', ')} can't be had`);
    this.#rules = found;
    this.#schedule(REFRESH_MS);
    return ok(null);
  }

  doubt(): void {
    const { clock } = this.#options.connection;
    const delayMs = Math.max(0, this.#readMs + DOUBTED_MS - clock.monotonicMs());
    if (this.#dueMs > clock.monotonicMs() + delayMs) this.#schedule(delayMs);
  }

  stop(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  #schedule(delayMs: number): void {
    const { clock } = this.#options.connection;
    this.#timer?.cancel();
    if (this.#stop.signal.aborted) return;
    this.#dueMs = clock.monotonicMs() + delayMs;
    this.#timer = clock.setTimer(delayMs, () => void this.#refresh());
  }

  /** What can't be read, or is listed no more, stays as it was. */
  async #refresh(): Promise<void> {
    const { clock, logger } = this.#options.connection;
    this.#readMs = clock.monotonicMs();
    const listing = await this.#rest.listingOf(this.#options.symbols);
    this.#schedule(REFRESH_MS);
    if (!listing.ok) {
      const { code, message } = listing.fault;
      logger.warn('the rules of the traded symbols can not be read again yet', { code, reason: message });
      this.#schedule(DOUBTED_MS);
      return;
    }
    const rules = new Map(this.#rules);
    for (const [id, { rules: now }] of listing.value.symbols) rules.set(id, now);
    this.#rules = rules;
  }
}

/** Reads the rules, and goes on reading them. Faults: `instrument_unknown`, and those of the market data. */
export async function openBinanceSymbolRules(options: BinanceSymbolRulesOptions): Promise<Result<BinanceSymbolRules>> {
  const book = new SymbolRulesBook(options);
  const loaded = await book.load();
  return loaded.ok ? ok(book) : loaded;
}
