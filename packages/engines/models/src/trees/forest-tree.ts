import { mixSeed, seededRandom, type Random } from '@monsta/core';
import { bindForestKernels, type ForestKernels } from './forest-kernels.ts';
import type { ForestGround, ForestLane } from './forest-ground.ts';

/** A tree as it was grown: its nodes, root first, children behind their parents. */
export interface GrownTree {
  readonly tree: number;
  readonly nodes: number;
  /** Column of a split; −1: a leaf. */
  readonly column: Int32Array;
  /** Bins up to this one go left. */
  readonly bin: Uint8Array;
  /** 1: missing values go left. */
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** `nodes × width`: the share of class 1, of every class, or the mean label. */
  readonly values: Float64Array;
  /** What the split took from the impurity, times the weight of the node. */
  readonly gain: Float64Array;
  readonly weight: Float64Array;
  /** Distinct rows. */
  readonly count: Float64Array;
}

const HASH_OF_FOREST = 0x6f0e57;
/** Row visits after which others get a turn: some milliseconds. */
const VISITS_PER_STEP = 500_000;
/** Impurities below this are rounding noise (scikit-learn's EPSILON is the same of a double). */
const PURE = 2.220446049250313e-16;
/** Of a sum of squares: what is left of it when the squared sum is taken away is noise below this share. */
const NOISE = 1e-13;
const FIELD = (1n << 21n) - 1n;

/** How often each row was drawn for a tree: the same for the same seed and number, wherever it is asked. */
export function drawRows(
  ground: Pick<ForestGround, 'rows' | 'sampleRows' | 'bootstrap' | 'seed'>,
  tree: number,
  times: Uint32Array,
): Random {
  const { rows, sampleRows, bootstrap, seed } = ground;
  const random = seededRandom(mixSeed(seed, tree, HASH_OF_FOREST));
  if (!bootstrap) {
    times.fill(1);
    return random;
  }
  times.fill(0);
  for (let draw = 0; draw < sampleRows; draw += 1) {
    const row = Math.floor(random.next() * rows);
    times[row] = (times[row] as number) + 1;
  }
  return random;
}

class GrowingNodes {
  count = 0;
  column = new Int32Array(256);
  bin = new Uint8Array(256);
  missingLeft = new Uint8Array(256);
  left = new Int32Array(256);
  right = new Int32Array(256);
  values: Float64Array;
  gain = new Float64Array(256);
  weight = new Float64Array(256);
  rows = new Float64Array(256);
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
    this.values = new Float64Array(256 * width);
  }

  add(): number {
    if (this.count === this.column.length) this.#grow();
    const node = this.count;
    this.count += 1;
    this.column[node] = -1;
    return node;
  }

  grown(tree: number): GrownTree {
    const { count: nodes } = this;
    return {
      ...{ tree, nodes, column: this.column.slice(0, nodes), bin: this.bin.slice(0, nodes) },
      ...{ missingLeft: this.missingLeft.slice(0, nodes), left: this.left.slice(0, nodes) },
      ...{ right: this.right.slice(0, nodes), values: this.values.slice(0, nodes * this.#width) },
      ...{ gain: this.gain.slice(0, nodes), weight: this.weight.slice(0, nodes), count: this.rows.slice(0, nodes) },
    };
  }

  #grow(): void {
    const larger = <T extends Int32Array | Uint8Array | Float64Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.column = larger(this.column, new Int32Array(this.column.length * 2));
    this.bin = larger(this.bin, new Uint8Array(this.bin.length * 2));
    this.missingLeft = larger(this.missingLeft, new Uint8Array(this.missingLeft.length * 2));
    this.left = larger(this.left, new Int32Array(this.left.length * 2));
    this.right = larger(this.right, new Int32Array(this.right.length * 2));
    this.values = larger(this.values, new Float64Array(this.values.length * 2));
    this.gain = larger(this.gain, new Float64Array(this.gain.length * 2));
    this.weight = larger(this.weight, new Float64Array(this.weight.length * 2));
    this.rows = larger(this.rows, new Float64Array(this.rows.length * 2));
  }
}

