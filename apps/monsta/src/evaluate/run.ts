import { createHash } from 'node:crypto';
import {
  barGaps,
  canonicalJson,
  err,
  hashText,
  instrumentId,
  intervalMs,
  mixSeed,
  ok,
  type BarSeries,
  type Result,
} from '@monsta/core';
import { readBarFile } from '@monsta/data-files';
import {
  datasetSteps,
  describeLeak,
  leakGateSteps,
  seriesColumns,
  unknownFlow,
  type BarColumns,
  type FeatureSet,
  type LeakReport,
  type OtherBars,
} from '@monsta/features';
import {
  evaluateDirectionSteps,
  evaluateReturnSteps,
  levelOfLook,
  type EvaluationData,
  type EvaluationOptions,
  type Executor,
  type ReturnExecutor,
} from '@monsta/models';
import type { CatalogSource } from '../backtest/data.ts';
import { loadFeatures, loadFeatureSet } from '../features/load.ts';
import { VERSION } from '../version.ts';
import { directionDocument, returnDocument, type EvaluationDocument } from './document.ts';
import { EXECUTORS } from './executors.ts';
import { withPreprocessing } from './preprocessing.ts';
import { LookLog } from './looks.ts';
import { readOthers, sourceOf, type Others } from './others.ts';
import type { EvaluationRequest } from './request.ts';

/** What an evaluation has around it. */
export interface EvaluationPlace {
  readonly dataDir: string;
  readonly catalogs: CatalogSource;
  nowMs(): number;
  monotonicMs(): number;
  /** How much of the whole is done, 0–1. */
  progress(share: number): void;
  /** Once true, the evaluation ends with `evaluation_canceled`. */
  canceled(): boolean;
  /** Around code of a user's, which may never return. */
  guarded<T>(work: () => T): T;
  /** The same around the reading of a user's file, which runs it. */
  guardedLoad<T>(load: () => Promise<T>): Promise<T>;
}

/** How long code of a user's may take in all before anything is trained. */
const FEATURES_MS_MAX = 300_000;
const TURN_MS = 50;
/** Share of the whole work that is done when rows and labels are there. */
const PREPARED = 0.04;
/** Forecasts that do not overlap, fewer of which calibrate nothing. */
const CALIBRATION_HORIZONS_MIN = 1_000;

const canceled = (): Result<never> =>
  err('evaluation_canceled', 'ended before it was done; it does not count as a look at the data');

/** Runs steps to their end, letting others have their turn now and then; `each` runs one step. */
async function runSteps<T>(
  steps: Generator<void, Result<T>>,
  place: EvaluationPlace,
  limitMs: number | null = null,
  each: (step: () => IteratorResult<void, Result<T>>) => IteratorResult<void, Result<T>> = (step) => step(),
): Promise<Result<T>> {
  const beganMs = place.monotonicMs();
  let turnMs = beganMs;
  for (;;) {
    const next = each(() => steps.next());
    if (next.done === true) return next.value;
    const nowMs = place.monotonicMs();
    if (limitMs !== null && nowMs - beganMs > limitMs)
      return err(
        'features_slow',
        `the features took longer than ${limitMs / 1_000} s; make them cheaper, or give fewer bars`,
      );
    if (nowMs - turnMs < TURN_MS) continue;
    turnMs = nowMs;
    if (place.canceled()) return canceled();
    await new Promise((turn) => setImmediate(turn));
  }
}

/** Faults: those of reading bars, `data_none`. */
async function readSeries(request: EvaluationRequest, catalogs: CatalogSource): Promise<Result<BarSeries>> {
  const { bars, fromMs, toMs } = request;
  if (bars.kind === 'file') return readBarFile(bars.path, { ...bars.terms, fromMs, toMs, withFlow: true });
  const catalog = catalogs.of(bars.market);
  if (!catalog.ok) return catalog;
  const instrument = { id: instrumentId(request.instrument), tick: null, lot: { units: 1, scale: 8 }, quote: null };
  const series = await catalog.value.bars({ instrument, interval: bars.interval, fromMs, toMs, flow: true });
  return series.ok && series.value.length === 0
    ? err(
        'data_none',
        `the catalogue has no such bars of ${request.instrument} of ${bars.interval}; 'monsta data list' tells what it has`,
      )
    : series;
}

/** Faults: those of loading features. */
async function featuresOf(
  { features, featureSet, model }: EvaluationRequest,
  place: EvaluationPlace,
): Promise<Result<FeatureSet>> {
  const own = features === null ? ok([]) : await place.guardedLoad(() => loadFeatures(features));
  if (!own.ok) return own;
  return loadFeatureSet(featureSet ?? EXECUTORS[model].featureSet, own.value);
}

