import type { SharedMemory } from '../kernels/web-assembly.ts';
import { scanCategories } from './categorical-scan.ts';
import { NODE, RULES } from './split-rules.ts';
import type { TreeKernels } from './tree-memory.ts';

/** Kinds of work that threads share. */
export const WORK = { logistic: 1, histograms: 2, partitions: 3 } as const;

/** Where each number of the plan of a training lies: what all its work needs, written by the trainer, read by every thread. Pointers are byte offsets. */
export const PLAN = {
  width: 0,
  pairs: 1,
  /** `COLUMN_INFO` words (i32) a column. */
  columns: 2,
  rules: 3,
  /** Columns (i32) that the tree may use, and how many they are. */
  active: 4,
  activeCount: 5,
  entries: 6,
  entryCount: 7,
  splits: 8,
  sets: 9,
  withCounts: 10,
  leftFirst: 11,
  /** 1: `scanPlain` serves all numeric columns. */
  plain: 12,
  cuts: 13,
  ordered: 14,
  spare: 15,
  margins: 16,
  labels: 17,
  weights: 18,
  hessianFloor: 19,
  single: 20,
  rows: 21,
  oneHotMax: 22,
  setMax: 23,
  smooth: 24,
  lambdaMore: 25,
  groupRowsMin: 26,
} as const;

export const PLAN_NUMBERS = 32;

export const COLUMN_INFO = 6;
/** Words of `COLUMN_INFO`; `pointer` is an unsigned one. */
export const COLUMN = { bins: 0, hasMissing: 1, categorical: 2, direction: 3, pointer: 4, wide: 5 } as const;

/**
 * Numbers (f64) of one entry of histogram work: the node whose rows are added up and, where `other` is set, its sibling, whose histogram is that of the parent, in place, less the first.
 * A node's part: whether it is looked through, the columns it may use (u8 each, or 0), and the numbers of `NODE`.
 */
export const ENTRY = { rows: 0, count: 1, pairs: 2, histogram: 3, other: 4, first: 8, second: 18 } as const;
export const ENTRY_NUMBERS = 32;
export const ENTRY_NODE = { scanned: 0, mask: 1, node: 2 } as const;

/** Numbers of one entry of partition work; `left` is its outcome. `gather`: which side's pairs are brought into order (0: both, 1: the smaller, −1: none). */
export const CUT = { rows: 0, count: 1, column: 2, goesLeft: 3, offset: 4, gather: 5, left: 6 } as const;
export const CUT_NUMBERS = 8;

/** Numbers of a found split. */
export const SPLIT = {
  gain: 0,
  cut: 1,
  missingLeft: 2,
  gradient: 3,
  hessian: 4,
  count: 5,
  lambdaMore: 6,
} as const;
export const SPLIT_NUMBERS = 8;
/** Words of a set of bins. */
export const SET_WORDS = 8;

/** 257 pairs of f64, in whole cache lines: 256 bins and missing values. */
export const HISTOGRAM_BYTES = 4_160;
/** 257 counts. */
export const COUNTS_BYTES = 1_088;
/** A byte for each of 257 bins. */
export const GOES_LEFT_BYTES = 320;
/** Columns whose histograms are built at once. */
export const COLUMNS_A_TASK = 4;
/** Rows of one task of gradients; even. */
export const ROWS_A_TASK = 16_384;

/** The shared memory as numbers. */
export interface MemoryViews {
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
}

export function memoryViews(memory: SharedMemory): MemoryViews {
  const { buffer } = memory;
  return {
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
    words: new Uint32Array(buffer),
    bytes: new Uint8Array(buffer),
  };
}

/** Does tasks of a training, in whichever thread. Which thread does which task changes no bit of the outcome: every task writes to places of its own. */
export class TreeWork {
  readonly #kernels: TreeKernels;
  readonly #views: MemoryViews;
  /** Where the plan begins, in doubles. */
  readonly #plan: number;

  constructor(kernels: TreeKernels, memory: SharedMemory, planPointer: number) {
    this.#kernels = kernels;
    this.#views = memoryViews(memory);
    this.#plan = planPointer / 8;
  }

  run(kind: number, task: number): void {
    if (kind === WORK.histograms) this.#histograms(task);
    else if (kind === WORK.partitions) this.#partition(task);
    else if (kind === WORK.logistic) this.#logistic(task);
    else throw new Error(`there is no tree work of kind ${kind}`);
  }

