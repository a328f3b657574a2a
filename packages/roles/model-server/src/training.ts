import { hashText, intervalMs, mixSeed, ok, type Interval, type Result } from '@monsta/core';
import type { BarColumns, Dataset, FeatureSetDeclaration, OtherBars } from '@monsta/features';
import {
  bootstrapBlock,
  calibrationSteps,
  comparisonSteps,
  DEFAULT_SCORING_OPTIONS,
  directionNetSteps,
  judgedNet,
  levelOfLook,
  mayVote,
  ROUND_TRIPS_MIN,
  walkForwardSteps,
  type Executor,
  type Judgement as IntervalJudgement,
  type ModelComparison,
  type NetOfCosts,
  type OutOfSample,
  type PlattCalibration,
  type ScoringData,
} from '@monsta/models';
import type { ModelScore } from '@monsta/ports';
import type { ModelServerConfig } from './config.ts';
import type { ExecutorChoice } from './executor-kinds.ts';
import { openExecutor } from './executors.ts';
import { servedFeatures, type ServedFeatures } from './feature-sets.ts';
import type { Judgement } from './looks.ts';
import { encodeModel } from './model-codec.ts';
import type { Forecasts, TrainedModel } from './trained-model.ts';

/** What is to be trained. All of it crosses threads; the columns are given away. */
export interface TrainingTask {
  readonly instrument: string;
  readonly interval: Interval;
  readonly executor: ExecutorChoice;
  /** What it learns from. */
  readonly features: FeatureSetDeclaration;
  readonly columns: BarColumns;
  /** Bars of the other instruments that the features read. */
  readonly others: OtherBars;
  readonly judgement: Judgement;
  readonly config: ModelServerConfig;
  /** The model that serves meanwhile; null where there is none. */
  readonly serving: TrainedModel | null;
}

export interface TrainingResult {
  readonly trained: TrainedModel;
  /** The same as it is kept (`encodeModel`). */
  readonly text: string;
  /** How it did beside the model that serves; null where that could not be compared: `uncompared` says why. */
  readonly comparison: ModelComparison | null;
  readonly uncompared: string | null;
}

/** Hears how much of a training is done, 0–1. */
export type OnProgress = (share: number) => void;

/** The newest forecasts that are kept and compared. */
const FORECASTS_MAX = 5_000;
/** Nine of ten equal challengers are not called worse. */
const COMPARISON_LEVEL = 0.8;

/** Shares of the whole: making rows, scoring out of sample, comparing and calibrating, fitting on all rows. */
const DATASET_SHARE = 0.05;
const SCORING_SHARE = 0.75;

/**
 * Trains, scores and compares, in steps. Faults: `rows_too_few` (details: `bars`, `barsNeeded`, and how many gave no row because something is `unknown` there), and those of features, parameters and fitting.
 */
