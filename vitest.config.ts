import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What no ordinary run may read: build products, and the fixtures that break the rules on purpose. */
const never = [
  '**/node_modules/**',
  '**/dist/**',
  '**/.next/**',
  'apps/dashboard/out/**',
  'tests/architecture/fixtures/**',
];

/** What would make `npm test` longer than five minutes. */
const LONG = [
  'tests/{commands,parity}/**/*.test.ts',
  'tests/integration/trading/{crash-points,power-cut}.test.ts',
  'tests/end-to-end/{alerts,command-line,exchange-keys,feature-sets,live-refusals,manual-trading,models,strategy-new}.test.ts',
  'apps/monsta/src/download/download.test.ts',
  'packages/adapters/catalog-parquet/src/many-processes.test.ts',
  'packages/engines/models/src/evaluation/{attainable,noise}.test.ts',
  'packages/engines/models/src/**/*.{library,long}.test.ts',
];

export default defineConfig({
  test: {
    // Against tests that never end; the slowest that says nothing of its time needs a second or two of a core of its own, and a busy machine gives it a tenth of one.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // A program that a test starts finds its sources compiled by the one before: half of the start of a short one.
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, '.cache/compile') },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // A worker keeps the modules it has read from one file to the next: reading them anew for each took longer than most tests. What a support file sets up
          // it therefore takes down with the test (`onTestFinished`), not in a hook of its own, which only the first file would have.
          isolate: false,
          include: [
            'packages/**/*.test.ts',
            'apps/**/*.test.{ts,tsx}',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'tests/{architecture,backtest,parity,integration,end-to-end}/**/*.test.ts',
          ],
          exclude: [...never, ...LONG, '**/*.{browser,crash,soak}.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Commands whose tests start programs again and again, parity, and deaths at every point of an order: minutes in all.
          name: 'long',
          setupFiles: ['tests/support/time-left.setup.ts'],
          include: LONG,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.browser.test.ts'],
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          setupFiles: ['tests/support/time-left.setup.ts'],
          // Most of their time they wait for a minute's bar to close: two files do so at once.
          include: ['tests/crash/**/*.test.ts'],
          exclude: [...never, '**/*.soak.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // The fault matrix and virtual weeks take minutes: a run of their own.
          name: 'simulation',
          setupFiles: ['tests/support/time-left.setup.ts'],
          isolate: false,
          include: ['tests/simulation/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: ['tests/soak/**/*.test.ts', '**/*.soak.test.ts'],
          exclude: never,
          testTimeout: 3_600_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
