import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BacktestSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { rememberTrials, type TrialMemory } from '@monsta/simulation';
import { RunFolder } from './run-folder.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;
const TRIALS = 'trials';

/**
 * All runs of a data directory, each in a folder of its own below `backtests`, and what has been tried: any number of processes may read and write at once, a running program too.
 */
export class BacktestStore {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = resolve(dataDir, 'backtests');
  }

  /** A new folder. `id` names it: by the time it was made, so that they sort, and by chance. Fault `backtest_store`. */
  create(nowMs: number, random: string): Result<RunFolder> {
    const stamp = new Date(nowMs)
      .toISOString()
      .replaceAll(/[-:]|\..*/g, '')
      .toLowerCase();
    const id = `${stamp}-${random}`;
    const path = join(this.#root, id);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      return ok(new RunFolder(path, id));
    } catch (thrown) {
      return err(
        'backtest_store',
        `the result can't be kept in ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}; give another --data-dir`,
      );
    }
  }

  /** Fault `backtest_unknown`. */
  open(id: string): Result<RunFolder> {
    const path = join(this.#root, id);
    if (ID.test(id) && id !== TRIALS && existsSync(join(path, 'spec.json'))) return ok(new RunFolder(path, id));
    return err(
      'backtest_unknown',
      `there is no backtest ${id.slice(0, 80)} in ${this.#root}; monsta backtests list shows those there are`,
    );
  }

  /** Of all runs, newest first. */
  ids(): readonly string[] {
    if (!existsSync(this.#root)) return [];
    return readdirSync(this.#root)
      .filter((id) => ID.test(id) && id !== TRIALS)
      .toSorted()
      .toReversed();
  }

  /** Newest first; what can't be read is left out. */
  list(): readonly BacktestSummary[] {
    return this.ids().flatMap((id) => new RunFolder(join(this.#root, id), id).summary() ?? []);
  }

  /** Removes a run for good. What it was a trial of stays remembered. Faults: `backtest_unknown`, `backtest_running`. */
  remove(id: string): Result<null> {
    const folder = this.open(id);
    if (!folder.ok) return folder;
    const taken = folder.value.take();
    if (!taken.ok) return taken;
    try {
      rmSync(folder.value.path, { recursive: true, force: true });
    } finally {
      taken.value.release();
    }
    return ok(null);
  }

  /** What has been tried under a key (of strategy and data). */
  trials(key: string): TrialMemory {
    const path = this.#trialsPath(key);
    if (!existsSync(path)) return {};
    const lines = readFileSync(path, 'utf8').split('\n');
    return rememberTrials({}, lines.flatMap(readTrial));
  }

  /** Remembers trials: one line each, appended, so that several processes may do it at once. */
  remember(key: string, trials: Iterable<readonly [fingerprint: string, sharpePerDay: number | null]>): void {
    mkdirSync(join(this.#root, TRIALS), { recursive: true, mode: 0o700 });
    const lines = [...trials].map((trial) => `${JSON.stringify(trial)}\n`);
    appendFileSync(this.#trialsPath(key), lines.join(''), { mode: 0o600 });
  }

  #trialsPath(key: string): string {
    return join(this.#root, TRIALS, `${key.replaceAll(/[^a-z0-9-]/g, '_')}.jsonl`);
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