export function* trainingSteps(
  task: TrainingTask,
  onProgress: OnProgress = () => {},
): Generator<void, Result<TrainingResult>> {
  const { instrument, interval, columns, others, config, judgement } = task;
  const opened = openExecutor(task.executor);
  if (!opened.ok) return opened;
  const executor = opened.value;
  const served = servedFeatures(task.executor.name, task.features);
  if (!served.ok) return served;
  const features = served.value;
  const horizonBars = config.horizonMs / intervalMs(interval);
  const dataset = yield* features.datasetSteps(columns, horizonBars, others);
  if (!dataset.ok) return dataset;
  const data = dataset.value;
  onProgress(DATASET_SHARE);
  yield;
  // The same history gives the same score wherever and whenever it is computed.
  const seed = mixSeed(hashText(instrument), hashText(interval));
  const level = levelOfLook(levelOfEach(config), judgement.look.count);
  const scored = yield* walkForwardSteps(counting(executor, config.folds, onProgress), data, {
    ...DEFAULT_SCORING_OPTIONS,
    folds: config.folds,
    trainRowsMin: config.trainRowsMin,
    testRowsMin: config.testRowsMin,
    resamples: config.resamples,
    ...{ level, seed },
  });
  if (!scored.ok) {
    const rowsNeeded = scored.fault.details?.['needed'];
    if (typeof rowsNeeded !== 'number') return scored;
    const withoutRow = Math.max(columns.length - data.rows, features.lookbackBars - 1 + horizonBars);
    const details = {
      ...{ bars: columns.length, barsNeeded: rowsNeeded + withoutRow },
      unknown: data.dropped.undefinedValue,
    };
    return { ok: false, fault: { ...scored.fault, details } };
  }
  yield;
  const { outOfSample } = scored.value;
  const at: IntervalJudgement = { level, correctedLevel: level, resamples: config.resamples, seed, horizonBars };
  const calibrated = yield* calibrating(data, columns.close, outOfSample, config, at);
  const compared = yield* comparing(task, features, data, outOfSample, seed);
  onProgress(DATASET_SHARE + SCORING_SHARE);
  const last = 1 - DATASET_SHARE - SCORING_SHARE;
  const fitted = yield* executor.fitSteps(data, { from: 0, to: data.rows }, (share) =>
    onProgress(1 - last * (1 - share)),
  );
  if (!fitted.ok) return fitted;
  const { rows, folds, accuracy, logLoss, brier, baselines, skill } = scored.value;
  const trained: TrainedModel = {
    executor: task.executor,
    features: { id: features.id, hash: features.hash },
    model: fitted.value,
    calibration: calibrated.calibration,
    score: { rows, folds, accuracy, logLoss, brier, baselines, skill, ...calibrated.score },
    // A coin is a baseline, too.
    hasVote: judgement.open && accuracy.low > 0.5 && mayVote(skill, calibrated.score.net?.perBarBps ?? null),
    bars: columns.length,
    rows: data.rows,
    oldestOpenMs: columns.openTimeMs[0] ?? 0,
    trainedToMs: (columns.openTimeMs.at(-1) ?? 0) + intervalMs(interval),
    forecasts: newestForecasts(data, outOfSample, columns),
  };
  const text = encodeModel(trained);
  return text.ok ? ok({ trained, text: text.value, ...compared }) : text;
}

/** The same executor, each of whose fits is one of `fits` that are told of. */
function counting(executor: Executor<unknown>, fits: number, onProgress: OnProgress): Executor<unknown> {
  let done = 0;
  const told = (share: number): void => onProgress(DATASET_SHARE + SCORING_SHARE * Math.min(1, (done + share) / fits));
  const { name, parameters, acceptsMissing } = executor;
  return {
    ...{ name, parameters, acceptsMissing },
    *fitSteps(data, range) {
      const fitted = yield* executor.fitSteps(data, range, told);
      done += 1;
      told(0);
      return fitted;
    },
    probabilityUp: (model, features, offset) => executor.probabilityUp(model, features, offset),
    encode: (model) => executor.encode(model),
    decode: (value) => executor.decode(value),
  };
}

/** Close of the bar that each row from `first` on was made at. */
function closesOf({ barIndex }: ScoringData, { openTimeMs, interval }: BarColumns, first: number): Float64Array {
  const length = intervalMs(interval);
  return Float64Array.from(barIndex.subarray(first), (bar) => (openTimeMs[bar] ?? Number.NaN) + length);
}

function newestForecasts(data: ScoringData, { first, probabilities }: OutOfSample, columns: BarColumns): Forecasts {
  return {
    closeMs: closesOf(data, columns, first).slice(-FORECASTS_MAX),
    probabilityUp: probabilities.slice(-FORECASTS_MAX),
  };
}

/**
 * Both models on the newest rows that neither had learnt from: the challenger by its forecasts of the walk-forward, the serving one by its own of then, and by what it says now of rows
 * since it was trained.
 */
