import type { Fault, Result } from '@monsta/core';
import { ok } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { AnyParameterValues } from '@monsta/trading';
import { Optimization, type TrialResult } from '@monsta/simulation/optimize';
import { lossOf } from '@monsta/simulation/scoring';
import type { OptimizationPlan } from './plan.ts';
import { TrialPool, type Answer } from './pool.ts';
import type { TrialBase } from './trial-base.ts';

/** How far an optimisation has come. */
export interface OptimizationProgress {
  /** Trials done, neighbours of the map not among them; `trialsMax` is how many there are at most. */
  readonly trials: number;
  readonly trialsMax: number;
  /** Bars played by all threads since this run began. */
  readonly bars: number;
  /** The best value of the objective in any window so far, and where. */
  readonly best: { readonly window: number; readonly value: number; readonly values: AnyParameterValues } | null;
}

export interface OptimizationRun {
  readonly plan: OptimizationPlan;
  readonly base: TrialBase;
  readonly workers: number;
  readonly clock: Clock;
  readonly stuckAfterMs: number;
  readonly heapMbMax: number;
  /** Trials that were done before, by the ids of their tasks: they are not run again. */
  readonly known: ReadonlyMap<string, TrialResult>;
  /** Hears of each trial that is new, once. */
  onTrial(id: string, result: TrialResult): void;
  onProgress(progress: OptimizationProgress): void;
  /** Aborted: no further trial is begun, and those that run are ended. */
  readonly signal: AbortSignal;
}

export interface OptimizationEnd {
  readonly optimization: Optimization;
  /** False: it was canceled; what was told is kept, and it goes on from there. */
  readonly complete: boolean;
  readonly bars: number;
  readonly replaced: number;
}

/** Runs an optimisation over threads to its end. Faults: those of preparing the backtest in a thread, `optimization_broken` (threads die one after another). */
export async function runOptimization(run: OptimizationRun): Promise<Result<OptimizationEnd>> {
  const optimization = new Optimization(run.plan.options);
  const driver = new Driver(run, optimization);
  return driver.ended;
}

class Driver {
  readonly ended: Promise<Result<OptimizationEnd>>;
  readonly #run: OptimizationRun;
  readonly #optimization: Optimization;
  readonly #pool: TrialPool;
  readonly #resolve: (result: Result<OptimizationEnd>) => void;
  #bars = 0;
  #best: OptimizationProgress['best'] = null;
  #over = false;

  constructor(run: OptimizationRun, optimization: Optimization) {
    this.#run = run;
    this.#optimization = optimization;
    const { promise, resolve } = Promise.withResolvers<Result<OptimizationEnd>>();
    this.ended = promise;
    this.#resolve = resolve;
    const { plan, base, workers, clock, stuckAfterMs, heapMbMax, signal } = run;
    this.#pool = new TrialPool({
      data: { base, rules: { objective: plan.objective, stopping: plan.options.stopping, yearDays: plan.yearDays } },
      workers,
      clock,
      stuckAfterMs,
      heapMbMax,
      onAnswer: (answer) => this.#hear(answer),
      onUnusable: (fault) => this.#fail(fault),
    });
    if (signal.aborted) this.#end(false);
    else {
      signal.addEventListener('abort', () => this.#end(false), { once: true });
      this.#pump();
    }
  }

  #hear(answer: Answer): void {
    if (this.#over) return;
    this.#bars += answer.bars;
    if (answer.kind === 'run') this.#optimization.tellRun(answer.id, answer.result);
    else {
      this.#run.onTrial(answer.id, answer.result);
      this.#optimization.tellTrial(answer.id, answer.result);
      this.#progress();
    }
    this.#pump();
  }

  /** Hands out what there is to do while there is room. */
  #pump(): void {
    while (!this.#over && this.#pool.hasRoom) {
      const task = this.#optimization.next();
      if (task === 'wait') return;
      if (task === null) {
        this.#end(true);
        return;
      }
      const known = task.kind === 'trial' || task.kind === 'map' ? this.#run.known.get(task.id) : undefined;
      if (known === undefined) this.#pool.submit(task);
      else {
        this.#optimization.tellTrial(task.id, known);
        this.#progress();
      }
    }
  }

  #progress(): void {
    const { newest, trialCount } = this.#optimization;
    const { direction } = this.#run.plan.options;
    if (newest?.kind === 'finished' && newest.value !== null) {
      const { window, value, values } = newest;
      const better = this.#best === null || lossOf(value, direction) < lossOf(this.#best.value, direction);
      if (better) this.#best = { window, value, values };
    }
    this.#run.onProgress({
      trials: trialCount,
      trialsMax: this.#run.plan.trialsMax,
      bars: this.#bars,
      best: this.#best,
    });
  }

  #fail(fault: Fault): void {
    this.#finish({ ok: false, fault });
  }

  #end(complete: boolean): void {
    const { replaced } = this.#pool;
    this.#finish(ok({ optimization: this.#optimization, complete, bars: this.#bars, replaced }));
  }

  #finish(result: Result<OptimizationEnd>): void {
    if (this.#over) return;
    this.#over = true;
    void this.#pool.close().then(() => this.#resolve(result));
  }
}
