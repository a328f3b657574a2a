/** A range of the rows' list, which partitions keep contiguous by node. */
export interface RowSpan {
  readonly from: number;
  readonly count: number;
}

/** The best split of a node. */
export interface NodeSplit {
  readonly column: number;
  /** Bins below go left; −1: those of `set` do (XGBoost: go right). */
  readonly cut: number;
  readonly set: readonly number[];
  readonly missingLeft: boolean;
  readonly gain: number;
  /** Sums of the left side. */
  readonly gradient: number;
  readonly hessian: number;
  readonly lambdaMore: number;
}

/** A node of a tree that grows. */
export interface GrowingNode {
  readonly index: number;
  readonly depth: number;
  /** Rows that it learns from, and those that were left out of the sample. */
  readonly span: RowSpan;
  readonly leftOut: RowSpan;
  readonly gradient: number;
  readonly hessian: number;
  /** Bounds of its weight, from monotone columns above. */
  readonly lower: number;
  readonly upper: number;
  /** What it would say as a leaf, before the learning rate. */
  weight: number;
  /** Where its histogram lies; null: it has none. */
  slot: number | null;
  split: NodeSplit | null;
  /** LightGBM: columns that nothing was to gain by here or above, which is not asked again below. */
  closed: ReadonlySet<number>;
  /** Whether the split was carried out. */
  children: readonly [GrowingNode, GrowingNode] | null;
}
