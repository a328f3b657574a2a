import { err, ok, type Result } from '@monsta/core';
import type { RowValues } from './predictor.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { treeRange } from './tree-forms.ts';
import { goesLeft, treesInUse } from './tree-walk.ts';

/** The paths of deeper trees would need memory by the square of the depth. */
const DEPTH_MAX = 1_000;

/** Shapley values of the margins: what each column adds, in the row at hand, to what the ensemble says of an average training row. */
export interface TreeExplainer {
  /** Columns of a row. */
  readonly width: number;
  readonly outputs: number;
  /** Numbers a row: for each output one a column, then what is expected without knowing the row. They add up to the output's margin. */
  readonly contributionWidth: number;
  /** What each output expects without knowing the row: the margin's mean over the training rows, as the trees weigh them. */
  readonly expected: Float64Array;
  /** Writes the row's contributions to `out` from `outOffset` on. */
  explain(values: RowValues, offset: number, out: Float64Array, outOffset: number): void;
  /** Contributions of `rows` rows, `rows × contributionWidth`. */
  explainRows(values: RowValues, rows: number): Float64Array;
}

/** What of a node's training rows went left, 0–1. Nodes that no training row weighs on are divided equally: nothing is known of them. */
function leftShares(model: TreeEnsemble, weights: Float64Array): Float64Array {
  return Float64Array.from(model.feature, (feature, node) => {
    if (feature < 0) return 0;
    const left = weights[model.left[node] as number] as number;
    const right = weights[model.right[node] as number] as number;
    return left + right > 0 ? left / (left + right) : 0.5;
  });
}

/** XGBoost weighs by the sum of the hessians, LightGBM and forests by the number of rows; the other where that is unknown. Null: both are. */
function weightsOf(model: TreeEnsemble, trees: Int32Array): Float64Array | null {
  const order = model.family === 'xgboost' ? [model.cover, model.count] : [model.count, model.cover];
  const known = (weights: Float64Array): boolean =>
    trees.every((tree) => {
      const root = model.roots[tree] as number;
      return (model.feature[root] as number) < 0 || (weights[root] as number) > 0;
    });
  return order.find(known) ?? null;
}

function greatestDepth(model: TreeEnsemble, trees: Int32Array): number {
  const levels = new Int32Array(model.feature.length);
  let depth = 0;
  for (const tree of trees) {
    const [from, to] = treeRange(model, tree);
    for (let node = from; node < to; node += 1) {
      if ((model.feature[node] as number) < 0) continue;
      const level = (levels[node] as number) + 1;
      levels[model.left[node] as number] = level;
      levels[model.right[node] as number] = level;
      depth = Math.max(depth, level);
    }
  }
  return depth;
}

/** What each value of a leaf is expected to be over a tree's training rows. Children come after their parents, so means are gathered from behind. */
function treeMeans(model: TreeEnsemble, tree: number, shares: Float64Array): Float64Array {
  const { leafWidth } = model;
  const [from, to] = treeRange(model, tree);
  const means = new Float64Array((to - from) * leafWidth);
  for (let node = to - 1; node >= from; node -= 1) {
    const share = shares[node] as number;
    const left = ((model.left[node] as number) - from) * leafWidth;
    const right = ((model.right[node] as number) - from) * leafWidth;
    for (let value = 0; value < leafWidth; value += 1)
      means[(node - from) * leafWidth + value] =
        (model.feature[node] as number) < 0
          ? (model.values[node * leafWidth + value] as number)
          : share * (means[left + value] as number) + (1 - share) * (means[right + value] as number);
  }
  return means.slice(0, leafWidth);
}

/**
 * The decision path of TreeSHAP (Lundberg, Erion and Lee 2018, "Consistent Individualized Feature Attribution for Tree Ensembles", algorithm 2): for each column on it the share of training rows that follow it
 * when the column is unknown (`zero`), whether the row itself does (`one`), and the weights of the sets of known columns by their size.
 */
class Paths {
  readonly column: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;
  /** 1 / n at n. */
  readonly inverse: Float64Array;

