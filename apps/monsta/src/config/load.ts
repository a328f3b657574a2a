import { err, ok, type Fault, type Result } from '@monsta/core';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { camelKeys, isVerbatim, patternOf, toSnake } from './case.ts';

export interface ConfigFault {
  /** Where: `file:config.json http.port`, `env:MONSTA_HTTP__PORT`, `flag:--port`, or the dotted path alone. */
  readonly where: string;
  readonly message: string;
}

/** A value from a flag, at its place in the configuration. */
export interface FlagOverride {
  readonly flag: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface ConfigSources {
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly overrides: readonly FlagOverride[];
  /** Values that count only where a person typed them: a flag may set them, file and environment may not. */
  readonly flagOnly?: readonly FlagOnly[];
}

export interface FlagOnly {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly message: string;
}

const PREFIX = 'MONSTA_';
/** Environment names that are ours but no configuration. */
const RESERVED = /^MONSTA_(CI|TOKEN|SOAK_[A-Z_]+|SECRETS_KEY(_NEXT)?|ALERTS_SECRET_[A-Z0-9_]+)$/;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => value !== null && typeof value === 'object' && !Array.isArray(value);

function setPath(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const part of path.slice(0, -1)) {
    const next = node[part];
    const inner: Tree = isTree(next) ? next : {};
    node[part] = inner;
    node = inner;
  }
  const last = path.at(-1);
  if (last !== undefined) node[last] = value;
}

const valueAt = (tree: Tree, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, part) => (isTree(node) ? node[part] : undefined), tree);

function merge(base: Tree, over: Tree): Tree {
  const result: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isTree(before) && isTree(value) ? merge(before, value) : value;
  }
  return result;
}

/** The line and column of a JSON syntax error, where the engine's message carries a position. */
function syntaxPlace(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position));
  const line = before.split('\n').length;
  return ` (line ${line}, column ${before.length - before.lastIndexOf('\n')})`;
}

function readFile(path: string, faults: ConfigFault[]): Tree {
  const where = `file:${path}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    faults.push({ where, message: 'the file can’t be read; check the path and its permissions' });
    return {};
  }
  try {
    const value = camelKeys(JSON.parse(text), [], (clash) =>
      faults.push({ where: `${where} ${clash.join('.')}`, message: 'is given twice in different spellings' }),
    );
    if (isTree(value)) return value;
    faults.push({ where, message: 'must hold one JSON object' });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    faults.push({ where, message: `is no valid JSON${syntaxPlace(text, message)}: ${message}` });
  }
  return {};
}

/** `MONSTA_HTTP__PORT=9000` → `http.port`. Values that read as JSON are taken so, others as text. */
function readEnvironment(environment: ConfigSources['environment']): { tree: Tree; names: Map<string, string> } {
  const tree: Tree = {};
  const names = new Map<string, string>();
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || RESERVED.test(name) || text === undefined) continue;
    const path = name
      .slice(PREFIX.length)
      .split('__')
      .map((part) => part.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
    let value: unknown = text;
    try {
      value = JSON.parse(text);
    } catch {
      // Plain text is the common case.
    }
    // Two spellings of one key in one value: the last one counts, as in any JSON object.
    setPath(
      tree,
      path,
      camelKeys(value, path, () => undefined),
    );
    names.set(path.join('.'), name);
  }
  return { tree, names };
}

const snakePath = (path: readonly PropertyKey[]): string => path.map((part) => toSnake(String(part))).join('.');

/**
 * Reads the configuration: defaults < file < environment < flags, strictly.
 * Fault `config_invalid`: every fault of every source together in `details.faults`, before anything is opened.
 */
export function loadConfig<T extends z.ZodType>(schema: T, sources: ConfigSources): Result<z.output<T>> {
  const faults: ConfigFault[] = [];
  const file = sources.file === null ? {} : readFile(sources.file, faults);
  const environment = readEnvironment(sources.environment);
  const flags: Tree = {};
  for (const { path, value } of sources.overrides) setPath(flags, path, value);

  /** Where the value at a path comes from, and whether that names the path already. */
  const origin = (path: readonly PropertyKey[]): { readonly where: string; readonly named: boolean } => {
    const dotted = path.map(String).join('.');
    const covers = (candidate: string): boolean =>
      dotted === candidate || dotted.startsWith(`${candidate}.`) || candidate.startsWith(`${dotted}.`);
    const flag = sources.overrides.find((each) => covers(each.path.join('.')));
    if (flag !== undefined) return { where: `flag:${flag.flag}`, named: false };
    const variable = [...environment.names].find(([candidate]) => covers(candidate));
    if (variable !== undefined) return { where: `env:${variable[1]}`, named: false };
    const where = sources.file === null ? snakePath(path) : `file:${sources.file} ${snakePath(path)}`.trimEnd();
    return { where, named: true };
  };
  const wrong = (path: readonly PropertyKey[], message: string): void => {
    const { where, named } = origin(path);
    faults.push({ where, message: named ? message : `${snakePath(path)}: ${message}` });
  };
  const merged = merge(merge(file, environment.tree), flags);
  for (const { path, value, message } of sources.flagOnly ?? []) {
    const typed = sources.overrides.some((each) => each.path.join('.') === path.join('.'));
    if (!typed && valueAt(merged, path) === value) faults.push({ where: origin(path).where, message });
  }
  const parsed = schema.safeParse(merged);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys) wrong([...issue.path, key], 'unknown key');
      } else wrong(issue.path, issue.message);
    }
  }
  if (faults.length > 0 || !parsed.success) return { ok: false, fault: configFault(faults) };
  return ok(parsed.data);
}

export function configFault(faults: readonly ConfigFault[]): Fault {
  const lines = faults.map(({ where, message }) => `\n  ${where}: ${message}`).join('');
  const failed = err(
    'config_invalid',
    `the configuration has ${faults.length} fault${faults.length === 1 ? '' : 's'}:${lines}`,
    { details: { faults } },
  );
  return failed.fault;
}

/** Exit status for a configuration that can't be used: faults of the command line alone are bad usage, those of file or environment a failure. */
export function configExitCode(fault: Fault): 1 | 2 {
  const faults = (fault.details?.['faults'] ?? []) as readonly ConfigFault[];
  return faults.every(({ where }) => !/^(file|env):/.test(where)) ? 2 : 1;
}

/** Of these addresses the path and what follows it is often the only secret. */
const SECRET_PATHS: ReadonlySet<string> = new Set(['alerts.channels.*.url']);

function printableText(text: string, path: readonly string[]): string {
  const shown = text.replace(/^(\w+:\/\/)[^/?#]*@/, '$1[redacted]@');
  return SECRET_PATHS.has(patternOf(path)) ? shown.replace(/^(\w+:\/\/[^/?#]*)[/?#].+$/s, '$1/[redacted]') : shown;
}

/** The configuration as it would be written in a file: snake case but for a user's own names, secrets replaced, those in addresses too. */
export function printableConfig(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => printableConfig(item, [...path, String(index)]));
  if (typeof value === 'string') return printableText(value, path);
  if (!isTree(value)) return value;
  const named = isVerbatim(path) ? (key: string): string => key : toSnake;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      named(key),
      /secret|password|token$|apiKey/i.test(key) && !key.endsWith('File') && typeof inner === 'string'
        ? '[redacted]'
        : printableConfig(inner, [...path, key]),
    ]),
  );
}
