import { expectOk, indexFrom, intervalMs, parseAmount, sliceBarSeries, type BarSeries } from '@monsta/core';
import { objectiveOf } from '@monsta/simulation/statistics';
import type { OptimizationTask, RunResult, TrialResult } from '@monsta/simulation/optimize';
import { checkShares, lossOf, returnBlocks, type EarlyStopping, type Objective } from '@monsta/simulation/scoring';
import { Backtest, CurvePoints, type BacktestOptions, type BacktestOutcome } from '@monsta/simulation/backtest';
import { barFrameOf, endRunsOver } from '@monsta/features/indicators';
import { parseParameters, type AnyParameterValues, type StrategyDefinition } from '@monsta/trading';
import { UNWATCHED, type StrategyWatch } from '@monsta/trading/strategy-watch';
import type { TrialBase } from './trial-base.ts';

/** How trials are judged. */
export interface TrialRules {
  readonly objective: Objective;
  readonly stopping: EarlyStopping;
  /** How many days with a bar a year has, for objectives that are annualised; null: years go by time. */
  readonly yearDays: number | null;
}

/** Closes played between two signs of life: as many as take about so long. A sign costs as much as some twenty quiet closes, and a strategy may be slow. */
const SIGN_EVERY_MS = 50;
const STRIDE_MIN = 64;
const STRIDE_MAX = 1_024;

/** What an objective is after what has been played; a ratio that runs away is not known. */
function valueOf(outcome: BacktestOutcome, { objective, yearDays }: TrialRules): number | null {
  const value = objectiveOf(outcome, objective.name, yearDays);
  return value !== null && Number.isFinite(value) ? value : null;
}

/** The bars that close by then; the same memory. */
function until(series: BarSeries, toMs: number, lengthMs: number): BarSeries {
  return sliceBarSeries(series, 0, indexFrom(series.openTimeMs, toMs - lengthMs + 1));
}

/** An amount of cash as text that is exact enough to be one: statistics are binary numbers, money is not. */
const cashText = (cash: number): string => Math.max(0, cash).toFixed(8);

function optionsFor(
  base: TrialBase,
  definition: StrategyDefinition,
  { span, ...task }: OptimizationTask,
  parameters: AnyParameterValues,
  series: readonly BarSeries[],
): BacktestOptions {
  const cash = task.kind === 'test' ? task.cash : null;
  const { config, account, strategyId: id, instruments } = base;
  const { quoteAsset } = config;
  const balances =
    cash === null ? account.balances : [{ asset: quoteAsset, free: expectOk(parseAmount(cashText(cash))) }];
  return {
    config,
    strategies: [{ id, definition, parameters, instruments }],
    account: { ...account, balances },
    series,
    ...(base.finer === undefined ? {} : { finer: base.finer }),
    fromMs: span.fromMs,
    // The next test begins flat: what is open is left, at what that costs.
    endOfData: task.kind === 'test' ? 'close' : base.endOfData,
    records: 'trades',
  };
}

const failureOf = ({ failures: [first] }: BacktestOutcome): string | null => {
  if (first === undefined) return null;
  const { message, file, line } = first.failure;
  return `${message}${file === null ? '' : ` at ${file}${line === null ? '' : `:${line}`}`}`;
};

export interface TrialHooks {
  /** Hears of so many closes more. */
  beat(closes: number): void;
  /** Its first number counts calls of the strategy's handlers. */
  readonly calls: Float64Array;
  /** Tells how much time goes by: nothing of what a trial comes to follows from it. */
  nowMs(): number;
}

/** A prepared backtest with other parameters, span and cash, again and again. */
export class TrialRunner {
  readonly #base: TrialBase;
  readonly #definition: StrategyDefinition;
  readonly #rules: TrialRules;
  readonly #hooks: TrialHooks;
  readonly #watch: StrategyWatch;
  readonly #lengthMs: number;
  /** The bars up to the end of the span that was run last: what is reckoned from them once holds for the next trial too. */
  #until: { readonly toMs: number; readonly series: readonly BarSeries[] } | null = null;
  /** What trials draw their curves into, one after another: of each no more is left than its figures. New memory for each would cost as much time as playing its bars. */
  readonly #curve = new CurvePoints();

  #stride = STRIDE_MIN;