  constructor(depth: number) {
    const size = ((depth + 2) * (depth + 3)) / 2 + 1;
    this.column = new Int32Array(size);
    this.zero = new Float64Array(size);
    this.one = new Float64Array(size);
    this.weight = new Float64Array(size);
    this.inverse = Float64Array.from({ length: depth + 3 }, (_, number) => 1 / number);
  }

  /** Copies the path of `length` columns at `from` to `to` and adds a column to it. */
  extend(from: number, to: number, length: number, zero: number, one: number, column: number): void {
    const { column: columns, zero: zeros, one: ones, weight } = this;
    // Paths are short: a loop is faster than the call that copies.
    for (let index = 0; index < length; index += 1) {
      columns[to + index] = columns[from + index] as number;
      zeros[to + index] = zeros[from + index] as number;
      ones[to + index] = ones[from + index] as number;
      weight[to + index] = weight[from + index] as number;
    }
    columns[to + length] = column;
    zeros[to + length] = zero;
    ones[to + length] = one;
    weight[to + length] = length === 0 ? 1 : 0;
    const share = this.inverse[length + 1] as number;
    for (let index = length - 1; index >= 0; index -= 1) {
      const before = (weight[to + index] as number) * share;
      if (one !== 0) weight[to + index + 1] = (weight[to + index + 1] as number) + before * (index + 1);
      weight[to + index] = zero * before * (length - index);
    }
  }

  /** Takes the column at `index` out of the path at `at`, whose last index is `last`. */
  unwind(at: number, last: number, index: number): void {
    const { weight } = this;
    const one = this.one[at + index] as number;
    const zero = this.zero[at + index] as number;
    let next = weight[at + last] as number;
    for (let position = last - 1; position >= 0; position -= 1) {
      const here = weight[at + position] as number;
      if (one === 0) weight[at + position] = (here * (last + 1)) / (zero * (last - position));
      else {
        weight[at + position] = (next * (last + 1)) / ((position + 1) * one);
        next = here - ((weight[at + position] as number) * zero * (last - position)) / (last + 1);
      }
    }
    for (let position = at + index; position < at + last; position += 1) {
      this.column[position] = this.column[position + 1] as number;
      this.zero[position] = this.zero[position + 1] as number;
      this.one[position] = this.one[position + 1] as number;
    }
  }

  /**
   * The sum of the weights that `unwind` would leave without a column that the row doesn't follow (`one` 0), times the column's `zero`: it is the same for all such columns of a path.
   * Most of the time is spent here and below: divisions are multiplications by what was divided once.
   */
  coldSum(at: number, last: number): number {
    const { weight, inverse } = this;
    let sum = 0;
    for (let position = last - 1; position >= 0; position -= 1)
      sum += (weight[at + position] as number) * (inverse[last - position] as number);
    return sum * (last + 1);
  }

  /** The sum of the weights that `unwind` would leave without a column that the row follows (`one` 1). */
  hotSum(at: number, last: number, zero: number): number {
    const { weight, inverse } = this;
    let sum = 0;
    const scale = zero * (inverse[last + 1] as number);
    let next = (weight[at + last] as number) * (last + 1);
    for (let position = last - 1; position >= 0; position -= 1) {
      const unwound = next * (inverse[position + 1] as number);
      sum += unwound;
      next = ((weight[at + position] as number) - unwound * scale * (last - position)) * (last + 1);
    }
    return sum;
  }

  /** Where a column stands in the path at `at`; −1 where it doesn't. Position 0 stands for no column. */
  find(at: number, last: number, column: number): number {
    for (let index = 1; index <= last; index += 1) if (this.column[at + index] === column) return index;
    return -1;
  }
}

/**
 * Exact Shapley values by the trees' own weights ("path-dependent", as `pred_contribs` of XGBoost and `pred_contrib` of LightGBM give them). Keeps buffers: one caller at a time.
 * Faults: `contributions_unknown` where the trees don't say how many training rows went which way, `trees_too_deep`.
 */
