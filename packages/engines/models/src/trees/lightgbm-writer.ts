import { ok, type Result } from '@monsta/core';
import { importanceOf } from './importance.ts';
import { DECISION } from './lightgbm-text.ts';
import { unsuitable } from './model-faults.ts';
import { objectiveOf } from './objective.ts';
import { NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';
import { treesInRounds } from './tree-forms.ts';

const FORM = 'LightGBM text';

/** As the library writes its own: it also has infinite thresholds, and tells −0 from 0. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

const listText = (name: string, values: readonly number[]): string => `${name}=${values.map(numberText).join(' ')}`;

interface Split {
  readonly node: number;
  readonly left: number;
  readonly right: number;
  readonly decision: number;
  /** The categorical node's words, else null. */
  readonly set: readonly number[] | null;
}

/** The node as LightGBM says it: sets go left, and missing categories right. Null where that can't be. */
function splitOf(model: TreeEnsemble, node: number): Split | null {
  const flags = model.flags[node] as number;
  const left = model.left[node] as number;
  const right = model.right[node] as number;
  const defaultLeft = (flags & NODE_FLAG.defaultLeft) !== 0;
  if ((flags & NODE_FLAG.categorical) === 0) {
    const missing = (flags >> NODE_FLAG.missingShift) & 3;
    const decision = (defaultLeft ? DECISION.defaultLeft : 0) | (missing << DECISION.missingShift);
    return { node, left, right, decision, set: null };
  }
  // The other way round is the same when the children change places, too.
  const swapped = (flags & NODE_FLAG.setGoesRight) !== 0;
  if (defaultLeft !== swapped) return null;
  const start = model.categoryStart[node] as number;
  const set = [...model.categories.subarray(start, start + (model.categoryWords[node] as number))];
  const decision = DECISION.categorical | (2 << DECISION.missingShift);
  return { node, left: swapped ? right : left, right: swapped ? left : right, decision, set };
}

/** One tree's lines; `shift` is added to what its leaves say. Null: a node says what LightGBM's can't. */
function treeText(model: TreeEnsemble, root: number, index: number, shift: number): string | null {
  const splits: Split[] = [];
  const leaves: number[] = [];
  const numbers = new Map<number, number>();
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if ((model.feature[node] as number) < 0) {
      numbers.set(node, -1 - leaves.length);
      leaves.push(node);
      continue;
    }
    const split = splitOf(model, node);
    if (split === null) return null;
    numbers.set(node, splits.length);
    splits.push(split);
    waiting.push(split.right, split.left);
  }
  const sets = splits.flatMap((split) => (split.set === null ? [] : [split.set]));
  const boundaries = [0];
  for (const set of sets) boundaries.push((boundaries.at(-1) ?? 0) + set.length);
  let set = -1;
  const threshold = splits.map((split) => {
    if (split.set === null) return model.threshold[split.node] as number;
    set += 1;
    return set;
  });
  const ofSplits = (values: ArrayLike<number>): readonly number[] => splits.map(({ node }) => values[node] as number);
  const ofLeaves = (values: ArrayLike<number>): readonly number[] => leaves.map((node) => values[node] as number);
  const number = (node: number): number => numbers.get(node) ?? 0;
  const lines = [
    `Tree=${index}`,
    `num_leaves=${leaves.length}`,
    `num_cat=${sets.length}`,
    listText('split_feature', ofSplits(model.feature)),
    listText('split_gain', ofSplits(model.gain)),
    listText('threshold', threshold),
    listText(
      'decision_type',
      splits.map((split) => split.decision),
    ),
    listText(
      'left_child',
      splits.map((split) => number(split.left)),
    ),
    listText(
      'right_child',
      splits.map((split) => number(split.right)),
    ),
    listText(
      'leaf_value',
      ofLeaves(model.values).map((value) => (shift === 0 ? value : value + shift)),
    ),
    listText('leaf_weight', ofLeaves(model.cover)),
    listText('leaf_count', ofLeaves(model.count).map(Math.round)),
    listText('internal_value', ofSplits(model.values)),
    listText('internal_weight', ofSplits(model.cover)),
    listText('internal_count', ofSplits(model.count).map(Math.round)),
    ...(sets.length === 0 ? [] : [listText('cat_boundaries', boundaries), listText('cat_threshold', sets.flat())]),
    'is_linear=0',
    'shrinkage=1',
  ];
  return `${lines.join('\n')}\n\n\n`;
}

/** Names that the library takes: its own bindings, too, put an underscore where a name has a blank. */
function namesOf(model: TreeEnsemble): readonly string[] | null {
  const names = model.featureNames.map((name) => name.replaceAll(/\s/gu, '_'));
  return new Set(names).size === names.length && !names.includes('') ? names : null;
}

/**
 * The model as text of LightGBM's version 4, which the library loads and forecasts with as MONSTA does. Where the margins begin is told by the leaves of the first round, since the form has no other place;
 * rounds after the best are left out, as the library does. Ranges of the columns aren't known and stand as `none`. Fault: `model_form_unsuitable`.
 */
export function writeLightgbmText(model: TreeEnsemble): Result<string> {
  if (model.family !== 'lightgbm') return unsuitable(FORM, `it was made by the rules of ${model.family}`);
  const names = namesOf(model);
  if (names === null) return unsuitable(FORM, 'a column has no name, or two have the same');
  if (names.length === 0) return unsuitable(FORM, 'it has no columns');
  const order = treesInRounds(model);
  if (order === null) return unsuitable(FORM, 'its outputs have different numbers of trees');
  const { outputs, baseMargins } = model;
  const rounds = Math.min(order.length / outputs, model.bestRounds ?? Infinity);
  const trees: string[] = [];
  for (const [index, tree] of order.subarray(0, rounds * outputs).entries()) {
    const shift = model.averaged || index < outputs ? (baseMargins[index % outputs] as number) : 0;
    const text = treeText(model, model.roots[tree] as number, index, shift);
    if (text === null) return unsuitable(FORM, `tree ${tree} sends missing categories where LightGBM never does`);
    trees.push(text);
  }
  const objective = objectiveOf(model) ?? 'custom';
  const parameters = [
    `[boosting: ${model.averaged ? 'rf' : 'gbdt'}]`,
    `[objective: ${objective.split(' ')[0] ?? ''}]`,
    ...(model.task.kind === 'quantile' ? [`[alpha: ${model.task.alpha}]`] : []),
  ];
  const head = [
    'tree',
    'version=v4',
    `num_class=${model.task.kind === 'multiclass' ? outputs : 1}`,
    `num_tree_per_iteration=${outputs}`,
    'label_index=0',
    `max_feature_idx=${names.length - 1}`,
    ...(objective === 'custom' ? [] : [`objective=${objective}`]),
    ...(model.averaged ? ['average_output'] : []),
    `feature_names=${names.join(' ')}`,
    `feature_infos=${names.map(() => 'none').join(' ')}`,
    // Nothing in a tree is more than one byte wide.
    `tree_sizes=${trees.map((tree) => tree.length).join(' ')}`,
    '',
    '',
  ];
  const splits = [...importanceOf(model, 'split')].map((count, column) => ({ count, name: names[column] ?? '' }));
  const ranked = splits.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
  const foot = [
    'end of trees',
    '',
    'feature_importances:',
    ...ranked.map(({ count, name }) => `${name}=${count}`),
    '',
    'parameters:',
    ...parameters,
    '',
    'end of parameters',
    '',
  ];
  return ok(head.join('\n') + trees.join('') + foot.join('\n'));
}
