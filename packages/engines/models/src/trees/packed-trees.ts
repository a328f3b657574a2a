import { instantiateKernel, KERNEL_BYTES_MAX, kernelMemory } from '../kernels/instantiate.ts';
import { predictWasm } from '../kernels/predict.wasm.ts';
import { setColumns } from './set-columns.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';
import { XGBOOST_CATEGORIES_MAX, ZERO_DISTANCE } from './tree-walk.ts';

/** Rows that a batch hands to the kernel at once: with 50 columns they and one tree stay in the first cache. */
export const BLOCK_ROWS = 32;
/** Trees, or rows, that the kernel walks at the same time. */
const GROUP = 8;
const NODE_BYTES = 16;

type WalkTrees = (groups: number, roots: number, depths: number, row: number, out: number) => void;
type WalkRows = (groups: number, root: number, depth: number, rows: number, stride: number, out: number) => void;

/** The kernels of `kernels/predict.as.ts`. */
interface Kernel {
  readonly walkTrees: WalkTrees;
  readonly walkTreesMissing: WalkTrees;
  readonly walkTreesSets: (count: number, roots: number, row: number, out: number) => void;
  readonly walkRows: WalkRows;
  readonly walkRowsMissing: WalkRows;
}

/** How a row's column is read: what has to be done so that NaN alone means missing, and a negative number no category. */
const COLUMN = { nan: 0, nanIsZero: 1, zeroIsMissing: 2, category: 3 } as const;

function kindOf(flags: number): number {
  if ((flags & NODE_FLAG.categorical) !== 0) return COLUMN.category;
  const missing = (flags >> NODE_FLAG.missingShift) & 3;
  if (missing === MISSING.none) return COLUMN.nanIsZero;
  return missing === MISSING.zero ? COLUMN.zeroIsMissing : COLUMN.nan;
}

/** Per column how its nodes read their values; null when nodes of one column don't agree: the packed form can't hold those. */
function columnKinds(model: TreeEnsemble): Uint8Array | null {
  const kinds = new Int8Array(model.featureNames.length).fill(-1);
  for (let node = 0; node < model.feature.length; node += 1) {
    const feature = model.feature[node] as number;
    if (feature < 0) continue;
    const flags = model.flags[node] as number;
    const kind = kindOf(flags);
    if (kinds[feature] !== -1 && kinds[feature] !== kind) return null;
    kinds[feature] = kind;
  }
  return Uint8Array.from(kinds, (kind) => Math.max(kind, COLUMN.nan));
}

/** More words than a set can have. */
const CATEGORY_MAX = 2 ** 31 - 1;

/** The category that a number stands for, in 31 bits; −1 for none. */
function categoryOf(cutFirst: boolean, value: number): number {
  if (cutFirst) return Math.max(-1, Math.min(Math.trunc(value), CATEGORY_MAX));
  return value < 0 || value >= XGBOOST_CATEGORIES_MAX ? -1 : Math.trunc(value);
}

/** Trees laid out for the kernel, each breadth first, siblings side by side. */
export interface PackedTrees {
  /** Writes the row's leaf numbers to `leaves`: in the order of `trees`, at `slots[i]`. */
  walk(values: Float64Array | Float32Array, offset: number): void;
  /** Whether `load` and `walkTree` may be used: not where nodes split by too many sets. */
  readonly inBlocks: boolean;
  /** Loads at most `BLOCK_ROWS` rows for `walkTree`. */
  load(values: Float64Array | Float32Array, offset: number, rows: number): void;
  /** The leaf numbers of the loaded rows in the `index`-th of `trees`, to `leaves`. */
  walkTree(index: number): void;
  readonly slots: Int32Array;
  readonly leaves: Float64Array;
}

interface Layout {
  readonly depths: Int32Array;
  /** Nodes in all. */
  readonly nodes: number;
}

/** Depth of each tree; the nodes lie so that children come after their parents. */
function layoutOf(model: TreeEnsemble, trees: Int32Array): Layout {
  const levels = new Int32Array(model.feature.length);
  const depths = new Int32Array(trees.length);
  let nodes = 0;
  for (const [index, tree] of trees.entries()) {
    const from = model.roots[tree] as number;
    const to = tree + 1 < model.roots.length ? (model.roots[tree + 1] as number) : model.feature.length;
    let depth = 0;
    for (let node = from; node < to; node += 1) {
      if ((model.feature[node] as number) < 0) continue;
      const level = (levels[node] as number) + 1;
      levels[model.left[node] as number] = level;
      levels[model.right[node] as number] = level;
      if (level > depth) depth = level;
    }
    depths[index] = depth;
    nodes += to - from;
  }
  return { depths, nodes };
}