/** A node that waits: rows `from … to − 1` of the lane. */
interface Waiting {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

interface Split {
  readonly column: number;
  readonly bin: number;
  /** Null: the node has no missing value, and so nothing says which way they should go. */
  readonly missingLeft: boolean | null;
  readonly score: number;
}

/** Grows trees, one after the other, in one lane of the ground; each thread has one of its own. */
export class ForestTreeGrower {
  readonly #ground: ForestGround;
  readonly #lane: ForestLane;
  readonly #kernels: ForestKernels;
  readonly #times: Uint32Array;
  readonly #labels: Float64Array;
  readonly #weights: Float64Array;
  readonly #rows: Uint32Array;
  readonly #stats: { readonly doubles: Float64Array; readonly words: Uint32Array };
  readonly #totals: Float64Array;
  readonly #out: { readonly doubles: Float64Array; readonly words: Int32Array };
  readonly #order: Int32Array;
  readonly #bytes: number;
  readonly #width: number;
  #random: Random = seededRandom(0);
  #counted = 0n;
  #visits = 0;
  /** Of the node that was summed last: its weight, its worth (see the kernels), and its impurity times its weight. */
  #weight = 0;
  #worth = 0;
  #impurity = 0;
  #weightMin = 0;
  #treeWeight = 0;

  constructor(ground: ForestGround, lane: number) {
    const room = ground.lanes[lane];
    if (room === undefined) throw new RangeError(`the ground has ${ground.lanes.length} lanes, and no ${lane}`);
    const { buffer } = ground.memory;
    this.#ground = ground;
    this.#lane = room;
    this.#kernels = bindForestKernels(ground.memory);
    const rows = Math.min(ground.rows, ground.sampleRows);
    this.#bytes = ground.mode === 'counts' ? 8 : 16;
    this.#width = ground.classes > 2 ? ground.classes : 1;
    this.#times = new Uint32Array(ground.rows);
    this.#labels = new Float64Array(buffer, ground.labels, ground.rows);
    this.#weights = new Float64Array(buffer, ground.weights, ground.rows);
    this.#rows = new Uint32Array(buffer, room.rows, rows);
    const stats = (rows * this.#bytes) / 8;
    this.#stats = {
      doubles: new Float64Array(buffer, room.stats, stats),
      words: new Uint32Array(buffer, room.stats, stats * 2),
    };
    this.#totals = new Float64Array(buffer, room.totals, Math.max(4, ground.classes));
    this.#out = { doubles: new Float64Array(buffer, room.out, 4), words: new Int32Array(buffer, room.out, 8) };
    this.#order = new Int32Array(ground.columns.length);
  }

