import { modelScoreSchema } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { z } from 'zod';
import { openExecutor } from './executors.ts';
import type { ServedFeatures } from './feature-sets.ts';
import { keptText, readKeptText } from './kept-text.ts';
import type { TrainedModel } from './trained-model.ts';

const FORM = 'monsta.model 1';

const finite = z.number();
const count = z.number().int().min(0);

const documentSchema = z.strictObject({
  executor: z.strictObject({ name: z.string(), parameters: z.record(z.string(), z.unknown()) }),
  features: z.strictObject({ id: z.string(), hash: z.string() }),
  model: z.unknown(),
  calibration: z.strictObject({ slope: z.number().positive(), intercept: finite, rows: count }).nullable(),
  score: modelScoreSchema,
  hasVote: z.boolean(),
  bars: count,
  rows: count,
  oldestOpenMs: count,
  trainedToMs: count,
  forecasts: z.strictObject({ closeMs: z.array(count), probabilityUp: z.array(z.number().min(0).max(1)) }),
});

/** The model as a text that keeps every bit. Fault: `parameters_invalid` and the like of its executor. */
export function encodeModel(trained: TrainedModel): Result<string> {
  const opened = openExecutor(trained.executor);
  if (!opened.ok) return opened;
  const { forecasts } = trained;
  const document = {
    ...trained,
    model: opened.value.encode(trained.model),
    forecasts: { closeMs: [...forecasts.closeMs], probabilityUp: [...forecasts.probabilityUp] },
  };
  return ok(keptText(FORM, document));
}

/**
 * The inverse of `encodeModel`, for the features that the model's line has now.
 * Faults: `model_malformed`, `model_version_unknown`, `model_features` (it reads other features), and those of opening its executor.
 */
export function decodeModel(text: string, known: Pick<ServedFeatures, 'id' | 'hash'>): Result<TrainedModel> {
  const read = readKeptText(FORM, text);
  if (!read.ok) return read;
  const parsed = documentSchema.safeParse(read.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err('model_malformed', `${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'malformed'}`);
  }
  const { data } = parsed;
  const { forecasts, features } = data;
  if (forecasts.closeMs.length !== forecasts.probabilityUp.length)
    return err('model_malformed', 'forecasts: there must be a time for each probability');
  if (features.hash !== known.hash)
    return err(
      'model_features',
      features.id === known.id
        ? `it was trained on another version of the features '${features.id}' than this program has`
        : `it was trained on the features '${features.id}', and now '${known.id}' are used`,
    );
  const executor = openExecutor(data.executor);
  if (!executor.ok) return executor;
  const model = executor.value.decode(data.model);
  if (!model.ok) return model;
  return ok({
    ...data,
    model: model.value,
    forecasts: {
      closeMs: Float64Array.from(forecasts.closeMs),
      probabilityUp: Float64Array.from(forecasts.probabilityUp),
    },
  });
}
