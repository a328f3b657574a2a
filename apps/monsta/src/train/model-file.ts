import { resolve } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { readDataFile } from '@monsta/data-files';
import { encodeTreeModel, readTreeModel, writeLightgbmText, writeXgboostJson, type TreeEnsemble } from '@monsta/models';
import { writeFileWhole } from '../runtime/atomic-file.ts';

/** Forms of a model's file: MONSTA's own, XGBoost's JSON, LightGBM's text. */
export const MODEL_FORMATS = ['monsta', 'xgboost', 'lightgbm'] as const;
export type ModelFormat = (typeof MODEL_FORMATS)[number];

const WRITERS: Readonly<Record<ModelFormat, (model: TreeEnsemble) => Result<string>>> = {
  monsta: (model) => ok(`${JSON.stringify(encodeTreeModel(model))}\n`),
  xgboost: writeXgboostJson,
  lightgbm: writeLightgbmText,
};

/** Faults: those of the form's writer; `model_too_large`. */
function textOf(model: TreeEnsemble, format: ModelFormat): Result<string> {
  try {
    return WRITERS[format](model);
  } catch (thrown) {
    // A text of more than half a billion characters can't be made.
    if (!(thrown instanceof RangeError)) throw thrown;
    return err(
      'model_too_large',
      `a model of ${model.roots.length} trees with ${model.feature.length} nodes is too large for a file: grow fewer trees, or bound their depth or their leaves`,
    );
  }
}

/** Writes a model whole, or leaves the file as it was. Faults: those of the form's writer; `model_too_large`, `model_unwritable`. */
export function writeModel(model: TreeEnsemble, format: ModelFormat, path: string): Result<null> {
  const text = textOf(model, format);
  if (!text.ok) return text;
  try {
    writeFileWhole(path, text.value);
    return ok(null);
  } catch (thrown) {
    return err(
      'model_unwritable',
      `${path} can't be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

/** Reads a model of any of the forms. Faults: `model_missing`, `model_unreadable`, `model_empty`; those of `readTreeModel`, with the file. */
export async function readModel(path: string): Promise<Result<TreeEnsemble>> {
  const bytes = await readDataFile(resolve(path), 'model');
  if (!bytes.ok) return bytes;
  const model = readTreeModel(bytes.value);
  if (model.ok) return model;
  return err(model.fault.code, `${resolve(path)}: ${model.fault.message}`);
}