/** `trees` of the model for the kernel, what a leaf says being `leafNumber(node)`; null where the packed form can't hold them. */
export function packTrees(
  model: TreeEnsemble,
  trees: Int32Array,
  leafNumber: (node: number) => number,
): PackedTrees | null {
  const kinds = columnKinds(model);
  if (kinds === null) return null;
  const columns = model.featureNames.length;
  const made = setColumns(model);
  // The columns of a row, those that stand for sets, and the one that leaves read.
  const width = columns + (made?.count ?? 0);
  const stride = (width + 1) * 8;
  const { depths, nodes } = layoutOf(model, trees);
  const groups = Math.ceil(trees.length / GROUP);
  // One node more: the leaf that fills up the last group.
  const nodesAt = 16;
  const rowsAt = nodesAt + (nodes + 1) * NODE_BYTES;
  const leavesAt = rowsAt + BLOCK_ROWS * stride;
  const rootsAt = leavesAt + Math.max(groups * GROUP, BLOCK_ROWS) * 8;
  const depthsAt = rootsAt + groups * GROUP * 4;
  const setsAt = depthsAt + groups * 4;
  const bytes = setsAt + model.categories.length * 4;
  if (bytes > KERNEL_BYTES_MAX) return null;

  const memory = kernelMemory(bytes);
  const kernel = instantiateKernel<Kernel>(predictWasm, memory);
  const numbers = new Float64Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const rows = numbers.subarray(rowsAt / 8, leavesAt / 8);
  for (let row = 0; row < BLOCK_ROWS; row += 1) rows[row * (width + 1) + width] = -Infinity;
  words.set(model.categories, setsAt / 4);

  let next = nodesAt;
  const leaf = (at: number, says: number): void => {
    numbers[at / 8] = says;
    words[at / 4 + 2] = width * 8;
    words[at / 4 + 3] = at;
  };
  /** Lays one tree out; the nodes that wait for their place are kept in order, so that siblings lie side by side. */
  const queue: number[] = [];
  const place = (root: number): number => {
    const first = next;
    queue.length = 0;
    queue.push(root);
    next += NODE_BYTES;
    for (let head = 0; head < queue.length; head += 1) {
      const node = queue[head] as number;
      const at = first + head * NODE_BYTES;
      const feature = model.feature[node] as number;
      if (feature < 0) {
        leaf(at, leafNumber(node));
        continue;
      }
      const flags = model.flags[node] as number;
      const defaultRight = (flags & NODE_FLAG.defaultLeft) === 0 ? 1 : 0;
      const set = made === null ? -1 : (made.ofNode[node] as number);
      if (set >= 0) {
        numbers[at / 8] = 0;
        words[at / 4 + 2] = (columns + set) * 8 + defaultRight;
      } else if ((flags & NODE_FLAG.categorical) === 0) {
        numbers[at / 8] = model.threshold[node] as number;
        words[at / 4 + 2] = feature * 8 + defaultRight;
      } else {
        words[at / 4] = setsAt + (model.categoryStart[node] as number) * 4;
        words[at / 4 + 1] = model.categoryWords[node] as number;
        words[at / 4 + 2] = feature * 8 + defaultRight + 2 + ((flags & NODE_FLAG.setGoesRight) === 0 ? 0 : 4);
      }
      words[at / 4 + 3] = next;
      queue.push(model.left[node] as number, model.right[node] as number);
      next += 2 * NODE_BYTES;
    }
    return first;
  };
  const rootOf = Int32Array.from(trees, (tree) => place(model.roots[tree] as number));
  leaf(next, 0);

  // Trees of like depth share a group, which is walked as often as its deepest tree has levels.
  const byDepth = Int32Array.from(trees.keys()).sort((a, b) => (depths[b] as number) - (depths[a] as number) || a - b);
  const slots = new Int32Array(trees.length);
  for (let slot = 0; slot < groups * GROUP; slot += 1) {
    const index = byDepth[slot];
    words[rootsAt / 4 + slot] = index === undefined ? next : (rootOf[index] as number);
    if (index !== undefined) slots[index] = slot;
    if (slot % GROUP === 0 && index !== undefined) words[depthsAt / 4 + slot / GROUP] = depths[index] as number;
  }

  const single = model.inputPrecision === 'float32';
  const tables = made?.tables ?? [];
  const plain = kinds.every((kind) => kind === COLUMN.nan);
  const sets = made === null;
  // LightGBM cuts the fraction off before it looks whether a category is negative.
  const cutFirst = model.family !== 'xgboost';
  /** Copies a row; true when it has missing values. */
  const copy = (values: Float64Array | Float32Array, offset: number, to: number): boolean => {
    let missing = false;
    for (let column = 0; column < columns; column += 1) {
      const raw = values[offset + column] as number;
      let value = single ? Math.fround(raw) : raw;
      if (!plain) {
        const kind = kinds[column] as number;
        if (kind === COLUMN.nanIsZero && value !== value) value = 0;
        else if (kind === COLUMN.zeroIsMissing && Math.abs(value) <= ZERO_DISTANCE) value = NaN;
        else if (kind === COLUMN.category && value === value) value = categoryOf(cutFirst, value);
      }
      if (value !== value) missing = true;
      rows[to + column] = value;
    }
    for (const { column, from, byCategory, none, missing: unknown } of tables) {
      const category = rows[to + column] as number;
      const told = category !== category ? unknown : (byCategory[category] ?? none);
      rows.set(told, to + columns + from);
    }
    return missing;
  };

  let loaded = 0;
  let anyMissing = false;
  return {
    slots,
    leaves: numbers.subarray(leavesAt / 8, rootsAt / 8),
    inBlocks: !sets,
    walk(values, offset) {
      const missing = copy(values, offset, 0);
      if (sets) kernel.walkTreesSets(trees.length, rootsAt, rowsAt, leavesAt);
      else if (missing) kernel.walkTreesMissing(groups, rootsAt, depthsAt, rowsAt, leavesAt);
      else kernel.walkTrees(groups, rootsAt, depthsAt, rowsAt, leavesAt);
    },
    load(values, offset, count) {
      loaded = Math.ceil(count / GROUP);
      anyMissing = false;
      for (let row = 0; row < count; row += 1)
        if (copy(values, offset + row * columns, row * (width + 1))) anyMissing = true;
    },
    walkTree(index) {
      const root = rootOf[index] as number;
      const depth = depths[index] as number;
      if (anyMissing) kernel.walkRowsMissing(loaded, root, depth, rowsAt, stride, leavesAt);
      else kernel.walkRows(loaded, root, depth, rowsAt, stride, leavesAt);
    },
  };
}
