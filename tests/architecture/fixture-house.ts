import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  globSync,
  existsSync,
} from 'node:fs';
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

function linkLibraries(root: string): void {
  const installed = join(WORKSPACE_ROOT, 'node_modules');
  const target = join(root, 'node_modules');
  mkdirSync(target);
  const own = new Map<string, string>();
  for (const manifest of globSync('{apps,packages}/**/package.json', { cwd: root })) {
    own.set(packageName(join(root, manifest)), join(root, dirname(manifest)));
  }
  const scoped = readdirSync(installed).flatMap((entry) =>
    entry.startsWith('@') ? readdirSync(join(installed, entry)).map((inner) => `${entry}/${inner}`) : [entry],
  );
  for (const name of new Set([...scoped, ...own.keys()])) {
    if (name.startsWith('.') && name !== '.bin') continue;
    const source = own.get(name) ?? join(installed, name);
    if (name.startsWith('@monsta/') && own.size > 0 && !own.has(name)) continue;
    mkdirSync(dirname(join(target, name)), { recursive: true });
    if (!existsSync(join(target, name))) symlinkSync(source, join(target, name));
  }
}

function packageName(manifest: string): string {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'name' in parsed && typeof parsed.name === 'string') {
    return parsed.name;
  }
  throw new Error(`${manifest} has no name`);
}
