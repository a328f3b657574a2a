import { FOREST_DEFAULTS, type ForestParams } from './forest-params.ts';

/** scikit-learn's defaults, made careful for prices, whose signal is faint: few levels, leaves of many rows, half of the columns a split, half of the rows a tree. */
export const FOREST_OF_PRICES: ForestParams = {
  ...FOREST_DEFAULTS,
  depthMax: 8,
  leafRowsMin: { rows: 50 },
  columns: { share: 0.5 },
  sample: { share: 0.5 },
  seed: 1,
};
