import type { FlagSpec } from '../cli/arguments.ts';

const text = (value: string, help: string): FlagSpec => ({ type: 'string', value, help });

/** What of an optimisation is not of its backtests. */
export const searchFlags: Readonly<Record<string, FlagSpec>> = {
  space: text(
    'JSON',
    'what is searched: {"fast":[5,50],"slow":{"from":20,"to":200,"step":10},"band":{"from":0.1,"to":10,"log":true},"kind":["a","b"],"period":{"values":[7,14]},"exits":null}; null is all that the strategy allows (default: every number and switch of the strategy)',
  ),
  sampler: text('NAME', 'grid, random, tpe or cma-es (default tpe)'),
  trials: text('N', 'trials in each window at most (default 200)'),
  objective: text(
    'NAME',
    'a statistic of docs/statistics.md, with :max or :min behind it where its better way is not meant (default sharpe)',
  ),
  'walk-forward': text(
    'TEXT',
    'train=180d,test=30d[,anchored][,embargo=1d] (m, h, d, w, or % of the data), or none (default train=40%,test=10%)',
  ),
  'early-stopping': text(
    'TEXT',
    'none, median[=TRIALS[,CHECKS]] (default 10 and 4), halving[=KEEP_ONE_IN[,CHECKS]] (default 3 and 2) (default none)',
  ),
  'map-reach': text('N', 'steps on each side of the best in the map of its neighbourhood; 0: no map (default 3)'),
  language: text('CODE', 'of the report that it leaves in its folder: en or ko (default en)'),
  ahead: text(
    'N',
    'a sampler is told of all but the newest N trials before it is asked for the next, whatever the number of workers: part of what a seed decides (default 8)',
  ),
};
