import type { BarSeries, InstrumentId, InstrumentTerms, Interval, Result, TradeSeries } from '@monsta/core';

export interface StoredTradeQuery {
  /** The steps in which prices and quantities are wanted. */
  readonly instrument: InstrumentTerms;
  /** From this time on, and before `toMs`; null: all. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
}

/** Bars that open from `fromMs` on and before `toMs`. */
export interface StoredBarQuery extends StoredTradeQuery {
  readonly interval: Interval;
  /** With what is stored of flow, too. */
  readonly flow?: boolean;
}

/** What an append did: how many rows are new, or say what was not known of them; how many were there already, all the same. */
export interface AppendOutcome {
  readonly added: number;
  readonly known: number;
}

/** What a catalogue holds of one instrument. */
export interface CatalogEntry {
  readonly kind: 'bars' | 'trades';
  readonly instrument: InstrumentId;
  /** Null for trades. */
  readonly interval: Interval | null;
  readonly rows: number;
  /** Open time of the first and last bar, ms; of trades the first and last id. */
  readonly first: number;
  readonly last: number;
  readonly files: number;
  readonly bytes: number;
}

/** Which bars are there and which are missing between the first and the last. */
export interface BarCoverage {
  readonly rows: number;
  /** Null where there is none. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly missing: number;
  /** Open times of the bars before and after each gap, the oldest first. */
  readonly gaps: readonly { readonly beforeMs: number; readonly afterMs: number }[];
}

/** What is stored of the trades of one UTC day. */
export interface StoredTradeDay {
  readonly dayMs: number;
  readonly firstId: number;
  readonly lastId: number;
  /** Never fewer than there are; more only for the moment in which a row is in two files. */
  readonly rows: number;
}

/** Of which table rows are too old, and from when on they are kept. */
export interface PruneRequest {
  readonly kind: CatalogEntry['kind'];
  readonly instrument: InstrumentId;
  readonly interval: Interval | null;
  /** Rounded down to the beginning of its UTC day. */
  readonly beforeMs: number;
  /** Only counts. */
  readonly dryRun?: boolean;
}

/** What was removed. */
export interface PruneOutcome {
  readonly rows: number;
  /** Files that are gone, and their size. */
  readonly files: number;
  readonly bytes: number;
  /** Files of which the beginning is gone. */
  readonly rewritten: number;
}

/**
 * Bars and trades of the past by instrument and time. An append is there wholly or not at all, also after a crash; it may overlap with what is there if it says the same. Readers and several
 * writers may work at once, also from several processes: a reader sees what was whole when it began.
 *
 * Faults: `catalog_unavailable` (retryable: the store can't be reached), `catalog_damaged` (a file, and what is wrong with it), `catalog_conflict` (two writers stored different rows for the
 * same key), `catalog_off_tick` (what is stored lies between two of the steps asked for).
 */
export interface Catalog {
  bars(query: StoredBarQuery): Promise<Result<BarSeries>>;
  trades(query: StoredTradeQuery): Promise<Result<TradeSeries>>;
  /** Faults too: `catalog_disagrees` (rows that are there say otherwise: how many, and the first; nothing is stored), `catalog_refused` (disorder, or steps finer than can be stored). */
  appendBars(series: BarSeries): Promise<Result<AppendOutcome>>;
  appendTrades(series: TradeSeries): Promise<Result<AppendOutcome>>;
  /** By kind, instrument and interval. */
  list(): Promise<Result<readonly CatalogEntry[]>>;
  coverage(instrument: InstrumentId, interval: Interval): Promise<Result<BarCoverage>>;
  /** Days of which trades are stored, the oldest first; costs no reading of them. */
  tradeDays(instrument: InstrumentId): Promise<Result<readonly StoredTradeDay[]>>;
  /**
   * Tidies up what is of months (of trades: days) that ended by a time, null: everything. Afterwards that depends, byte for byte, on the rows alone, and not on how they came. Readers and writers may be at work.
   */
  compact(endedByMs: number | null): Promise<Result<null>>;
  /** Removes rows before a day. Whoever is reading them gets them, or those that are left. */
  prune(request: PruneRequest): Promise<Result<PruneOutcome>>;
  /** Lets go of what it holds; appends that were begun are finished first. */
  close(): Promise<void>;
}