export function treeExplainer(model: TreeEnsemble): Result<TreeExplainer> {
  const trees = treesInUse(model);
  const weights = weightsOf(model, trees);
  if (weights === null)
    return err(
      'contributions_unknown',
      'the model does not say how many training rows went to which node (its counts and covers are 0), and contributions are weighed by them; train it with them',
    );
  const depth = greatestDepth(model, trees);
  if (depth > DEPTH_MAX)
    return err('trees_too_deep', `a tree has ${depth} levels; contributions are reckoned for up to ${DEPTH_MAX}`);
  const { outputs, leafWidth, averaged } = model;
  const width = model.featureNames.length;
  const shares = leftShares(model, weights);
  const perOutput = new Int32Array(outputs);
  for (const tree of trees) {
    if (leafWidth > 1) perOutput.forEach((count, output) => (perOutput[output] = count + 1));
    else perOutput[model.treeOutput[tree] as number] = (perOutput[model.treeOutput[tree] as number] as number) + 1;
  }
  /** What a tree's word counts for. */
  const vote = Float64Array.from(perOutput, (count) => (averaged ? 1 / Math.max(1, count) : 1));
  const expected = Float64Array.from(model.baseMargins);
  for (const tree of trees)
    for (const [value, mean] of treeMeans(model, tree, shares).entries()) {
      const output = (model.treeOutput[tree] as number) + value;
      expected[output] = (expected[output] as number) + mean * (vote[output] as number);
    }

  const paths = new Paths(depth);
  const stride = width + 1;
  let row: RowValues = new Float64Array(0);
  let rowAt = 0;
  let sums: Float64Array = new Float64Array(0);
  let sumsAt = 0;
  let treeAt = 0;

  const addLeaf = (node: number, at: number, last: number): void => {
    const cold = paths.coldSum(at, last);
    for (let index = 1; index <= last; index += 1) {
      const zero = paths.zero[at + index] as number;
      // The sum of the weights times `one − zero`.
      const share = paths.one[at + index] === 0 ? -cold : paths.hotSum(at, last, zero) * (1 - zero);
      const column = paths.column[at + index] as number;
      for (let value = 0; value < leafWidth; value += 1) {
        const output = treeAt + value;
        const to = sumsAt + output * stride + column;
        sums[to] =
          (sums[to] as number) + share * (model.values[node * leafWidth + value] as number) * (vote[output] as number);
      }
    }
  };

  const walk = (node: number, length: number, from: number, zero: number, one: number, column: number): void => {
    // No set of columns leads here: the row doesn't, and no training row did.
    if (zero === 0 && one === 0) return;
    const at = from + length;
    paths.extend(from, at, length, zero, one, column);
    const feature = model.feature[node] as number;
    if (feature < 0) return addLeaf(node, at, length);
    const share = shares[node] as number;
    const left = goesLeft(model, node, row[rowAt + feature] as number);
    let last = length;
    let zeroBefore = 1;
    let oneBefore = 1;
    const index = paths.find(at, last, feature);
    if (index >= 0) {
      zeroBefore = paths.zero[at + index] as number;
      oneBefore = paths.one[at + index] as number;
      paths.unwind(at, last, index);
      last -= 1;
    }
    const leftNode = model.left[node] as number;
    const rightNode = model.right[node] as number;
    walk(leftNode, last + 1, at, share * zeroBefore, left ? oneBefore : 0, feature);
    walk(rightNode, last + 1, at, (1 - share) * zeroBefore, left ? 0 : oneBefore, feature);
  };

  const explain = (values: RowValues, offset: number, out: Float64Array, outOffset: number): void => {
    row = values;
    rowAt = offset;
    sums = out;
    sumsAt = outOffset;
    out.fill(0, outOffset, outOffset + outputs * stride);
    for (let output = 0; output < outputs; output += 1)
      out[outOffset + output * stride + width] = expected[output] as number;
    for (const tree of trees) {
      const root = model.roots[tree] as number;
      treeAt = model.treeOutput[tree] as number;
      if ((model.feature[root] as number) >= 0) walk(root, 0, 0, 1, 1, -1);
    }
  };
  return ok({
    width,
    outputs,
    contributionWidth: outputs * stride,
    expected,
    explain,
    explainRows(values, rows) {
      const out = new Float64Array(rows * outputs * stride);
      for (let index = 0; index < rows; index += 1) explain(values, index * width, out, index * outputs * stride);
      return out;
    },
  });
}
