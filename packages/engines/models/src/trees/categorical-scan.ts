import { leafWeight, NODE, RULE, sideGain, splitGain, type Rules } from './split-rules.ts';

/** How categories are split. Names in brackets are the libraries'. */
export interface CategoryRules {
  /** Columns of fewer categories have each tried alone (`max_cat_to_onehot`). */
  readonly oneHotMax: number;
  /** Most categories on the smaller side of a sorted split (`max_cat_threshold`). */
  readonly setMax: number;
  /** LightGBM only: added to the hessian where categories are sorted, and fewest rows of a category that is (`cat_smooth`). */
  readonly smooth: number;
  /** LightGBM only: more of lambda in sorted splits (`cat_l2`). */
  readonly lambdaMore: number;
  /** LightGBM only: fewest rows that a set grows by (`min_data_per_group`). */
  readonly groupRowsMin: number;
}

/** A column's histogram: pairs (gradient, hessian) and, where they are kept, rows by bin; LightGBM estimates them from hessians. */
export interface CategoryHistogram {
  readonly pairs: Float64Array;
  readonly counts: Uint32Array | null;
  readonly bins: number;
  readonly hasMissing: boolean;
}

/** The best split by a set of categories: `missingWithSet` says that missing values go with the set, the sums are the set's (and theirs). */
export interface CategorySplit {
  gain: number;
  missingWithSet: boolean;
  gradient: number;
  hessian: number;
  /** Bins of the set. */
  set: readonly number[];
  /** What was added to lambda. */
  lambdaMore: number;
}

const at = (values: Float64Array | Uint32Array, index: number): number => values[index] as number;

class CategoryScan {
  readonly best: CategorySplit = {
    gain: 0,
    missingWithSet: false,
    gradient: 0,
    hessian: 0,
    set: [],
    lambdaMore: 0,
  };
  readonly #histogram: CategoryHistogram;
  readonly #node: Float64Array;
  readonly #rules: Rules;
  /** Rows of a hessian of 1, where they are estimated; 0: they are not. */
  readonly #rowsOfHessian: number;

  constructor(histogram: CategoryHistogram, node: Float64Array, rules: Rules, estimates: boolean) {
    this.#histogram = histogram;
    this.#node = node;
    this.#rules = rules;
    this.#rowsOfHessian = estimates ? at(node, NODE.count) / at(node, NODE.hessian) : 0;
  }

