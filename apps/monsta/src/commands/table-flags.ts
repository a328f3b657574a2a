import type { FlagSpec } from '../cli/arguments.ts';

type Flags = Readonly<Record<string, FlagSpec>>;

const table: FlagSpec = {
  type: 'string',
  value: 'FILE',
  help: 'the rows, as CSV with a header (comma, semicolon or tab; plain, .gz or .zip)',
};
const ignore: FlagSpec = { type: 'string', value: 'A,B', help: 'columns to leave alone' };

/** The flags of `monsta train`. */
const trainFlags: Flags = {
  model: { type: 'string', value: 'KIND', help: 'xgboost, lightgbm or random-forest' },
  table,
  label: { type: 'string', value: 'NAME', help: 'the column to forecast; classes are 0, 1, …' },
  params: {
    type: 'string',
    value: 'FILE',
    help: 'parameters by the names of the library (XGBoost, LightGBM, scikit-learn): a JSON file, or the object itself',
  },
  out: { type: 'string', value: 'FILE', help: 'where the model is written; whole or not at all' },
  format: {
    type: 'string',
    value: 'FORM',
    help: 'monsta, xgboost (JSON) or lightgbm (text); default: that of the model; random-forest: monsta',
  },
  valid: { type: 'string', value: 'FILE', help: 'rows that judge, and stop training early; not learned from' },
  'valid-share': { type: 'string', value: 'S', help: 'take the last share of the rows for that instead, e.g. 0.2' },
  weight: { type: 'string', value: 'NAME', help: 'the column that says how much a row counts' },
  categorical: { type: 'string', value: 'A,B', help: 'columns that hold categories, as whole numbers from 0' },
  ignore,
  threads: { type: 'string', value: 'N', help: 'threads; the model is the same for any number (default all cores)' },
};

/** The flags of `monsta predict`. */
const predictFlags: Flags = {
  model: { type: 'string', value: 'FILE', help: 'a model of MONSTA, or one of XGBoost (JSON) or LightGBM (text)' },
  table,
  ignore,
  margin: { type: 'boolean', help: 'what the trees add up, before it is made a probability' },
  contributions: { type: 'boolean', help: 'also what each column adds to the margin of a row (SHAP)' },
};

interface TableCommandSpec {
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: Flags;
  readonly run: 'train' | 'predict';
}

/** Models on tables, without a market. */
export const TABLE_COMMANDS: readonly TableCommandSpec[] = [
  {
    words: ['train'],
    summary: 'trains boosted trees or a random forest on a table, and writes the model',
    flags: trainFlags,
    run: 'train',
  },
  {
    words: ['predict'],
    summary: 'forecasts the rows of a table by a model from a file',
    flags: predictFlags,
    run: 'predict',
  },
];
