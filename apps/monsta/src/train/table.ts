import { err, ok, type Result } from '@monsta/core';
import { readNumberTable, type NumberTable } from '@monsta/data-files';
import type { TreeTable } from '@monsta/models';
import { nearestName } from '@monsta/models/parameters';

/** Which columns of a table are what; the others are learned from. */
export interface TableRoles {
  readonly label: string;
  /** How much a row counts; null: each the same. */
  readonly weight: string | null;
  readonly categorical: readonly string[];
  readonly ignore: readonly string[];
}

const shown = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');

/** Faults `column_unknown`, with the nearest. */
function indexOf(names: readonly string[], wanted: string, flag: string): Result<number> {
  const index = names.indexOf(wanted);
  if (index !== -1) return ok(index);
  return err(
    'column_unknown',
    `--${flag}: the table has no column '${wanted}'; did you mean '${nearestName(wanted, names)}'? There are: ${shown(names)}`,
  );
}

/** The columns that are learned from, in the order of the file. Faults `column_unknown`, `table_without_columns`, `flag_invalid`. */
function featuresOf(names: readonly string[], { label, weight, categorical, ignore }: TableRoles): Result<number[]> {
  for (const [flag, wanted] of [
    ['label', [label]],
    ['weight', weight === null ? [] : [weight]],
    ['categorical', categorical],
    ['ignore', ignore],
  ] as const) {
    for (const name of wanted) {
      const found = indexOf(names, name, flag);
      if (!found.ok) return found;
    }
  }
  const apart = new Set([label, ...(weight === null ? [] : [weight]), ...ignore]);
  const twice = categorical.find((name) => apart.has(name));
  if (twice !== undefined)
    return err(
      'flag_invalid',
      `--categorical: '${twice}' is the label, the weight or ignored, and so not learned from`,
    );
  const features = names.flatMap((name, index) => (apart.has(name) ? [] : [index]));
  return features.length > 0
    ? ok(features)
    : err('table_without_columns', `the table has no column to learn from beside '${label}'`);
}

/** Says by the line of the file what the engine would say by the number of the row. Faults `label_not_finite`, `weight_invalid`. */
function checked(path: string, { lines, groups }: NumberTable, { label, weight }: TableRoles): Result<null> {
  const line = (row: number): string => `${path}, line ${lines[row] ?? 0}`;
  const [, labels, weights] = groups;
  const row = labels?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (row !== -1) {
    const value = labels?.[row] ?? Number.NaN;
    const what = Number.isNaN(value) ? 'missing' : String(value);
    return err(
      'label_not_finite',
      `${line(row)}: the label '${label}' is ${what}; leave out rows whose outcome isn't known`,
    );
  }
  const odd = weights?.findIndex((value) => !(value >= 0 && Number.isFinite(value))) ?? -1;
  if (odd === -1) return ok(null);
  return err(
    'weight_invalid',
    `${line(odd)}: the weight '${weight ?? ''}' is ${weights?.[odd] ?? Number.NaN}; weights are finite and at least 0`,
  );
}

/** Reads a table to train on. Faults: those of `readNumberTable`; `column_unknown`, `table_without_columns`, `flag_invalid`, `label_not_finite`, `weight_invalid`. */
export async function readTrainingTable(path: string, roles: TableRoles): Promise<Result<TreeTable>> {
  let columns: readonly string[] = [];
  const read = await readNumberTable(path, (names) => {
    const features = featuresOf(names, roles);
    if (!features.ok) return features;
    columns = features.value.map((index) => names[index] ?? '');
    const apart = [roles.label, ...(roles.weight === null ? [] : [roles.weight])];
    return ok([features.value, ...apart.map((name) => [names.indexOf(name)])]);
  });
  if (!read.ok) return read;
  const fine = checked(path, read.value, roles);
  if (!fine.ok) return fine;
  const { rows, groups } = read.value;
  const [values = new Float64Array(0), labels = new Float64Array(0), weights = null] = groups;
  return ok({
    ...{ rows, columns, values, labels, weights },
    categorical: roles.categorical.map((name) => columns.indexOf(name)),
  });
}

/** Names that a library gives where it was told none: such a model knows its columns by their order only. */
const isNumbered = (names: readonly string[]): boolean =>
  names.every((name, index) => name === `f${index}` || name === `Column_${index}` || name === String(index));

