import type { Fault, Interval } from '@monsta/core';
import type { BarSurvey } from '@monsta/data-files';
import type { BarComparison, BarQuality } from '@monsta/market-data';

/** What a file of bars is, alone and beside the catalogue. */
export interface FileReport {
  readonly file: string;
  readonly instrument: string;
  readonly interval: Interval;
  readonly tick: string;
  readonly quality: BarQuality;
  readonly faults: BarSurvey['faults'];
  readonly clockSetBack: readonly number[];
  /** Bars that both have; null where the catalogue has none of that time. */
  readonly overlap: BarComparison | null;
}

/** What is in the catalogue of one instrument and interval; `fault` where it can't be read. */
export interface StoredReport {
  readonly instrument: string;
  readonly interval: Interval;
  readonly quality: BarQuality | null;
  readonly fault: Pick<Fault, 'code' | 'message'> | null;
}