/** The columns of trade flow and the book that no bar tells of. Fault `features_unknown`: there are some, and the model needs complete rows. */
function unknownOf(set: FeatureSet, columns: BarColumns, complete: boolean): Result<readonly string[]> {
  const unknown = unknownFlow(set, columns);
  if (unknown.length === 0 || !complete) return ok(unknown);
  return err(
    'features_unknown',
    `the model needs complete rows, and no bar tells what ${unknown.join(', ')} of the set ${set.id} are made of: give bars with takers’ volume and trades, as Binance’s archive and monsta data download have them, or collected ones with the book; or take a set without these`,
  );
}

/** Lets nothing pass that knows what comes later. Fault `features_leak`, which names each. */
async function passLeakGate(
  columns: BarColumns,
  others: OtherBars,
  set: FeatureSet,
  horizonBars: number,
  place: EvaluationPlace,
): Promise<Result<LeakReport>> {
  const steps = leakGateSteps(columns, { set, others, horizons: [horizonBars] });
  const gate = await runSteps(steps, place, FEATURES_MS_MAX, (step) => place.guarded(step));
  if (!gate.ok || gate.value.leaks.length === 0) return gate;
  const { leaks } = gate.value;
  return err(
    'features_leak',
    `nothing is evaluated on what knows the future: ${leaks.map(describeLeak).join('; ')}. Take it out, or let it see only what has happened`,
    { details: { leaks: leaks.map(({ kind, name, openTimeMs }) => ({ kind, name, openTimeMs })) } },
  );
}

function fingerprintOf(request: EvaluationRequest, { set, columns, others }: Prepared): string {
  const data = createHash('sha256');
  const { openTimeMs, open, high, low, close, volume, takerBuyVolume, trades, bookImbalance } = columns;
  const flow = [takerBuyVolume, trades, bookImbalance].filter((each) => each !== undefined);
  const read = [openTimeMs, open, high, low, close, volume, ...flow];
  for (const other of others.bars.values()) read.push(other.openTimeMs, other.close);
  for (const column of read) data.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  const { model, task, params, instrument, horizonMs, scoring, seed, costs } = request;
  const what = { model, task, params, instrument, horizonMs, scoring, seed, costs, set: set.hash };
  return createHash('sha256').update(canonicalJson(what)).update(data.digest()).digest('hex').slice(0, 32);
}

/** What was read, made and found sound before anything is trained. */
interface Prepared {
  readonly series: BarSeries;
  readonly columns: BarColumns;
  /** Those that the set reads beside it. */
  readonly others: Others;
  readonly set: FeatureSet;
  readonly horizonBars: number;
  readonly unknown: readonly string[];
  readonly gate: LeakReport;
}

async function prepare(
  request: EvaluationRequest,
  complete: boolean,
  place: EvaluationPlace,
): Promise<Result<Prepared>> {
  const series = await readSeries(request, place.catalogs);
  if (!series.ok) return series;
  const { interval } = series.value;
  const horizonBars = request.horizonMs / intervalMs(interval);
  if (!Number.isInteger(horizonBars))
    return err('flag_invalid', `--horizon: it is no whole number of the bars of ${interval}`);
  const columns = seriesColumns(series.value);
  if (!columns.ok) return columns;
  const set = await featuresOf(request, place);
  if (!set.ok) return set;
  const unknown = unknownOf(set.value, columns.value, complete);
  if (!unknown.ok) return unknown;
  const others = await readOthers(request, set.value, columns.value, (asked) => readSeries(asked, place.catalogs));
  if (!others.ok) return others;
  const gate = await passLeakGate(columns.value, others.value.bars, set.value, horizonBars, place);
  if (!gate.ok) return gate;
  const made = { series: series.value, columns: columns.value, others: others.value, set: set.value };
  return ok({ ...made, horizonBars, unknown: unknown.value, gate: gate.value });
}

/** The models that are evaluated, made of their parameters. */
interface Executors {
  readonly direction: Executor<unknown> | null;
  readonly logReturn: ReturnExecutor<unknown> | null;
}

/** Faults: `params_invalid`, and the model's own of its parameters. */
function executorsOf({ model, task, params }: EvaluationRequest): Result<Executors> {
  const kind = withPreprocessing(EXECUTORS[model]);
  const direction = task === 'return' ? ok(null) : kind.direction(params);
  if (!direction.ok) return direction;
  const logReturn = task === 'direction' ? ok(null) : kind.logReturn(params);
  return logReturn.ok ? ok({ direction: direction.value, logReturn: logReturn.value }) : logReturn;
}

