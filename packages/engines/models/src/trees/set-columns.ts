import { NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** Columns, words of a set (32 categories each), and categories (each an array of its own, of some 240 bytes) and numbers of all tables that are worth it; beyond that, looking into the few sets that a row comes upon costs less. */
const COLUMNS_MAX = 2_048;
const WORDS_MAX = 128;
const CATEGORIES_MAX = 32_768;
const NUMBERS_MAX = 1_048_576;

/** What a column of categories is made into: for each category, one that is in no set, and a missing value, what the columns of its sets hold. */
export interface CategoryTable {
  readonly column: number;
  /** Of the sets of this column the first. */
  readonly from: number;
  readonly byCategory: readonly Float64Array[];
  readonly none: Float64Array;
  readonly missing: Float64Array;
}

/** Columns that stand for sets of categories: 1 where the row goes right, −1 where left, NaN where the category is missing. A node that splits by a set then splits such a column at 0. */
export interface SetColumns {
  readonly count: number;
  /** By node, which of them it splits by; −1: none. */
  readonly ofNode: Int32Array;
  readonly tables: readonly CategoryTable[];
}

/** A set, and the nodes that split by it. */
interface SetOfNodes {
  readonly set: OneSet;
  readonly nodes: number[];
}

interface OneSet {
  readonly index: number;
  readonly words: Uint32Array;
  readonly goesRight: boolean;
}

const wordsOf = (model: TreeEnsemble, node: number): Uint32Array => {
  const start = model.categoryStart[node] as number;
  return model.categories.subarray(start, start + (model.categoryWords[node] as number));
};

const isCategorical = (model: TreeEnsemble, node: number): boolean =>
  (model.feature[node] as number) >= 0 && ((model.flags[node] as number) & NODE_FLAG.categorical) !== 0;

function tableOf(column: number, from: number, sets: readonly OneSet[]): CategoryTable {
  const categories = 32 * sets.reduce((most, { words }) => Math.max(most, words.length), 0);
  const told = (holds: (words: Uint32Array) => boolean): Float64Array =>
    Float64Array.from(sets, ({ words, goesRight }) => (holds(words) === goesRight ? 1 : -1));
  return {
    column,
    from,
    byCategory: Array.from({ length: categories }, (_, category) =>
      told((words) => (((words[category >>> 5] ?? 0) >>> (category & 31)) & 1) === 1),
    ),
    none: told(() => false),
    missing: new Float64Array(sets.length).fill(NaN),
  };
}

/** The columns for the sets of a model; null where they would be too many, or their tables too large. */
export function setColumns(model: TreeEnsemble): SetColumns | null {
  const byColumn = new Map<number, Map<string, SetOfNodes>>();
  let count = 0;
  for (let node = 0; node < model.feature.length; node += 1) {
    if (!isCategorical(model, node)) continue;
    const column = model.feature[node] as number;
    const words = wordsOf(model, node);
    if (words.length > WORDS_MAX) return null;
    const goesRight = ((model.flags[node] as number) & NODE_FLAG.setGoesRight) !== 0;
    const sets = byColumn.get(column) ?? new Map<string, SetOfNodes>();
    byColumn.set(column, sets);
    const key = `${goesRight ? 'right' : 'left'} ${words.join()}`;
    const known = sets.get(key);
    if (known === undefined) {
      if (count === COLUMNS_MAX) return null;
      sets.set(key, { set: { index: sets.size, words, goesRight }, nodes: [node] });
      count += 1;
    } else known.nodes.push(node);
  }
  let [categories, numbers] = [0, 0];
  for (const sets of byColumn.values()) {
    const own = 32 * [...sets.values()].reduce((most, { set }) => Math.max(most, set.words.length), 0);
    categories += own;
    numbers += sets.size * own;
  }
  if (categories > CATEGORIES_MAX || numbers > NUMBERS_MAX) return null;
  const ofNode = new Int32Array(model.feature.length).fill(-1);
  const tables: CategoryTable[] = [];
  let from = 0;
  for (const [column, sets] of byColumn) {
    const all = [...sets.values()];
    for (const { set, nodes } of all) for (const node of nodes) ofNode[node] = from + set.index;
    tables.push(
      tableOf(
        column,
        from,
        all.map(({ set }) => set),
      ),
    );
    from += all.length;
  }
  return { count, ofNode, tables };
}
