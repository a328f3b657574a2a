import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { err, ok, type Result } from '@monsta/core';

const face = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** Where the types of Node lie: with MONSTA, whatever is installed around the strategy. */
const typeRoot = (): string => dirname(dirname(fileURLToPath(import.meta.resolve('@types/node/package.json'))));

const strategyText = (name: string): string => `import { defineStrategy, ema } from 'monsta';

/** Long while the fast average of the closes is above the slow one: an example, not a promise. Make it yours. */
export default defineStrategy({
  name: '${name}',
  parameters: {
    fast: { kind: 'integer', default: 5, min: 2, max: 100 },
    slow: { kind: 'integer', default: 20, min: 3, max: 500 },
    interval: { kind: 'choice', default: '1m', options: ['1m', '5m', '15m', '1h', '4h', '1d'] },
  },
  validate: ({ fast, slow }) => (fast < slow ? null : 'fast must be below slow'),
  intervals: ({ interval }) => [interval],
  indicators: ({ fast, slow }) => ({ fast: ema(fast), slow: ema(slow) }),
  onBar({ indicators, position, setTarget }) {
    const { fast, slow } = indicators;
    if (fast > slow && position.quantity === 0) setTarget(1, { reason: \`\${fast} is above \${slow}\` });
    else if (fast < slow && position.quantity > 0) setTarget(0, { reason: \`\${fast} is below \${slow}\` });
  },
});
`;

const testText = (name: string): string => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStrategy } from 'monsta/testing';
import strategy from './${name}.ts';

const steps = (count: number, from: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step);

test('buys when prices have risen, and sells all of it once they fall', () => {
  // Flat at first: averages need bars before they say anything.
  const run = runStrategy(strategy, { closes: [...steps(200, 60_000, 0), ...steps(30, 60_000, 50), ...steps(40, 61_500, -100)] });
  assert.equal(run.failure, null);
  const actions = run.decisions.map(({ action }) => action);
  assert.ok(actions.includes('enter'));
  assert.ok(actions.indexOf('exit') > actions.indexOf('enter'));
});

test('does nothing while prices only fall', () => {
  const run = runStrategy(strategy, { closes: steps(250, 60_000, -10) });
  assert.equal(run.failure, null);
  assert.equal(run.fills.length, 0);
});
`;

const readmeText = (name: string): string => `# ${name}

A strategy for MONSTA.

- \`${name}.ts\` is the strategy, \`${name}.test.ts\` its test.
- \`monsta strategy test ${name}.test.ts\` runs the test.
- \`monsta start --strategy ${name}.ts --params '{"fast":8}' --instruments BTCUSDT\` trades it, on paper.
- \`tsconfig.json\` shows your editor and \`tsc --noEmit\` where MONSTA's types are on this machine: make it anew with \`monsta strategy new\` where MONSTA has moved.
`;

const configText = (): string =>
  `${JSON.stringify(
    {
      compilerOptions: {
        ...{ target: 'es2025', lib: ['es2025', 'esnext'], module: 'preserve', moduleDetection: 'force', strict: true },
        ...{ noEmit: true, allowImportingTsExtensions: true, erasableSyntaxOnly: true, verbatimModuleSyntax: true },
        ...{ skipLibCheck: true, types: ['node'], typeRoots: [typeRoot()] },
        paths: { monsta: [face('../index.ts')], 'monsta/testing': [face('../testing/index.ts')] },
      },
      include: ['*.ts'],
    },
    null,
    2,
  )}\n`;

/** Writes an example strategy with its test into a folder; the files. Faults: `strategy_name`, `strategy_exists` (nothing is overwritten), `strategy_not_written`. */
export function writeNewStrategy(name: string, directory: string): Result<readonly string[]> {
  if (!/^[a-z0-9-]{1,40}$/.test(name) || name === 'manual')
    return err(
      'strategy_name',
      `a strategy is called by a-z, 0-9 and '-', at most 40 characters, and not 'manual'; '${name}' is not`,
    );
  const files = [
    [`${name}.ts`, strategyText(name)],
    [`${name}.test.ts`, testText(name)],
    ['tsconfig.json', configText()],
    ['README.md', readmeText(name)],
  ] as const;
  const written: string[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    for (const [file, text] of files) {
      const path = join(directory, file);
      writeFileSync(path, text, { flag: 'wx' });
      written.push(path);
    }
    return ok(written);
  } catch (thrown) {
    const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return exists
      ? err(
          'strategy_exists',
          `a file is there already, and nothing is overwritten (${why}); name an empty folder with --dir`,
        )
      : err('strategy_not_written', why);
  }
}
