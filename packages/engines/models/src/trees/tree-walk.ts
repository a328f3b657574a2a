import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** LightGBM takes what is no farther from zero for zero (`kZeroThreshold`, the 32-bit float nearest to 1e−35). */
export const ZERO_DISTANCE = Math.fround(1e-35);
/** XGBoost's greatest category is below this; what is above is in no set. */
export const XGBOOST_CATEGORIES_MAX = 16_777_216;

const missingOf = (flags: number): number => (flags >> NODE_FLAG.missingShift) & 3;

/** Whether a category, as a number, is in the node's set. XGBoost takes any negative value for none, LightGBM cuts the fraction off first. */
function inSet(model: TreeEnsemble, node: number, value: number): boolean {
  const category = Math.trunc(value);
  if (model.family === 'xgboost' ? value < 0 || value >= XGBOOST_CATEGORIES_MAX : category < 0) return false;
  const word = Math.floor(category / 32);
  if (word >= (model.categoryWords[node] as number)) return false;
  const bits = model.categories[(model.categoryStart[node] as number) + word] as number;
  return ((bits >>> (category % 32)) & 1) === 1;
}

/** Whether a row with this raw value in the node's column goes left. */
export function goesLeft(model: TreeEnsemble, node: number, raw: number): boolean {
  const flags = model.flags[node] as number;
  const defaultLeft = (flags & NODE_FLAG.defaultLeft) !== 0;
  if ((flags & NODE_FLAG.categorical) !== 0) {
    if (Number.isNaN(raw)) return defaultLeft;
    return inSet(model, node, raw) !== ((flags & NODE_FLAG.setGoesRight) !== 0);
  }
  let value = model.inputPrecision === 'float32' ? Math.fround(raw) : raw;
  const missing = missingOf(flags);
  if (Number.isNaN(value)) {
    if (missing !== MISSING.none) return defaultLeft;
    value = 0;
  }
  if (missing === MISSING.zero && Math.abs(value) <= ZERO_DISTANCE) return defaultLeft;
  return value <= (model.threshold[node] as number);
}

/** The leaf that a row, beginning at `offset`, ends in when it starts at `root`. */
export function leafOf(model: TreeEnsemble, root: number, values: Float64Array | Float32Array, offset: number): number {
  let node = root;
  let feature = model.feature[node] as number;
  while (feature >= 0) {
    node = (goesLeft(model, node, values[offset + feature] as number) ? model.left : model.right)[node] as number;
    feature = model.feature[node] as number;
  }
  return node;
}

/** The trees that take part in forecasts, in order: all, or those up to `bestRounds` of each output. */
export function treesInUse(model: TreeEnsemble): Int32Array {
  const { bestRounds, treeOutput } = model;
  const seen = new Int32Array(model.outputs);
  return Int32Array.from(treeOutput.keys()).filter((tree) => {
    const output = treeOutput[tree] as number;
    seen[output] = (seen[output] as number) + 1;
    return bestRounds === null || seen[output] <= bestRounds;
  });
}
