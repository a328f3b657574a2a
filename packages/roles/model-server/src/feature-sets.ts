import { err, instrumentId, ok, type InstrumentId, type Interval, type Result } from '@monsta/core';
import {
  CORE_SET,
  datasetSteps,
  FEATURE_SETS,
  featureSet,
  FeatureStream,
  STANDARD_SET,
  type BarColumns,
  type Dataset,
  type FeatureSetDeclaration,
  type OtherBars,
} from '@monsta/features';
import { toleratesMissing } from './executor-kinds.ts';

/** The features that a model is trained on and asked by: another `hash` is another set, whose models this one can not read. */
export interface ServedFeatures {
  readonly id: string;
  readonly hash: string;
  /** Contiguous bars that a row needs. */
  readonly lookbackBars: number;
  /** Instruments whose bars of the same times are read beside those of the line. */
  readonly others: readonly InstrumentId[];
  /** Plain data, so that it crosses threads. */
  readonly declaration: FeatureSetDeclaration;
  stream(interval: Interval): FeatureStream;
  datasetSteps(columns: BarColumns, horizonBars: number, others: OtherBars): Generator<void, Result<Dataset>>;
}

/** Sets that do not ship, by the text that `models.executors[].feature_set` names them by. */
export type DeclaredSets = Readonly<Record<string, FeatureSetDeclaration>>;

/** A set as an executor reads it: rows are complete where it needs them to be. Faults: those of `featureSet`. */
export function servedFeatures(executor: string, declaration: FeatureSetDeclaration): Result<ServedFeatures> {
  const made = featureSet(declaration);
  if (!made.ok) return made;
  const set = made.value;
  const missing = toleratesMissing(executor) ? 'keep' : 'drop';
  return ok({
    id: set.id,
    hash: set.hash,
    lookbackBars: set.warmUpBars,
    others: set.others.map(instrumentId),
    declaration,
    stream: (interval) => new FeatureStream(interval, { set, missing }),
    datasetSteps: (columns, horizonBars, others) => datasetSteps(columns, horizonBars, { set, missing, others }),
  });
}

/** What an executor learns from: the set that the configuration names, else the small one where rows must be complete and the larger one where values may be missing. Fault: `feature_set_unknown`. */
export function chosenFeatures(
  { name, featureSet: chosen }: { readonly name: string; readonly featureSet: string | null },
  declared: DeclaredSets,
): Result<ServedFeatures> {
  if (chosen === null) return servedFeatures(name, (toleratesMissing(name) ? STANDARD_SET : CORE_SET).declaration);
  const declaration = FEATURE_SETS.get(chosen)?.declaration ?? declared[chosen];
  return declaration === undefined
    ? err(
        'feature_set_unknown',
        `models.executors: ${name} names the feature set '${chosen}', which was not declared; there are: ${[...FEATURE_SETS.keys(), ...Object.keys(declared)].join(', ')}`,
      )
    : servedFeatures(name, declaration);
}
