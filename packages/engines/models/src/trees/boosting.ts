import { err, ok, type Result } from '@monsta/core';
import { binTableSteps, type BinnedTable } from './binning.ts';
import { hessianFloor, objectivePairs, quantileOf, startMargins, type ObjectiveRows } from './boosting-objective.ts';
import type { BoostingParams } from './boosting-params.ts';
import { rowWeights, sampleRows } from './boosting-rows.ts';
import { TrainingWatch } from './boosting-watch.ts';
import { GrownTrees } from './grown-trees.ts';
import type { GrowingNode } from './growing-tree.ts';
import { growthMemory, type GrowthMemory } from './growth-memory.ts';
import { startCrew, type TreeCrew, type TreeThreads } from './tree-crew.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { TreeGrower } from './tree-grower.ts';
import { TreeMemory } from './tree-memory.ts';
import { PLAN, ROWS_A_TASK, WORK } from './tree-work.ts';
import { checkTreeTable, type TreeTable } from './training-table.ts';

/** How far a training is. */
export interface TrainingProgress {
  /** Rounds done, of `rounds` at most. */
  readonly round: number;
  readonly rounds: number;
  /** What the last round was like on the validation table, by metric; empty without one. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface BoostingOptions {
  /** Rows that training is watched by, and does not learn from; of the same columns. */
  readonly validation?: TreeTable;
  readonly threads?: TreeThreads;
  /**
   * Memory to work in, taken over whole; without: a new one. Trainings one after the other may use the same. With threads a new one is taken all the same: a helper that comes late may
   * still look at that of a training that has ended.
   */
  readonly memory?: TreeMemory;
}

export interface BoostingOutcome {
  readonly model: TreeEnsemble;
  /** Rounds trained; fewer than asked for where training stopped early or nothing was left to gain (LightGBM). */
  readonly rounds: number;
  /** Metrics on the validation table after each round. */
  readonly history: readonly Readonly<Record<string, number>>[];
}

const outputsOf = (params: BoostingParams): number => (params.task.kind === 'multiclass' ? params.task.classes : 1);

const USUAL_OBJECTIVES: ReadonlySet<string> = new Set([
  'binary:logistic',
  'multi:softprob',
  'reg:squarederror',
  'reg:quantileerror',
  'binary',
  'multiclass',
  'regression',
  'quantile',
]);

/** One training: tables, margins and trees so far. */
class BoostingRun {
  readonly #params: BoostingParams;
  readonly #binned: BinnedTable;
  readonly #space: GrowthMemory;
  readonly #crew: TreeCrew;
  readonly #grower: TreeGrower;
  readonly #data: ObjectiveRows;
  readonly #pairs: { readonly pointer: number; readonly view: Float32Array };
  readonly #marginsPointer: number;
  readonly start: Float64Array;
  readonly trees: GrownTrees;

  constructor(table: TreeTable, params: BoostingParams, binned: BinnedTable, threads: TreeThreads | null) {
    const { memory } = binned;
    const { rows } = table;
    const outputs = outputsOf(params);
    this.#params = params;
    this.#binned = binned;
    const labels = memory.doubles(rows + 1);
    const weights = memory.doubles(rows + 1);
    const margins = memory.doubles(rows * outputs + 1);
    this.#pairs = memory.floats(2 * rows * outputs + 2);
    labels.view.set(table.labels);
    // LightGBM begins at what the rows' own weights say.
    const balanced = params.family === 'xgboost';
    rowWeights(table, balanced ? params : { ...params, positiveWeight: 1 }, weights.view);
    this.#data = {
      rows,
      outputs,
      labels: labels.view.subarray(0, rows),
      weights: weights.view.subarray(0, rows),
      margins: margins.view.subarray(0, rows * outputs),
    };
    this.#marginsPointer = margins.pointer;
    this.start = startMargins(params, this.#data);
    if (!balanced) rowWeights(table, params, weights.view);
    if (params.family === 'xgboost') this.start = Float64Array.from(this.start, Math.fround);
    for (let at = 0; at < rows * outputs; at += 1) margins.view[at] = this.start[at % outputs] as number;
    this.#space = growthMemory(memory, binned, table.columns, params);
    const plan = this.#space.plan.view;
    plan[PLAN.margins] = margins.pointer;
    plan[PLAN.labels] = labels.pointer;
    plan[PLAN.weights] = weights.pointer;
    plan[PLAN.hessianFloor] = hessianFloor(params);
    plan[PLAN.single] = params.family === 'xgboost' ? 1 : 0;
    this.#crew = startCrew(memory, this.#space.plan.pointer, threads);
    this.#grower = new TreeGrower(binned, params, this.#space, this.#crew);
    this.trees = new GrownTrees(params, binned.columns);
  }