  gradient(bin: number): number {
    return at(this.#histogram.pairs, 2 * bin);
  }

  hessian(bin: number): number {
    return at(this.#histogram.pairs, 2 * bin + 1);
  }

  count(bin: number): number {
    const { counts } = this.#histogram;
    return counts === null ? Math.floor(this.hessian(bin) * this.#rowsOfHessian + 0.5) : at(counts, bin);
  }

  /** What a category would say as a leaf; one of too little hessian says 0. */
  weight(bin: number): number {
    const hessian = this.hessian(bin);
    if (hessian < at(this.#rules, RULE.hessianMin)) return 0;
    return leafWeight(this.gradient(bin), hessian, this.#rules, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** Sums of the node less these. */
  others(gradient: number, hessian: number): readonly [number, number] {
    return [at(this.#node, NODE.gradient) - gradient, at(this.#node, NODE.hessian) - hessian];
  }

  isEmpty(bin: number): boolean {
    return this.#histogram.counts === null
      ? this.hessian(bin) === 0 && this.gradient(bin) === 0
      : this.count(bin) === 0;
  }

  /** What keeps a side from being a child: 1 the side itself is too small, 2 the other one, 0 nothing. */
  tooSmall(hessian: number, count: number): 0 | 1 | 2 {
    const hessianMin = at(this.#rules, RULE.hessianMin);
    const countMin = at(this.#rules, RULE.countMin);
    const counted = this.#histogram.counts !== null || this.#rowsOfHessian > 0;
    if (hessian < hessianMin || (counted && count < countMin)) return 1;
    const others = at(this.#node, NODE.count) - count;
    if (at(this.#node, NODE.hessian) - hessian < hessianMin || (counted && others < countMin)) return 2;
    return 0;
  }

  offer(set: () => readonly number[], missingWithSet: boolean, side: readonly [number, number], more = 0): void {
    const [gradient, hessian] = side;
    const rules = this.#rules;
    const lower = at(this.#node, NODE.lower);
    const upper = at(this.#node, NODE.upper);
    const gain = splitGain(
      this.#sideGain(gradient, hessian, lower, upper, more),
      this.#sideGain(
        at(this.#node, NODE.gradient) - gradient,
        at(this.#node, NODE.hessian) - hessian,
        lower,
        upper,
        more,
      ),
      at(this.#node, NODE.rootGain),
      rules,
    );
    if (!(gain > this.best.gain)) return;
    Object.assign(this.best, { gain, missingWithSet, gradient, hessian, set: set(), lambdaMore: more });
  }

  #sideGain(gradient: number, hessian: number, lower: number, upper: number, more: number): number {
    return sideGain(
      gradient,
      hessian,
      leafWeight(gradient, hessian, this.#rules, lower, upper, more),
      this.#rules,
      more,
    );
  }
}

/** Each category alone against all others; `bothWays`: missing values are tried on either side, else they stay with the others. */
function scanOneByOne(scan: CategoryScan, { bins, hasMissing }: CategoryHistogram, bothWays: boolean): void {
  for (let bin = 0; bin < bins; bin += 1) {
    const side = [scan.gradient(bin), scan.hessian(bin), scan.count(bin)] as const;
    if (scan.tooSmall(side[1], side[2]) === 0) scan.offer(() => [bin], false, [side[0], side[1]]);
    // A category that no row has tells missing values from all others.
    if (!bothWays || !hasMissing || scan.isEmpty(bins)) continue;
    const more = [side[0] + scan.gradient(bins), side[1] + scan.hessian(bins), side[2] + scan.count(bins)] as const;
    if (scan.tooSmall(more[1], more[2]) === 0) scan.offer(() => [bin], true, [more[0], more[1]]);
  }
}

/**
 * XGBoost: the first categories by weight, missing values with the others; then the last ones against the others and missing values. In the set are the first categories either way.
 */
function scanByWeight(scan: CategoryScan, sorted: readonly number[], most: number): void {
  for (const order of [sorted, sorted.toReversed()]) {
    const fromFirst = order === sorted;
    let gradient = 0;
    let hessian = 0;
    let count = 0;
    for (let index = 0; index < most - 1; index += 1) {
      const bin = order[index] as number;
      gradient += scan.gradient(bin);
      hessian += scan.hessian(bin);
      count += scan.count(bin);
      if (scan.tooSmall(hessian, count) !== 0) continue;
      if (fromFirst) scan.offer(() => sorted.slice(0, index + 1), false, [gradient, hessian]);
      else scan.offer(() => sorted.slice(0, sorted.length - 1 - index), true, scan.others(gradient, hessian));
    }
  }
}

/** LightGBM: grows a set along the sorted categories from either end. Missing values stay with the others. */
function scanByRatio(
  scan: CategoryScan,
  sorted: readonly number[],
  most: number,
  { groupRowsMin, lambdaMore }: CategoryRules,
  total: number,
): void {
  for (const order of [sorted, sorted.toReversed()]) {
    let gradient = 0;
    let hessian = 0;
    let count = 0;
    let group = 0;
    for (let index = 0; index < most; index += 1) {
      const bin = order[index] as number;
      gradient += scan.gradient(bin);
      hessian += scan.hessian(bin);
      count += scan.count(bin);
      group += scan.count(bin);
      const small = scan.tooSmall(hessian, count);
      if (small === 1) continue;
      if (small === 2 || total - count < groupRowsMin) break;
      if (group < groupRowsMin) continue;
      group = 0;
      scan.offer(() => order.slice(0, index + 1), false, [gradient, hessian], lambdaMore);
    }
  }
}

/**
 * Best split of a categorical column. XGBoost (`HistEvaluator::EnumerateOneHot` and `EnumeratePart`): few categories one by one, others sorted by the weight they would have as a leaf.
 * LightGBM (`FindBestThresholdCategoricalInner`): sorted by gradient over smoothed hessian, where rare ones and missing values stay on the right. Fisher (1958) shows why a sorted split is the best.
 */
export function scanCategories(
  histogram: CategoryHistogram,
  node: Float64Array,
  rules: Rules,
  categories: CategoryRules,
  family: 'xgboost' | 'lightgbm',
): CategorySplit {
  const scan = new CategoryScan(histogram, node, rules, family === 'lightgbm');
  const { bins } = histogram;
  const xgboost = family === 'xgboost';
  // LightGBM counts a bin more, that of all categories it does not know.
  if (bins < categories.oneHotMax) {
    scanOneByOne(scan, histogram, xgboost);
    return scan.best;
  }
  const all = Array.from({ length: bins }, (_, bin) => bin);
  const sortBy = (some: readonly number[], key: (bin: number) => number): readonly number[] =>
    some.toSorted((a, b) => key(a) - key(b) || a - b);
  if (xgboost) {
    scanByWeight(
      scan,
      sortBy(all, (bin) => scan.weight(bin)),
      Math.min(categories.setMax, bins),
    );
    return scan.best;
  }
  const { smooth } = categories;
  const used = all.filter((bin) => scan.count(bin) >= smooth);
  const sorted = sortBy(used, (bin) => (scan.isEmpty(bin) ? 0 : scan.gradient(bin) / (scan.hessian(bin) + smooth)));
  scanByRatio(
    scan,
    sorted,
    Math.min(categories.setMax, Math.floor((sorted.length + 1) / 2)),
    categories,
    at(node, NODE.count),
  );
  return scan.best;
}
