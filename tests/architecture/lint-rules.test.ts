import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildHouse, WORKSPACE_ROOT } from './fixture-house.ts';

const BREAKS = /\/\/ breaks: (.+)$/;
const OXLINT = join(WORKSPACE_ROOT, 'node_modules/.bin/oxlint');

interface LintReport {
  readonly number_of_files: number;
  readonly diagnostics: readonly {
    readonly message: string;
    readonly code?: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

function lint(root: string, ...terms: readonly string[]): LintReport {
  // With findings the linter exits 1, so it is the document that says whether it ran.
  const run = spawnSync(OXLINT, ['--format', 'json', ...terms], { cwd: root, encoding: 'utf8' });
  return JSON.parse(run.stdout) as LintReport;
}

/** What each line of the fixtures says that it breaks: `file:line rule`. */
function declaredBreaches(root: string): readonly string[] {
  return globSync('{packages,apps}/**/*.{ts,tsx}', { cwd: root })
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          (BREAKS.exec(line)?.[1]?.split(', ') ?? []).map((rule) => `${file}:${index + 1} ${rule}`),
        ),
    )
    .toSorted();
}

const found = (report: LintReport): readonly string[] => [
  ...new Set(
    report.diagnostics
      .map(({ filename, labels, code, message }) => `${filename}:${labels[0]?.span.line ?? 0} ${code ?? message}`)
      .toSorted(),
  ),
];

/** The rules that the configuration switches on by name, with the linter's own spelling: `eslint(eqeqeq)`. */
function configuredRules(): readonly string[] {
  const text = readFileSync(join(WORKSPACE_ROOT, '.oxlintrc.json'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
  const { rules, overrides } = JSON.parse(text) as {
    readonly rules: Readonly<Record<string, unknown>>;
    readonly overrides: readonly { readonly rules: Readonly<Record<string, unknown>> }[];
  };
  const entries = [rules, ...overrides.map((override) => override.rules)].flatMap((table) => Object.entries(table));
  const on = entries.filter(([, setting]) => (Array.isArray(setting) ? setting[0] : setting) !== 'off');
  return [...new Set(on.map(([name]) => name.replace(/^([^/]+)\/(.+)$/, '$1($2)')))];
}

describe('the lint rules', { timeout: 60_000 }, () => {
  let house: ReturnType<typeof buildHouse>;
  beforeAll(() => {
    house = buildHouse('lint', ['.oxlintrc.json', 'scripts/lint', 'tsconfig.json']);
  });
  afterAll(() => house.remove());

  it('report each line that breaks one, by the name of the rule, and no other line', () => {
    expect(found(lint(house.root, 'packages', 'apps'))).toEqual(declaredBreaches(house.root));
  });

  it('are each broken by a fixture', () => {
    const broken = new Set(declaredBreaches(house.root).map((line) => line.slice(line.indexOf(' ') + 1)));
    const rules = configuredRules();
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
  });
});

describe('the linter', { timeout: 60_000 }, () => {
  it('reads every source of the real workspace', () => {
    const sources = globSync('{packages,apps,scripts,bench}/**/*.{ts,tsx}', {
      cwd: WORKSPACE_ROOT,
      exclude: ['**/node_modules/**', '**/dist/**', '**/.next/**', '**/out/**', '**/*.d.ts'],
    });
    expect(sources.length).toBeGreaterThan(30);
    // Which files it reads does not depend on the rules, and without them it is done in a fraction of the time.
    expect(lint(WORKSPACE_ROOT, '--allow', 'all').number_of_files).toBeGreaterThanOrEqual(sources.length);
  });
});
