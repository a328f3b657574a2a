/**
 * `npm run check`: formatting, lint, types, import rules and dead code. Every check runs even when an earlier one
 * fails, so that all problems are seen at once; exit status 0 when all pass, 1 otherwise.
 *
 * `node scripts/check.ts [NAME…]` runs only the checks named.
 */
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

interface Check {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'format', command: 'oxfmt', arguments: ['--check', '.'] },
  { name: 'lint', command: 'oxlint', arguments: ['--type-aware'] },
  { name: 'types', command: 'tsc', arguments: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the dashboard', command: 'tsc', arguments: ['--noEmit', '-p', 'apps/dashboard/tsconfig.json'] },
  { name: 'kernels', command: 'node', arguments: ['scripts/kernels.ts', '--check'] },
  { name: 'imports', command: 'node', arguments: ['scripts/check-imports.ts'] },
  { name: 'dead code', command: 'knip', arguments: ['--no-progress'] },
];

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Runs one check with its output passed through; a program that cannot be started has failed. */
async function run(check: Check): Promise<Outcome> {
  console.log(`\n── ${check.name}: ${check.command} ${check.arguments.join(' ')}`);
  const started = performance.now();
  const program = resolve(ROOT, 'node_modules/.bin', check.command);
  const passed = await new Promise<boolean>((settle) => {
    const child = spawn(program, [...check.arguments], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      // The tools are scripts that look for `node` on the path: they shall find the pinned one.
      env: { ...process.env, PATH: [resolve(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter) },
    });
    child.on('error', (error) => {
      console.error(`${check.command} could not be started: ${error.message}`);
      settle(false);
    });
    child.on('close', (code) => settle(code === 0));
  });
  return { name: check.name, passed, seconds: (performance.now() - started) / 1000 };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`unknown check: ${unknown.join(', ')}; there are: ${CHECKS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const outcomes: Outcome[] = [];
for (const check of CHECKS) {
  if (wanted.length === 0 || wanted.includes(check.name)) outcomes.push(await run(check));
}

console.log('');
for (const { name, passed, seconds } of outcomes) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)`);
}
if (outcomes.some(({ passed }) => !passed)) process.exitCode = 1;
