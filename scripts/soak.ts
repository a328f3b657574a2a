/**
 * `npm run soak -- [--duration-s N] [--seed N] [FILTER…]`: the tests that take long, under tests/soak and in
 * `*.soak.test.ts`. They read MONSTA_SOAK_DURATION_S and MONSTA_SOAK_SEED, which this sets and prints, so that a
 * failure can be repeated. Exit status is that of the test run, 2 for bad usage.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');

function badUsage(message: string): never {
  console.error(`${message}\nusage: npm run soak -- [--duration-s N] [--seed N] [FILTER…]`);
  process.exit(2);
}

function readArguments(): { durationS: string; seed: string; filters: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        'duration-s': { type: 'string', default: '600' },
        seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
      },
    });
    return { durationS: values['duration-s'], seed: values.seed, filters: positionals };
  } catch (error) {
    return badUsage(error instanceof Error ? error.message : String(error));
  }
}

const { durationS, seed, filters } = readArguments();
if (!/^[1-9][0-9]{0,6}$/.test(durationS)) badUsage(`--duration-s ${durationS}: not a whole number of seconds`);
if (!/^[0-9]{1,9}$/.test(seed)) badUsage(`--seed ${seed}: not a whole number`);

console.error(`soak: ${durationS} s, seed ${seed}`);
const run = spawnSync(resolve(ROOT, 'node_modules/.bin/vitest'), ['run', '--project', 'soak', ...filters], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, MONSTA_SOAK_DURATION_S: durationS, MONSTA_SOAK_SEED: seed },
});
if (run.error !== undefined) throw run.error;
process.exitCode = run.status ?? 1;
