import type { BinnedColumn } from './binning.ts';
import type { BoostingParams } from './boosting-params.ts';
import { below32 } from './float32.ts';
import type { GrowingNode, NodeSplit } from './growing-tree.ts';
import { ZERO_DISTANCE } from './tree-walk.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** LightGBM's bound of a threshold that all values are below. */
const THRESHOLD_MAX = 1e300;

const word = new DataView(new ArrayBuffer(8));

/** The 64-bit float next to a finite one, `up` or down. */
function next64(value: number, up: boolean): number {
  word.setFloat64(0, value === 0 ? (up ? 0 : -0) : value);
  const bits = word.getBigInt64(0);
  word.setBigInt64(0, bits + (bits < 0n === up ? -1n : 1n));
  return word.getFloat64(0);
}

/**
 * The threshold between two neighbouring values as LightGBM has it: the float above half way (`GetDoubleUpperBound`), or the end of what counts as 0. Where the values are neighbours among
 * 32-bit floats: so that a 64-bit value is on the side that its rounded form was trained on.
 */
function thresholdBetween(lower: number, upper: number, missingLeft: boolean): number {
  // With no 0 in between, both ends of its empty bin would do: looking from the right comes upon the upper one first.
  if (lower <= ZERO_DISTANCE && upper > ZERO_DISTANCE)
    return lower > -ZERO_DISTANCE || missingLeft ? ZERO_DISTANCE : -ZERO_DISTANCE;
  if (lower <= -ZERO_DISTANCE && upper > -ZERO_DISTANCE) return -ZERO_DISTANCE;
  const middle = lower + (upper - lower) / 2;
  for (const threshold of [next64(middle, true), middle]) if (Math.fround(threshold) < upper) return threshold;
  return next64(middle, false);
}

/**
 * The threshold of a cut. XGBoost asks whether the 32-bit value is below the cut; "not above the float before it" is the same.
 */
function thresholdOf(column: BinnedColumn, { cut, missingLeft }: NodeSplit, family: BoostingParams['family']): number {
  const { cuts, below, bins, min, max } = column;
  if (family === 'xgboost') {
    if (cut === 0) return below32(Math.fround(min - Math.abs(min) - 1e-5));
    return below32(cut === bins ? Math.fround(max + (Math.abs(max) + 1e-5)) : (cuts[cut - 1] as number));
  }
  // Values left, missing ones right.
  if (cut === bins) return THRESHOLD_MAX;
  return thresholdBetween(below[cut - 1] as number, cuts[cut - 1] as number, missingLeft);
}

/** Collects trees into the flat form. */
export class GrownTrees {
  readonly #params: BoostingParams;
  readonly #gainNoted: number;
  readonly #columns: readonly BinnedColumn[];
  readonly #roots: number[] = [];
  readonly #treeOutput: number[] = [];
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #flags: number[] = [];
  readonly #categoryStart: number[] = [];
  readonly #categoryWords: number[] = [];
  readonly #categories: number[] = [];
  readonly #values: number[] = [];
  readonly #gain: number[] = [];
  readonly #cover: number[] = [];
  readonly #count: number[] = [];

  constructor(params: BoostingParams, columns: readonly BinnedColumn[]) {
    this.#params = params;
    this.#gainNoted = params.family === 'lightgbm' ? params.gainMin : 0;
    this.#columns = columns;
  }

  get trees(): number {
    return this.#roots.length;
  }

  /** Adds a tree; `values`: what each of its nodes says, as the ensemble holds it. */
  add(nodes: readonly GrowingNode[], values: readonly number[], output: number): void {
    const root = this.#feature.length;
    this.#roots.push(root);
    this.#treeOutput.push(output);
    for (const [index, node] of nodes.entries()) {
      const split = node.children === null ? null : node.split;
      const [left, right] = node.children ?? [null, null];
      this.#feature.push(split === null ? -1 : split.column);
      this.#left.push(left === null ? -1 : root + left.index);
      this.#right.push(right === null ? -1 : root + right.index);
      // LightGBM notes what a split gained before `gainMin` was taken off.
      this.#gain.push(split === null ? 0 : split.gain + this.#gainNoted);
      this.#cover.push(node.hessian);
      this.#count.push(node.span.count);
      this.#values.push(values[index] ?? 0);
      this.#addSplit(split);
    }
  }

