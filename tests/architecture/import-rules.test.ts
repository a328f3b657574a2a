import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IConfiguration } from 'dependency-cruiser';
import type { ImportReport } from '../../scripts/check-imports.ts';
import { buildHouse, WORKSPACE_ROOT } from './fixture-house.ts';

const BREAKS = /^\/\/ breaks: (.+)$/m;

/** Runs the checker in a process of its own, as `npm run check` does: it changes its working directory. */
function check(root: string): ImportReport {
  const script = join(WORKSPACE_ROOT, 'scripts/check-imports.ts');
  try {
    return read(execFileSync(process.execPath, [script, '--root', root, '--json'], { encoding: 'utf8' }));
  } catch (error) {
    // Exit status 1 means that rules are broken; anything without an answer on stdout is a failure of the checker.
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' && error.stdout !== '') {
      return read(error.stdout);
    }
    throw error;
  }
}

const read = (text: string): ImportReport => JSON.parse(text) as ImportReport;

function declaredBreaches(root: string): readonly string[] {
  return globSync('{packages,apps,tests}/**/*.ts', { cwd: root, exclude: ['**/node_modules/**'] })
    .flatMap((file) => {
      const rules = BREAKS.exec(readFileSync(join(root, file), 'utf8'))?.[1]?.split(', ') ?? [];
      return rules.map((rule) => `${file}: ${rule}`);
    })
    .toSorted();
}

const found = (report: ImportReport): readonly string[] =>
  [...new Set(report.breaches.map(({ from, rule }) => `${from}: ${rule}`))].toSorted();

describe('the rules of who may import whom', { timeout: 60_000 }, () => {
  let house: ReturnType<typeof buildHouse>;
  beforeAll(() => {
    house = buildHouse('house', ['.dependency-cruiser.cjs']);
  });
  afterAll(() => house.remove());

  it('report each file that breaks one, by the name of the rule, and no other file', () => {
    expect(found(check(house.root))).toEqual(declaredBreaches(house.root));
  });

  it('are each broken by a fixture', () => {
    const load = createRequire(import.meta.url);
    const configuration = load(join(house.root, '.dependency-cruiser.cjs')) as IConfiguration;
    const rules = new Set((configuration.forbidden ?? []).map(({ name }) => name));
    const broken = new Set(declaredBreaches(house.root).map((line) => line.split(': ')[1]));
    expect(rules.size).toBeGreaterThan(40);
    expect([...rules].filter((name) => !broken.has(name))).toEqual([]);
  });
});

describe('the checker of imports', { timeout: 60_000 }, () => {
  it('reads every source of the real workspace, with its imports', () => {
    const report = check(WORKSPACE_ROOT);
    const packages = globSync('{apps/*,packages/*,packages/{engines,roles,adapters}/*}/package.json', {
      cwd: WORKSPACE_ROOT,
    }).map((manifest) => dirname(manifest));
    const withSources = packages.filter(
      (folder) => globSync(`${folder}/{src,app}/**/*.{ts,tsx}`, { cwd: WORKSPACE_ROOT }).length > 0,
    );
    expect(withSources.length).toBeGreaterThan(20);
    expect(withSources.filter((folder) => (report.modulesByPackage[folder] ?? 0) === 0)).toEqual([]);
    expect(report.dependenciesRead).toBeGreaterThan(50);
    expect(report.breaches.filter(({ rule }) => rule === 'file-not-read' || rule === 'import-not-seen')).toEqual([]);
  });

  it('says so when a file on disk was not read', () => {
    const house = buildHouse('house', ['.dependency-cruiser.cjs']);
    const rules = join(house.root, '.dependency-cruiser.cjs');
    writeFileSync(
      rules,
      `${readFileSync(rules, 'utf8')}\nmodule.exports.options.exclude = { path: '^packages/ports/' };\n`,
    );
    const breaches = found(check(house.root));
    house.remove();
    expect(breaches).toContain('packages/ports/src/index.ts: file-not-read');
  });

  it('says so when the imports of a file were not seen', () => {
    const house = buildHouse('house', ['.dependency-cruiser.cjs']);
    const rules = join(house.root, '.dependency-cruiser.cjs');
    writeFileSync(rules, `${readFileSync(rules, 'utf8')}\nmodule.exports.options.exclude = { path: '/undici/' };\n`);
    const breaches = found(check(house.root));
    house.remove();
    expect(breaches).toContain('packages/core/src/vendor-undici.ts: import-not-seen');
  });
});
