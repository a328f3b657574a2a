import { err, ok, type Fault, type Result } from '@monsta/core';
import { treeExplainer, treePredictor, type TreeEnsemble } from '@monsta/models';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { readModel } from '../train/model-file.ts';
import { namesIn } from '../train/request.ts';
import { readForecastTable, type ForecastTable } from '../train/table.ts';

/** Faults that say that what was asked for can't be done as it was asked. */
const USAGE_FAULTS: ReadonlySet<string> = new Set(['flag_invalid', 'column_unknown']);

/** What `monsta predict` prints: one number a row, or a list of them where the model has several classes. */
interface Forecasts {
  readonly predictions: readonly (number | readonly number[])[];
  /** What `contributions` are of: the columns and, last, what the model says of no row. */
  readonly columns?: readonly string[];
  /** What each column adds to a row's margin; a list of that for every class where there are several. */
  readonly contributions?: readonly (readonly number[] | readonly (readonly number[])[])[];
}

function inRows(values: Float64Array, width: number): readonly (number | readonly number[])[] {
  if (width === 1) return Array.from(values);
  const rows = values.length / width;
  return Array.from({ length: rows }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));
}

/** Faults: those of `treeExplainer`. */
function contributionsOf(model: TreeEnsemble, { values, rows }: ForecastTable): Result<Forecasts['contributions']> {
  const explainer = treeExplainer(model);
  if (!explainer.ok) return explainer;
  const { outputs } = explainer.value;
  const parts = inRows(
    explainer.value.explainRows(values, rows),
    model.featureNames.length + 1,
  ) as readonly (readonly number[])[];
  if (outputs === 1) return ok(parts);
  return ok(Array.from({ length: rows }, (_, row) => parts.slice(row * outputs, (row + 1) * outputs)));
}

function forecastsOf(model: TreeEnsemble, table: ForecastTable, flags: FlagValues): Result<Forecasts> {
  const predictor = treePredictor(model);
  const margin = flags['margin'] === true;
  const said = margin
    ? predictor.marginRows(table.values, table.rows)
    : predictor.predictRows(table.values, table.rows);
  const predictions = inRows(said, margin ? predictor.outputs : predictor.predictionWidth);
  if (flags['contributions'] !== true) return ok({ predictions });
  const contributions = contributionsOf(model, table);
  if (!contributions.ok) return contributions;
  return ok({ predictions, columns: [...model.featureNames, 'bias'], contributions: contributions.value ?? [] });
}

async function forecast(flags: FlagValues, output: Output): Promise<Result<Forecasts>> {
  const [path, table] = [textOf(flags, 'model'), textOf(flags, 'table')];
  if (path === null || path === '') return err('flag_invalid', '--model is missing: the file of a model');
  if (table === null || table === '') return err('flag_invalid', '--table is missing: the CSV file to forecast');
  const model = await readModel(path);
  if (!model.ok) return model;
  const apart = namesIn(textOf(flags, 'ignore'));
  const rows = await readForecastTable(table, model.value.featureNames, apart);
  if (!rows.ok) return rows;
  const label = rows.value.unused.find((name) => !apart.includes(name));
  if (label !== undefined)
    output.note(`column '${label}' is not in the model: it is taken for the label and left alone`);
  return forecastsOf(model.value, rows.value, flags);
}

/** `monsta predict`: what a model from a file says of the rows of a table. */
export async function predict(flags: FlagValues, output: Output): Promise<number> {
  const done = await forecast(flags, output);
  if (!done.ok) {
    const fault: Fault = done.fault;
    output.fault(fault);
    return USAGE_FAULTS.has(fault.code) ? 2 : 1;
  }
  const { predictions, contributions = [] } = done.value;
  const line = (value: number | readonly number[], row: number): string =>
    [value, ...(contributions[row] ?? [])].flat(2).join('\t');
  output.document(done.value, predictions.map(line).join('\n'));
  return 0;
}
