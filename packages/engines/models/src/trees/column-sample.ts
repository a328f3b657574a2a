import { mixSeed, seededRandom } from '@monsta/core';

/** `share` of the columns, at least one, in ascending order (XGBoost rounds down, LightGBM to the nearest and keeps two where there are two). Drawn without replacement. */
function sampleColumns(
  columns: readonly number[],
  share: number,
  family: 'xgboost' | 'lightgbm',
  seed: number,
): readonly number[] {
  if (share >= 1) return columns;
  const least = Math.min(family === 'xgboost' ? 1 : 2, columns.length);
  const wanted = columns.length * share;
  const count = Math.max(least, family === 'xgboost' ? Math.floor(wanted) : Math.round(wanted));
  const random = seededRandom(seed);
  const pool = [...columns];
  for (let index = 0; index < count; index += 1) {
    const other = index + random.integer(pool.length - index);
    const kept = pool[index] as number;
    pool[index] = pool[other] as number;
    pool[other] = kept;
  }
  return pool.slice(0, count).toSorted((a, b) => a - b);
}

/** The columns that levels and nodes of one tree may use: shares of shares, as XGBoost's `ColumnSampler` has it. */
export class TreeColumns {
  readonly tree: readonly number[];
  readonly #family: 'xgboost' | 'lightgbm';
  readonly #shareLevel: number;
  readonly #shareNode: number;
  readonly #seed: number;
  readonly #levels = new Map<number, readonly number[]>();

  constructor(
    columns: readonly number[],
    shares: { readonly tree: number; readonly level: number; readonly node: number },
    family: 'xgboost' | 'lightgbm',
    seed: number,
  ) {
    this.#family = family;
    this.#seed = seed;
    this.#shareLevel = shares.level;
    this.#shareNode = shares.node;
    this.tree = sampleColumns(columns, shares.tree, family, mixSeed(seed, 1));
  }

  /** Columns of a node; null: all of the tree. The same whatever the order of asking. */
  ofNode(index: number, depth: number): readonly number[] | null {
    if (this.#shareLevel >= 1 && this.#shareNode >= 1) return null;
    let level = this.#levels.get(depth);
    if (level === undefined) {
      level = sampleColumns(this.tree, this.#shareLevel, this.#family, mixSeed(this.#seed, 2, depth));
      this.#levels.set(depth, level);
    }
    return sampleColumns(level, this.#shareNode, this.#family, mixSeed(this.#seed, 3, index));
  }
}
