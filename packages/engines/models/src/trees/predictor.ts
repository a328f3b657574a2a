import { invariant } from '@monsta/core';
import { applyLink, linkOf } from './objective.ts';
import { BLOCK_ROWS, packTrees, type PackedTrees } from './packed-trees.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { leafOf, treesInUse } from './tree-walk.ts';

/** Rows of raw values, row-major, `width` columns a row in the order of the ensemble's `featureNames`; NaN is a missing value. */
export type RowValues = Float64Array | Float32Array;

/**
 * Forecasts of one ensemble. A predictor keeps buffers of its own, so it serves one caller at a time, and costs memory of about 16 bytes a node beside the ensemble (with sets of categories up to 16 MB more); make one and keep it.
 * Margins are in the units that the trees add up (log-odds for `binary`); a prediction is what the link makes of them.
 */
export interface TreePredictor {
  /** Columns of a row. */
  readonly width: number;
  /** Margins of a row. */
  readonly outputs: number;
  /** Numbers in a prediction: the classes' probabilities for `multiclass`, else 1: the probability of class 1, or the value. */
  readonly predictionWidth: number;
  /** The first, and for all tasks but `multiclass` only, number of the prediction for the row that begins at `offset`. */
  predictOne(values: RowValues, offset: number): number;
  /** Writes the row's margins to `out` from `outOffset` on. */
  margins(values: RowValues, offset: number, out: Float64Array, outOffset: number): void;
  /** Writes the row's prediction to `out` from `outOffset` on. */
  predict(values: RowValues, offset: number, out: Float64Array, outOffset: number): void;
  /** Margins of `rows` rows, `rows × outputs`. */
  marginRows(values: RowValues, rows: number): Float64Array;
  /** Predictions of `rows` rows, `rows × predictionWidth`. */
  predictRows(values: RowValues, rows: number): Float64Array;
}