  #planned(at: number): number {
    return this.#views.doubles[this.#plan + at] as number;
  }

  #logistic(task: number): void {
    const from = task * ROWS_A_TASK;
    const count = Math.min(ROWS_A_TASK, this.#planned(PLAN.rows) - from);
    const at = from * 8;
    this.#kernels.logisticPairs(
      count,
      this.#planned(PLAN.margins) + at,
      this.#planned(PLAN.labels) + at,
      this.#planned(PLAN.weights) + at,
      this.#planned(PLAN.hessianFloor),
      this.#planned(PLAN.single),
      this.#planned(PLAN.pairs) + at,
    );
  }

  #partition(task: number): void {
    const { doubles } = this.#views;
    const at = this.#planned(PLAN.cuts) / 8 + task * CUT_NUMBERS;
    const rows = doubles[at + CUT.rows] as number;
    const count = doubles[at + CUT.count] as number;
    const offset = doubles[at + CUT.offset] as number;
    const column = doubles[at + CUT.column] as number;
    const goesLeft = doubles[at + CUT.goesLeft] as number;
    const part = this.#isWide(column) ? this.#kernels.partitionWide : this.#kernels.partition;
    const left = part(count, rows, this.#codesOf(column), goesLeft, this.#planned(PLAN.spare) + offset * 4);
    doubles[at + CUT.left] = left;
    const gather = doubles[at + CUT.gather] as number;
    if (gather < 0) return;
    const isLeft = gather === 1 && left <= count - left;
    const first = gather === 1 && !isLeft ? left : 0;
    const many = gather === 0 ? count : isLeft ? left : count - left;
    const ordered = this.#planned(PLAN.ordered) + (offset + first) * 8;
    this.#kernels.gatherPairs(many, rows + first * 4, this.#planned(PLAN.pairs), ordered);
  }

  #histograms(task: number): void {
    const { doubles, integers } = this.#views;
    const active = this.#planned(PLAN.active) / 4;
    const from = task * COLUMNS_A_TASK;
    const columns = Math.min(COLUMNS_A_TASK, this.#planned(PLAN.activeCount) - from);
    const entries = this.#planned(PLAN.entries) / 8;
    const entryCount = this.#planned(PLAN.entryCount);
    for (let entry = 0; entry < entryCount; entry += 1) {
      const at = entries + entry * ENTRY_NUMBERS;
      this.#build(at, active + from, columns);
      const other = doubles[at + ENTRY.other] as number;
      for (let index = 0; index < columns; index += 1) {
        const column = integers[active + from + index] as number;
        if (other !== 0) this.#subtract(doubles[at + ENTRY.histogram] as number, other, column);
        this.#scan(at + ENTRY.first, doubles[at + ENTRY.histogram] as number, column, 2 * entry);
        if (other !== 0) this.#scan(at + ENTRY.second, other, column, 2 * entry + 1);
      }
    }
  }

  #build(at: number, columnsAt: number, columns: number): void {
    const { doubles, integers } = this.#views;
    const rows = doubles[at + ENTRY.rows] as number;
    const count = doubles[at + ENTRY.count] as number;
    const pairs = doubles[at + ENTRY.pairs] as number;
    const histogram = doubles[at + ENTRY.histogram] as number;
    const ids = Array.from({ length: columns }, (_, index) => integers[columnsAt + index] as number);
    const wideOnes = ids.filter((column) => this.#isWide(column)).length;
    const [a = 0, b = 0, c = 0, d = 0] = ids;
    if (columns === COLUMNS_A_TASK && (wideOnes === 0 || wideOnes === COLUMNS_A_TASK)) {
      const sum = wideOnes === 0 ? this.#kernels.histogram4 : this.#kernels.histogram4Wide;
      sum(
        count,
        rows,
        pairs,
        this.#codesOf(a),
        this.#codesOf(b),
        this.#codesOf(c),
        this.#codesOf(d),
        histogram + a * HISTOGRAM_BYTES,
        histogram + b * HISTOGRAM_BYTES,
        histogram + c * HISTOGRAM_BYTES,
        histogram + d * HISTOGRAM_BYTES,
      );
    } else {
      for (const column of ids) {
        const sum = this.#isWide(column) ? this.#kernels.histogram1Wide : this.#kernels.histogram1;
        sum(count, rows, pairs, this.#codesOf(column), histogram + column * HISTOGRAM_BYTES);
      }
    }
    if (this.#planned(PLAN.withCounts) === 0) return;
    for (const column of ids) {
      const countInto = this.#isWide(column) ? this.#kernels.countBinsWide : this.#kernels.countBins;
      countInto(count, rows, this.#codesOf(column), this.#countsOf(histogram, column));
    }
  }

  /** Where the codes of a column's rows begin. */
  #codesOf(column: number): number {
    return this.#views.words[this.#planned(PLAN.columns) / 4 + column * COLUMN_INFO + COLUMN.pointer] as number;
  }

  #isWide(column: number): boolean {
    return this.#views.integers[this.#planned(PLAN.columns) / 4 + column * COLUMN_INFO + COLUMN.wide] === 1;
  }

  #countsOf(histogram: number, column: number): number {
    return histogram + this.#planned(PLAN.width) * HISTOGRAM_BYTES + column * COUNTS_BYTES;
  }

  #subtract(built: number, other: number, column: number): void {
    const to = other + column * HISTOGRAM_BYTES;
    this.#kernels.subtract(HISTOGRAM_BYTES / 8, to, built + column * HISTOGRAM_BYTES, to);
    if (this.#planned(PLAN.withCounts) === 0) return;
    const counts = this.#countsOf(other, column);
    this.#kernels.subtractCounts(COUNTS_BYTES / 4, counts, this.#countsOf(built, column), counts);
  }

  /** Looks through one column of a node whose part of an entry begins at `at`; the outcome goes to split `slot` of that column. */
  #scan(at: number, histogram: number, column: number, slot: number): void {
    const { doubles, integers, bytes } = this.#views;
    const place = slot * this.#planned(PLAN.width) + column;
    const out = this.#planned(PLAN.splits) + place * SPLIT_NUMBERS * 8;
    const mask = doubles[at + ENTRY_NODE.mask] as number;
    const info = this.#planned(PLAN.columns) / 4 + column * COLUMN_INFO;
    const bins = integers[info + COLUMN.bins] as number;
    const hasMissing = integers[info + COLUMN.hasMissing] as number;
    if (doubles[at + ENTRY_NODE.scanned] === 0) return;
    // A column of one bin can still be told apart from its missing values.
    if ((mask !== 0 && bytes[mask + column] === 0) || bins + hasMissing < 2) {
      doubles[out / 8] = 0;
      return;
    }
    const node = at + ENTRY_NODE.node;
    const pairs = histogram + column * HISTOGRAM_BYTES;
    const rules = this.#planned(PLAN.rules);
    if (integers[info + COLUMN.categorical] === 1) {
      this.#scanCategories(node, pairs, this.#countsOf(histogram, column), bins, hasMissing === 1, place);
    } else if (this.#planned(PLAN.plain) === 1) {
      this.#kernels.scanPlain(
        pairs,
        bins,
        hasMissing,
        node * 8,
        doubles[rules / 8] as number,
        doubles[rules / 8 + 3] as number,
        doubles[node + NODE.rootGain] as number,
        out,
      );
    } else {
      const counts = this.#planned(PLAN.withCounts) === 0 ? 0 : this.#countsOf(histogram, column);
      const direction = integers[info + COLUMN.direction] as number;
      const leftFirst = this.#planned(PLAN.leftFirst);
      this.#kernels.scanGeneral(pairs, counts, bins, hasMissing, node * 8, rules, direction, leftFirst, out);
    }
  }

  #scanCategories(node: number, pairs: number, counts: number, bins: number, hasMissing: boolean, place: number): void {
    const { doubles, words } = this.#views;
    const rules = this.#planned(PLAN.rules) / 8;
    const split = scanCategories(
      {
        pairs: doubles.subarray(pairs / 8, pairs / 8 + HISTOGRAM_BYTES / 8),
        counts: this.#planned(PLAN.withCounts) === 0 ? null : words.subarray(counts / 4, counts / 4 + COUNTS_BYTES / 4),
        bins,
        hasMissing,
      },
      doubles.subarray(node, node + 6),
      doubles.subarray(rules, rules + RULES),
      {
        oneHotMax: this.#planned(PLAN.oneHotMax),
        setMax: this.#planned(PLAN.setMax),
        smooth: this.#planned(PLAN.smooth),
        lambdaMore: this.#planned(PLAN.lambdaMore),
        groupRowsMin: this.#planned(PLAN.groupRowsMin),
      },
      this.#planned(PLAN.leftFirst) === 1 ? 'xgboost' : 'lightgbm',
    );
    const out = this.#planned(PLAN.splits) / 8 + place * SPLIT_NUMBERS;
    doubles[out + SPLIT.gain] = split.gain;
    doubles[out + SPLIT.cut] = -1;
    // XGBoost sends the set to the right.
    const setGoesRight = this.#planned(PLAN.leftFirst) === 1;
    doubles[out + SPLIT.missingLeft] = split.missingWithSet === setGoesRight ? 0 : 1;
    doubles[out + SPLIT.gradient] = setGoesRight
      ? (doubles[node + NODE.gradient] as number) - split.gradient
      : split.gradient;
    doubles[out + SPLIT.hessian] = setGoesRight
      ? (doubles[node + NODE.hessian] as number) - split.hessian
      : split.hessian;
    doubles[out + SPLIT.count] = -1;
    doubles[out + SPLIT.lambdaMore] = split.lambdaMore;
    const set = this.#planned(PLAN.sets) / 4 + place * SET_WORDS;
    words.fill(0, set, set + SET_WORDS);
    for (const bin of split.set)
      words[set + (bin >> 5)] = ((words[set + (bin >> 5)] as number) | (1 << (bin & 31))) >>> 0;
  }
}
