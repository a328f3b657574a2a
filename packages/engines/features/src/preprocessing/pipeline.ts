import { err, ok, type Result } from '@monsta/core';
import { isOutlier, outliers, type FittedOutliers, type OutliersDeclaration } from './outliers.ts';
import { pca, type FittedPca, type PcaDeclaration } from './principal-components.ts';
import {
  minMax,
  robust,
  standard,
  winsorise,
  type FittedScaling,
  type FittedWinsorise,
  type WinsoriseDeclaration,
} from './scaling.ts';
import {
  selectCorrelation,
  selectImportance,
  selectVariance,
  type FittedSelection,
  type SelectCorrelationDeclaration,
  type SelectImportanceDeclaration,
  type SelectVarianceDeclaration,
} from './selection.ts';
import type { FitRange, FittedStep, LabelledTable, RowChange, StepKind, Table } from './step.ts';

/** One step of a pipeline as it is declared, plain JSON. */
export type StepDeclaration =
  | { readonly step: 'standard' }
  | { readonly step: 'robust' }
  | { readonly step: 'min-max' }
  | WinsoriseDeclaration
  | SelectVarianceDeclaration
  | SelectCorrelationDeclaration
  | SelectImportanceDeclaration
  | PcaDeclaration
  | OutliersDeclaration;

type Fitted = FittedScaling | FittedWinsorise | FittedSelection | FittedPca | FittedOutliers;

/** A fitted pipeline, plain JSON: what it was fitted on stands in it as names and numbers alone. */
export interface FittedPipeline {
  readonly version: 1;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly steps: readonly Fitted[];
  /** Training rows that were left out as outliers. */
  readonly outlierRows: number;
}

/** A kind of step whose declarations and fits are its own: looked up by name, and given what bears that name. */
interface AnyStep {
  readonly parameters: readonly string[];
  fault(declared: StepDeclaration): string | null;
  fit(declared: StepDeclaration, table: LabelledTable, range: FitRange): Result<Fitted>;
  change(fitted: Fitted): RowChange;
}

function stepOf<D extends StepDeclaration, F extends Fitted>(
  kind: StepKind<D, F>,
  ...parameters: readonly string[]
): readonly [string, AnyStep] {
  return [
    kind.name,
    {
      parameters,
      fault: (declared) => kind.fault(declared as D),
      fit: (declared, table, range) => kind.fit(declared as D, table, range),
      change: (fitted) => kind.change(fitted as F),
    },
  ];
}

const STEPS: ReadonlyMap<string, AnyStep> = new Map([
  stepOf(standard),
  stepOf(robust),
  stepOf(minMax),
  stepOf(winsorise, 'lower', 'upper'),
  stepOf(selectVariance, 'above'),
  stepOf(selectCorrelation, 'most'),
  stepOf(selectImportance, 'keep', 'bins'),
  stepOf(pca, 'components'),
  stepOf(outliers, 'beyond', 'columns'),
]);

/**
 * A declaration that is sound. Faults: `pipeline_invalid`, saying which step, what is wrong and which there are.
 */
export function pipelineDeclaration(value: unknown): Result<readonly StepDeclaration[]> {
  if (!Array.isArray(value)) return err('pipeline_invalid', 'a pipeline is a list of steps');
  for (const [index, each] of (value as readonly unknown[]).entries()) {
    const invalid = (what: string) => err('pipeline_invalid', `step ${index + 1} of ${value.length}: ${what}`);
    const step: unknown = typeof each === 'object' && each !== null && 'step' in each ? each.step : undefined;
    const kind = typeof step === 'string' ? STEPS.get(step) : undefined;
    if (kind === undefined)
      return invalid(`there is no step '${String(step)}'; there are: ${[...STEPS.keys()].join(', ')}`);
    const given = Object.entries<unknown>({ ...(each as object) }).filter(([name]) => name !== 'step');
    const unknown = given.find(([name]) => !kind.parameters.includes(name));
    if (unknown !== undefined) return invalid(`${String(step)} has no '${unknown[0]}'`);
    const missing = kind.parameters.find((name) => typeof given.find(([key]) => key === name)?.[1] !== 'number');
    if (missing !== undefined) return invalid(`${String(step)} needs the number '${missing}'`);
    // Its name and its numbers are there.
    const wrong = kind.fault(each as StepDeclaration);
    if (wrong !== null) return invalid(`${String(step)}: ${wrong}`);
  }
  return ok(value as readonly StepDeclaration[]);
}

const stepNamed = (name: string): AnyStep => {
  const kind = STEPS.get(name);
  if (kind === undefined) throw new RangeError(`there is no step '${name}'`);
  return kind;
};

