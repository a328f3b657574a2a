import type { ExchangeRules, SymbolRules } from './symbol-rules.ts';
import type { OrderTerms } from './vocabulary.ts';

export type Place = 'held' | 'waiting' | 'due' | 'taking' | 'book' | 'gone';

export interface NaiveOrder {
  readonly account: string;
  readonly terms: OrderTerms;
  readonly createdUs: number;
  id: number;
  name: string;
  quantity: number;
  executed: number;
  prevented: number;
  quote: bigint;
  status: string;
  place: Place;
  /** Its turn in the queue of its price. */
  rank: number;
  shown: number;
  /** When it began to wait. */
  armed: number;
  followed: number | null;
  list: NaiveList | null;
  amends: number;
  /** The last price when a market buy's stop was funded. */
  fundedAt: number;
}

export interface NaiveList {
  readonly id: number;
  readonly name: string;
  readonly account: string;
  readonly working: NaiveOrder | null;
  readonly legs: readonly NaiveOrder[];
  paired: boolean;
  done: boolean;
}

export interface NaiveSetting {
  readonly rules: SymbolRules;
  readonly exchangeRules: ExchangeRules;
  readonly openingPrice: number | null;
  readonly makerPpm: bigint;
  readonly takerPpm: bigint;
  /** Each account's trade group and whether it pays fees in the discount asset. */
  readonly accounts: ReadonlyMap<string, { readonly group: number | null; readonly discount: boolean }>;
  readonly discount: {
    readonly asset: string;
    readonly payPpm: bigint;
    readonly inBase: bigint;
    readonly inQuote: bigint;
  };
}

/** What a report says beyond the order's state. */
export interface More {
  readonly reason?: string;
  readonly original?: string;
  readonly name?: string;
  readonly about?: string;
}
