import type { TreeEnsemble } from './tree-ensemble.ts';
import { treesInUse } from './tree-walk.ts';
import { treeRange } from './tree-forms.ts';

/**
 * How much a column matters to an ensemble:
 * - `split` (LightGBM's default; XGBoost's `weight`): how many nodes split by it;
 * - `gain` (LightGBM's `gain`; XGBoost's `total_gain`): the sum of what those splits gained; `meanGain` is XGBoost's `gain`, that sum by the number of splits;
 * - `cover` (XGBoost's `total_cover`): the sum of the hessians at those splits; `meanCover` is XGBoost's `cover`;
 * - `impurity` (scikit-learn's `feature_importances_`): each tree's gains as shares of their sum, averaged over the trees that split at all.
 */
export type ImportanceKind = 'split' | 'gain' | 'meanGain' | 'cover' | 'meanCover' | 'impurity';

/** Importance of each column, in the order of `featureNames`, by the trees that forecast (`bestRounds`). With `normalised` the columns add up to 1, or are all 0. */
export function importanceOf(
  model: TreeEnsemble,
  kind: ImportanceKind,
  { normalised = false }: { readonly normalised?: boolean } = {},
): Float64Array {
  const sums = kind === 'impurity' ? impurity(model) : sumsOf(model, kind);
  return normalised ? shares(sums) : sums;
}

/** Each value by the sum of all; all 0 where that is 0. */
function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((left, right) => left + right, 0);
  return sum > 0 ? values.map((value) => value / sum) : values.map(() => 0);
}

function sumsOf(model: TreeEnsemble, kind: Exclude<ImportanceKind, 'impurity'>): Float64Array {
  const columns = model.featureNames.length;
  const sums = new Float64Array(columns);
  const splits = new Float64Array(columns);
  const figures = kind === 'gain' || kind === 'meanGain' ? model.gain : model.cover;
  for (const tree of treesInUse(model)) {
    const [from, to] = treeRange(model, tree);
    for (let node = from; node < to; node += 1) {
      const column = model.feature[node] as number;
      if (column < 0) continue;
      splits[column] = (splits[column] as number) + 1;
      sums[column] = (sums[column] as number) + (figures[node] as number);
    }
  }
  if (kind === 'split') return splits;
  if (kind === 'gain' || kind === 'cover') return sums;
  return sums.map((sum, column) => (splits[column] === 0 ? 0 : sum / (splits[column] as number)));
}

function impurity(model: TreeEnsemble): Float64Array {
  const sums = new Float64Array(model.featureNames.length);
  let trees = 0;
  for (const tree of treesInUse(model)) {
    const [from, to] = treeRange(model, tree);
    let total = 0;
    for (let node = from; node < to; node += 1)
      if ((model.feature[node] as number) >= 0) total += model.gain[node] as number;
    if (total <= 0) continue;
    trees += 1;
    for (let node = from; node < to; node += 1) {
      const column = model.feature[node] as number;
      if (column >= 0) sums[column] = (sums[column] as number) + (model.gain[node] as number) / total;
    }
  }
  return trees === 0 ? sums : sums.map((sum) => sum / trees);
}
