import { err, ok, type Result } from '@monsta/core';
import {
  decodePipeline,
  fitPipeline,
  pipelineRow,
  trainingRows,
  type FittedPipeline,
  type StepDeclaration,
  applyPipeline,
} from '@monsta/features';
import type { Executor, ReturnExecutor, ReturnTrainingData, RowRange, TrainingData } from './executor.ts';

/** A model, and what the rows go through before it sees them. */
export interface Preprocessed<Model> {
  readonly pipeline: FittedPipeline;
  readonly inner: Model;
}

/**
 * The executor behind a pipeline that is fitted, as the executor itself, on the rows of its range alone: inside the fold, wherever a fold is scored. Rows that the pipeline calls outliers are not
 * learnt from; none that is asked is refused. Faults: those of `fitPipeline`, and the executor's own.
 */
export function preprocessedExecutor<Model>(
  inner: Executor<Model>,
  steps: readonly StepDeclaration[],
): Executor<Preprocessed<Model>> {
  const rowOf = rows<Model>();
  return {
    ...shared(inner, steps),
    *fitSteps(data, range, progress) {
      const made = prepared(data, range, steps);
      return made.ok
        ? yield* fitting(made.value.pipeline, inner.fitSteps(made.value.data, made.value.range, progress))
        : made;
    },
    probabilityUp: (model, features, offset) => inner.probabilityUp(model.inner, rowOf(model, features, offset), 0),
  };
}

/** The same for an executor of log returns. */
export function preprocessedReturnExecutor<Model>(
  inner: ReturnExecutor<Model>,
  steps: readonly StepDeclaration[],
): ReturnExecutor<Preprocessed<Model>> {
  const rowOf = rows<Model>();
  return {
    ...shared(inner, steps),
    *fitSteps(data, range, progress) {
      const made = prepared(data, range, steps);
      if (!made.ok) return made;
      const logReturn = Float64Array.from(made.value.kept, (row) => data.logReturn[row] ?? Number.NaN);
      const rowsWithReturns: ReturnTrainingData = { ...made.value.data, logReturn };
      return yield* fitting(made.value.pipeline, inner.fitSteps(rowsWithReturns, made.value.range, progress));
    },
    expectedReturn: (model, features, offset) => inner.expectedReturn(model.inner, rowOf(model, features, offset), 0),
  };
}

interface Inner<Model> {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly acceptsMissing: boolean;
  encode(model: Model): unknown;
  decode(value: unknown): Result<Model>;
}

const shared = <Model>(inner: Inner<Model>, steps: readonly StepDeclaration[]) => ({
  name: inner.name,
  parameters: { ...inner.parameters, preprocessing: steps },
  // No step fills in what is missing.
  acceptsMissing: inner.acceptsMissing,
  encode: ({ pipeline, inner: model }: Preprocessed<Model>): unknown => ({ pipeline, inner: inner.encode(model) }),
  decode: (value: unknown): Result<Preprocessed<Model>> => {
    if (typeof value !== 'object' || value === null || !('pipeline' in value) || !('inner' in value))
      return err('model_malformed', 'a model behind a pipeline has the parts `pipeline` and `inner`');
    const pipeline = decodePipeline(value.pipeline);
    if (!pipeline.ok) return err('model_malformed', pipeline.fault.message);
    const model = inner.decode(value.inner);
    return model.ok ? ok({ pipeline: pipeline.value, inner: model.value }) : model;
  },
});

function* fitting<Model>(
  pipeline: FittedPipeline,
  steps: Generator<void, Result<Model>>,
): Generator<void, Result<Preprocessed<Model>>> {
  const fitted = yield* steps;
  return fitted.ok ? ok({ pipeline, inner: fitted.value }) : fitted;
}

interface Prepared {
  readonly pipeline: FittedPipeline;
  readonly data: TrainingData;
  readonly range: RowRange;
  /** Which rows of the data were kept. */
  readonly kept: Int32Array;
}

/** The rows of the range as the executor is to see them, and no others. */
function prepared(data: TrainingData, range: RowRange, steps: readonly StepDeclaration[]): Result<Prepared> {
  const table = { ...data, names: data.featureNames };
  const pipeline = fitPipeline(steps, table, range);
  if (!pipeline.ok) return pipeline;
  const kept = trainingRows(pipeline.value, table, range);
  const features = new Float64Array(kept.length * data.width);
  for (const [place, row] of kept.entries())
    features.set(data.features.subarray(row * data.width, (row + 1) * data.width), place * data.width);
  const changed = applyPipeline(pipeline.value, {
    names: data.featureNames,
    rows: kept.length,
    width: data.width,
    features,
  });
  if (!changed.ok) return changed;
  const { names, width } = changed.value;
  return ok({
    pipeline: pipeline.value,
    data: {
      featureNames: names,
      rows: kept.length,
      width,
      features: changed.value.features,
      up: Uint8Array.from(kept, (row) => data.up[row] ?? 0),
    },
    range: { from: 0, to: kept.length },
    kept,
  });
}

/** What a model's pipeline makes of a row, in memory that is used again. */
function rows<Model>(): (model: Preprocessed<Model>, features: Float64Array, offset: number) => Float64Array {
  const known = new WeakMap<
    FittedPipeline,
    { readonly change: ReturnType<typeof pipelineRow>; readonly row: Float64Array }
  >();
  return ({ pipeline }, features, offset) => {
    let made = known.get(pipeline);
    if (made === undefined) {
      made = { change: pipelineRow(pipeline), row: new Float64Array(pipeline.outputs.length) };
      known.set(pipeline, made);
    }
    made.change(features, offset, made.row, 0);
    return made.row;
  };
}
