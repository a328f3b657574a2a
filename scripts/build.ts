/**
 * The cached build: brings up to date what cannot run as it is written. `npm start` and `npm test` call it first.
 *
 * `node scripts/build.ts [NAME…]`; logs on stderr; exit status 0 when all is up to date, 1 when a build failed,
 * 2 for an unknown name.
 */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, type BuildTarget } from './cached-build.ts';

const ROOT = resolve(import.meta.dirname, '..');

const TARGETS: readonly BuildTarget[] = [
  {
    name: 'dashboard',
    inputs: ['apps/dashboard/**', 'packages/{core,contracts,client}/**', 'package-lock.json', 'tsconfig.json'],
    notInputs: [
      '**/node_modules/**',
      '**/*.test.ts',
      '**/*.test.tsx',
      '**/*.tsbuildinfo',
      '**/next-env.d.ts',
      'apps/dashboard/.next/**',
      'apps/dashboard/out/**',
    ],
    output: 'apps/dashboard/out',
    mustContain: 'index.html',
    command: ['next', 'build'],
    folder: 'apps/dashboard',
    environment: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    missing: (root) =>
      globSync('apps/dashboard/next.config.{ts,mjs,js}', { cwd: root }).length > 0
        ? null
        : 'apps/dashboard has no next.config.ts: there is no dashboard to build',
  },
];

const log = (line: string): void => console.error(line);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0) {
  log(`unknown build target: ${unknown.join(', ')}; there are: ${TARGETS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

for (const target of TARGETS) {
  if (wanted.length > 0 && !wanted.includes(target.name)) continue;
  const outcome = await build(ROOT, target, log);
  if (outcome.kind === 'built') log(`${target.name}: built in ${outcome.seconds.toFixed(1)} s`);
  if (outcome.kind === 'failed') {
    log(`${target.name}: build failed: ${outcome.reason}`);
    process.exitCode = 1;
  }
}