  close(): void {
    this.#crew.close();
  }

  /** One round: a tree an output. Returns whether any of them has a split. */
  *round(round: number): Generator<void, Result<boolean>> {
    const gradients = this.#gradients();
    if (!gradients.ok) return gradients;
    yield;
    const { outputs, rows } = this.#data;
    let splits = false;
    for (let output = 0; output < outputs; output += 1) {
      const sampled = sampleRows(this.#params, rows, round, round * outputs + output, this.#space.rows.view);
      const pairs = this.#pairs.pointer + output * rows * 8;
      const grown = yield* this.#grower.grow(pairs, { sampled, isAll: sampled === rows }, round, output);
      if (!grown.ok) return grown;
      const nodes = grown.value;
      if (nodes.length > 1) splits = true;
      const values = this.#valuesOf(nodes, output);
      this.#move(nodes, values, output);
      // LightGBM's first trees hold what the outputs begin with (`Tree::AddBias`).
      const bias = this.#params.family === 'lightgbm' && round === 0 ? (this.start[output] as number) : 0;
      this.trees.add(nodes, bias === 0 ? values : values.map((value) => value + bias), output);
      yield;
    }
    return ok(splits);
  }

  #gradients(): Result<null> {
    const { rows } = this.#data;
    if (this.#params.task.kind !== 'binary') {
      objectivePairs(this.#params, this.#data, 0, rows, this.#pairs.view);
      return ok(null);
    }
    this.#space.plan.view[PLAN.pairs] = this.#pairs.pointer;
    return this.#crew.work(WORK.logistic, Math.ceil(rows / ROWS_A_TASK));
  }

  /** What the nodes say: weight × learning rate; leaves of a quantile are fitted anew to the quantile of what is left over in them. */
  #valuesOf(nodes: readonly GrowingNode[], output: number): readonly number[] {
    const { task, learningRate, family } = this.#params;
    const single = family === 'xgboost';
    return nodes.map((node) => {
      let { weight } = node;
      if (task.kind === 'quantile' && node.children === null && node.span.count > 0) {
        const residual = this.#residualQuantile(node, output, task.alpha);
        weight = Math.max(node.lower, Math.min(node.upper, residual));
      }
      return single ? Math.fround(Math.fround(weight) * Math.fround(learningRate)) : weight * learningRate;
    });
  }

  #residualQuantile({ span }: GrowingNode, output: number, alpha: number): number {
    const { labels, weights, margins, outputs } = this.#data;
    const rows = this.#space.rows.view.subarray(span.from, span.from + span.count);
    const residuals = Float64Array.from(
      rows,
      (row) => (labels[row] as number) - (margins[row * outputs + output] as number),
    );
    return quantileOf(
      residuals,
      Float64Array.from(rows, (row) => weights[row] as number),
      alpha,
      this.#params.family,
    );
  }

  /** Moves the margins of all rows by the leaves they fell into. */
  #move(nodes: readonly GrowingNode[], values: readonly number[], output: number): void {
    const { kernels } = this.#binned.memory;
    const { rows } = this.#space;
    const { outputs } = this.#data;
    const single = this.#params.family === 'xgboost' ? 1 : 0;
    for (const node of nodes) {
      if (node.children !== null) continue;
      for (const { from, count } of [node.span, node.leftOut]) {
        const margins = this.#marginsPointer + output * 8;
        kernels.addToMargins(count, rows.pointer + from * 4, margins, outputs, values[node.index] ?? 0, single);
      }
    }
  }
}