  /** Grows one tree of the forest; yields every few milliseconds. The same tree for the same ground and number, whatever was grown before. */
  *growSteps(tree: number): Generator<void, GrownTree> {
    const { depthMax, splitRowsMin } = this.#ground;
    const rows = this.#begin(tree);
    yield;
    const nodes = new GrowingNodes(this.#width);
    const waiting: Waiting[] = [{ node: nodes.add(), from: 0, to: rows, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, from, to, depth } = next;
      this.#sum(from, to);
      if (node === 0) this.#beginRoot();
      this.#note(nodes, node, to - from);
      const splittable = depth < depthMax && to - from >= splitRowsMin && this.#isMixed();
      const split = splittable ? this.#bestSplit(from, to) : null;
      if (split !== null && this.#earns(split)) {
        const middle = from + this.#partition(from, to, split);
        // Missing values that training did not see here go where more rows go.
        this.#keep(nodes, node, split, split.missingLeft ?? middle - from >= to - middle);
        const left = nodes.add();
        const right = nodes.add();
        nodes.left[node] = left;
        nodes.right[node] = right;
        waiting.push({ node: right, from: middle, to, depth: depth + 1 });
        waiting.push({ node: left, from, to: middle, depth: depth + 1 });
      }
      if (this.#visits > VISITS_PER_STEP) {
        this.#visits = 0;
        yield;
      }
    }
    return nodes.grown(tree);
  }

  /** Draws the rows of a tree and lays them out. Returns how many distinct ones there are. */
  #begin(tree: number): number {
    const { rows, mode, balancedBySample } = this.#ground;
    const times = this.#times;
    this.#random = drawRows(this.#ground, tree, times);
    for (let column = 0; column < this.#order.length; column += 1) this.#order[column] = column;
    const byClass = balancedBySample ? this.#balance() : null;
    const { doubles, words } = this.#stats;
    let count = 0;
    for (let row = 0; row < rows; row += 1) {
      const drawn = times[row] as number;
      const base = this.#weights[row] as number;
      if (drawn === 0 || base === 0) continue;
      const label = this.#labels[row] as number;
      this.#rows[count] = row;
      if (mode === 'counts') {
        // Bits 0–20: 1; 21–41: times drawn; 42–62: times drawn with class 1.
        words[count * 2] = (1 | (drawn << 21)) >>> 0;
        words[count * 2 + 1] = ((drawn >>> 11) | (label === 1 ? drawn << 10 : 0)) >>> 0;
      } else {
        const weight = drawn * base * (byClass === null ? 1 : (byClass[label] as number));
        doubles[count * 2] = weight;
        if (mode === 'values') doubles[count * 2 + 1] = weight * label;
        else words[count * 4 + 2] = label;
      }
      count += 1;
    }
    this.#visits += rows * 4;
    return count;
  }

  #balance(): Float64Array {
    const { classes, rows } = this.#ground;
    const sums = new Float64Array(classes);
    let all = 0;
    for (let row = 0; row < rows; row += 1) {
      const weight = (this.#times[row] as number) * (this.#weights[row] as number);
      const label = this.#labels[row] as number;
      sums[label] = (sums[label] as number) + weight;
      all += weight;
    }
    const filled = sums.filter((weight) => weight > 0).length;
    return sums.map((weight) => (weight > 0 ? all / (filled * weight) : 0));
  }

  #beginRoot(): void {
    this.#treeWeight = this.#weight;
    this.#weightMin = Math.max(Number.MIN_VALUE, this.#ground.leafWeightShareMin * this.#weight);
  }

  /** Sums up the rows of a node: weight, worth, impurity. */
  #sum(from: number, to: number): void {
    const { mode, classes, entropy } = this.#ground;
    const stats = this.#lane.stats + from * this.#bytes;
    const totals = this.#totals;
    this.#visits += to - from;
    if (mode === 'values') {
      this.#kernels.sumValues(to - from, stats, this.#lane.totals);
      this.#weight = totals[0] as number;
      this.#worth = (totals[1] as number) ** 2 / this.#weight;
      this.#impurity = (totals[2] as number) - this.#worth;
      return;
    }
    if (mode === 'counts') {
      const sum = this.#kernels.sumCounts(to - from, stats);
      this.#counted = sum;
      const positive = Number(sum >> 42n);
      totals[0] = Number((sum >> 21n) & FIELD) - positive;
      totals[1] = positive;
    } else this.#kernels.sumClasses(to - from, stats, classes, this.#lane.totals);
    let weight = 0;
    let worth = 0;
    for (let label = 0; label < classes; label += 1) {
      const part = totals[label] as number;
      weight += part;
      worth += entropy ? (part > 0 ? part * Math.log(part) : 0) : part * part;
    }
    this.#weight = weight;
    this.#worth = entropy ? worth - weight * Math.log(weight) : worth / weight;
    this.#impurity = entropy ? -this.#worth : weight - this.#worth;
  }

