import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialMemory } from '@monsta/simulation/statistics';
import { KeptFolders } from './kept-folder.ts';
import { BACKTEST, RunFolder } from './run-folder.ts';

const TRIALS = 'trials';

/** All backtests of a data directory, below `backtests`, and what has been tried. */
export class BacktestStore extends KeptFolders<RunFolder> {
  constructor(dataDir: string) {
    super(join(dataDir, 'backtests'), BACKTEST, (path, id) => new RunFolder(path, id));
  }

  /** What has been tried under a key (of strategy and data). */
  trials(key: string): TrialMemory {
    const path = this.#trialsPath(key);
    if (!existsSync(path)) return {};
    const lines = readFileSync(path, 'utf8').split('\n');
    return Object.fromEntries(lines.flatMap(readTrial));
  }

  /** Remembers trials: one line each, appended, so that several processes may do it at once. */
  remember(key: string, trials: Iterable<readonly [fingerprint: string, sharpePerDay: number | null]>): void {
    mkdirSync(join(this.root, TRIALS), { recursive: true, mode: 0o700 });
    const lines = [...trials].map((trial) => `${JSON.stringify(trial)}\n`);
    appendFileSync(this.#trialsPath(key), lines.join(''), { mode: 0o600 });
  }

  #trialsPath(key: string): string {
    return join(this.root, TRIALS, `${key.replaceAll(/[^a-z0-9-]/g, '_')}.jsonl`);
  }
}

/** A line that a crash has cut in two tells nothing. */
function readTrial(line: string): readonly (readonly [string, number | null])[] {
  try {
    const trial: unknown = JSON.parse(line);
    if (!Array.isArray(trial)) return [];
    const [fingerprint, sharpe] = trial as readonly unknown[];
    return typeof fingerprint === 'string' && (sharpe === null || typeof sharpe === 'number')
      ? [[fingerprint, sharpe]]
      : [];
  } catch {
    return [];
  }
}
