import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { expectOk } from '@monsta/core';
import { Backtest, type BacktestOutcome } from '@monsta/simulation/backtest';
import { expect } from 'vitest';
import { prepareBacktest } from '../../apps/monsta/src/backtest/prepare.ts';
import { specFlags } from '../../apps/monsta/src/backtest/spec-flags.ts';
import { specFromFlags } from '../../apps/monsta/src/backtest/spec-from-flags.ts';
import { parseArguments } from '../../apps/monsta/src/cli/arguments.ts';
import { testFolder } from '../support/backtest.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

/** What the page says of other engines. */
export const PAGE = readFileSync(join(ROOT, 'docs/backtesting.md'), 'utf8');

/** The flags of an engine's row on the page, with its letters filled in. */
export function flagsOf(engine: string, letters: Readonly<Record<string, string>>): readonly string[] {
  const [, row = ''] = new RegExp(`^\\| \\*\\*${engine}\\*\\*[^|]*\\| \`([^\`]+)\``, 'm').exec(PAGE) ?? [];
  expect(row).toContain('--sizing');
  return row
    .split(' ')
    .map((word) => letters[word] ?? word.replace(/=(\w+)$/, (_all, name: string) => `=${letters[name] ?? name}`));
}

const BACKTEST = { words: ['backtest'], summary: '', flags: specFlags };

/** What a strategy file makes of files of bars, by the name of their instrument, under the flags of the command. */
export async function runFlags(
  files: Readonly<Record<string, string>>,
  strategy: string,
  flags: readonly string[],
): Promise<BacktestOutcome> {
  const folder = testFolder();
  const file = join(folder, 'strategy.ts');
  const data = Object.entries(files).flatMap(([instrument, text]) => {
    const bars = join(folder, `${instrument}.csv`);
    writeFileSync(bars, text);
    return ['--bars', bars, '--instrument', instrument];
  });
  // The test runner's loader does not know what `monsta` is to the program's.
  writeFileSync(file, strategy.replace("'monsta'", `'${join(ROOT, 'apps/monsta/src/index.ts')}'`));
  const parsed = expectOk(parseArguments(['backtest', '--strategy', file, ...data, ...flags], [BACKTEST]));
  const prepared = await prepareBacktest(expectOk(specFromFlags(parsed.flags)), {
    role: aiTradingConfigSchema.parse({}),
  });
  const backtest = new Backtest(expectOk(prepared));
  while (backtest.step(1_000));
  return backtest.outcome();
}