  /** Whether there is anything left to tell apart, beyond rounding noise. */
  #isMixed(): boolean {
    return (
      this.#impurity > (this.#ground.mode === 'values' ? NOISE * (this.#totals[2] as number) : PURE * this.#weight)
    );
  }

  /** What the node would say as a leaf. */
  #note(nodes: GrowingNodes, node: number, rows: number): void {
    const { mode, classes, labelMean } = this.#ground;
    nodes.rows[node] = rows;
    nodes.weight[node] = this.#weight;
    if (mode === 'values') nodes.values[node] = labelMean + (this.#totals[1] as number) / this.#weight;
    else if (classes === 2) nodes.values[node] = (this.#totals[1] as number) / this.#weight;
    else
      for (let label = 0; label < classes; label += 1)
        nodes.values[node * classes + label] = (this.#totals[label] as number) / this.#weight;
  }

  /**
   * The best split among columns drawn without replacement; as scikit-learn's, the search goes on over columns that are constant in the node until one is not.
   */
  #bestSplit(from: number, to: number): Split | null {
    const { columnsAtOnce } = this.#ground;
    const order = this.#order;
    const width = order.length;
    let best: Split | null = null;
    let varied = false;
    for (let visited = 0; visited < width && (visited < columnsAtOnce || !varied); visited += 1) {
      const pick = visited + Math.floor(this.#random.next() * (width - visited));
      const column = order[pick] as number;
      order[pick] = order[visited] as number;
      order[visited] = column;
      const found = this.#splitBy(column, from, to);
      if (found > 0) varied = true;
      const score = this.#out.doubles[0] as number;
      if (found === 2 && (best === null || score > best.score))
        best = { column, bin: this.#out.words[2] as number, missingLeft: this.#missingLeft(), score };
    }
    return best;
  }

  #missingLeft(): boolean | null {
    return this.#out.words[4] === 0 ? null : this.#out.words[3] === 1;
  }

  /** 0: the column is constant in the node; 1: it has no split that is allowed; 2: its best one is in `out`. */
  #splitBy(column: number, from: number, to: number): number {
    const { mode, classes, entropy, bins, stride, columns, leafRowsMin } = this.#ground;
    const { bins: binCount, missingBin } = columns[column] as ForestGround['columns'][number];
    if (binCount + (missingBin === null ? 0 : 1) < 2) return 0;
    const lane = this.#lane;
    const count = to - from;
    this.#visits += count;
    const rows = lane.rows + from * 4;
    const stats = lane.stats + from * this.#bytes;
    const at = bins + column * stride;
    const missing = missingBin ?? -1;
    const { histogram, totals, left, marks, out } = lane;
    const flag = entropy ? 1 : 0;
    const least = this.#weightMin;
    if (mode === 'counts')
      return this.#kernels.splitCounts(
        ...([count, rows, stats, at, binCount, missing, flag] as const),
        ...([this.#counted, leafRowsMin, least, histogram, marks, out] as const),
      );
    if (mode === 'values')
      return this.#kernels.splitValues(
        ...([count, rows, stats, at, binCount, missing, totals] as const),
        ...([leafRowsMin, least, histogram, marks, out] as const),
      );
    return this.#kernels.splitClasses(
      ...([count, rows, stats, at, binCount, missing, classes, flag, totals] as const),
      ...([leafRowsMin, least, histogram, left, marks, out] as const),
    );
  }

  /** Whether a split lessens the impurity as it must (`min_impurity_decrease`); one that lessens nothing is made, too. */
  #earns({ score }: Split): boolean {
    const decrease = (score - this.#worth) / this.#treeWeight;
    return decrease + PURE >= this.#ground.impurityDecreaseMin;
  }

  #partition(from: number, to: number, { column, bin, missingLeft }: Split): number {
    const { bins, stride, columns, mode } = this.#ground;
    const lane = this.#lane;
    this.#visits += to - from;
    const missing = columns[column]?.missingBin ?? 256;
    return this.#kernels.partition(
      ...([to - from, lane.rows + from * 4, lane.stats + from * this.#bytes, mode === 'counts' ? 0 : 1] as const),
      ...([
        bins + column * stride,
        bin,
        missing,
        missingLeft === true ? 1 : 0,
        lane.spareRows,
        lane.spareStats,
      ] as const),
    );
  }

  #keep(nodes: GrowingNodes, node: number, { column, bin, score }: Split, missingLeft: boolean): void {
    nodes.column[node] = column;
    nodes.bin[node] = bin;
    nodes.missingLeft[node] = missingLeft ? 1 : 0;
    nodes.gain[node] = Math.max(0, score - this.#worth);
  }
}