/**
 * Fits the steps one after another on the rows `range` alone: no value outside of it has any influence. Each step sees what the ones before made of these rows.
 * Faults: `pipeline_invalid`, `range_invalid`, `rows_too_few`, `no_columns_left`, `components_too_many`.
 */
export function fitPipeline(
  declared: readonly StepDeclaration[],
  data: LabelledTable,
  { from, to }: FitRange,
): Result<FittedPipeline> {
  const sound = pipelineDeclaration(declared);
  if (!sound.ok) return sound;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= data.rows))
    return err('range_invalid', `rows ${from} to ${to} are no range of ${data.rows} rows`);
  let table: LabelledTable = {
    names: data.names,
    rows: to - from,
    width: data.width,
    features: data.features.slice(from * data.width, to * data.width),
    up: data.up.slice(from, to),
  };
  const steps: Fitted[] = [];
  for (const each of declared) {
    const kind = stepNamed(each.step);
    const fitted = kind.fit(each, table, { from: 0, to: table.rows });
    if (!fitted.ok) return fitted;
    steps.push(fitted.value);
    table = { ...changed(table, [fitted.value]), up: table.up };
    if ('deviations' in fitted.value) {
      table = withoutOutliers(table, fitted.value);
      if (table.rows === 0) return err('rows_too_few', 'every training row is an outlier');
    }
  }
  return ok({
    version: 1,
    inputs: data.names,
    outputs: table.names,
    steps,
    outlierRows: to - from - table.rows,
  });
}

function withoutOutliers(table: LabelledTable, fitted: FittedOutliers): LabelledTable {
  const kept = Array.from({ length: table.rows }, (_, row) => row).filter((row) => !isOutlier(fitted, table, row));
  const features = new Float64Array(kept.length * table.width);
  for (const [place, row] of kept.entries())
    features.set(table.features.subarray(row * table.width, (row + 1) * table.width), place * table.width);
  return { ...table, rows: kept.length, features, up: Uint8Array.from(kept, (row) => table.up[row] as number) };
}

function changed<T extends Table>(table: T, steps: readonly Fitted[]): Table {
  const outputs = steps.at(-1)?.outputs ?? table.names;
  const width = outputs.length;
  const features = new Float64Array(table.rows * width);
  const change = rowChange(steps, table.width);
  for (let row = 0; row < table.rows; row += 1) change(table.features, row * table.width, features, row * width);
  return { names: outputs, rows: table.rows, width, features };
}

function rowChange(steps: readonly FittedStep[], inputs: number): RowChange {
  const changes = steps.map((fitted) => ({
    change: stepNamed(fitted.step).change(fitted as Fitted),
    row: new Float64Array(fitted.outputs.length),
  }));
  const copy = new Float64Array(inputs);
  return (from, offset, into, at) => {
    copy.set(from.subarray(offset, offset + inputs));
    let row = copy;
    for (const step of changes) {
      step.change(row, 0, step.row, 0);
      ({ row } = step);
    }
    into.set(row, at);
  };
}

/** What the fitted pipeline makes of one row; it keeps buffers of its own, so that a row costs no memory. */
export const pipelineRow = (fitted: FittedPipeline): RowChange => rowChange(fitted.steps, fitted.inputs.length);

/** What the fitted pipeline makes of all rows of a table; no row is left out. Fault `columns_unequal`: the table has other columns than those it was fitted on. */
export function applyPipeline(fitted: FittedPipeline, table: Table): Result<Table> {
  const other = fitted.inputs.findIndex((name, column) => table.names[column] !== name);
  if (other !== -1 || table.names.length !== fitted.inputs.length)
    return err(
      'columns_unequal',
      `the pipeline was fitted on ${fitted.inputs.length} columns and is given ${table.names.length}; the first that differs is ${fitted.inputs[other] ?? table.names.at(-1) ?? 'none'}`,
    );
  return ok(changed(table, fitted.steps));
}

/** Which rows of the range a model is to learn from: those that no `outliers` step leaves out. */
export function trainingRows(fitted: FittedPipeline, table: Table, { from, to }: FitRange): Int32Array {
  let rest: Table = {
    ...table,
    rows: to - from,
    features: table.features.subarray(from * table.width, to * table.width),
  };
  const kept = new Uint8Array(to - from).fill(1);
  for (const step of fitted.steps) {
    if ('deviations' in step)
      for (let row = 0; row < rest.rows; row += 1) if (isOutlier(step, rest, row)) kept[row] = 0;
    rest = changed(rest, [step]);
  }
  return Int32Array.from(
    [...kept.keys()].filter((row) => kept[row] === 1),
    (row) => row + from,
  );
}
