/**
 * Who may import whom: runs dependency-cruiser with the rules of .dependency-cruiser.cjs and prints every breach.
 *
 * `node scripts/check-imports.ts [--root FOLDER] [--json]`; exit status 0 when no rule is broken, 1 otherwise.
 *
 * A checker that silently reads nothing is worse than none, so this also fails when a source file on disk was not
 * read, or when an import statement in one was not seen.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser';

/** One broken rule, or one thing that the checker could not see. */
export interface Breach {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What one run found: the breaches, and how much it has read. */
export interface ImportReport {
  readonly breaches: readonly Breach[];
  readonly modulesRead: number;
  readonly dependenciesRead: number;
  /** Modules read by package folder, for example `packages/core`. */
  readonly modulesByPackage: Readonly<Record<string, number>>;
}

const FOLDERS = ['packages', 'apps', 'scripts', 'bench', 'tests'] as const;
const NOT_SOURCE = [
  /(^|\/)node_modules\//,
  /^apps\/[^/]+\/(dist|\.next|out)\//,
  /^packages\/([^/]+\/)?[^/]+\/dist\//,
  /^tests\/architecture\/fixtures\//,
  /\.d\.ts$/,
] as const;
const TEST_FILE = /\.test(-support)?\.tsx?$/;
const PACKAGE = /^(packages\/(?:(?:engines|roles|adapters)\/)?[^/]+|apps\/[^/]+|scripts|bench|tests)\//;
const STATIC_IMPORT = /^(?:import|export)\s(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;

function sourcesOnDisk(root: string): readonly string[] {
  return FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !NOT_SOURCE.some((pattern) => pattern.test(file)));
}

function unseen(root: string, read: ReadonlyMap<string, ReadonlySet<string>>): readonly Breach[] {
  return sourcesOnDisk(root).flatMap((file): readonly Breach[] => {
    const imports = read.get(file);
    if (imports === undefined) return [{ rule: 'file-not-read', from: file, to: file }];
    // A test may hold source text in a string, which looks like an import and is none.
    if (TEST_FILE.test(file)) return [];
    const text = readFileSync(resolve(root, file), 'utf8');
    return [...text.matchAll(STATIC_IMPORT)]
      .map((match) => (match[1] ?? '').replace(/^node:/, ''))
      .filter((specifier) => !imports.has(specifier))
      .map((specifier) => ({ rule: 'import-not-seen', from: file, to: specifier }));
  });
}

/** Reads every source under `root` and returns the broken rules; throws when the rules themselves cannot be read. */
async function checkImports(root: string): Promise<ImportReport> {
  // dependency-cruiser resolves from the working directory, whatever its options say.
  process.chdir(root);
  const load: (id: string) => IConfiguration = createRequire(resolve(root, 'package.json'));
  const { options = {}, ...ruleSet } = load(resolve(root, '.dependency-cruiser.cjs'));
  const folders = FOLDERS.filter((folder) => existsSync(resolve(root, folder)));
  const { enhancedResolveOptions, ...cruiseOptions } = options;
  const run = await cruise(
    folders,
    { ...cruiseOptions, ruleSet, validate: true },
    enhancedResolveOptions === undefined ? {} : { ...enhancedResolveOptions },
  );
  if (typeof run.output === 'string') throw new Error('dependency-cruiser answered with text, not with a result');
  const result: ICruiseResult = run.output;

  const own = result.modules.filter((module) => PACKAGE.test(module.source) && module.couldNotResolve !== true);
  const read = new Map(
    own.map((module) => [
      module.source,
      new Set(module.dependencies.map(({ module: name }) => name.replace(/^node:/, ''))),
    ]),
  );
  const modulesByPackage: Record<string, number> = {};
  for (const { source } of own) {
    const folder = PACKAGE.exec(source)?.[1];
    if (folder !== undefined) modulesByPackage[folder] = (modulesByPackage[folder] ?? 0) + 1;
  }
  const broken = result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return {
    breaches: [...broken, ...unseen(root, read)],
    modulesRead: own.length,
    dependenciesRead: own.reduce((sum, { dependencies }) => sum + dependencies.length, 0),
    modulesByPackage,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { root: { type: 'string', default: '.' }, json: { type: 'boolean' } } });
  const report = await checkImports(resolve(values.root));
  if (values.json === true) {
    console.log(JSON.stringify(report));
  } else {
    for (const { rule, from, to } of report.breaches) console.error(`${rule}: ${from} → ${to}`);
    console.log(
      `imports: ${report.breaches.length} breaches in ${report.modulesRead} modules with ${report.dependenciesRead} imports`,
    );
  }
  if (report.breaches.length > 0 || report.modulesRead === 0) process.exitCode = 1;
}