function checkParams(table: TreeTable, { validation }: BoostingOptions, params: BoostingParams): Result<null> {
  const checked = checkTreeTable(table, params.task);
  if (!checked.ok) return checked;
  if (Array.isArray(params.monotone) ? params.monotone.length > table.columns.length : false)
    return err(
      'params_invalid',
      `monotone constraints are given for ${(params.monotone as readonly number[]).length} columns, and the table has ${table.columns.length}`,
    );
  if (!Array.isArray(params.monotone)) {
    const stray = Object.keys(params.monotone).find((name) => !table.columns.includes(name));
    if (stray !== undefined)
      return err('params_invalid', `a monotone constraint is given for ${stray}, which is no column of the table`);
  }
  if (params.earlyStopping !== null && validation === undefined)
    return err('params_invalid', 'early stopping needs a validation table: give one, or leave it out');
  if (validation === undefined) return ok(null);
  const same =
    validation.columns.length === table.columns.length &&
    validation.columns.every((name, index) => name === table.columns[index]);
  if (!same)
    return err('table_shape', 'the validation table must have the columns of the training table, in their order');
  const valid = checkTreeTable(validation, params.task);
  // One class alone is no reason not to look.
  return valid.ok || valid.fault.code === 'one_class' || valid.fault.code === 'rows_too_few' ? ok(null) : valid;
}

/**
 * Trains boosted trees (Friedman 2001, with the second-order gains of Chen & Guestrin 2016) on histograms of binned columns: level by level with XGBoost's semantics, or best leaf first with
 * LightGBM's. Yields after every batch of nodes, some milliseconds of work; whoever goes through it may stop at any point by `return()`, which lets the helpers go. The model is the same bit
 * for bit with any number of threads. Faults: those of `checkTreeTable`, `categories_too_many`, `params_invalid`, `tree_thread_lost`.
 */
export function* trainBoostingSteps(
  table: TreeTable,
  params: BoostingParams,
  options: BoostingOptions = {},
): Generator<TrainingProgress, Result<BoostingOutcome>> {
  const checked = checkParams(table, options, params);
  if (!checked.ok) return checked;
  const hasHelpers = (options.threads?.helpers ?? 0) > 0;
  const memory = hasHelpers ? new TreeMemory() : (options.memory ?? new TreeMemory());
  memory.reset();
  const { rounds } = params;
  let progress: TrainingProgress = { round: 0, rounds, metrics: {} };
  const binning = binTableSteps(
    table,
    {
      binsMax: params.binsMax,
      binRowsMin: params.binRowsMin,
      weighted: params.family === 'xgboost',
      method: params.family === 'xgboost' ? 'sketch' : 'greedy',
    },
    memory,
  );
  let binned = binning.next();
  while (binned.done !== true) {
    yield progress;
    binned = binning.next();
  }
  if (!binned.value.ok) return binned.value;
  const run = new BoostingRun(table, params, binned.value.value, options.threads ?? null);
  try {
    const watch = options.validation === undefined ? null : new TrainingWatch(options.validation, params, run.start);
    let done = 0;
    for (let stopped = false; done < rounds && !stopped;) {
      const steps = run.round(done);
      let step = steps.next();
      while (step.done !== true) {
        yield progress;
        step = steps.next();
      }
      if (!step.value.ok) return step.value;
      done += 1;
      const metrics = watch?.look(run.trees) ?? {};
      progress = { round: done, rounds, metrics };
      stopped = watch?.hasStalled === true || (params.family === 'lightgbm' && !step.value.value);
      yield progress;
    }
    const model = run.trees.build(0, {
      objective: USUAL_OBJECTIVES.has(params.objective) ? null : params.objective,
      featureNames: table.columns,
      outputs: run.start.length,
      baseMargins: params.family === 'lightgbm' ? new Float64Array(run.start.length) : run.start,
      bestRounds: params.earlyStopping === null ? null : (watch?.bestRounds ?? null),
    });
    return ok({ model, rounds: done, history: watch?.history ?? [] });
  } finally {
    run.close();
  }
}
