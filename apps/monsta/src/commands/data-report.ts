import type { Fault, Interval } from '@monsta/core';
import type { BarSurvey, FileNotice, RowFaults, Understood } from '@monsta/data-files';
import type { BarComparison, BarQuality, TradeQuality, WitnessedGap } from '@monsta/market-data';

/** The quality of bars, gaps held against what else the catalogue has of their time. */
export interface WitnessedQuality extends Omit<BarQuality, 'gaps'> {
  readonly gaps: {
    readonly count: number;
    readonly missing: number;
    /** Gaps that others have too, and none denies: as an outage of the exchange leaves them. */
    readonly missingToo: number;
    /** Gaps in which others have bars: these were lost on the way. */
    readonly presentElsewhere: number;
    /** The longest. */
    readonly examples: readonly WitnessedGap[];
  };
}

/** What a file of bars is, alone and beside the catalogue. */
export interface FileReport extends Pick<BarSurvey, 'faults' | 'notices' | 'clockSetBack' | 'offsetMinutes'> {
  readonly kind: 'bars';
  readonly file: string;
  readonly instrument: string;
  readonly interval: Interval;
  readonly tick: string;
  readonly understood: Understood;
  readonly quality: WitnessedQuality;
  /** Bars that both have; null where the catalogue has none of that time. */
  readonly overlap: BarComparison | null;
}

/** What a file of trades is, alone and beside the catalogue. */
export interface TradeFileReport {
  readonly kind: 'trades';
  readonly file: string;
  readonly instrument: string;
  readonly tick: string;
  readonly lot: string;
  readonly understood: Understood;
  readonly faults: readonly RowFaults[];
  readonly notices: readonly FileNotice[];
  readonly quality: TradeQuality;
  /** Trades that both have; null where the catalogue has none with such ids at that time. */
  readonly overlap: {
    readonly same: number;
    readonly disagreeing: number;
    readonly examples: readonly number[];
  } | null;
}

/** What is in the catalogue of one instrument and interval, or of its trades; `fault` where it can't be read. */
export type StoredReport = { readonly instrument: string; readonly fault: Pick<Fault, 'code' | 'message'> | null } & (
  | { readonly kind: 'bars'; readonly interval: Interval; readonly quality: WitnessedQuality | null }
  | { readonly kind: 'trades'; readonly quality: TradeQuality | null }
);