function* comparing(
  { serving, columns, config }: TrainingTask,
  { hash }: ServedFeatures,
  data: Dataset,
  { first, probabilities }: OutOfSample,
  seed: number,
): Generator<void, Pick<TrainingResult, 'comparison' | 'uncompared'>> {
  const without = (uncompared: string) => ({ comparison: null, uncompared });
  if (serving === null) return without('there is no model that serves');
  if (serving.features.hash !== hash)
    return without(`the model that serves was trained on other features (${serving.features.id}) than there are now`);
  const opened = openExecutor(serving.executor);
  if (!opened.ok) return without(`the model that serves can not be asked: ${opened.fault.message}`);
  const closes = closesOf(data, columns, first);
  const from = Math.max(0, closes.length - FORECASTS_MAX);
  const pair = { serving: [] as number[], challenger: [] as number[], up: [] as number[] };
  let known = 0;
  for (let index = from; index < closes.length; index += 1) {
    const closeMs = closes[index] ?? Number.NaN;
    while ((serving.forecasts.closeMs[known] ?? Number.POSITIVE_INFINITY) < closeMs) known += 1;
    const said =
      serving.forecasts.closeMs[known] === closeMs
        ? serving.forecasts.probabilityUp[known]
        : closeMs >= serving.trainedToMs
          ? opened.value.probabilityUp(serving.model, data.features, (first + index) * data.width)
          : undefined;
    if (said === undefined) continue;
    pair.serving.push(said);
    pair.challenger.push(probabilities[index] ?? Number.NaN);
    pair.up.push(data.up[first + index] ?? Number.NaN);
    if (index % 1_000 === 999) yield;
  }
  const block = bootstrapBlock(pair.up.length, data.horizonBars);
  const forecasts = {
    serving: Float64Array.from(pair.serving),
    challenger: Float64Array.from(pair.challenger),
    up: Uint8Array.from(pair.up),
  };
  const compared = yield* comparisonSteps(forecasts, {
    ...{ block, seed, level: COMPARISON_LEVEL, resamples: config.resamples },
    rowsMin: 10 * bootstrapBlock(0, data.horizonBars),
  });
  return compared.ok ? { comparison: compared.value, uncompared: null } : without(compared.fault.message);
}

/** Calibrates by what was forecast out of sample, and trades it; where that can not be done, the model serves as it is, without a vote. */
function* calibrating(
  data: Dataset,
  close: Float64Array,
  outOfSample: OutOfSample,
  config: ModelServerConfig,
  judgement: IntervalJudgement,
): Generator<
  void,
  {
    readonly calibration: PlattCalibration | null;
    readonly score: Pick<ModelScore, 'calibration' | 'uncalibrated' | 'net' | 'untraded'>;
  }
> {
  const found = yield* calibrationSteps(data, outOfSample, {
    horizonsMin: config.calibrationHorizonsMin,
    embargoHorizons: DEFAULT_SCORING_OPTIONS.embargoHorizons,
  });
  if (!found.ok) {
    const score = {
      ...{ calibration: null, uncalibrated: found.fault.message, net: null },
      untraded: 'its probabilities are not calibrated, and so can not be traded',
    };
    return { calibration: null, score };
  }
  const { calibration, probabilities, ...judged } = found.value;
  const [feeShare, slippageShare] = [config.feeBps / 10_000, config.slippageBps / 10_000];
  const costs = { feeShare, slippageShare };
  const net = yield* directionNetSteps(data, close, outOfSample, probabilities, costs, judgement);
  const { slope, intercept, rows: fittedRows } = calibration;
  const score = { method: 'platt', slope, intercept, fittedRows, ...judged } as const;
  return { calibration, score: { calibration: score, uncalibrated: null, ...netScore(net, config) } };
}

function netScore(net: NetOfCosts | null, config: ModelServerConfig): Pick<ModelScore, 'net' | 'untraded'> {
  const perBar = judgedNet(net);
  const roundTrips = net === null ? 0 : Math.min(net.longFlat.roundTrips, net.longShort.roundTrips);
  if (perBar === null) {
    const untraded = `its forecasts pay for a round trip's costs too seldom to tell: ${Math.floor(roundTrips)} round trips out of sample, and ${ROUND_TRIPS_MIN} are needed`;
    return { net: null, untraded };
  }
  const { value, low, high, level } = perBar;
  const perBarBps = { value: 10_000 * value, low: 10_000 * low, high: 10_000 * high, level };
  return { net: { sideCostBps: config.feeBps + config.slippageBps, perBarBps, roundTrips }, untraded: null };
}

/** Several executors are judged on the same bars, and the best of them speaks: what may be wrong at the usual level is shared out among them (Bonferroni). */
const levelOfEach = ({ executors }: ModelServerConfig): number =>
  1 - (1 - DEFAULT_SCORING_OPTIONS.level) / executors.length;
