import { ok, type Result } from '@monsta/core';
import { above32, below32, text32 } from './float32.ts';
import { unsuitable } from './model-faults.ts';
import { objectiveOf } from './objective.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';
import { treesInRounds } from './tree-forms.ts';
import { marginOfBase } from './xgboost-json.ts';

const FORM = 'XGBoost JSON';
/** XGBoost's mark of the root's parent. */
const NO_PARENT = 2_147_483_647;

const REG_LOSS = { reg_loss_param: { scale_pos_weight: '1' } };

/** What the library wants beside an objective's name. Parameters that only training reads have the library's defaults: forecasts don't depend on them. Null: not written here. */
function objectiveJson(model: TreeEnsemble, name: string): Readonly<Record<string, unknown>> | null {
  switch (name) {
    case 'binary:logistic':
    case 'binary:logitraw':
    case 'reg:logistic':
    case 'reg:squarederror':
    case 'reg:squaredlogerror':
      return { name, ...REG_LOSS };
    case 'multi:softprob':
    case 'multi:softmax':
      return { name, softmax_multiclass_param: { num_class: String(model.outputs) } };
    case 'reg:quantileerror': {
      const alpha = model.task.kind === 'quantile' ? model.task.alpha : null;
      return alpha === null ? null : { name, quantile_loss_param: { quantile_alpha: `[${alpha}]` } };
    }
    case 'reg:absoluteerror':
    case 'reg:gamma':
      return { name };
    case 'reg:pseudohubererror':
      return { name, pseudo_huber_param: { huber_slope: '1' } };
    case 'count:poisson':
      return { name, poisson_regression_param: { max_delta_step: '0.7' } };
    case 'reg:tweedie':
      return { name, tweedie_regression_param: { tweedie_variance_power: '1.5' } };
    default:
      return null;
  }
}

/** The base score whose margin is exactly this, if there is one near. */
function baseScoreOf(objective: string, margin: number): number | null {
  if (marginOfBase(objective, margin) === margin) return margin;
  for (const guess of [1 / (1 + Math.exp(-margin)), Math.exp(margin)]) {
    let candidate = Math.fround(guess);
    for (let step = 0; step < 4; step += 1) candidate = below32(candidate);
    for (let step = 0; step < 9; step += 1) {
      if (candidate > 0 && marginOfBase(objective, candidate) === margin) return candidate;
      candidate = above32(candidate);
    }
  }
  return null;
}

/** Numbers that XGBoost reads as floats, as a JSON list. */
const floats = (values: readonly number[]): string => `[${values.map(text32).join(',')}]`;
const integers = (values: readonly number[]): string => `[${values.join(',')}]`;

/** How an XGBoost node, which sends every missing value the default way, says what this one says; null where it can't. */
function defaultLeft(model: TreeEnsemble, node: number): number | null {
  const flags = model.flags[node] as number;
  const missing = (flags >> NODE_FLAG.missingShift) & 3;
  if ((flags & NODE_FLAG.categorical) !== 0)
    return (flags & NODE_FLAG.setGoesRight) === 0 ? null : flags & NODE_FLAG.defaultLeft;
  if (missing === MISSING.zero) return null;
  if (missing === MISSING.none) return 0 <= (model.threshold[node] as number) ? 1 : 0;
  return flags & NODE_FLAG.defaultLeft;
}

/** Members of the node's set, in order. */
function membersOf(model: TreeEnsemble, node: number): readonly number[] {
  const start = model.categoryStart[node] as number;
  const members: number[] = [];
  for (let word = 0; word < (model.categoryWords[node] as number); word += 1)
    for (let bit = 0; bit < 32; bit += 1)
      if ((((model.categories[start + word] as number) >>> bit) & 1) === 1) members.push(word * 32 + bit);
  return members;
}

/** Nodes of a tree, level by level: XGBoost takes the node after a left child for the right one, whatever the file says. */
function breadthFirst(model: TreeEnsemble, root: number): readonly number[] {
  const nodes = [root];
  for (let head = 0; head < nodes.length; head += 1) {
    const node = nodes[head] as number;
    if ((model.feature[node] as number) >= 0) nodes.push(model.left[node] as number, model.right[node] as number);
  }
  return nodes;
}

