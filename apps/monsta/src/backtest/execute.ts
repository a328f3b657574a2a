import { deserialize, serialize } from 'node:v8';
import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { err, ok, type Result } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import { VERSION } from '../version.ts';
import type { CatalogSource } from './data.ts';
import { strategyFingerprint } from './fingerprints.ts';
import { keepResult, type KeptResult } from './result.ts';
import type { RunFolder, StoredSpec } from './run-folder.ts';
import { planRun, type Playable } from './run-plan.ts';
import { fail, summaryOf } from './run-summary.ts';
import type { BacktestStore } from './store.ts';

/** How long the loop plays before it looks up. */
const SLICE_MS = 50;
/** Least time between two checkpoints; and they take at most this share of it. */
const CHECKPOINT_EVERY_MS = 3_000;
const CHECKPOINT_SHARE = 0.05;

export interface RunRequest {
  readonly store: BacktestStore;
  /** What `--bars catalogue` is read from. */
  readonly catalogs: CatalogSource;
  readonly folder: RunFolder;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** When the run was asked for. */
  readonly createdMs: number;
  /** What the running program collects; null where there is none. */
  readonly history: MarketHistory | null;
}

/** How a run is watched and ended from outside. */
export interface RunHooks {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  nowMs(): number;
  /** Called some times a second. */
  progress(done: number, total: number): void;
  /** Once true, the run keeps its checkpoint and ends. */
  canceled(): boolean;
  readonly watch?: StrategyWatch;
}

/** What became of a run. */
export type RunEnd = { readonly canceled: false; readonly kept: KeptResult } | { readonly canceled: true };

/** What has been started before it could be finished, as it is written to `checkpoint.bin`. */
interface Checkpoint {
  readonly version: string;
  /** Of the data and of the strategy's code: on others it can't go on. */
  readonly data: string;
  readonly strategy: string;
  readonly snapshot: unknown;
}

/** The run that a checkpoint holds. Fault `backtest_changed`: strategy, data or program are not what they were. */
function resumed(bytes: Uint8Array, now: Omit<Checkpoint, 'snapshot'>): Result<unknown> {
  const kept = deserialize(bytes) as Checkpoint;
  const changed = [
    ...(kept.version === now.version ? [] : [`MONSTA is ${now.version}, it was ${kept.version}`]),
    ...(kept.data === now.data ? [] : ['the data is not what it was']),
    ...(kept.strategy === now.strategy ? [] : ['the strategy file is not what it was']),
  ];
  return changed.length === 0
    ? ok(kept.snapshot)
    : err(
        'backtest_changed',
        `the run can't go on to the result that it would have had: ${changed.join('; ')}. Bring that back, or run it anew with --spec FILE`,
      );
}

class Run {
  readonly #request: RunRequest;
  readonly #hooks: RunHooks;
  readonly #stored: StoredSpec;
  #closes = 256;
  #savedMs: number;
  #saveTookMs = 0;

  constructor(request: RunRequest, hooks: RunHooks, stored: StoredSpec) {
    this.#request = request;
    this.#hooks = hooks;
    this.#stored = stored;
    this.#savedMs = hooks.monotonicMs();
  }

  async play(): Promise<Result<RunEnd>> {
    const { folder, role, catalogs, history } = this.#request;
    const { spec, records } = this.#stored;
    const { watch } = this.#hooks;
    const sources = {
      ...{ role, catalogs },
      ...(history === null ? {} : { history }),
      ...(watch === undefined ? {} : { watch }),
    };
    const planned = await planRun(spec, sources, records ? 'orders' : 'trades');
    if (!planned.ok) return planned;
    const plan = planned.value;
    const mark = {
      version: VERSION,
      data: plan.data,
      strategy: strategyFingerprint(spec.strategy),
    };
    const bytes = folder.binary('checkpoint.bin');
    const from = bytes === null ? ok(null) : resumed(bytes, mark);
    if (!from.ok) return from;
    const backtest = plan.begin(from.value);
    const save = (): void => this.#save(backtest, mark);
    while (this.#slice(backtest)) {
      const { done, total } = backtest.progress;
      this.#hooks.progress(done, total);
      if (this.#hooks.canceled()) {
        save();
        return ok({ canceled: true });
      }
      if (this.#isDue()) save();
      // Whoever shares the thread is let in.
      await new Promise((next) => setImmediate(next));
    }
    this.#hooks.progress(backtest.progress.total, backtest.progress.total);
    const { store, createdMs } = this.#request;
    const kept = keepResult({
      store,
      folder,
      createdMs,
      stored: this.#stored,
      plan,
      outcome: backtest.outcome(),
    });
    return ok({ canceled: false, kept });
  }

  /** Plays for a moment; false when nothing is left. */
  #slice(backtest: Playable): boolean {
    const beganMs = this.#hooks.monotonicMs();
    const more = backtest.step(this.#closes);
    const tookMs = this.#hooks.monotonicMs() - beganMs;
    if (tookMs < SLICE_MS / 2) this.#closes = Math.min(2 * this.#closes, 65_536);
    else if (tookMs > 2 * SLICE_MS) this.#closes = Math.max(1, this.#closes >> 1);
    return more;
  }

  #isDue(): boolean {
    const sinceMs = this.#hooks.monotonicMs() - this.#savedMs;
    return sinceMs >= Math.max(CHECKPOINT_EVERY_MS, this.#saveTookMs / CHECKPOINT_SHARE);
  }

  #save(backtest: Playable, mark: Omit<Checkpoint, 'snapshot'>): void {
    const { folder } = this.#request;
    const beganMs = this.#hooks.monotonicMs();
    const checkpoint: Checkpoint = { ...mark, snapshot: backtest.snapshot() };
    folder.writeBinary('checkpoint.bin', serialize(checkpoint));
    const { done, total } = backtest.progress;
    folder.writeSummary(summaryOf(this.#request, this.#stored.spec, { progress: total === 0 ? 0 : done / total }));
    this.#savedMs = this.#hooks.monotonicMs();
    this.#saveTookMs = this.#savedMs - beganMs;
  }
}

/**
 * Runs the backtest of a folder to its end, or on from its checkpoint, and keeps the result there. Faults: `backtest_damaged`, `backtest_changed`, those of
 * preparing it. Whatever becomes of it, the folder's summary tells. Who calls has taken the folder.
 */
export async function executeBacktest(request: RunRequest, hooks: RunHooks): Promise<Result<RunEnd>> {
  const { folder } = request;
  const stored = folder.spec();
  if (!stored.ok) return stored;
  const { spec } = stored.value;
  try {
    folder.writeSummary(summaryOf(request, spec, {}));
    const ended = await new Run(request, hooks, stored.value).play();
    if (!ended.ok) fail(request, spec, hooks.nowMs(), ended.fault);
    else if (ended.value.canceled) {
      const progress = folder.summary()?.progress ?? 0;
      folder.writeSummary(summaryOf(request, spec, { state: 'canceled', finishedMs: hooks.nowMs(), progress }));
    } else {
      folder.writeSummary(
        summaryOf(request, spec, {
          state: 'done',
          finishedMs: hooks.nowMs(),
          progress: 1,
          ...ended.value.kept.figures,
        }),
      );
      folder.dropCheckpoint();
    }
    return ended;
  } catch (thrown) {
    const broken = err(
      'backtest_broken',
      `the backtest broke: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
      { cause: thrown },
    );
    fail(request, spec, hooks.nowMs(), broken.fault);
    return broken;
  }
}
