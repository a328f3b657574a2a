import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { backtestSpecSchema, type BacktestSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { FlagValues } from '../cli/arguments.ts';
import { strategyFile } from '../strategies/source.ts';
import { SPEC_FLAGS } from './spec-flags.ts';

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) tree[key] = value;
  else {
    const inner = tree[key];
    const next: Tree = isTree(inner) ? { ...inner } : {};
    tree[key] = next;
    put(next, rest, value);
  }
}

function fileTree(path: string): Result<Tree> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return err('backtest_spec', `--spec: ${path} can't be read; check the path and its permissions`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isTree(value)) return ok(value);
  } catch (thrown) {
    return err(
      'backtest_spec',
      `--spec: ${path} is no valid JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
  return err('backtest_spec', `--spec: ${path} must hold one JSON object, a specification`);
}

interface Given {
  readonly name: string;
  readonly path: string;
}

/** The flag that a place in the specification comes from, else the file's key. */
function placeOf(path: readonly PropertyKey[], given: readonly Given[]): string {
  const dotted = path.map(String).join('.');
  const from = given.findLast(
    (each) => dotted === each.path || dotted.startsWith(`${each.path}.`) || each.path.startsWith(`${dotted}.`),
  );
  if (from !== undefined) return `--${from.name}`;
  const flag = Object.entries(SPEC_FLAGS).find(([, spec]) => spec.path === dotted)?.[0];
  return flag === undefined ? dotted : `--${flag}`;
}

/** What has to be given, and is not. */
function missingFaults(tree: Tree): string[] {
  const missing: string[] = [];
  if (tree['strategy'] === undefined)
    missing.push('--strategy is missing: a strategy file, or the name of a shipped strategy');
  if (tree['instruments'] === undefined)
    missing.push('--instrument is missing: what the bars are of, e.g. --instrument BTCUSDT');
  if (tree['data'] === undefined) missing.push('--bars is missing: a file of bars, or catalogue (or --ticks FILE)');
  return missing;
}

/** The specification that a command line asks for; every fault of it together. Fault `backtest_spec`. */
export function specFromFlags(flags: FlagValues): Result<BacktestSpec> {
  const path = flags['spec'];
  const base = typeof path === 'string' ? fileTree(path) : ok<Tree>({});
  if (!base.ok) return base;
  const tree: Tree = { ...base.value };
  const faults: string[] = [];
  const given: Given[] = [];
  if (flags['bars'] !== undefined && flags['ticks'] !== undefined)
    faults.push('--bars and --ticks are two ways to say what the data is; give one of them');
  if (flags['margin'] !== undefined && flags['allow-short'] !== true && !isTree(tree['short']))
    faults.push('--margin belongs to --allow-short: give that too, or take it away');
  for (const [name, spec] of Object.entries(SPEC_FLAGS)) {
    const typed = flags[name];
    if (typed === undefined || typed === false) continue;
    const texts = Array.isArray(typed)
      ? typed.filter((each) => typeof each === 'string')
      : typeof typed === 'string'
        ? typed
        : '';
    const value = spec.read(texts);
    if (value === undefined) {
      faults.push(`--${name} '${[texts].flat().join(', ').slice(0, 60)}' is not ${spec.expects ?? 'readable'}`);
      continue;
    }
    put(tree, spec.path.split('.'), value);
    given.push({ name, path: spec.path });
    if (name === 'fee-bps' && flags['maker-fee-bps'] === undefined) {
      put(tree, ['costs', 'makerFeeBps'], value);
      given.push({ name, path: 'costs.makerFeeBps' });
    }
  }
  faults.push(...missingFaults(tree));
  if (faults.length === 0) {
    const parsed = backtestSpecSchema.safeParse(tree);
    if (parsed.success) return ok(parsed.data);
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys')
        faults.push(...issue.keys.map((key) => `--spec: ${[...issue.path, key].map(String).join('.')}: unknown key`));
      else faults.push(`${placeOf(issue.path, given)}: ${issue.message}`);
    }
  }
  const said = [...new Set(faults)];
  const [only] = said;
  return err(
    'backtest_spec',
    said.length === 1 && only !== undefined
      ? only
      : `the backtest can't be run as asked:${said.map((each) => `\n  ${each}`).join('')}`,
  );
}

/** Files by their whole path, so that the run can be gone on with from anywhere. */
export function withPaths(spec: BacktestSpec): BacktestSpec {
  const whole = (paths: readonly string[]): string[] => paths.map((path) => resolve(path));
  const { data, finer, strategy } = spec;
  return {
    ...spec,
    strategy: strategyFile(strategy) ?? strategy,
    data: 'paths' in data ? { ...data, paths: whole(data.paths) } : data,
    finer: finer === null ? null : { paths: whole(finer.paths) },
  };
}
