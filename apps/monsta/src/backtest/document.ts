import { err, ok, type Result } from '@monsta/core';
import { equityJson, readEquity } from './equity-file.ts';
import type { RunFolder } from './run-folder.ts';

/** The whole document of a finished run, as `monsta backtest --json` prints it. Fault `backtest_unfinished`. */
export function documentOf(folder: RunFolder): Result<readonly string[]> {
  const result = folder.part('result');
  const trades = folder.part('trades');
  if (result === null || trades === null)
    return err(
      'backtest_unfinished',
      `the backtest ${folder.id} has no result (yet): ${folder.summary()?.state ?? 'unknown'}`,
    );
  const equity = folder.binary('equity.bin');
  return ok([
    result.slice(0, -1),
    `,"trades":${trades}`,
    `,"orders":${folder.part('orders') ?? 'null'}`,
    `,"fills":${folder.part('fills') ?? 'null'}`,
    ...(equity === null ? [',"equity":null'] : [',"equity":', equityJson(readEquity(equity))]),
    '}',
  ]);
}
