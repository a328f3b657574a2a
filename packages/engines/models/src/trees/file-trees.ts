import { malformed } from './model-faults.ts';
import { NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** One tree of a file, its nodes in the file's order; node 0 is the root, `feature` −1 a leaf. */
export interface FileTree {
  readonly feature: ArrayLike<number>;
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly threshold: ArrayLike<number>;
  readonly flags: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly gain: ArrayLike<number>;
  readonly cover: ArrayLike<number>;
  readonly count: ArrayLike<number>;
  /** Sets of the categorical nodes, in words of 32 bits. */
  readonly sets: ReadonlyMap<number, readonly number[]>;
}

type Arrays = Pick<
  TreeEnsemble,
  | 'roots'
  | 'treeOutput'
  | 'feature'
  | 'threshold'
  | 'left'
  | 'right'
  | 'flags'
  | 'categoryStart'
  | 'categoryWords'
  | 'categories'
  | 'values'
  | 'gain'
  | 'cover'
  | 'count'
>;

/** Collects trees of a file into the flat form, parents before their children, and refuses what is no tree. Nodes that no way leads to (XGBoost keeps those it has pruned) are left out. */
export class FileTrees {
  readonly #columns: number;
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

  constructor(columns: number) {
    this.#columns = columns;
  }

  get trees(): number {
    return this.#roots.length;
  }

  /** Adds one tree; `where` names it in complaints. */
  add(tree: FileTree, output: number, where: string): void {
    this.#roots.push(this.#feature.length);
    this.#treeOutput.push(output);
    const size = tree.feature.length;
    const seen = new Uint8Array(size);
    /** Nodes to come, each with the place to note its number in. */
    const waiting: { readonly node: number; readonly parent: number; readonly side: 'left' | 'right' }[] = [
      { node: 0, parent: -1, side: 'left' },
    ];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, parent, side } = next;
      if (node < 0 || node >= size) malformed(where, `a child is node ${node}, of ${size}`);
      if (seen[node] === 1) malformed(where, `node ${node} is reached twice: this is no tree`);
      seen[node] = 1;
      const number = this.#push(tree, node, where);
      if (parent >= 0) (side === 'left' ? this.#left : this.#right)[parent] = number;
      if ((tree.feature[node] as number) < 0) continue;
      waiting.push({ node: tree.right[node] as number, parent: number, side: 'right' });
      waiting.push({ node: tree.left[node] as number, parent: number, side: 'left' });
    }
  }

  #push(tree: FileTree, node: number, where: string): number {
    const feature = tree.feature[node] as number;
    const isLeaf = feature < 0;
    if (feature >= this.#columns)
      malformed(where, `node ${node} splits by column ${feature} of a model of ${this.#columns}`);
    const value = tree.values[node] as number;
    if (isLeaf && !Number.isFinite(value)) malformed(where, `leaf ${node} says ${value}`);
    const flags = isLeaf ? 0 : (tree.flags[node] as number);
    const categorical = (flags & NODE_FLAG.categorical) !== 0;
    const threshold = isLeaf || categorical ? 0 : (tree.threshold[node] as number);
    if (Number.isNaN(threshold)) malformed(where, `node ${node} splits at NaN`);
    const set = categorical ? (tree.sets.get(node) ?? []) : [];
    this.#categoryStart.push(categorical ? this.#categories.length : 0);
    this.#categoryWords.push(set.length);
    for (const word of set) this.#categories.push(word);
    this.#feature.push(isLeaf ? -1 : feature);
    this.#threshold.push(threshold);
    this.#left.push(0);
    this.#right.push(0);
    this.#flags.push(flags);
    this.#values.push(Number.isFinite(value) ? value : 0);
    this.#gain.push(isLeaf ? 0 : known(tree.gain[node]));
    this.#cover.push(known(tree.cover[node]));
    this.#count.push(known(tree.count[node]));
    return this.#feature.length - 1;
  }

  arrays(): Arrays {
    return {
      roots: Int32Array.from(this.#roots),
      treeOutput: Int32Array.from(this.#treeOutput),
      feature: Int32Array.from(this.#feature),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
      flags: Uint8Array.from(this.#flags),
      categoryStart: Int32Array.from(this.#categoryStart),
      categoryWords: Int32Array.from(this.#categoryWords),
      categories: Uint32Array.from(this.#categories),
      values: Float64Array.from(this.#values),
      gain: Float64Array.from(this.#gain),
      cover: Float64Array.from(this.#cover),
      count: Float64Array.from(this.#count),
    };
  }
}

/** Figures beside the trees, which forecasts don't need: what isn't there, or is no number, is unknown. */
const known = (value: number | undefined): number =>
  value === undefined || !Number.isFinite(value) || value < 0 ? 0 : value;
