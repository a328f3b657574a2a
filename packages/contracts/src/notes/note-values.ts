import type { BacktestSpec } from '../backtests.ts';
import type { OptimizationSpec } from '../optimizations.ts';

type Fills = BacktestSpec['fills'];
type Nothing = Readonly<Record<never, never>>;

/** How large an order is: the kinds of a specification, and the most of equity that one may be worth. */
export type SizingTold = BacktestSpec['sizing'] & { readonly equityShare: number };

/**
 * What each note of a result is about, by its code. A result is kept for years and told again in any language: whoever changes what a note has gives it a new code. Times are UTC milliseconds,
 * shares are of 1, amounts are decimal texts.
 */
export interface NoteValues {
  /** The bars of an instrument. */
  readonly 'data-bars': {
    readonly instrument: string;
    readonly bars: number;
    readonly interval: string | null;
    readonly startMs: number;
    readonly endMs: number;
    readonly gaps: number;
    readonly missingBars: number;
    readonly emptyBars: number;
    readonly gapRule: Fills['gaps'];
  };
  /** `before`: bars before the beginning, which are used for that alone; null: there is no beginning but the first bar's. */
  readonly 'warm-up': {
    readonly bars: number;
    readonly interval: string;
    readonly before: { readonly fromMs: number; readonly bars: number } | null;
  };
  readonly 'fills-bars': Pick<Fills, 'acts' | 'limits' | 'volumeShare'>;
  readonly 'path-unknown': { readonly interval: string };
  readonly 'path-finer': { readonly interval: string };
  readonly fees: Pick<BacktestSpec['costs'], 'makerFeeBps' | 'takerFeeBps' | 'feesFrom'> & { readonly quote: string };
  readonly 'fees-on-entries': NoteValues['fees'];
  readonly commission: Pick<BacktestSpec['costs'], 'feePerOrder' | 'feePerUnit' | 'feeMinimum'> & {
    readonly quote: string;
  };
  readonly slippage: { readonly slippage: BacktestSpec['costs']['slippage']; readonly data: 'bars' | 'ticks' };
  readonly sizing: {
    readonly cash: string;
    readonly quote: string;
    readonly sizing: SizingTold;
    readonly from: 'fill' | 'close' | 'trade';
    readonly rebalanceBand: number;
  };
  readonly terms: {
    readonly instrument: string;
    readonly tick: string;
    /** Where the tick is from. */
    readonly tickFrom: 'data' | 'given';
    readonly lot: string;
    readonly notionalMin: string;
  };
  readonly 'long-only': Nothing;
  readonly shorts: { readonly initialMargin: number };
  readonly limits: Pick<BacktestSpec, 'limits'>;
  readonly year: Pick<BacktestSpec, 'yearDays'>;
  /** Of an optimisation: what becomes of what is open where the bars end that parameters are chosen on. */
  readonly 'end-of-training': Pick<Fills, 'endOfData'>;
  readonly end: Pick<Fills, 'endOfData'> & { readonly data: 'bars' | 'ticks' };
  readonly 'bars-off-grid': { readonly instrument: string; readonly interval: string; readonly minutes: number };
  readonly 'bars-cannot-tell': { readonly instruments: number; readonly days: boolean };

  readonly 'data-ticks': {
    readonly instrument: string;
    readonly trades: number;
    readonly quotes: number;
    readonly bookChanges: number;
    readonly startMs: number;
    readonly endMs: number;
  };
  readonly 'bars-from-trades': Nothing;
  readonly 'fills-ticks': Pick<Fills, 'queue'> & { readonly offers: 'quotes' | 'depth' | 'both' | 'trades' };
  readonly latency: Pick<BacktestSpec, 'latency'>;
  readonly 'ticks-cannot-tell': { readonly pointMs: number };

  readonly search: Pick<OptimizationSpec, 'sampler' | 'trials' | 'seed' | 'ahead'> & {
    readonly parameters: readonly string[];
    /** Null: without end. */
    readonly points: number | null;
    readonly direction: 'max' | 'min';
    readonly objective: string;
  };
  readonly 'walk-forward': {
    readonly windows: number;
    readonly train: { readonly fromMs: number; readonly toMs: number };
    readonly tests: { readonly fromMs: number; readonly toMs: number };
  };
  readonly 'no-walk-forward': Nothing;
  readonly 'early-stopping': { readonly kind: 'median' | 'halving' };

  readonly 'strategy-failed': {
    readonly strategyId: string;
    readonly message: string;
    readonly file: string | null;
    readonly line: number | null;
  };
  readonly 'account-worthless': Nothing;
  readonly 'looks-ahead': Nothing;
  readonly 'nothing-traded': Nothing;
  /** `enough`: from how many on statistics say something. */
  readonly 'few-trades': { readonly closed: number; readonly enough: number };
  readonly 'trades-open': { readonly open: number };
  /** Orders by the rule that refused them. */
  readonly denied: { readonly rules: Readonly<Record<string, number>> };
  /** Purchases that found no cash, of several instruments that are sized when they are decided. */
  readonly 'cash-shared': { readonly denied: number; readonly instruments: number };
  readonly 'bars-missing': {
    readonly instrument: string;
    readonly bars: number;
    readonly missingBars: number;
    readonly gaps: number;
  };

  readonly 'not-tested': Nothing;
  readonly 'trials-failed': { readonly failed: number; readonly run: number; readonly first: string | null };
  readonly 'windows-without-choice': { readonly without: number; readonly windows: number };
  readonly 'tests-failed': { readonly tests: number; readonly first: string };
  readonly 'few-trades-tested': { readonly closed: number };
  readonly 'earned-nothing': Nothing;
  readonly 'below-holding': Nothing;
  readonly overfitted: { readonly probability: number };
  readonly 'on-a-peak': { readonly stability: number };
  readonly 'at-range-end': { readonly parameters: readonly string[] };
}

export type NoteCode = keyof NoteValues;

/** What each note says in one language. */
export type NoteTexts = { readonly [C in NoteCode]: (values: NoteValues[C]) => string };
