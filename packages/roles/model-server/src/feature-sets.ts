import type { Interval, Result } from '@monsta/core';
import {
  CORE_SET,
  datasetSteps,
  FeatureStream,
  STANDARD_SET,
  type BarColumns,
  type Dataset,
  type FeatureSet,
  type MissingPolicy,
} from '@monsta/features';
import { toleratesMissing } from './executors.ts';

/** The features that a model is trained on and asked by: another `hash` is another set, whose models this one can not read. */
export interface ServedFeatures {
  readonly id: string;
  readonly hash: string;
  /** Contiguous bars that a row needs. */
  readonly lookbackBars: number;
  stream(interval: Interval): FeatureStream;
  datasetSteps(columns: BarColumns, horizonBars: number): Generator<void, Result<Dataset>>;
}

const served = (set: FeatureSet, missing: MissingPolicy): ServedFeatures => ({
  id: set.id,
  hash: set.hash,
  lookbackBars: set.warmUpBars,
  stream: (interval) => new FeatureStream(interval, { set, missing }),
  datasetSteps: (columns, horizonBars) => datasetSteps(columns, horizonBars, { set, missing }),
});

const CORE = served(CORE_SET, 'drop');
const STANDARD = served(STANDARD_SET, 'keep');

/** The set that an executor learns from: the small one where rows must be complete, the larger one where values may be missing. */
export const featuresOf = (executor: string): ServedFeatures => (toleratesMissing(executor) ? STANDARD : CORE);
