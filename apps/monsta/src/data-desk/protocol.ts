import type { DataDescription } from '@monsta/contracts';
import type { Fault, Interval } from '@monsta/core';
import type { CatalogConfig } from '../config/catalog.ts';

/** Which bars are to be described, and how. */
export interface DescribedBars {
  /** The whole name of a market. */
  readonly market: string;
  readonly instrument: string;
  readonly interval: Interval;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly lags: number;
}

export interface DescriptionThreadData extends DescribedBars {
  readonly dataDir: string;
  readonly catalog: CatalogConfig;
}

export type FromDescriptionThread =
  | { readonly kind: 'done'; readonly description: DataDescription }
  | { readonly kind: 'failed'; readonly fault: Fault };
