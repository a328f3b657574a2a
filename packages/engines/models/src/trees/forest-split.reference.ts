/** How the rows of a node lie in the bins of one column; what the kernels of `forest-kernels.ts` are held against. */
export interface NodeRows {
  readonly bins: readonly number[];
  readonly weights: readonly number[];
  /** The class of a row, or its label. */
  readonly labels: readonly number[];
}

export interface SplitRules {
  readonly criterion: 'gini' | 'entropy' | 'squared_error';
  readonly classes: number;
  /** The bin of missing values; null: there is none. */
  readonly missing: number | null;
  readonly rowsMin: number;
  readonly weightMin: number;
}

export interface ReferenceSplit {
  readonly score: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const xlnx = (value: number): number => (value > 0 ? value * Math.log(value) : 0);

/** What a side is worth: the more, the purer. */
function worth(node: NodeRows, side: readonly number[], { criterion, classes }: SplitRules): number {
  const weights = side.map((row) => node.weights[row] ?? 0);
  const weight = sum(weights);
  if (criterion === 'squared_error')
    return sum(side.map((row) => (node.weights[row] ?? 0) * (node.labels[row] ?? 0))) ** 2 / weight;
  const byClass = Array.from({ length: classes }, (_, label) =>
    sum(side.map((row) => (node.labels[row] === label ? (node.weights[row] ?? 0) : 0))),
  );
  return criterion === 'gini'
    ? sum(byClass.map((part) => part * part)) / weight
    : sum(byClass.map(xlnx)) - xlnx(weight);
}

/** The score of a split; null where it leaves too little on a side. */
export function referenceScore(
  node: NodeRows,
  { bin, missingLeft }: Omit<ReferenceSplit, 'score'>,
  rules: SplitRules,
): number | null {
  const all = node.bins.map((_, row) => row);
  const goesLeft = (row: number): boolean =>
    node.bins[row] === rules.missing ? missingLeft : (node.bins[row] ?? 0) <= bin;
  const sides = [all.filter(goesLeft), all.filter((row) => !goesLeft(row))];
  const enough = sides.every(
    (side) =>
      side.length >= Math.max(1, rules.rowsMin) && sum(side.map((row) => node.weights[row] ?? 0)) >= rules.weightMin,
  );
  return enough ? sum(sides.map((side) => worth(node, side, rules))) : null;
}

/** The best split by trying all of them; null: there is none. */
export function referenceSplit(node: NodeRows, rules: SplitRules): ReferenceSplit | null {
  let best: ReferenceSplit | null = null;
  for (const bin of [...new Set(node.bins)].filter((each) => each !== rules.missing)) {
    for (const missingLeft of [false, true]) {
      const score = referenceScore(node, { bin, missingLeft }, rules);
      if (score !== null && (best === null || score > best.score)) best = { score, bin, missingLeft };
    }
  }
  return best;
}