/** Evaluates each model, one after the other. Faults: `rows_too_few` and those of fitting, `evaluation_canceled`. */
async function evaluateAll(
  { direction, logReturn }: Executors,
  data: EvaluationData,
  options: EvaluationOptions,
  closeTimeMs: (bar: number) => number,
  place: EvaluationPlace,
): Promise<Result<Pick<EvaluationDocument, 'direction' | 'returns'>>> {
  const middle = direction === null ? PREPARED : logReturn === null ? 1 : (1 + PREPARED) / 2;
  const span = (from: number, to: number) => (share: number) => place.progress(from + (to - from) * share);
  let [directions, returns]: [EvaluationDocument['direction'], EvaluationDocument['returns']] = [null, null];
  if (direction !== null) {
    const found = await runSteps(evaluateDirectionSteps(direction, data, options, span(PREPARED, middle)), place);
    if (!found.ok) return found;
    directions = directionDocument(direction, found.value, closeTimeMs);
  }
  if (logReturn !== null) {
    const found = await runSteps(evaluateReturnSteps(logReturn, data, options, span(middle, 1)), place);
    if (!found.ok) return found;
    returns = returnDocument(logReturn, found.value);
  }
  return ok({ direction: directions, returns });
}

/**
 * Evaluates a model on bars: features that pass the leak gate, purged walk-forward, scores. The look is written down before anything is trained.
 * Faults: those of reading, of features, `features_unknown`, `features_leak`, `features_slow`, `params_invalid`, `rows_too_few` and those of fitting, `evaluation_canceled`.
 */
export async function runEvaluation(
  request: EvaluationRequest,
  place: EvaluationPlace,
): Promise<Result<EvaluationDocument>> {
  const beganMs = place.monotonicMs();
  const executors = executorsOf(request);
  if (!executors.ok) return executors;
  const { direction, logReturn } = executors.value;
  const complete = direction?.acceptsMissing === false || logReturn?.acceptsMissing === false;
  const prepared = await prepare(request, complete, place);
  if (!prepared.ok) return prepared;
  const { series, columns, others, set, horizonBars, unknown, gate } = prepared.value;
  const missing = complete ? 'drop' : 'keep';
  const steps = datasetSteps(columns, horizonBars, { set, missing, others: others.bars });
  const dataset = await runSteps(steps, place, FEATURES_MS_MAX, (step) => place.guarded(step));
  if (!dataset.ok) return dataset;
  place.progress(PREPARED);
  const { interval } = series;
  const { scoring, costs, instrument, horizonMs, model } = request;
  const looks = new LookLog(place.dataDir);
  const line = {
    atMs: place.nowMs(),
    series: `${instrument} ${interval} ${horizonMs}`,
    fingerprint: fingerprintOf(request, prepared.value),
    model,
  };
  const look = looks.claim(line);
  const correctedLevel = levelOfLook(scoring.level, look.look);
  // The same data gives the same score wherever and whenever it is reckoned.
  const seed = request.seed ?? mixSeed(hashText(instrument), hashText(interval), horizonBars);
  const options: EvaluationOptions = {
    scoring: { ...scoring, seed },
    ...{ correctedLevel, costs, learningCurve: request.learningCurve },
    calibrationHorizonsMin: CALIBRATION_HORIZONS_MIN,
  };
  const data: EvaluationData = { ...dataset.value, close: columns.close };
  const stepMs = intervalMs(interval);
  const closeTimeMs = (bar: number): number => (columns.openTimeMs[bar] ?? Number.NaN) + stepMs;
  const outcome = await evaluateAll(executors.value, data, options, closeTimeMs, place);
  if (!outcome.ok) {
    looks.withdraw(line);
    return outcome;
  }
  const { folds, embargoHorizons, resamples, level } = scoring;
  return ok({
    version: VERSION,
    createdMs: line.atMs,
    ...{ model, instrument, interval, horizonMs, horizonBars },
    bars: {
      source: sourceOf(request),
      count: columns.length,
      fromMs: columns.openTimeMs[0] ?? 0,
      toMs: closeTimeMs(columns.length - 1),
      missing: barGaps(series).missing,
    },
    others: others.facts,
    features: {
      ...{ set: set.id, version: set.version, hash: set.hash, columns: set.names.length },
      own: set.user.map(({ name }) => name),
      unknown,
      leakGate: { barsChecked: gate.barsChecked, comparisons: gate.comparisons },
    },
    rows: dataset.value.rows,
    dropped: dataset.value.dropped,
    scoring: { folds, embargoHorizons, resamples, seed, level, correctedLevel },
    looks: look,
    costs: { ...costs, roundTripShare: 2 * (costs.feeShare + costs.slippageShare) },
    ...outcome.value,
    evaluationSeconds: (place.monotonicMs() - beganMs) / 1_000,
  });
}
