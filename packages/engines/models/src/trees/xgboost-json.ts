import { ok, type Result } from '@monsta/core';
import { FileTrees, type FileTree } from './file-trees.ts';
import { below32 } from './float32.ts';
import { countAt, integersAt, listAt, numberOf, numbersAt, objectAt, parseLooseJson } from './loose-json.ts';
import { malformed, orFault, unsupported } from './model-faults.ts';
import { linkOfName } from './objective.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble, type TreeTask } from './tree-ensemble.ts';
import { XGBOOST_CATEGORIES_MAX } from './tree-walk.ts';

type Members = Readonly<Record<string, unknown>>;

/** Columns that a file of no names may claim beyond one a byte of it; also words of category sets. Claims cost memory, and are bounded by what the file itself weighs. */
const CLAIMS_MAX = 100_000;
const WHAT = 'XGBoost model';
const INT32_MAX = 2_147_483_647;

interface Limits {
  /** Columns, classes and words of sets that the file may claim. */
  readonly claims: number;
}

/** Objectives whose `base_score` is given as they forecast and turned into a margin: by the logit, or by the logarithm. */
const LOGIT_BASES = new Set(['binary:logistic', 'reg:logistic']);
const LOG_BASES = new Set(['count:poisson', 'reg:gamma', 'reg:tweedie', 'survival:cox', 'survival:aft']);

/** The margin that a `base_score` stands for, in 32-bit floats as XGBoost reckons it (`ProbToMargin`). */
export function marginOfBase(objective: string, base: number): number {
  const score = Math.fround(base);
  if (LOGIT_BASES.has(objective)) return -Math.fround(Math.log(Math.fround(Math.fround(1 / score) - 1))) + 0;
  return LOG_BASES.has(objective) ? Math.fround(Math.log(score)) : score;
}

/** `base_score` was a number's text, became the text of a list of them, and may be the number itself. */
function baseMargins(value: unknown, objective: string, outputs: number): Float64Array {
  const where = 'learner.learner_model_param.base_score';
  const bare = typeof value === 'string' ? value.trim().replace(/^\[/u, '').replace(/\]$/u, '').split(',') : [value];
  const scores = bare.map((item) => numberOf(item) ?? malformed(where, 'it holds what is no number'));
  if (scores.length !== 1 && scores.length !== outputs)
    return malformed(where, `it holds ${scores.length} numbers for ${outputs} outputs`);
  return Float64Array.from({ length: outputs }, (_, output) => {
    const margin = marginOfBase(objective, scores[scores.length === 1 ? 0 : output] as number);
    return Number.isFinite(margin) ? margin : malformed(where, `${objective} can't begin there`);
  });
}

function quantileOf(objective: Members): number {
  const where = 'learner.objective.quantile_loss_param.quantile_alpha';
  const parameters = objectAt(objective['quantile_loss_param'], 'learner.objective.quantile_loss_param');
  const text = String(parameters['quantile_alpha']).replaceAll(/[[\]()\s]/gu, '');
  const alphas = text.split(',').filter((item) => item !== '');
  if (alphas.length > 1) unsupported('it forecasts several quantiles at once; train one model a quantile');
  const alpha = numberOf(alphas[0]);
  return alpha !== null && alpha > 0 && alpha < 1 ? alpha : malformed(where, 'it is no number between 0 and 1');
}

interface Head {
  readonly task: TreeTask;
  readonly name: string;
  readonly outputs: number;
}

function headOf(learner: Members, limits: Limits): Head {
  const parameters = objectAt(learner['learner_model_param'], 'learner.learner_model_param');
  const objective = objectAt(learner['objective'], 'learner.objective');
  const { name } = objective;
  if (typeof name !== 'string') return malformed('learner.objective.name', 'it is no text');
  if (linkOfName('xgboost', name) === null)
    return unsupported(`its objective '${name.slice(0, 60)}' is not known here`);
  const targets = countAt(parameters['num_target'] ?? 1, 'learner.learner_model_param.num_target', limits.claims);
  if (targets > 1) return unsupported(`it has ${targets} targets; train one model a target`);
  const classes = countAt(parameters['num_class'] ?? 0, 'learner.learner_model_param.num_class', limits.claims);
  if (name.startsWith('multi:')) {
    if (classes < 2) return malformed('learner.learner_model_param.num_class', `it is ${classes} for ${name}`);
    return { name, outputs: classes, task: { kind: 'multiclass', classes } };
  }
  if (classes > 1) return malformed('learner.learner_model_param.num_class', `it is ${classes} for ${name}`);
  if (name.startsWith('binary:')) return { name, outputs: 1, task: { kind: 'binary' } };
  if (name === 'reg:quantileerror')
    return { name, outputs: 1, task: { kind: 'quantile', alpha: quantileOf(objective) } };
  return { name, outputs: 1, task: { kind: 'regression' } };
}

