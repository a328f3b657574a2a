import { optimizationSpecSchema, type BacktestSpec, type OptimizationSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { textOf, type FlagSpec, type FlagValues } from '../cli/arguments.ts';

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

function numbersOf(given: string | undefined): readonly (number | undefined)[] {
  return given === undefined || given === '' ? [] : given.split(',').map(Number);
}

function earlyStopping(given: string): unknown {
  const [kind = '', rest] = given.split('=');
  const [first, checks] = numbersOf(rest);
  const more = checks === undefined ? {} : { checks };
  if (kind === 'median') return { kind, ...(first === undefined ? {} : { trialsMin: first }), ...more };
  if (kind === 'halving') return { kind, ...(first === undefined ? {} : { keepOneIn: first }), ...more };
  return { kind };
}

function walkForward(given: string): unknown {
  if (given === 'none') return null;
  const parts: Record<string, unknown> = {};
  for (const part of given.split(',')) {
    const [name = '', value] = part.split('=');
    parts[name] = value ?? (name === 'anchored' ? true : value);
  }
  return parts;
}

/** JSON as typed; undefined where it is none. */
function jsonOf(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return undefined;
  }
}

const READERS: readonly (readonly [flag: string, key: string, read: (given: string) => unknown])[] = [
  ['sampler', 'sampler', (given) => given],
  ['trials', 'trials', Number],
  ['objective', 'objective', (given) => given],
  ['walk-forward', 'walkForward', walkForward],
  ['early-stopping', 'earlyStopping', earlyStopping],
  ['map-reach', 'mapReach', Number],
  ['ahead', 'ahead', Number],
  ['language', 'language', (given) => given],
];

/** The specification that a command line asks for, around its backtest. Fault `optimization_spec`, naming every flag that is wrong. */
export function optimizationSpecFrom(flags: FlagValues, backtest: BacktestSpec): Result<OptimizationSpec> {
  const tree: Record<string, unknown> = { backtest, seed: backtest.seed };
  const faults: string[] = [];
  const space = textOf(flags, 'space');
  if (space !== null) {
    tree['space'] = jsonOf(space);
    if (tree['space'] === undefined) faults.push(`--space '${space.slice(0, 60)}' is no JSON, e.g. '{"fast":[5,50]}'`);
  }
  for (const [flag, key, read] of READERS) {
    const given = textOf(flags, flag);
    if (given !== null) tree[key] = read(given);
  }
  const parsed = optimizationSpecSchema.safeParse(tree);
  if (parsed.success && faults.length === 0) return ok(parsed.data);
  for (const { path, message } of parsed.error?.issues ?? []) {
    const flag = READERS.find(([, key]) => key === path[0])?.[0] ?? String(path[0]);
    const inner = path.slice(1).map(String).join('.');
    faults.push(`--${flag}${inner === '' ? '' : ` (${inner})`}: ${message}`);
  }
  return err('optimization_spec', [...new Set(faults)].join('; '));
}