  /** `definition`: the code of the base's strategy. */
  constructor(base: TrialBase, definition: StrategyDefinition, rules: TrialRules, hooks: TrialHooks) {
    this.#base = base;
    this.#definition = definition;
    this.#rules = rules;
    this.#hooks = hooks;
    this.#watch = { ...UNWATCHED, calls: hooks.calls };
    this.#lengthMs = intervalMs(base.interval);
  }

  /** Runs a trial or a neighbour; `bars` is how many it played. Deterministic. */
  trial(task: OptimizationTask): { readonly result: TrialResult; readonly bars: number } {
    const begun = this.#begin(task, this.#curve);
    if (typeof begun === 'string') return { result: { kind: 'failed', message: begun }, bars: 0 };
    const lossLimits = task.kind === 'trial' ? task.lossLimits : [];
    const { objective, stopping } = this.#rules;
    const checks: (number | null)[] = [];
    for (const [check, share] of (task.kind === 'trial' ? checkShares(stopping) : []).entries()) {
      this.#play(begun, share);
      const value = valueOf(begun.outcome(), this.#rules);
      checks.push(value);
      if (value === null || lossOf(value, objective.direction) <= (lossLimits[check] ?? Infinity)) continue;
      return this.#ended(begun, { kind: 'stopped', value, checks, ...this.#figures(begun.outcome(), false) });
    }
    this.#play(begun, 1);
    const outcome = begun.outcome();
    const failure = failureOf(outcome);
    if (failure !== null) return this.#ended(begun, { kind: 'failed', message: failure });
    const figures = this.#figures(outcome, task.kind === 'trial');
    return this.#ended(begun, { kind: 'finished', value: valueOf(outcome, this.#rules), checks, ...figures });
  }

  /** Runs a whole run. What the strategy did until it failed stands, with its failure. */
  run(task: OptimizationTask): { readonly result: RunResult; readonly bars: number } {
    const begun = this.#begin(task, new CurvePoints());
    if (typeof begun === 'string') return { result: { kind: 'failed', message: begun }, bars: 0 };
    this.#play(begun, 1);
    const outcome = begun.outcome();
    const result: RunResult = { kind: 'run', value: valueOf(outcome, this.#rules), outcome };
    return { result, bars: begun.progress.done };
  }

  #begin(task: OptimizationTask, curve: CurvePoints): Backtest | string {
    const values = parseParameters(this.#definition, { ...this.#base.parameters, ...task.values });
    if (!values.ok) return values.fault.message;
    const series = this.#barsUntil(task.span.toMs);
    for (const each of series) endRunsOver(barFrameOf(each));
    const options = optionsFor(this.#base, this.#definition, task, values.value, series);
    return new Backtest({ ...options, curve, watch: this.#watch });
  }

  #barsUntil(toMs: number): readonly BarSeries[] {
    if (this.#until?.toMs !== toMs) {
      const series = this.#base.series.map((each) => until(each, toMs, this.#lengthMs));
      this.#until = { toMs, series };
    }
    return this.#until.series;
  }

  /** Plays on to a share of all bars. */
  #play(backtest: Backtest, share: number): void {
    const { series } = this.#base;
    const { total } = backtest.progress;
    const target = Math.floor(total * share);
    let { done } = backtest.progress;
    while (done < target) {
      const beganMs = this.#hooks.nowMs();
      // A close is a bar of each instrument at most.
      const more = backtest.step(Math.min(this.#stride, Math.ceil((target - done) / series.length)));
      const before = done;
      done = backtest.progress.done;
      this.#hooks.beat(done - before);
      this.#pace(this.#hooks.nowMs() - beganMs);
      if (!more) return;
    }
  }

  #pace(tookMs: number): void {
    if (tookMs > SIGN_EVERY_MS) this.#stride = Math.max(STRIDE_MIN, this.#stride / 2);
    else if (tookMs < SIGN_EVERY_MS / 2) this.#stride = Math.min(STRIDE_MAX, this.#stride * 2);
  }

  #figures(
    outcome: BacktestOutcome,
    whole: boolean,
  ): Pick<Exclude<TrialResult, { kind: 'failed' }>, 'sharpe' | 'blocks'> {
    const sharpe = objectiveOf(outcome, 'sharpePerDay');
    return { sharpe, blocks: whole ? returnBlocks(outcome) : null };
  }

  #ended(backtest: Backtest, result: TrialResult): { readonly result: TrialResult; readonly bars: number } {
    return { result, bars: backtest.progress.done };
  }
}
