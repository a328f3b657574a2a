import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { err, ok, type Result } from '@monsta/core';
import { describeFailure } from '@monsta/trading';

/** What files of users and their tests may import of MONSTA. */
const FACES: ReadonlyMap<string, string> = new Map([
  ['monsta', new URL('../index.ts', import.meta.url).href],
  ['monsta/testing', new URL('../testing/index.ts', import.meta.url).href],
]);
let hooked = false;

/** Lets a user's file anywhere on disk import `monsta`, whatever is installed around it. */
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
 * The default export of a user's file; `what` names it in faults: `<what>_missing`, `<what>_not_loadable` (does not compile or throws when it is loaded; file and line where known).
 * With an `instance` the file is run again, apart from every other.
 */
export async function importUserFile(path: string, what: string, instance?: number): Promise<Result<unknown>> {
  if (!existsSync(path)) return err(`${what}_missing`, `the ${what} file ${path} does not exist`);
  resolveMonsta();
  try {
    const url = pathToFileURL(path);
    if (instance !== undefined) url.searchParams.set('instance', String(instance));
    const module: unknown = await import(url.href);
    return ok(typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined);
  } catch (thrown) {
    return err(`${what}_not_loadable`, `the ${what} file ${path} can't be loaded: ${explain(thrown)}`, {
      cause: thrown,
    });
  }
}
