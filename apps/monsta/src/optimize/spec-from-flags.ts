import { optimizationSpecSchema, type BacktestSpec, type OptimizationSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { textOf, type FlagValues } from '../cli/arguments.ts';

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