/** Adds up what leaves say as the family's library does: in order of the trees; 32-bit floats for XGBoost. Both it and LightGBM then give the same sums bit for bit. */
export function treePredictor(model: TreeEnsemble): TreePredictor {
  const { outputs, leafWidth, baseMargins, averaged } = model;
  const width = model.featureNames.length;
  const single = model.inputPrecision === 'float32' && model.family === 'xgboost';
  const link = linkOf(model);
  const trees = treesInUse(model);
  const treeOutput = Int32Array.from(trees, (tree) => model.treeOutput[tree] as number);
  const perOutput = new Int32Array(outputs);
  for (const output of treeOutput) perOutput[output] = (perOutput[output] as number) + 1;
  const votes = leafWidth > 1 ? new Int32Array(outputs).fill(trees.length) : perOutput;

  const wide = leafWidth > 1;
  const packed = packTrees(model, trees, (node) => (wide ? node : (model.values[node] as number)));
  const { slots, leaves }: Pick<PackedTrees, 'slots' | 'leaves'> = packed ?? {
    slots: Int32Array.from(trees.keys()),
    leaves: new Float64Array(trees.length),
  };
  const leafNumber = (index: number, values: RowValues, offset: number): number => {
    const node = leafOf(model, model.roots[trees[index] as number] as number, values, offset);
    return wide ? node : (model.values[node] as number);
  };
  const walk = (values: RowValues, offset: number): void => {
    if (packed !== null) return packed.walk(values, offset);
    for (let index = 0; index < trees.length; index += 1) leaves[index] = leafNumber(index, values, offset);
  };

  const addLeaf = (says: number, output: number, out: Float64Array, at: number): void => {
    if (wide) {
      const from = says * leafWidth;
      for (let value = 0; value < leafWidth; value += 1)
        out[at + value] = (out[at + value] as number) + (model.values[from + value] as number);
    } else {
      const sum = (out[at + output] as number) + says;
      out[at + output] = single ? Math.fround(sum) : sum;
    }
  };
  /** What `count` rows, one after the other, were told by one tree. */
  const addColumn = (output: number, out: Float64Array, from: number, count: number): void => {
    if (wide) for (let row = 0; row < count; row += 1) addLeaf(leaves[row] as number, 0, out, from + row * outputs);
    else if (single)
      for (let row = 0, at = from + output; row < count; row += 1, at += outputs)
        out[at] = Math.fround((out[at] as number) + (leaves[row] as number));
    else
      for (let row = 0, at = from + output; row < count; row += 1, at += outputs)
        out[at] = (out[at] as number) + (leaves[row] as number);
  };
  /** Averaged sums begin at zero, since their base isn't shared out among the trees. */
  const begin = (out: Float64Array, at: number): void => {
    for (let output = 0; output < outputs; output += 1)
      out[at + output] = averaged ? 0 : (baseMargins[output] as number);
  };
  const finish = (out: Float64Array, at: number): void => {
    if (!averaged) return;
    for (let output = 0; output < outputs; output += 1) {
      const count = votes[output] as number;
      const mean = count === 0 ? 0 : (out[at + output] as number) / count;
      out[at + output] = mean + (baseMargins[output] as number);
    }
  };

  const margins = (values: RowValues, offset: number, out: Float64Array, at: number): void => {
    walk(values, offset);
    begin(out, at);
    for (let index = 0; index < trees.length; index += 1)
      addLeaf(leaves[slots[index] as number] as number, treeOutput[index] as number, out, at);
    finish(out, at);
  };

  /** One output and no averaging, the usual case, without the detours. */
  const firstMargin = (values: RowValues, offset: number): number => {
    walk(values, offset);
    let sum = baseMargins[0] as number;
    if (single)
      for (let index = 0; index < slots.length; index += 1)
        sum = Math.fround(sum + (leaves[slots[index] as number] as number));
    else for (let index = 0; index < slots.length; index += 1) sum += leaves[slots[index] as number] as number;
    return sum;
  };

  const scratch = new Float64Array(outputs);
  const predictionWidth = model.task.kind === 'multiclass' ? outputs : 1;
  // A forest that votes by distribution on two classes answers with the second's share.
  const first = model.task.kind === 'binary' && outputs === 2 ? 1 : 0;
  const simple = outputs === 1 && !averaged;
  const predictOne = (values: RowValues, offset: number): number => {
    if (simple) {
      const margin = firstMargin(values, offset);
      if (link.kind === 'identity') return margin;
      if (link.kind === 'sigmoid') return 1 / (1 + Math.exp(-link.scale * margin));
      scratch[0] = margin;
    } else margins(values, offset, scratch, 0);
    applyLink(link, scratch, 0, outputs);
    return scratch[first] as number;
  };

  const marginRows = (values: RowValues, rows: number): Float64Array => {
    invariant(values.length >= rows * width, `${rows} rows of ${width} columns need ${rows * width} values`);
    const out = new Float64Array(rows * outputs);
    if (packed === null || !packed.inBlocks) {
      for (let row = 0; row < rows; row += 1) margins(values, row * width, out, row * outputs);
      return out;
    }
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows - from);
      for (let row = from; row < from + count; row += 1) begin(out, row * outputs);
      packed.load(values, from * width, count);
      for (let index = 0; index < trees.length; index += 1) {
        packed.walkTree(index);
        addColumn(treeOutput[index] as number, out, from * outputs, count);
      }
      for (let row = from; row < from + count; row += 1) finish(out, row * outputs);
    }
    return out;
  };

  const predictRows = (values: RowValues, rows: number): Float64Array => {
    const out = marginRows(values, rows);
    for (let row = 0; row < rows; row += 1) applyLink(link, out, row * outputs, outputs);
    if (predictionWidth === outputs) return out;
    return Float64Array.from({ length: rows }, (_, row) => out[row * outputs + first] as number);
  };

  return {
    width,
    outputs,
    predictionWidth,
    predictOne,
    margins,
    predict(values, offset, out, outOffset) {
      if (predictionWidth === 1) {
        out[outOffset] = predictOne(values, offset);
        return;
      }
      margins(values, offset, out, outOffset);
      applyLink(link, out, outOffset, outputs);
    },
    marginRows,
    predictRows,
  };
}
