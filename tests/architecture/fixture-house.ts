import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The root of the real workspace. */
export const WORKSPACE_ROOT = resolve(import.meta.dirname, '../..');

/**
 * Copies the folder of fixtures `name` to a temporary place of its own and puts the workspace's real configuration
 * beside it, so that what is tried is the configuration that counts, with the very same patterns.
 * Installed libraries are the real ones; packages of the fixture are linked as npm would link them.
 */
export function buildHouse(name: string, configuration: readonly string[]): { root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'monsta-house-'));
  cpSync(join(import.meta.dirname, 'fixtures', name), root, { recursive: true });
  for (const file of configuration) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(WORKSPACE_ROOT, file), join(root, file), { recursive: true });
  }
  linkLibraries(root);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Where each installed library lies; npm puts some beside the one package that uses them. */
function installedLibraries(): ReadonlyMap<string, string> {
  const folders = globSync('{apps/*/,packages/**/,}node_modules', {
    cwd: WORKSPACE_ROOT,
    exclude: ['**/node_modules/*'],
  });
  return new Map(
    folders
      .map((folder) => join(WORKSPACE_ROOT, folder))
      .toSorted((left, right) => right.length - left.length)
      .flatMap((folder) =>
        readdirSync(folder)
          .flatMap((entry) =>
            entry.startsWith('@') ? readdirSync(join(folder, entry)).map((inner) => `${entry}/${inner}`) : [entry],
          )
          .map((name): [string, string] => [name, join(folder, name)]),
      ),
  );
}

function linkLibraries(root: string): void {
  const target = join(root, 'node_modules');
  const own = new Map(
    globSync('{apps,packages}/**/package.json', { cwd: root }).map((manifest): [string, string] => [
      packageName(join(root, manifest)),
      join(root, dirname(manifest)),
    ]),
  );
  for (const [name, source] of new Map([...installedLibraries(), ...own])) {
    if (name.startsWith('.') && name !== '.bin') continue;
    if (name.startsWith('@monsta/') && own.size > 0 && !own.has(name)) continue;
    mkdirSync(dirname(join(target, name)), { recursive: true });
    symlinkSync(source, join(target, name));
  }
}

function packageName(manifest: string): string {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'name' in parsed && typeof parsed.name === 'string') {
    return parsed.name;
  }
  throw new Error(`${manifest} has no name`);
}
