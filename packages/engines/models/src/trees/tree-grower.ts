import { ok, type Result } from '@monsta/core';
import type { BinnedTable } from './binning.ts';
import type { BoostingParams } from './boosting-params.ts';
import { TreeColumns } from './column-sample.ts';
import type { GrowingNode, NodeSplit, RowSpan } from './growing-tree.ts';
import { BATCH, treeSeed, type GrowthMemory } from './growth-memory.ts';
import { leafGain, leafWeight, NODE } from './split-rules.ts';
import type { TreeCrew } from './tree-crew.ts';
import {
  COLUMN,
  COLUMN_INFO,
  COLUMNS_A_TASK,
  CUT,
  CUT_NUMBERS,
  ENTRY,
  ENTRY_NODE,
  ENTRY_NUMBERS,
  GOES_LEFT_BYTES,
  memoryViews,
  PLAN,
  SET_WORDS,
  SPLIT,
  SPLIT_NUMBERS,
  WORK,
  type MemoryViews,
} from './tree-work.ts';

/** XGBoost's kRtEps: a split that gains no more is none. */
const GAIN_MIN = 1e-6;

const NONE_CLOSED: ReadonlySet<number> = new Set();

/** The rows a tree learns from: the first `sampled` of the list; the others are carried along, so that their margins can follow. */
export interface SampledRows {
  readonly sampled: number;
  /** All rows in their natural order. */
  readonly isAll: boolean;
}

/** Grows one tree after the other over the same memory. */
export class TreeGrower {
  readonly #binned: BinnedTable;
  readonly #params: BoostingParams;
  readonly #space: GrowthMemory;
  readonly #crew: TreeCrew;
  readonly #views: MemoryViews;
  #nodes: GrowingNode[] = [];
  #columns: TreeColumns;

  constructor(binned: BinnedTable, params: BoostingParams, space: GrowthMemory, crew: TreeCrew) {
    this.#binned = binned;
    this.#params = params;
    this.#space = space;
    this.#crew = crew;
    this.#views = memoryViews(binned.memory.memory);
    this.#columns = this.#columnsOf(0, 0);
  }

