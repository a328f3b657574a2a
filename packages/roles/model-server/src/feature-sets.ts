import type { Interval, Result } from '@monsta/core';
import { CORE_SET, datasetSteps, FeatureStream, type BarColumns, type Dataset } from '@monsta/features';

/** The features that a model is trained on and asked by: another `hash` is another set, whose models this one can not read. */
export interface ServedFeatures {
  readonly id: string;
  readonly hash: string;
  /** Contiguous bars that a row needs. */
  readonly lookbackBars: number;
  stream(interval: Interval): FeatureStream;
  datasetSteps(columns: BarColumns, horizonBars: number): Generator<void, Result<Dataset>>;
}

const CORE: ServedFeatures = {
  id: CORE_SET.id,
  hash: CORE_SET.hash,
  lookbackBars: CORE_SET.warmUpBars,
  stream: (interval) => new FeatureStream(interval),
  datasetSteps,
};

/** The set that an executor learns from. */
export const featuresOf = (_executor: string): ServedFeatures => CORE;
