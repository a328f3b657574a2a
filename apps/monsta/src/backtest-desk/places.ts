import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { BacktestSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { SHIPPED_STRATEGIES } from '@monsta/trading';
import { strategyFile } from '../strategies/source.ts';

export interface ConfiguredStrategyName {
  readonly id: string;
  /** A shipped name, or a file. */
  readonly strategy: string;
}

export interface PlacesOptions {
  readonly strategyFolders: readonly string[];
  readonly dataFolders: readonly string[];
  readonly configured: readonly ConfiguredStrategyName[];
}

const STRATEGY_NAME = /\.[cm]?[jt]s$/;
const NO_STRATEGY = /\.(test|spec|d)\.[cm]?[jt]s$/;
const DATA_NAME = /\.(csv|json|parquet)(\.gz|\.zip)?$|\.zip$/i;
const DEPTH_MAX = 4;
const LISTED_MAX = 500;

const isShipped = (name: string): boolean => SHIPPED_STRATEGIES.some((each) => each.name === name);

/** The path of a file within a folder, links followed; null where it is not there, is no file, or lies elsewhere. */
function within(folder: string, name: string): string | null {
  try {
    const home = realpathSync(folder);
    const path = realpathSync(join(home, name));
    const inside = relative(home, path);
    const isInside = inside !== '' && !inside.startsWith(`..${sep}`) && inside !== '..' && !isAbsolute(inside);
    return isInside && statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}

/** Names below a folder, without its own, at most so many; hidden ones and dependencies are left out. */
function listBelow(folder: string, fits: (name: string) => boolean, most: number): readonly string[] {
  const found: string[] = [];
  const look = (inside: string, depth: number): void => {
    const entries = readdirSync(join(folder, inside), { withFileTypes: true }).toSorted((one, other) =>
      one.name < other.name ? -1 : 1,
    );
    for (const entry of entries) {
      if (found.length >= most || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const name = join(inside, entry.name);
      if (entry.isDirectory() && depth < DEPTH_MAX) look(name, depth + 1);
      else if (entry.isFile() && fits(entry.name)) found.push(name);
    }
  };
  try {
    look('', 1);
  } catch {
    // A folder that is not there yet, or may not be read, has nothing to offer.
  }
  return found;
}

/**
 * What a backtest over REST may read: whoever holds the admin token is not thereby allowed to read, or run, every file of the machine. Files are named as they lie below the
 * configured folders; the first folder that has one counts.
 */
export class Places {
  readonly #options: PlacesOptions;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** What `loadStrategy` takes for a name. Fault `backtest_forbidden`. */
  strategy(name: string): Result<string> {
    if (isShipped(name)) return ok(name);
    const configured = this.#options.configured.find(({ id }) => id === name);
    if (configured !== undefined) return ok(strategyFile(configured.strategy) ?? configured.strategy);
    const path = STRATEGY_NAME.test(name) ? this.#find(this.#options.strategyFolders, name) : null;
    if (path !== null) return ok(path);
    return err(
      'backtest_forbidden',
      `'${name.slice(0, 200)}' is neither a shipped strategy, nor the id of a configured one, nor a file below backtests.strategy_folders`,
    );
  }

  /** The path of a file of bars. Fault `backtest_forbidden`. */
  data(name: string): Result<string> {
    const path = DATA_NAME.test(name) ? this.#find(this.#options.dataFolders, name) : null;
    if (path !== null) return ok(path);
    return err('backtest_forbidden', `'${name.slice(0, 200)}' is no file of bars below backtests.data_folders`);
  }

  /** A strategy as `strategy` takes it, from what it gave; of what is not allowed here, its last name alone. */
  shownStrategy(strategy: string): string {
    const path = strategyFile(strategy);
    if (path === null) return strategy;
    const configured = this.#options.configured.find((each) => strategyFile(each.strategy) === path);
    return configured?.id ?? this.#shown(this.#options.strategyFolders, path);
  }

  /** A file of bars likewise. */
  shownData(path: string): string {
    return this.#shown(this.#options.dataFolders, path);
  }

  /** A specification with its files named as they may be asked for. */
  shownSpec(spec: BacktestSpec): BacktestSpec {
    const shown = (paths: readonly string[]): string[] => paths.map((path) => this.shownData(path));
    const { data, finer, strategy } = spec;
    return {
      ...spec,
      strategy: this.shownStrategy(strategy),
      data: 'paths' in data ? { ...data, paths: shown(data.paths) } : data,
      finer: finer === null ? null : { paths: shown(finer.paths) },
    };
  }

  strategies(): {
    readonly shipped: readonly string[];
    readonly configured: readonly string[];
    readonly files: readonly string[];
  } {
    const fits = (name: string): boolean => STRATEGY_NAME.test(name) && !NO_STRATEGY.test(name);
    return {
      shipped: SHIPPED_STRATEGIES.map(({ name }) => name),
      configured: this.#options.configured.map(({ id }) => id).filter((id) => !isShipped(id)),
      files: this.#list(this.#options.strategyFolders, fits),
    };
  }

  dataFiles(): readonly string[] {
    return this.#list(this.#options.dataFolders, (name) => DATA_NAME.test(name));
  }

  /** How many files of a kind are listed at most. */
  static readonly listedMax = LISTED_MAX;

  #find(folders: readonly string[], name: string): string | null {
    if (isAbsolute(name) || name.includes('\0')) return null;
    for (const folder of folders) {
      const path = within(folder, name);
      if (path !== null) return path;
    }
    return null;
  }

  #list(folders: readonly string[], fits: (name: string) => boolean): readonly string[] {
    const names = folders.flatMap((folder) => listBelow(resolve(folder), fits, LISTED_MAX));
    return [...new Set(names)].slice(0, LISTED_MAX);
  }

  #shown(folders: readonly string[], path: string): string {
    for (const folder of folders) {
      try {
        const inside = relative(realpathSync(folder), path);
        if (!inside.startsWith('..') && !isAbsolute(inside)) return inside;
      } catch {
        // A folder that is gone holds nothing.
      }
    }
    return basename(path);
  }
}