  /**
   * Grows a tree from gradient pairs at `pairs` (f32 a row), of the rows in the list. Returns its nodes, the root first, children after their parents. Yields after every batch of nodes.
   * Fault: `tree_thread_lost`.
   */
  *grow(
    pairs: number,
    rows: SampledRows,
    round: number,
    output: number,
  ): Generator<void, Result<readonly GrowingNode[]>> {
    const { plan, active } = this.#space;
    this.#columns = this.#columnsOf(round, output);
    // Wide columns lie together, so that all but one group of four are of one kind.
    const isWide = (column: number): number => (this.#binned.columns[column]?.wide === true ? 1 : 0);
    active.set(this.#columns.tree.toSorted((a, b) => isWide(b) - isWide(a)));
    plan.view[PLAN.activeCount] = this.#columns.tree.length;
    plan.view[PLAN.pairs] = pairs;
    this.#nodes = [];
    const root = this.#root(pairs, rows);
    const started = this.#search([{ built: [root], parentSlot: null }], rows);
    if (!started.ok) return started;
    yield;
    const grown = this.#params.growth === 'leaf' ? yield* this.#bestFirst(root) : yield* this.#byLevel(root);
    if (!grown.ok) return grown;
    for (const node of this.#nodes) this.#space.pool.release(node);
    return ok(this.#nodes);
  }

  #columnsOf(round: number, output: number): TreeColumns {
    const { columnShareTree: tree, columnShareLevel: level, columnShareNode: node } = this.#params;
    const seed = treeSeed(this.#params, round, output);
    return new TreeColumns(this.#space.usable, { tree, level, node }, this.#params.family, seed);
  }

  *#byLevel(root: GrowingNode): Generator<void, Result<null>> {
    let level = [root];
    let leaves = 1;
    while (level.length > 0) {
      const next: GrowingNode[] = [];
      let waiting = level;
      while (waiting.length > 0) {
        const batch: GrowingNode[] = [];
        let slots = 0;
        this.#space.pool.makeRoom(2, waiting.concat(next));
        while (batch.length < waiting.length && batch.length < BATCH) {
          const node = waiting[batch.length] as GrowingNode;
          slots += node.slot === null ? 2 : 1;
          if (slots > this.#space.pool.free) break;
          batch.push(node);
        }
        waiting = waiting.slice(batch.length);
        const allowed = batch.filter((node) => {
          const grows = this.#mayGrow(node) && leaves < (this.#params.leavesMax ?? Number.POSITIVE_INFINITY);
          if (grows) leaves += 1;
          else this.#space.pool.release(node);
          return grows;
        });
        const children = this.#expand(allowed);
        if (!children.ok) return children;
        next.push(...children.value);
        yield;
      }
      level = next;
    }
    return ok(null);
  }

  *#bestFirst(root: GrowingNode): Generator<void, Result<null>> {
    const most = this.#params.leavesMax ?? Number.POSITIVE_INFINITY;
    const open = new Set<GrowingNode>(this.#mayGrow(root) ? [root] : []);
    let leaves = 1;
    while (open.size > 0 && leaves < most) {
      let best: GrowingNode | null = null;
      for (const node of open) if (best === null || (node.split?.gain ?? 0) > (best.split?.gain ?? 0)) best = node;
      if (best === null) break;
      open.delete(best);
      this.#space.pool.makeRoom(2, [...open]);
      leaves += 1;
      const children = this.#expand([best], leaves >= most);
      if (!children.ok) return children;
      for (const child of children.value) {
        if (this.#mayGrow(child)) open.add(child);
        else this.#space.pool.release(child);
      }
      yield;
    }
    return ok(null);
  }

  /** Whether the node's best split is worth it. XGBoost's `CPUExpandEntry::IsValid`; LightGBM has taken `gainMin` off the gain. */
  #mayGrow({ split }: GrowingNode): boolean {
    if (split === null) return false;
    if (this.#params.family === 'lightgbm') return split.gain > 0;
    return split.gain > GAIN_MIN && split.gain >= this.#params.gainMin;
  }

  #root(pairs: number, { sampled, isAll }: SampledRows): GrowingNode {
    const { rows } = this.#space;
    const values = new Float32Array(this.#views.doubles.buffer, pairs, 2 * this.#binned.rows);
    let gradient = 0;
    let hessian = 0;
    for (let index = 0; index < sampled; index += 1) {
      const row = isAll ? index : (rows.view[index] as number);
      gradient += values[2 * row] as number;
      hessian += values[2 * row + 1] as number;
    }
    return this.#node(0, { from: 0, count: sampled }, { from: sampled, count: this.#binned.rows - sampled }, [
      gradient,
      hessian,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      0,
    ]);
  }

  #node(
    depth: number,
    span: RowSpan,
    leftOut: RowSpan,
    [gradient, hessian, lower, upper, lambdaMore]: readonly [number, number, number, number, number],
  ): GrowingNode {
    const weight = leafWeight(gradient, hessian, this.#space.rules, lower, upper, lambdaMore);
    const index = this.#nodes.length;
    const common = { index, depth, span, leftOut, gradient, hessian, lower, upper, weight };
    const node: GrowingNode = { ...common, slot: null, split: null, closed: NONE_CLOSED, children: null };
    this.#nodes.push(node);
    return node;
  }

  /** Carries out the splits of a batch and finds the best ones of the children (unless these can have none). Returns the children that may be split, with their histograms. */
  #expand(batch: readonly GrowingNode[], isLast = false): Result<readonly GrowingNode[]> {
    const { cuts, rows } = this.#space;
    if (batch.length === 0) return ok([]);
    const searched = !isLast && (batch[0]?.depth ?? 0) + 1 < (this.#params.depthMax ?? Number.POSITIVE_INFINITY);
    let jobs = 0;
    const leftOutJobs = new Map<GrowingNode, number>();
    const cut = (node: GrowingNode, order: number, span: RowSpan, gather: number): void => {
      const at = jobs * CUT_NUMBERS;
      cuts.view[at + CUT.rows] = rows.pointer + span.from * 4;
      cuts.view[at + CUT.count] = span.count;
      cuts.view[at + CUT.column] = node.split?.column ?? 0;
      cuts.view[at + CUT.goesLeft] = this.#space.goesLeft.pointer + order * GOES_LEFT_BYTES;
      cuts.view[at + CUT.offset] = span.from;
      cuts.view[at + CUT.gather] = gather;
      jobs += 1;
    };
    for (const [order, node] of batch.entries()) {
      this.#writeGoesLeft(node, order);
      cut(node, order, node.span, searched ? (node.slot === null ? 0 : 1) : -1);
    }
    for (const [order, node] of batch.entries()) {
      if (node.leftOut.count === 0) continue;
      leftOutJobs.set(node, jobs);
      cut(node, order, node.leftOut, -1);
    }
    const parted = this.#crew.work(WORK.partitions, jobs);
    if (!parted.ok) return parted;
    const leftOf = (job: number | undefined): number =>
      job === undefined ? 0 : (cuts.view[job * CUT_NUMBERS + CUT.left] as number);
    const families = batch.map((node, order) => this.#divide(node, leftOf(order), leftOf(leftOutJobs.get(node))));
    if (!searched) {
      for (const node of batch) this.#space.pool.release(node);
      return ok([]);
    }
    const found = this.#search(
      families.map(([first, second], order) => ({
        built: [first, second],
        parentSlot: this.#takeSlot(batch[order] as GrowingNode),
      })),
      null,
    );
    if (!found.ok) return found;
    const children = families.flat();
    const open = children.filter((node) => this.#mayGrow(node));
    for (const node of children) if (!open.includes(node)) this.#space.pool.release(node);
    return ok(open);
  }

  #takeSlot(node: GrowingNode): number | null {
    const { slot } = node;
    node.slot = null;
    return slot;
  }

  /** Which bins go left, a byte each. */
  #writeGoesLeft({ split }: GrowingNode, order: number): void {
    const { goesLeft } = this.#space;
    const bytes = goesLeft.view.subarray(order * GOES_LEFT_BYTES, (order + 1) * GOES_LEFT_BYTES);
    if (split === null) return;
    bytes.fill(0);
    const setGoesLeft = this.#params.family === 'lightgbm';
    if (split.cut >= 0) bytes.fill(1, 0, split.cut);
    else {
      if (!setGoesLeft) bytes.fill(1);
      for (const bin of split.set) bytes[bin] = setGoesLeft ? 1 : 0;
    }
    const { missingBin } = this.#binned.columns[split.column] ?? { missingBin: null };
    if (missingBin !== null) bytes[missingBin] = split.missingLeft ? 1 : 0;
  }

  /** Makes the two children of a node whose rows were parted. */
  #divide(node: GrowingNode, left: number, leftOutLeft: number): readonly [GrowingNode, GrowingNode] {
    const split = node.split as NodeSplit;
    const { rules } = this.#space;
    const spans = (span: RowSpan, many: number): readonly [RowSpan, RowSpan] => [
      { from: span.from, count: many },
      { from: span.from + many, count: span.count - many },
    ];
    const [leftSpan, rightSpan] = spans(node.span, left);
    const [leftOutSpan, rightOutSpan] = spans(node.leftOut, leftOutLeft);
    const rightGradient = node.gradient - split.gradient;
    const rightHessian = node.hessian - split.hessian;
    const weightOf = (gradient: number, hessian: number): number =>
      leafWeight(gradient, hessian, rules, node.lower, node.upper, split.lambdaMore);
    const middle = (weightOf(split.gradient, split.hessian) + weightOf(rightGradient, rightHessian)) / 2;
    const direction = this.#directionOf(split);
    const lower = [direction < 0 ? middle : node.lower, direction > 0 ? middle : node.lower] as const;
    const upper = [direction > 0 ? middle : node.upper, direction < 0 ? middle : node.upper] as const;
    const depth = node.depth + 1;
    const more = split.lambdaMore;
    const children = [
      this.#node(depth, leftSpan, leftOutSpan, [split.gradient, split.hessian, lower[0], upper[0], more]),
      this.#node(depth, rightSpan, rightOutSpan, [rightGradient, rightHessian, lower[1], upper[1], more]),
    ] as const;
    node.children = children;
    for (const child of children) child.closed = node.closed;
    return children;
  }

  #directionOf({ column }: NodeSplit): number {
    const columns = (this.#space.plan.view[PLAN.columns] as number) / 4;
    return this.#views.integers[columns + column * COLUMN_INFO + COLUMN.direction] as number;
  }

  /** Builds histograms of nodes and finds their best splits. Children whose parent left its histogram: the one of fewer rows is built, the other is the difference. */
  #search(
    families: readonly {
      readonly built: readonly GrowingNode[];
      readonly parentSlot: number | null;
    }[],
    rootRows: SampledRows | null,
  ): Result<null> {
    const { plan, pool, entries } = this.#space;
    const looked: { readonly node: GrowingNode; readonly slot: number }[] = [];
    let count = 0;
    const entry = (built: GrowingNode, other: GrowingNode | null, parentSlot: number | null): void => {
      const at = count * ENTRY_NUMBERS;
      built.slot = pool.take();
      if (other !== null) other.slot = parentSlot;
      entries.view[at + ENTRY.rows] = rootRows?.isAll === true ? 0 : this.#space.rows.pointer + built.span.from * 4;
      entries.view[at + ENTRY.count] = built.span.count;
      entries.view[at + ENTRY.pairs] = this.#pairsOf(built, rootRows);
      entries.view[at + ENTRY.histogram] = built.slot;
      entries.view[at + ENTRY.other] = other?.slot ?? 0;
      this.#writeNode(at + ENTRY.first, built, 2 * count);
      looked.push({ node: built, slot: 2 * count });
      if (other !== null) {
        this.#writeNode(at + ENTRY.second, other, 2 * count + 1);
        looked.push({ node: other, slot: 2 * count + 1 });
      }
      count += 1;
    };
    for (const { built, parentSlot } of families) {
      const [first, second] = built;
      if (first === undefined) continue;
      if (second === undefined) entry(first, null, null);
      else if (parentSlot === null) {
        entry(first, null, null);
        entry(second, null, null);
      } else if (first.span.count <= second.span.count) entry(first, second, parentSlot);
      else entry(second, first, parentSlot);
    }
    plan.view[PLAN.entryCount] = count;
    const tasks = Math.ceil((plan.view[PLAN.activeCount] as number) / COLUMNS_A_TASK);
    const worked = this.#crew.work(WORK.histograms, tasks);
    if (!worked.ok) return worked;
    for (const { node, slot } of looked) {
      node.split = this.#bestSplit(slot);
      if (this.#params.family === 'lightgbm') node.closed = this.#closedColumns(node, slot);
    }
    return ok(null);
  }

  #pairsOf(node: GrowingNode, rootRows: SampledRows | null): number {
    if (rootRows?.isAll === true) return this.#space.plan.view[PLAN.pairs] as number;
    const at = this.#space.ordered.pointer + node.span.from * 8;
    if (rootRows !== null) {
      const pairs = this.#space.plan.view[PLAN.pairs] as number;
      this.#binned.memory.kernels.gatherPairs(node.span.count, this.#space.rows.pointer, pairs, at);
    }
    return at;
  }

  #writeNode(at: number, node: GrowingNode, slot: number): void {
    const { entries, masks, rules } = this.#space;
    const numbers = entries.view;
    const drawn = this.#columns.ofNode(node.index, node.depth);
    const own =
      node.closed.size === 0 ? drawn : (drawn ?? this.#columns.tree).filter((column) => !node.closed.has(column));
    const { gradient, hessian, lower, upper } = node;
    numbers[at + ENTRY_NODE.scanned] = 1;
    numbers[at + ENTRY_NODE.mask] = 0;
    if (own !== null) {
      const width = this.#binned.columns.length;
      const from = slot * width;
      masks.view.fill(0, from, from + width);
      for (const column of own) masks.view[from + column] = 1;
      numbers[at + ENTRY_NODE.mask] = masks.pointer + from;
    }
    const place = at + ENTRY_NODE.node;
    numbers[place + NODE.gradient] = gradient;
    numbers[place + NODE.hessian] = hessian;
    numbers[place + NODE.count] = node.span.count;
    numbers[place + NODE.lower] = lower;
    numbers[place + NODE.upper] = upper;
    // LightGBM has a node gain what it would without the bounds of monotone columns.
    numbers[place + NODE.rootGain] =
      this.#params.family === 'lightgbm'
        ? leafGain(gradient, hessian, rules, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) + this.#params.gainMin
        : leafGain(gradient, hessian, rules, lower, upper);
  }

  /** The node's closed columns, with those that were looked through in vain. */
  #closedColumns(node: GrowingNode, slot: number): ReadonlySet<number> {
    const from = slot * this.#binned.columns.length;
    const looked = this.#columns.ofNode(node.index, node.depth) ?? this.#columns.tree;
    const vain = looked.filter((column) => this.#space.splits[(from + column) * SPLIT_NUMBERS] === 0);
    return vain.length === 0 ? node.closed : node.closed.union(new Set(vain));
  }

  /** The best of a node's columns; of equal ones the first. An infinite gain is none, as in XGBoost. */
  #bestSplit(slot: number): NodeSplit | null {
    const { splits, sets } = this.#space;
    const width = this.#binned.columns.length;
    let best = 0;
    let bestColumn = -1;
    for (const column of this.#columns.tree) {
      const gain = splits[(slot * width + column) * SPLIT_NUMBERS] as number;
      if (gain > best && gain < Number.POSITIVE_INFINITY) {
        best = gain;
        bestColumn = column;
      }
    }
    if (bestColumn < 0) return null;
    const at = (slot * width + bestColumn) * SPLIT_NUMBERS;
    const categorical = this.#binned.columns[bestColumn]?.categorical === true;
    const set: number[] = [];
    if (categorical) {
      const words = (slot * width + bestColumn) * SET_WORDS;
      for (let bin = 0; bin < 256; bin += 1)
        if ((((sets[words + (bin >> 5)] as number) >>> (bin & 31)) & 1) === 1) set.push(bin);
    }
    return {
      column: bestColumn,
      cut: splits[at + SPLIT.cut] as number,
      set,
      missingLeft: splits[at + SPLIT.missingLeft] === 1,
      gain: best,
      gradient: splits[at + SPLIT.gradient] as number,
      hessian: splits[at + SPLIT.hessian] as number,
      lambdaMore: categorical ? (splits[at + SPLIT.lambdaMore] as number) : 0,
    };
  }
}
