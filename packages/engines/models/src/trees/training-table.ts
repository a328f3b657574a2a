import { err, ok, type Result } from '@monsta/core';
import type { TreeTask } from './tree-ensemble.ts';

/** What trees learn from, independent of markets. */
export interface TreeTable {
  readonly rows: number;
  /** Names of the columns, each once. */
  readonly columns: readonly string[];
  /** Row-major, `rows × columns.length`; NaN is a missing value. */
  readonly values: Float64Array | Float32Array;
  /** One a row: 0 or 1 for `binary`, 0 … classes − 1 for `multiclass`, else any finite number. */
  readonly labels: Float64Array | Float32Array;
  /** How much a row counts, at least 0; null: each the same. */
  readonly weights: Float64Array | Float32Array | null;
  /** Indexes of the columns whose values are categories: whole numbers from 0. */
  readonly categorical: readonly number[];
}

/** Fewest rows that trees are trained on. */
export const TABLE_ROWS_MIN = 2;
/** The greatest number of a category: a set of them is a bit each. */
export const CATEGORY_MAX = 65_535;
const FLOAT_MAX = 3.402_823_466_385_288_6e38;

const shape = (table: TreeTable): Result<null> => {
  const { rows, columns, values, labels, weights, categorical } = table;
  const width = columns.length;
  if (width === 0) return err('table_without_columns', 'the table has no columns to learn from');
  if (new Set(columns).size !== width) {
    const twice = columns.find((name, index) => columns.indexOf(name) !== index) ?? '';
    return err('column_named_twice', `the column ${twice} occurs twice: give each a name of its own`);
  }
  if (rows < TABLE_ROWS_MIN)
    return err('rows_too_few', `${rows} rows are too few to learn from; at least ${TABLE_ROWS_MIN} are needed`);
  if (values.length !== rows * width || labels.length !== rows || (weights !== null && weights.length !== rows))
    return err(
      'table_shape',
      `${rows} rows × ${width} columns need ${rows * width} values and ${rows} labels (and weights), not ${values.length}, ${labels.length} (and ${weights?.length ?? 0})`,
    );
  const stray = categorical.find((column) => !Number.isInteger(column) || column < 0 || column >= width);
  if (stray !== undefined)
    return err('column_unknown', `categorical column ${stray} is not one of the columns 0…${width - 1}`);
  return ok(null);
};

function checkLabels(table: TreeTable, task: TreeTask): Result<null> {
  const { labels, rows } = table;
  const classes = task.kind === 'binary' ? 2 : task.kind === 'multiclass' ? task.classes : 0;
  const seen = new Uint8Array(classes);
  for (let row = 0; row < rows; row += 1) {
    const label = labels[row] as number;
    if (!Number.isFinite(label))
      return err('label_not_finite', `row ${row}: the label is ${label}; drop rows whose outcome is not known`);
    if (classes === 0) continue;
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      return err('label_not_a_class', `row ${row}: the label is ${label}; classes are whole numbers 0…${classes - 1}`);
    seen[label] = 1;
  }
  if (classes > 0 && seen.reduce((sum, bit) => sum + bit, 0) < 2)
    return err('one_class', `all ${rows} rows are of class ${seen.indexOf(1)}: there is nothing to tell apart`);
  return ok(null);
}

function checkWeights({ weights, rows }: TreeTable): Result<null> {
  if (weights === null) return ok(null);
  let sum = 0;
  for (let row = 0; row < rows; row += 1) {
    const weight = weights[row] as number;
    if (!Number.isFinite(weight) || weight < 0)
      return err('weight_invalid', `row ${row}: the weight is ${weight}; weights are finite and at least 0`);
    sum += weight;
  }
  return sum > 0 ? ok(null) : err('weight_invalid', 'all weights are 0: no row counts');
}

function checkValues({ rows, columns, values, categorical }: TreeTable): Result<null> {
  const width = columns.length;
  const name = (column: number): string => columns[column] ?? `column ${column}`;
  // NaN is a missing value and passes.
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    if (value > FLOAT_MAX || value < -FLOAT_MAX) {
      const row = Math.floor(at / width);
      return err(
        'value_infinite',
        `row ${row}: ${name(at - row * width)} is ${value}, beyond the 32-bit floats that trees are trained on; leave it out (NaN is a missing value) or bound it`,
      );
    }
  }
  for (const column of categorical) {
    for (let row = 0; row < rows; row += 1) {
      const value = values[row * width + column] as number;
      if (Number.isNaN(value) || (Number.isInteger(value) && value >= 0 && value <= CATEGORY_MAX)) continue;
      return err(
        'category_invalid',
        `row ${row}: ${name(column)} is ${value}; categories are whole numbers 0…${CATEGORY_MAX}`,
      );
    }
  }
  return ok(null);
}

/**
 * Whether trees can be trained on the table. Constant columns and columns of missing values are fine: they are never split by. Faults: `table_without_columns`,
 * `column_named_twice`, `column_unknown`, `table_shape`, `rows_too_few`, `label_not_finite`, `label_not_a_class`, `one_class`, `weight_invalid`, `value_infinite`, `category_invalid`.
 */
export function checkTreeTable(table: TreeTable, task: TreeTask): Result<null> {
  for (const check of [shape, (t: TreeTable) => checkLabels(t, task), checkWeights, checkValues]) {
    const checked = check(table);
    if (!checked.ok) return checked;
  }
  return ok(null);
}