/** Where a model's columns lie in a table. */
interface ModelColumns {
  readonly indexes: readonly number[];
  readonly by: 'name' | 'order';
  /** Columns that the model does not use. */
  readonly unused: readonly string[];
}

/**
 * Finds a model's columns in a table, by name; by order for a model that was told no names. `apart`: columns that are not the model's, for certain. One more column than the model has may be there: it
 * is taken for the label. Faults `column_missing`, `column_extra`.
 */
function columnsOf(
  names: readonly string[],
  features: readonly string[],
  apart: readonly string[],
): Result<ModelColumns> {
  for (const name of apart) {
    const found = indexOf(names, name, 'ignore');
    if (!found.ok) return found;
  }
  const offered = names.filter((name) => !apart.includes(name));
  const by = isNumbered(features) && features.some((name) => !names.includes(name)) ? 'order' : 'name';
  if (by === 'order') {
    if (offered.length === features.length)
      return ok({ by, indexes: offered.map((name) => names.indexOf(name)), unused: apart });
    return err(
      offered.length < features.length ? 'column_missing' : 'column_extra',
      `the model knows its ${features.length} columns by their order only, and the table has ${offered.length}: name those that aren't the model's, such as the label, with --ignore`,
    );
  }
  const missing = features.filter((name) => !offered.includes(name));
  if (missing.length > 0)
    return err(
      'column_missing',
      `the table lacks ${missing.length === 1 ? 'the column' : `${missing.length} columns`} of the model: ${shown(missing)}`,
    );
  const extra = offered.filter((name) => !features.includes(name));
  if (extra.length > 1)
    return err(
      'column_extra',
      `the model has not learned from ${shown(extra)}: leave these columns out with --ignore, if they are meant to be there`,
    );
  return ok({ by, indexes: features.map((name) => names.indexOf(name)), unused: [...apart, ...extra] });
}

/** The rows of a table as a model reads them. */
export interface ForecastTable {
  readonly rows: number;
  /** Row-major, in the order of the model's columns. */
  readonly values: Float64Array;
  readonly unused: readonly string[];
}

/** Reads the columns of a model from a table. Faults: those of `readNumberTable` and `columnsOf`. */
export async function readForecastTable(
  path: string,
  features: readonly string[],
  apart: readonly string[],
): Promise<Result<ForecastTable>> {
  let unused: readonly string[] = [];
  const read = await readNumberTable(path, (names) => {
    const columns = columnsOf(names, features, apart);
    if (!columns.ok) return columns;
    ({ unused } = columns.value);
    return ok([columns.value.indexes]);
  });
  if (!read.ok) return read;
  return ok({ rows: read.value.rows, values: read.value.groups[0] ?? new Float64Array(0), unused });
}

/** The table's columns in another order, or fewer of them: as the table that a model is trained on has them. Faults `column_missing`. */
export function alignedTo(table: TreeTable, columns: readonly string[]): Result<TreeTable> {
  const indexes = columns.map((name) => table.columns.indexOf(name));
  const missing = columns.filter((_, at) => indexes[at] === -1);
  if (missing.length > 0) return err('column_missing', `the table of --valid lacks ${shown(missing)}`);
  const extra = table.columns.filter((name) => !columns.includes(name));
  if (extra.length > 0)
    return err('column_extra', `the table of --valid has ${shown(extra)}, and that of --table has not`);
  if (indexes.every((index, at) => index === at)) return ok(table);
  const width = columns.length;
  const values = new Float64Array(table.rows * width);
  for (let row = 0; row < table.rows; row += 1)
    for (let column = 0; column < width; column += 1)
      values[row * width + column] = table.values[row * width + (indexes[column] as number)] as number;
  return ok({
    ...table,
    columns,
    values,
    categorical: table.categorical.map((index) => columns.indexOf(table.columns[index] ?? '')),
  });
}

/** Splits the last rows of a table off: what came later judges what was learned before. */
export function splitLast(table: TreeTable, share: number): readonly [TreeTable, TreeTable] {
  const kept = table.rows - Math.max(1, Math.round(table.rows * share));
  const width = table.columns.length;
  const part = (from: number, to: number): TreeTable => ({
    ...table,
    rows: to - from,
    values: table.values.slice(from * width, to * width),
    labels: table.labels.slice(from, to),
    weights: table.weights?.slice(from, to) ?? null,
  });
  return [part(0, kept), part(kept, table.rows)];
}
