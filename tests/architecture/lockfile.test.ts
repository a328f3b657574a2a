import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WORKSPACE_ROOT } from './fixture-house.ts';

type Names = Readonly<Record<string, string>>;

interface Locked {
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(WORKSPACE_ROOT, file), 'utf8'));
const lock = (read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> }).packages;
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** Whether `name`, required by the package at `from`, is in the lockfile where Node would look for it. */
function isLocked(from: string, name: string): boolean {
  const inside = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (Object.hasOwn(lock, inside)) return true;
  if (from === '') return false;
  const parent = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
  return isLocked(parent, name);
}

describe('the lockfile', () => {
  it('says what every package.json says, or `npm ci` refuses a clean clone', () => {
    const manifests = globSync('{apps/*,packages/*,packages/{engines,roles,adapters}/*}/package.json', {
      cwd: WORKSPACE_ROOT,
    });
    expect(manifests.length).toBeGreaterThan(20);
    const differing = ['package.json', ...manifests].flatMap((file) => {
      const manifest = read(file) as Locked;
      const entry = lock[file === 'package.json' ? '' : file.replace(/\/package\.json$/, '')] ?? {};
      return KINDS.filter((kind) => {
        const [declared, locked] = [manifest[kind] ?? {}, entry[kind] ?? {}];
        const names = new Set([...Object.keys(declared), ...Object.keys(locked)]);
        return [...names].some((name) => declared[name] !== locked[name]);
      }).map((kind) => `${file}: ${kind}`);
    });
    expect(differing).toEqual([]);
  });

  it('holds every platform of every tool, or `npm ci` refuses everywhere', () => {
    const missing = Object.entries(lock).flatMap(([from, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => !isLocked(from, name))
        .map((name) => `${from}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    expect(readFileSync(join(WORKSPACE_ROOT, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "https?:/);
  });
});
