import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { err, type Result } from '@monsta/core';
import {
  describeFailure,
  SHIPPED_STRATEGIES,
  validateStrategy,
  type StrategyDefinition,
  type StrategySource,
} from '@monsta/trading';

/** Strategies that come with MONSTA, by name. */
const SHIPPED: ReadonlyMap<string, StrategyDefinition> = new Map(SHIPPED_STRATEGIES.map((each) => [each.name, each]));

/** What strategy files and their tests may import of MONSTA. */
const FACES: ReadonlyMap<string, string> = new Map([
  ['monsta', new URL('../index.ts', import.meta.url).href],
  ['monsta/testing', new URL('../testing/index.ts', import.meta.url).href],
]);
let hooked = false;

/** Lets a strategy file anywhere on disk import `monsta`, whatever is installed around it. */
export function resolveMonsta(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = FACES.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true, format: 'module-typescript' };
    },
  });
}

/** Where a strategy comes from, and of a file what it holds now. Null where the file can't be read. */
export function strategySource(nameOrFile: string): StrategySource | null {
  const path = strategyFile(nameOrFile);
  if (path === null) return { strategy: nameOrFile, sha256: null };
  try {
    return { strategy: path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
  } catch {
    return null;
  }
}

/** The file that a strategy is read from; null for one that is shipped. */
export const strategyFile = (nameOrFile: string): string | null =>
  looksLikeFile(nameOrFile) ? resolve(nameOrFile) : null;

const looksLikeFile = (text: string): boolean => /[\\/]|\.[cm]?[jt]s$/.test(text);

/** What a thrown error says, with the file and line it names. */
function explain(thrown: unknown): string {
  const { message, file, line } = describeFailure(thrown);
  // A syntax error's place stands in the first line of its stack, not among the calls.
  const place = thrown instanceof Error ? /^(?:file:\/\/)?(\/[^\n]*?):(\d+)$/m.exec(thrown.stack ?? '') : null;
  const at =
    place === null
      ? file === null
        ? ''
        : ` (${file}${line === null ? '' : `, line ${line}`})`
      : ` (${place[1] ?? ''}, line ${place[2] ?? ''})`;
  return `${message}${at}`;
}

/**
 * A strategy by shipped name or by file. Faults: `strategy_unknown` (lists the shipped ones), `strategy_missing`, `strategy_not_loadable` (does not
 * compile or throws when it is loaded; file and line where known), `strategy_invalid`.
 *
 * With an `instance` the file is run again, apart from every other: what it keeps beside its state begins anew.
 */
export async function loadStrategy(nameOrFile: string, instance?: number): Promise<Result<StrategyDefinition>> {
  const path = strategyFile(nameOrFile);
  if (path === null) {
    const shipped = SHIPPED.get(nameOrFile);
    if (shipped !== undefined) return { ok: true, value: shipped };
    return err(
      'strategy_unknown',
      `no strategy is called '${nameOrFile}'; there are: ${[...SHIPPED.keys()].join(', ')}. A file needs a path such as ./${nameOrFile}.ts`,
    );
  }
  if (!existsSync(path)) return err('strategy_missing', `the strategy file ${path} does not exist`);
  resolveMonsta();
  let module: unknown;
  try {
    const url = pathToFileURL(path);
    if (instance !== undefined) url.searchParams.set('instance', String(instance));
    module = await import(url.href);
  } catch (thrown) {
    return err('strategy_not_loadable', `the strategy file ${path} can't be loaded: ${explain(thrown)}`, {
      cause: thrown,
    });
  }
  const exported: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  const valid = validateStrategy(exported);
  return valid.ok ? valid : err(valid.fault.code, `${path}: ${valid.fault.message}`);
}
