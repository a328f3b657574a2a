import { INTERVALS } from '@monsta/core';
import type { FlagSpec } from '../cli/arguments.ts';
import { dataFlags } from './account-flags.ts';

const text = (value: string, help: string): FlagSpec => ({ type: 'string', value, help });

/** The flags of `monsta evaluate`. */
export const evaluateFlags: Readonly<Record<string, FlagSpec>> = {
  model: text('NAME', 'logistic-regression, xgboost, lightgbm or random-forest'),
  task: text('NAME', 'direction, return or both (default both)'),
  params: text('JSON', 'hyper-parameters, or a file that holds them, e.g. {"l2":10}'),
  bars: text('FILE', 'a file of bars (CSV, JSON, Parquet; .gz, .zip), or catalogue for those of the data directory'),
  others: {
    ...text('SYMBOL=FILE', 'bars of another instrument that features read; once for each (not with catalogue)'),
    multiple: true,
  },
  instrument: text('SYMBOL', 'whose bars they are, e.g. BTCUSDT'),
  interval: text('I', `${INTERVALS.join(', ')} (default: what the bars of the file lie apart)`),
  market: text('NAME', 'whose catalogue, as monsta data list names it (default binance)'),
  from: text('TIME', 'bars that open at or after it, UTC: 2024-01-31 (default: the first)'),
  to: text('TIME', 'bars that open before it; a day alone is included (default: the last)'),
  horizon: text('H', 'how far ahead: 1h, 4h, 1d … (default 1h)'),
  'feature-set': text('NAME', 'a shipped set (core, standard, flow) or a JSON file (default: the model’s own)'),
  features: text('FILE', 'a file of your own features, made with defineFeature; they must pass the leak gate'),
  folds: text('N', 'tests of the walk-forward, 2 to 100 (default 10)'),
  'train-rows': text('N', 'newest rows that each fold trains on (default: all before it)'),
  'cost-bps': text('N', 'fee and slippage of one side of a trade, in basis points (default 12)'),
  level: text('N', 'level of the intervals, 0.5 to 0.999 (default 0.95)'),
  resamples: text('N', 'of the block bootstrap, 200 to 20000 (default 2000)'),
  seed: text('N', 'of the resampling (default: from instrument, interval and horizon)'),
  'no-learning-curve': { type: 'boolean', help: 'leave out models fitted on parts of the training rows: faster' },
  report: text('FILE', 'also as one HTML page that stands alone'),
  language: text('CODE', 'of the page: en or ko (default en)'),
  tick: text('N', 'step of the prices of the file (default: its finest digit)'),
  lot: text('N', 'step of the quantities of trades (default 0.00000001)'),
  quote: text('ASSET', 'asset of the prices (default: the end of the symbol)'),
  'off-tick': text('HOW', 'a price between two ticks: refuse, or round to the nearest (default refuse)'),
  ...dataFlags,
};
