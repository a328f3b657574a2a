import type { AiTradingConfig } from '@monsta/ai-trading/config';
import type { BacktestSummary, OptimizationResult, OptimizationSpec } from '@monsta/contracts';
import { err, ok, type Fault, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import { dataFingerprint, strategyFingerprint, trialFingerprint, trialsKey } from '../backtest/fingerprints.ts';
import { loadBacktestData, type BacktestData, type CatalogSource } from '../backtest/data.ts';
import { prepareBacktest, type PreparedBacktest } from '../backtest/prepare.ts';
import type { BacktestStore } from '../backtest/store.ts';
import { quoteAssetOf } from '../backtest/terms.ts';
import { VERSION } from '../version.ts';
import { optimizationAssumptions } from './assumptions.ts';
import { optimizationDocument } from './document.ts';
import { planOptimization, type OptimizationPlan } from './plan.ts';
import { optimizationReport } from './report.ts';
import { runOptimization, type OptimizationEnd, type OptimizationProgress } from './run-optimization.ts';
import { trialBaseOf } from './trial-base.ts';
import type { OptimizationFolder, OptimizationMark, StoredOptimization } from './store.ts';

export interface OptimizationRequest {
  /** A folder with its specification; trials that are in it are not run again. */
  readonly folder: OptimizationFolder;
  /** Where trials are remembered, by strategy and data. */
  readonly backtests: BacktestStore;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** What `--bars catalogue` is read from; left out: there is none. */
  readonly catalogs?: CatalogSource;
  /** What the running program collects; left out: there is none. */
  readonly history?: MarketHistory;
  /** Sees the strategy's code being loaded. */
  readonly watch?: StrategyWatch;
  readonly workers: number;
  /** Memory of a trial's objects; one that wants more fails. Bars are not counted. */
  readonly heapMbMax: number;
  readonly clock: Clock;
  readonly stuckAfterMs: number;
  readonly signal: AbortSignal;
  onProgress(progress: OptimizationProgress & { readonly elapsedMs: number; readonly known: number }): void;
}

/** What became of it; null: it was canceled, and the same folder goes on. */
export type OptimizationOutcome = Result<OptimizationResult | null>;

/** An optimisation that can be begun. */
export interface PreparedOptimization {
  /** A single backtest of it, with the parameters that are not searched. */
  readonly prepared: PreparedBacktest;
  /** All bars, in memory that threads share. */
  readonly data: BacktestData;
  readonly plan: OptimizationPlan;
}

/** Why recordings are not optimised on. */
export const TICKS_REFUSED =
  'an optimisation runs on bars, since each trial would read a recording of ticks anew: give --bars, and backtest the choice with --ticks';

/** Loads bars and strategy, and says what is to be done with them; nothing is started and nothing written. Faults: `optimization_spec`, those of `prepareBacktest` and `planOptimization`. */
export async function prepareOptimization(
  spec: OptimizationSpec,
  { role, catalogs, history, watch }: Pick<OptimizationRequest, 'role' | 'catalogs' | 'history' | 'watch'>,
): Promise<Result<PreparedOptimization>> {
  const { data: source } = spec.backtest;
  if (source.kind === 'ticks') return err('optimization_spec', TICKS_REFUSED);
  const quote = quoteAssetOf(spec.backtest);
  if (!quote.ok) return quote;
  const sources = {
    shared: true,
    ...(catalogs === undefined ? {} : { catalogs }),
    ...(history === undefined ? {} : { history }),
  };
  const data = await loadBacktestData(spec.backtest, quote.value, sources);
  if (!data.ok) return data;
  const prepared = await prepareBacktest(spec.backtest, {
    ...{ role, data: data.value },
    ...(watch === undefined ? {} : { watch }),
  });
  if (!prepared.ok) return prepared;
  const [strategy] = prepared.value.strategies;
  if (strategy === undefined) return err('strategy_unknown', 'there is no strategy');
  const plan = planOptimization(spec, strategy.definition, prepared.value.parameters, data.value.series);
  return plan.ok ? ok({ prepared: prepared.value, data: data.value, plan: plan.value }) : plan;
}

/** Runs the optimisation of a folder to its end, or on from where it was broken off, and keeps result and report there. Who calls has taken the folder. */
export async function executeOptimization(request: OptimizationRequest): Promise<OptimizationOutcome> {
  const { folder } = request;
  const stored = folder.stored();
  if (!stored.ok) return stored;
  const ready = await prepareOptimization(stored.value.spec, request);
  const ended = ready.ok ? await execute(request, stored.value, ready.value) : ready;
  if (!ended.ok) failOptimization(request, stored.value, ended.fault);
  return ended;
}

/** Says in the summary how an optimisation failed. */
export function failOptimization(
  request: Pick<OptimizationRequest, 'folder' | 'clock'>,
  stored: StoredOptimization,
  { code, message }: Fault,
): void {
  request.folder.writeSummary(
    summaryOf(request, stored, { state: 'failed', fault: { code, message }, finishedMs: nowMs(request.clock) }),
  );
}

const nowMs = (clock: Clock): number => Math.floor(clock.nowUs() / 1_000);

function summaryOf(
  { folder }: Pick<OptimizationRequest, 'folder'>,
  { spec, createdMs }: StoredOptimization,
  given: Partial<BacktestSummary>,
): BacktestSummary {
  const { strategy, instruments, interval } = spec.backtest;
  return {
    ...{ id: folder.id, kind: 'optimization', state: 'running', createdMs, finishedMs: null, progress: 0 },
    ...{ strategy, instruments, interval, startMs: null, endMs: null, statistics: null, fault: null },
    ...given,
  };
}

/** Fault `optimization_changed`: what is known of trials would not hold any more. */
function changedFault(begun: OptimizationMark, now: OptimizationMark): Result<null> {
  const changed = [
    ...(begun.version === now.version ? [] : [`MONSTA is ${now.version}, it was ${begun.version}`]),
    ...(begun.data === now.data ? [] : ['the data is not what it was']),
    ...(begun.strategy === now.strategy ? [] : ['the strategy file is not what it was']),
  ];
  if (changed.length === 0) return ok(null);
  return err(
    'optimization_changed',
    `it can't go on to the result that it would have had: ${changed.join('; ')}. Bring that back, or optimise anew`,
  );
}

async function execute(
  request: OptimizationRequest,
  stored: StoredOptimization,
  { prepared, data: bars, plan }: PreparedOptimization,
): Promise<OptimizationOutcome> {
  const { folder, clock, workers } = request;
  const { spec } = stored;
  // Parameters need more or less before their first decision: of the bars before the beginning none are cut off.
  const whole = await prepareBacktest(
    { ...spec.backtest, fromMs: null, toMs: null },
    { role: request.role, data: bars },
  );
  if (!whole.ok) return whole;
  const data = dataFingerprint([...bars.series, ...bars.finer]);
  const mark = { version: VERSION, data, strategy: strategyFingerprint(spec.backtest.strategy) };
  const changed = changedFault(stored.begun ?? mark, mark);
  if (!changed.ok) return changed;
  folder.writeStored({ ...stored, begun: mark });
  const known = folder.log.read();
  folder.writeSummary(summaryOf(request, stored, {}));
  const beganMs = clock.monotonicMs();
  let memoryPeakBytes = 0;
  let toldMs = -Infinity;
  const ended = await runOptimization({
    ...request,
    plan,
    known,
    // Parameters need more or less before their first decision: each trial looks for what it needs itself.
    base: trialBaseOf(whole.value, spec.backtest.strategy),
    onTrial: (id, result) => folder.log.append(id, result),
    onProgress(progress) {
      const elapsedMs = clock.monotonicMs() - beganMs;
      memoryPeakBytes = Math.max(memoryPeakBytes, process.memoryUsage.rss());
      request.onProgress({ ...progress, elapsedMs, known: known.size });
      if (elapsedMs - toldMs < 2_000) return;
      toldMs = elapsedMs;
      folder.writeSummary(summaryOf(request, stored, { progress: Math.min(1, progress.trials / progress.trialsMax) }));
    },
  });
  if (!ended.ok) return ended;
  remember(request, stored, data, ended.value);
  const { optimization, complete, bars: barEvaluations } = ended.value;
  if (!complete) {
    const progress = Math.min(1, optimization.trialCount / plan.trialsMax);
    folder.writeSummary(summaryOf(request, stored, { state: 'canceled', finishedMs: nowMs(clock), progress }));
    return ok(null);
  }
  const result = optimizationDocument({
    ...{ id: folder.id, spec, plan, optimization },
    assumptions: optimizationAssumptions(spec, plan, prepared),
    parameters: prepared.parameters,
    memory: request.backtests.trials(trialsKey(spec.backtest)),
    run: { workers, durationMs: clock.monotonicMs() - beganMs, barEvaluations, memoryPeakBytes },
  });
  folder.writeResult(result, optimizationReport(result, stored.createdMs, spec.language));
  const span = plan.options.windows;
  folder.writeSummary(
    summaryOf(request, stored, {
      ...{ state: 'done', progress: 1, finishedMs: nowMs(clock), interval: prepared.interval },
      startMs: span[0]?.train.fromMs ?? null,
      endMs: span.at(-1)?.test?.toMs ?? span.at(-1)?.train.toMs ?? null,
      statistics: result.outOfSample?.statistics ?? result.windows.at(-1)?.inSample?.statistics ?? null,
    }),
  );
  return ok(result);
}

/** Every trial counts against whatever is found of this strategy on these instruments, now and later. */
function remember(
  { backtests }: OptimizationRequest,
  { spec }: StoredOptimization,
  data: string,
  { optimization }: OptimizationEnd,
): void {
  const { windows } = optimization;
  const key = trialsKey(spec.backtest);
  backtests.remember(
    key,
    optimization.trials.map(({ window, values, sharpe }) => {
      const train = windows[window]?.train;
      const terms = {
        ...spec.backtest,
        params: { ...spec.backtest.params, ...values },
        fromMs: train?.fromMs ?? null,
        toMs: train?.toMs ?? null,
      };
      return [trialFingerprint(terms, data), sharpe] as const;
    }),
  );
}