  #addSplit(split: NodeSplit | null): void {
    const column = split === null ? undefined : this.#columns[split.column];
    this.#categoryStart.push(this.#categories.length);
    if (split === null || column === undefined) {
      this.#threshold.push(0);
      this.#flags.push(0);
      this.#categoryWords.push(0);
      return;
    }
    const xgboost = this.#params.family === 'xgboost';
    const knowsMissing = xgboost || column.missingBin !== null;
    // What never came in training: LightGBM writes left for numbers, because it looks from the right; for sets, XGBoost's go right and LightGBM's left, and all else goes the other way.
    const goesLeft = column.missingBin === null ? xgboost === column.categorical : split.missingLeft;
    const missing = (knowsMissing ? MISSING.nan : MISSING.none) << NODE_FLAG.missingShift;
    const flags = missing | (goesLeft ? NODE_FLAG.defaultLeft : 0);
    const setGoesRight = xgboost ? NODE_FLAG.setGoesRight : 0;
    this.#flags.push(split.cut < 0 ? flags | NODE_FLAG.categorical | setGoesRight : flags);
    if (split.cut >= 0) {
      this.#threshold.push(thresholdOf(column, split, this.#params.family));
      this.#categoryWords.push(0);
      return;
    }
    this.#threshold.push(0);
    const categories = split.set.map((bin) => (bin === 0 ? column.min : (column.cuts[bin - 1] as number)));
    const words = new Uint32Array((Math.max(...categories) >> 5) + 1);
    for (const category of categories) words[category >> 5] = (words[category >> 5] as number) | (1 << (category & 31));
    this.#categories.push(...words);
    this.#categoryWords.push(words.length);
  }

  /** The trees from number `from` on, as an ensemble that begins at 0. */
  build(
    from: number,
    rest: Pick<TreeEnsemble, 'featureNames' | 'outputs' | 'baseMargins' | 'bestRounds' | 'objective'>,
  ): TreeEnsemble {
    const root = this.#roots[from] ?? this.#feature.length;
    const start = this.#categoryStart[root] ?? this.#categories.length;
    const isLeaf = (at: number): boolean => (this.#feature[root + at] as number) < 0;
    return {
      kind: 'trees',
      family: this.#params.family,
      task: this.#params.task,
      ...rest,
      leafWidth: 1,
      roots: Int32Array.from(this.#roots.slice(from), (at) => at - root),
      treeOutput: Int32Array.from(this.#treeOutput.slice(from)),
      feature: Int32Array.from(this.#feature.slice(root)),
      threshold: Float64Array.from(this.#threshold.slice(root)),
      left: Int32Array.from(this.#left.slice(root), (at) => (at < 0 ? at : at - root)),
      right: Int32Array.from(this.#right.slice(root), (at) => (at < 0 ? at : at - root)),
      flags: Uint8Array.from(this.#flags.slice(root)),
      categoryStart: Int32Array.from(this.#categoryStart.slice(root), (at, index) => (isLeaf(index) ? 0 : at - start)),
      categoryWords: Int32Array.from(this.#categoryWords.slice(root)),
      categories: Uint32Array.from(this.#categories.slice(start)),
      values: Float64Array.from(this.#values.slice(root)),
      gain: Float64Array.from(this.#gain.slice(root)),
      cover: Float64Array.from(this.#cover.slice(root)),
      count: Float64Array.from(this.#count.slice(root)),
      averaged: false,
      inputPrecision: this.#params.family === 'xgboost' ? 'float32' : 'float64',
    };
  }
}