/** One tree; `shift` is added to what its leaves say. Null: a node says what XGBoost's can't. */
function treeJson(model: TreeEnsemble, tree: number, id: number, shift: number): string | null {
  const nodes = breadthFirst(model, model.roots[tree] as number);
  const places = new Map(nodes.map((node, index) => [node, index]));
  const placeOf = (node: number): number => places.get(node) ?? NO_PARENT;
  const isLeaf = (node: number): boolean => (model.feature[node] as number) < 0;
  const isSet = (node: number): boolean => ((model.flags[node] as number) & NODE_FLAG.categorical) !== 0;
  const defaults: number[] = [];
  const parents = new Array<number>(nodes.length).fill(NO_PARENT);
  const categories: number[] = [];
  const sets = { nodes: [] as number[], starts: [] as number[], sizes: [] as number[] };
  for (const node of nodes) {
    if (isLeaf(node)) {
      defaults.push(0);
      continue;
    }
    const direction = defaultLeft(model, node);
    if (direction === null) return null;
    defaults.push(direction);
    parents[placeOf(model.left[node] as number)] = placeOf(node);
    parents[placeOf(model.right[node] as number)] = placeOf(node);
    if (!isSet(node)) continue;
    const members = membersOf(model, node);
    sets.nodes.push(placeOf(node));
    sets.starts.push(categories.length);
    sets.sizes.push(members.length);
    for (const member of members) categories.push(member);
  }
  const says = (node: number): number => Math.fround((model.values[node] as number) + (isLeaf(node) ? shift : 0));
  const condition = (node: number): number => {
    if (isLeaf(node)) return says(node);
    const threshold = model.threshold[node] as number;
    // XGBoost itself writes −Infinity where only missing values go left.
    return isSet(node) ? 0 : threshold === -Infinity ? threshold : above32(roundedDown(threshold));
  };
  const child = (side: Int32Array) => (node: number) => (isLeaf(node) ? -1 : placeOf(side[node] as number));
  const members = [
    `"base_weights":${floats(nodes.map(says))}`,
    `"categories":${integers(categories)}`,
    `"categories_nodes":${integers(sets.nodes)}`,
    `"categories_segments":${integers(sets.starts)}`,
    `"categories_sizes":${integers(sets.sizes)}`,
    `"default_left":${integers(defaults)}`,
    `"id":${id}`,
    `"left_children":${integers(nodes.map(child(model.left)))}`,
    `"loss_changes":${floats(nodes.map((node) => model.gain[node] as number))}`,
    `"parents":${integers(parents)}`,
    `"right_children":${integers(nodes.map(child(model.right)))}`,
    `"split_conditions":${floats(nodes.map(condition))}`,
    `"split_indices":${integers(nodes.map((node) => Math.max(0, model.feature[node] as number)))}`,
    `"split_type":${integers(nodes.map((node) => (isSet(node) ? 1 : 0)))}`,
    `"sum_hessian":${floats(nodes.map((node) => model.cover[node] as number))}`,
    `"tree_param":${JSON.stringify({ num_deleted: '0', num_feature: String(model.featureNames.length), num_nodes: String(nodes.length), size_leaf_vector: '0' })}`,
  ];
  return `{${members.join(',')}}`;
}

/** The greatest 32-bit float that is not more: a 32-bit value is above the one exactly when it is above the other. */
function roundedDown(threshold: number): number {
  const rounded = Math.fround(threshold);
  return rounded <= threshold ? rounded : below32(rounded);
}

/** Columns that some node splits by a set of categories. */
function categoricalColumns(model: TreeEnsemble): ReadonlySet<number> {
  const columns = new Set<number>();
  for (const [node, flags] of model.flags.entries())
    if ((flags & NODE_FLAG.categorical) !== 0) columns.add(model.feature[node] as number);
  return columns;
}

/**
 * The model in the JSON form of XGBoost 1.7, which later versions read, too (`reg:quantileerror` needs 2.0). The library forecasts with it what MONSTA forecasts, bit for bit up to the exponential function.
 * Numbers of rows a node aren't kept by the form. Fault: `model_form_unsuitable`.
 */
export function writeXgboostJson(model: TreeEnsemble): Result<string> {
  if (model.family !== 'xgboost') return unsuitable(FORM, `it was made by the rules of ${model.family}`);
  const name = objectiveOf(model) ?? '';
  const objective = objectiveJson(model, name);
  if (objective === null) return unsuitable(FORM, `the objective ${name} isn't written`);
  const order = treesInRounds(model);
  if (order === null) return unsuitable(FORM, 'its outputs have different numbers of trees');
  const { outputs, baseMargins } = model;
  const common = baseMargins.every((margin) => margin === baseMargins[0]) ? (baseMargins[0] ?? 0) : null;
  const exact = common === null ? null : baseScoreOf(name, Math.fround(common));
  // Where no base score says it, the first tree of each output says it: the sum begins with the two added up in any case.
  const neutral = baseScoreOf(name, 0) ?? 0;
  if (exact === null && order.length === 0)
    return unsuitable(FORM, 'it has no trees, and no base score says where it begins');
  const trees: string[] = [];
  for (const [id, tree] of order.entries()) {
    const shift = exact === null && id < outputs ? (baseMargins[id] as number) : 0;
    const text = treeJson(model, tree, id, shift);
    if (text === null)
      return unsuitable(FORM, `tree ${tree} reads zeros or categories in a way that XGBoost doesn't know`);
    trees.push(text);
  }
  const sets = categoricalColumns(model);
  const learner = {
    attributes:
      model.bestRounds === null
        ? {}
        : { best_iteration: String(model.bestRounds - 1), best_ntree_limit: String(model.bestRounds) },
    feature_names: model.featureNames,
    feature_types: model.featureNames.map((_, column) => (sets.has(column) ? 'c' : 'float')),
    gradient_booster: {
      model: {
        gbtree_model_param: { num_parallel_tree: '1', num_trees: String(order.length), size_leaf_vector: '0' },
        tree_info: [...order].map((tree) => model.treeOutput[tree]),
        trees: '@trees',
      },
      name: 'gbtree',
    },
    learner_model_param: {
      base_score: text32(exact ?? neutral).toUpperCase(),
      boost_from_average: '1',
      num_class: model.task.kind === 'multiclass' ? String(outputs) : '0',
      num_feature: String(model.featureNames.length),
      num_target: '1',
    },
    objective,
  };
  // The trees go in as text: their floats are written as XGBoost wants them. A column may well be called '@trees', so the place is found from the booster on.
  const [before, after] = splitAtTrees(JSON.stringify(learner));
  return ok(`{"learner":${before}[${trees.join(',')}]${after},"version":[1,7,4]}`);
}

function splitAtTrees(text: string): readonly [string, string] {
  const mark = '"trees":"@trees"';
  const at = text.indexOf(mark, text.indexOf('"gradient_booster":{"model":{"gbtree_model_param"')) + '"trees":'.length;
  return [text.slice(0, at), text.slice(at + '"@trees"'.length)];
}