/** Adds up what sets of categories cost, since a few digits of a file may claim a set of many words. */
class SetBudget {
  #words: number;
  constructor(words: number) {
    this.#words = words;
  }

  /** The set of these categories in words of 32 bits. */
  words(categories: readonly number[], where: string): number[] {
    const greatest = categories.reduce((left, right) => Math.max(left, right), 0);
    const length = (greatest >>> 5) + 1;
    this.#words -= length;
    if (this.#words < 0) malformed(where, 'its sets of categories would need more memory than the file is worth');
    const words = new Array<number>(length).fill(0);
    for (const category of categories)
      words[category >>> 5] = ((words[category >>> 5] as number) | (1 << (category & 31))) >>> 0;
    return words;
  }
}

function setsOf(tree: Members, where: string, size: number, budget: SetBudget): ReadonlyMap<number, readonly number[]> {
  const nodes = listAt(tree['categories_nodes'] ?? [], `${where}.categories_nodes`);
  const count = nodes.length;
  const categories = listAt(tree['categories'] ?? [], `${where}.categories`);
  const members = integersAt(categories, `${where}.categories`, categories.length, 0, XGBOOST_CATEGORIES_MAX - 1);
  const numbers = integersAt(nodes, `${where}.categories_nodes`, count, 0, size - 1);
  const starts = integersAt(
    tree['categories_segments'] ?? [],
    `${where}.categories_segments`,
    count,
    0,
    members.length,
  );
  const sizes = integersAt(tree['categories_sizes'] ?? [], `${where}.categories_sizes`, count, 0, members.length);
  // Sets don't overlap: else a short file could have the same members read without end.
  if (sizes.reduce((left, right) => left + right, 0) > members.length)
    malformed(`${where}.categories_sizes`, `the sets hold more than the ${members.length} categories`);
  const sets = new Map<number, readonly number[]>();
  for (const [index, node] of numbers.entries()) {
    const start = starts[index] as number;
    const end = start + (sizes[index] as number);
    if (end > members.length) malformed(`${where}.categories_sizes[${index}]`, 'it goes beyond the categories');
    sets.set(node, budget.words([...members.subarray(start, end)], where));
  }
  return sets;
}

function fileTree(value: unknown, where: string, budget: SetBudget): FileTree {
  const tree = objectAt(value, where);
  const parameters = objectAt(tree['tree_param'] ?? {}, `${where}.tree_param`);
  const leafWidth = countAt(parameters['size_leaf_vector'] ?? 0, `${where}.tree_param.size_leaf_vector`, INT32_MAX);
  if (leafWidth > 1) unsupported('its trees have leaves for several outputs (multi_strategy multi_output_tree)');
  const size = listAt(tree['left_children'], `${where}.left_children`).length;
  if (size === 0) malformed(`${where}.left_children`, 'the tree has no node');
  const claimed = parameters['num_nodes'];
  if (claimed !== undefined && countAt(claimed, `${where}.tree_param.num_nodes`, INT32_MAX) !== size)
    malformed(`${where}.tree_param.num_nodes`, `it isn't the ${size} of left_children`);
  const integers = (name: string, max: number): Float64Array =>
    integersAt(tree[name], `${where}.${name}`, size, -1, max);
  const left = integers('left_children', size - 1);
  const right = integers('right_children', size - 1);
  const columns = integers('split_indices', INT32_MAX);
  const conditions = numbersAt(tree['split_conditions'], `${where}.split_conditions`, size);
  const defaults = integersAt(tree['default_left'], `${where}.default_left`, size, 0, 1);
  const types = tree['split_type'] === undefined ? new Float64Array(size) : integers('split_type', 1);
  const sets = setsOf(tree, where, size, budget);
  const optional = (name: string): Float64Array =>
    tree[name] === undefined ? new Float64Array(size) : numbersAt(tree[name], `${where}.${name}`, size);
  const weights = optional('base_weights');
  const isLeaf = (node: number): boolean => left[node] === -1;
  const wrong = columns.findIndex((column, node) => !isLeaf(node) && column < 0);
  if (wrong >= 0) malformed(`${where}.split_indices[${wrong}]`, 'it is no column');
  return {
    feature: columns.map((column, node) => (isLeaf(node) ? -1 : column)),
    left,
    right,
    // "Less than" of 32-bit floats is "not more than" the float before.
    threshold: conditions.map((condition) => below32(Math.fround(condition))),
    flags: defaults.map(
      (goesLeft, node) =>
        (MISSING.nan << NODE_FLAG.missingShift) |
        (goesLeft === 1 ? NODE_FLAG.defaultLeft : 0) |
        (types[node] === 1 ? NODE_FLAG.categorical | NODE_FLAG.setGoesRight : 0),
    ),
    values: conditions.map((condition, node) => Math.fround(isLeaf(node) ? condition : (weights[node] as number))),
    gain: optional('loss_changes'),
    cover: optional('sum_hessian'),
    count: new Float64Array(size),
    sets,
  };
}

/** Names, or `f0`, `f1`, … as XGBoost itself calls columns without one. */
function namesOf(learner: Members, columns: number): readonly string[] {
  const names = listAt(learner['feature_names'] ?? [], 'learner.feature_names');
  if (names.length === 0) return Array.from({ length: columns }, (_, column) => `f${column}`);
  if (names.length !== columns)
    return malformed('learner.feature_names', `it holds ${names.length} names for ${columns} columns`);
  return names.map((name, column) =>
    typeof name === 'string' ? name : malformed(`learner.feature_names[${column}]`, 'it is no text'),
  );
}

function boosterOf(learner: Members): Members {
  const booster = objectAt(learner['gradient_booster'], 'learner.gradient_booster');
  const { name } = booster;
  if (name === 'dart' || name === 'gblinear')
    return unsupported(`its booster is ${name}; only gbtree is read: train with booster=gbtree`);
  if (name !== 'gbtree') return malformed('learner.gradient_booster.name', "it is not 'gbtree'");
  return objectAt(booster['model'], 'learner.gradient_booster.model');
}

/** Trees an output that early stopping found best, from the attribute `best_iteration`, which counts rounds from 0; null where that is all of the `rounds` trees. */
function bestOf(learner: Members, parallel: number, rounds: number): number | null {
  const attributes = objectAt(learner['attributes'] ?? {}, 'learner.attributes');
  const best = attributes['best_iteration'];
  if (best === undefined) return null;
  const trees = (countAt(best, 'learner.attributes.best_iteration', INT32_MAX) + 1) * Math.max(1, parallel);
  return trees < rounds ? trees : null;
}

/**
 * A model that XGBoost (1.7 to 3.x) has written as JSON. Forecasts equal the library's bit for bit up to the exponential function: thresholds, leaves and sums are 32-bit floats as there.
 * Faults: `model_malformed` with the place in the file, `model_unsupported`.
 */
export function readXgboostJson(text: string): Result<TreeEnsemble> {
  return orFault(WHAT, () => readXgboostValue(parseLooseJson(text), text.length));
}

/** The parsed JSON of a file of so many characters. Faults as `readXgboostJson`. */
export function readXgboostValue(value: unknown, length: number): Result<TreeEnsemble> {
  return orFault(WHAT, () => {
    const limits: Limits = { claims: CLAIMS_MAX + length };
    const learner = objectAt(objectAt(value, 'the file')['learner'], 'learner');
    const model = boosterOf(learner);
    const { task, name, outputs } = headOf(learner, limits);
    const parameters = objectAt(learner['learner_model_param'], 'learner.learner_model_param');
    const columns = countAt(parameters['num_feature'], 'learner.learner_model_param.num_feature', limits.claims);
    const trees = listAt(model['trees'], 'trees');
    const info = integersAt(model['tree_info'], 'tree_info', trees.length, 0, outputs - 1);
    const treeParameters = objectAt(model['gbtree_model_param'] ?? {}, 'gbtree_model_param');
    const claimed = countAt(treeParameters['num_trees'] ?? trees.length, 'gbtree_model_param.num_trees', INT32_MAX);
    if (claimed !== trees.length)
      malformed('gbtree_model_param.num_trees', `it is ${claimed}, and there are ${trees.length} trees`);
    const parallel = countAt(
      treeParameters['num_parallel_tree'] ?? 1,
      'gbtree_model_param.num_parallel_tree',
      INT32_MAX,
    );
    const flat = new FileTrees(columns);
    const budget = new SetBudget(limits.claims);
    for (const [index, tree] of trees.entries()) {
      const where = `trees[${index}]`;
      flat.add(fileTree(tree, where, budget), info[index] as number, where);
    }
    const usual = { binary: 'binary:logistic', multiclass: 'multi:softprob', quantile: 'reg:quantileerror' };
    const known = task.kind === 'regression' ? 'reg:squarederror' : usual[task.kind];
    return ok({
      kind: 'trees',
      family: 'xgboost',
      task,
      objective: name === known || name === 'reg:linear' ? null : name,
      featureNames: namesOf(learner, columns),
      outputs,
      leafWidth: 1,
      ...flat.arrays(),
      baseMargins: baseMargins(parameters['base_score'], name, outputs),
      averaged: false,
      inputPrecision: 'float32',
      bestRounds: bestOf(learner, parallel, Math.ceil(trees.length / outputs)),
    });
  });
}
