import { at } from './columns.ts';
import type { Stretch } from './stretches.ts';

/** Centred sums of squares and products over the rows of a Dickey–Fuller regression. Regressor 0 is the level y_{t−1}, regressor k the difference Δy_{t−k}. */
export interface RegressionSums {
  readonly rows: number;
  /** Of the target Δy_t with itself. */
  readonly total: number;
  readonly targets: (regressor: number) => number;
  readonly products: (one: number, other: number) => number;
}

/**
 * Sums for `lags` lagged differences, over all rows whose values lie in one stretch. Products of two lags k apart are those of the target with lag k, moved: only the ends of a stretch
 * differ. So the whole costs rows × lags, not rows × lags².
 */
export function regressionSums(levels: Float64Array, stretches: readonly Stretch[], lags: number): RegressionSums {
  const size = lags + 1;
  const middle = meanOfAll(levels);
  // Of the differences Δy_t (index 0) and Δy_{t−k}; of the level with each of them.
  const ofDifferences = new Float64Array(size * size);
  const ofLevel = new Float64Array(size);
  const sums = new Float64Array(size);
  let [rows, levelSum, levelSquares] = [0, 0, 0];
  const differenceAt = (index: number): number => at(levels, index) - at(levels, index - 1);
  const own = new Float64Array(size * size);
  for (const { from, to } of stretches) {
    const first = from + lags + 1;
    if (first >= to) continue;
    rows += to - first;
    const differences = levels.slice(from, to);
    for (let index = differences.length - 1; index > 0; index -= 1)
      differences[index] = at(differences, index) - at(differences, index - 1);
    for (let row = first; row < to; row += 1) {
      const level = at(levels, row - 1) - middle;
      levelSum += level;
      levelSquares += level * level;
    }
    for (let lag = 0; lag <= lags; lag += 1) {
      let [withTarget, withLevel] = [0, 0];
      for (let row = first - from; row < to - from; row += 1) {
        const difference = at(differences, row - lag);
        withTarget += at(differences, row) * difference;
        withLevel += (at(levels, from + row - 1) - middle) * difference;
      }
      own[lag] = withTarget;
      ofLevel[lag] = at(ofLevel, lag) + withLevel;
      sums[lag] = at(sums, lag) + at(levels, to - 1 - lag) - at(levels, first - 1 - lag);
    }
    for (let one = 0; one < lags; one += 1) {
      for (let other = one; other < lags; other += 1) {
        own[(one + 1) * size + other + 1] =
          at(own, one * size + other) +
          differenceAt(first - 1 - one) * differenceAt(first - 1 - other) -
          differenceAt(to - 1 - one) * differenceAt(to - 1 - other);
      }
    }
    for (let index = 0; index < own.length; index += 1)
      ofDifferences[index] = at(ofDifferences, index) + at(own, index);
  }
  const centred = (one: number, other: number): number => {
    const [low, high] = one < other ? [one, other] : [other, one];
    return at(ofDifferences, low * size + high) - (at(sums, one) * at(sums, other)) / rows;
  };
  const withLevel = (lag: number): number => at(ofLevel, lag) - (levelSum * at(sums, lag)) / rows;
  return {
    rows,
    total: centred(0, 0),
    targets: (regressor) => (regressor === 0 ? withLevel(0) : centred(0, regressor)),
    products(one, other) {
      if (one === 0 && other === 0) return levelSquares - (levelSum * levelSum) / rows;
      return one === 0 || other === 0 ? withLevel(one + other) : centred(one, other);
    },
  };
}

function meanOfAll(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += at(values, index);
  return values.length === 0 ? 0 : sum / values.length;
}
