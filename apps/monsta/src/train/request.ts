import { availableParallelism } from 'node:os';
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { readDataFile } from '@monsta/data-files';
import { forestParams, lightgbmParams, nearestName, xgboostParams } from '@monsta/models/parameters';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import { MODEL_FORMATS, type ModelFormat } from './model-file.ts';
import { TABLE_MODELS, type TableModel, type TableParams } from './protocol.ts';
import type { TableRoles } from './table.ts';

/** What `monsta train` was asked for. */
export interface TrainingRequest {
  readonly params: TableParams;
  readonly table: string;
  readonly roles: TableRoles;
  readonly valid: { readonly file: string } | { readonly share: number } | null;
  readonly threads: number;
  readonly out: string;
  readonly format: ModelFormat;
}

const THREADS_MAX = 256;

/** The names in a list such as `a,b`. */
export const namesIn = (text: string | null): readonly string[] =>
  text === null ? [] : text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));

const needed = (flags: FlagValues, name: string, what: string): Result<string> => {
  const text = textOf(flags, name);
  return text === null || text === '' ? err('flag_invalid', `--${name} is missing: ${what}`) : ok(text);
};

function oneOf<T extends string>(flag: string, given: string, known: readonly T[]): Result<T> {
  const found = known.find((each) => each === given);
  if (found !== undefined) return ok(found);
  return err(
    'flag_invalid',
    `--${flag} ${given}: did you mean ${nearestName(given, known)}? There are ${known.join(', ')}`,
  );
}

/** JSON of a file, or typed as it is. Faults `params_invalid`, those of `readDataFile`. */
async function paramsJson(text: string | null): Promise<Result<unknown>> {
  if (text === null) return ok({});
  const typed = text.trimStart().startsWith('{');
  const read = typed ? ok(Buffer.from(text)) : await readDataFile(resolve(text), 'params');
  if (!read.ok) return read;
  try {
    return ok(JSON.parse(read.value.toString('utf8')) as unknown);
  } catch (thrown) {
    const where = typed ? '--params' : text;
    return err('params_invalid', `${where} is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function paramsOf(model: TableModel, json: unknown): Result<TableParams> {
  if (model === 'random-forest') {
    const params = forestParams(json);
    return params.ok ? ok({ model, params: params.value }) : params;
  }
  const params = model === 'xgboost' ? xgboostParams(json) : lightgbmParams(json);
  return params.ok ? ok({ model, params: params.value }) : params;
}

function threadsOf(flags: FlagValues, wanted: number | null): Result<number> {
  const text = textOf(flags, 'threads');
  // Both libraries take 0 and below for all cores.
  if (text === null) return ok(wanted === null || wanted < 1 ? availableParallelism() : Math.min(THREADS_MAX, wanted));
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return count >= 1 && count <= THREADS_MAX
    ? ok(count)
    : err('flag_invalid', `--threads ${text}: a whole number from 1 to ${THREADS_MAX}`);
}

function validOf(flags: FlagValues): Result<TrainingRequest['valid']> {
  const [file, share] = [textOf(flags, 'valid'), textOf(flags, 'valid-share')];
  if (file !== null && share !== null) return err('flag_invalid', '--valid and --valid-share: give one of them');
  if (file !== null) return ok({ file: resolve(file) });
  if (share === null) return ok(null);
  const value = share === '' ? Number.NaN : Number(share);
  return value > 0 && value < 1
    ? ok({ share: value })
    : err('flag_invalid', `--valid-share ${share}: a share above 0 and below 1, e.g. 0.2`);
}

/** Where it may be written: known before hours of training, not after. */
function outOf(text: string): Result<string> {
  const path = resolve(text);
  const folder = dirname(path);
  if (!existsSync(folder)) return err('model_unwritable', `--out: there is no folder ${folder}; make it first`);
  if (existsSync(path) && !statSync(path).isFile()) return err('model_unwritable', `--out: ${path} is no file`);
  return ok(path);
}

/** XGBoost's and LightGBM's models go into their library's own file; LightGBM's into MONSTA's where the name says JSON. */
function formatOf(flags: FlagValues, model: TableModel, out: string): Result<ModelFormat> {
  const text = textOf(flags, 'format');
  if (text !== null) {
    const format = oneOf('format', text, MODEL_FORMATS);
    if (!format.ok || format.value === 'monsta' || format.value === model) return format;
    return err(
      'flag_invalid',
      `--format ${text}: a model of ${model} is written as monsta${model === 'random-forest' ? '' : ` or ${model}`}`,
    );
  }
  if (model === 'random-forest') return ok('monsta');
  if (model === 'lightgbm' && extname(out) === '.json') return ok('monsta');
  return ok(model);
}

/** Reads the flags of `monsta train`. Faults: `flag_invalid`, `params_invalid`, `params_unknown`, `params_missing` (no such file), `model_unwritable`. */
export async function trainingRequest(flags: FlagValues): Promise<Result<TrainingRequest>> {
  const kind = needed(flags, 'model', TABLE_MODELS.join(', '));
  if (!kind.ok) return kind;
  const model = oneOf('model', kind.value, TABLE_MODELS);
  if (!model.ok) return model;
  const table = needed(flags, 'table', 'the CSV file to learn from');
  if (!table.ok) return table;
  const label = needed(flags, 'label', 'the column to forecast');
  if (!label.ok) return label;
  const asked = needed(flags, 'out', 'where to write the model');
  if (!asked.ok) return asked;
  const out = outOf(asked.value);
  if (!out.ok) return out;
  const format = formatOf(flags, model.value, out.value);
  if (!format.ok) return format;
  const valid = validOf(flags);
  if (!valid.ok) return valid;
  const json = await paramsJson(textOf(flags, 'params'));
  if (!json.ok) return json;
  const params = paramsOf(model.value, json.value);
  if (!params.ok) return params;
  const threads = threadsOf(flags, params.value.params.threads);
  if (!threads.ok) return threads;
  return ok({
    params: params.value,
    table: resolve(table.value),
    roles: {
      label: label.value,
      weight: textOf(flags, 'weight'),
      categorical: namesIn(textOf(flags, 'categorical')),
      ignore: namesIn(textOf(flags, 'ignore')),
    },
    valid: valid.value,
    threads: threads.value,
    out: out.value,
    format: format.value,
  });
}
