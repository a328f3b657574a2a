import { baselineHits, type OutOfSample, type ScoringData } from '../evaluation.ts';
import { logLossOf, reliabilityBin, reliabilityEdges, type ReliabilityBin } from '../reliability.ts';
import type { Fold } from '../walk-forward.ts';
import { aucSteps } from './auc.ts';
import { leastOf, resampleSteps, type Judged, type Judgement, type ResampledSums } from './judgement.ts';

/** By how much a model is better than each baseline; above 0 is better. `best` is the least of them, of which the low end is above zero only where the model beats every one. */
export interface DirectionSkill {
  readonly majority: Judged;
  readonly lastSign: Judged;
  readonly coin: Judged;
  readonly best: Judged;
}

/** How often a model said up (probability of one half or more) or down, and what came. */
export interface ConfusionMatrix {
  readonly upUp: number;
  readonly upDown: number;
  readonly downUp: number;
  readonly downDown: number;
}

/** Out-of-sample scores of direction forecasts, each with its intervals. */
export interface DirectionScore {
  readonly rows: number;
  /** Rows a block of the bootstrap. */
  readonly block: number;
  readonly accuracy: Judged;
  /** Mean of the shares of rises and of falls that were called right; null where only one of them came. */
  readonly balancedAccuracy: Judged | null;
  /** Area under the ROC curve; null where only one direction came. */
  readonly auc: Judged | null;
  /** Mean negative log likelihood, natural logarithm. */
  readonly logLoss: Judged;
  readonly brier: Judged;
  /** Expected calibration error over bins of equally many forecasts. */
  readonly calibrationError: Judged;
  /** What the baselines got on the same rows. */
  readonly baselines: {
    readonly majority: BaselineScore;
    readonly lastSign: BaselineScore;
    readonly coin: BaselineScore;
  };
  /** Differences of accuracies; this is what a vote is given by. */
  readonly skill: DirectionSkill;
  /** Differences of log losses, the baselines’ less the model’s. */
  readonly logLossSkill: DirectionSkill;
  readonly confusion: ConfusionMatrix;
  readonly reliability: readonly ReliabilityBin[];
}

interface BaselineScore {
  readonly accuracy: number;
  readonly logLoss: number;
}

const COIN: BaselineScore = { accuracy: 0.5, logLoss: Math.LN2 };
const BINS = 10;

/** A share of few rows never says certainty: (k + 1) / (n + 2), Laplace's rule of succession. */
const succession = (risen: number, rows: number): number => (risen + 1) / (rows + 2);

/**
 * What the baselines say as probabilities, from a fold's training rows alone: the share of rises (`majority`), and that share after a rise and after a fall of the last horizon (`lastSign`; where
 * the last move was none, the share of all).
 */
export function baselineProbabilities(
  { up, lastSign }: Pick<ScoringData, 'up' | 'lastSign'>,
  { train }: Pick<Fold, 'train'>,
): { readonly majority: number; readonly lastSign: (sign: number) => number } {
  const counts = { rows: 0, risen: 0, afterRise: 0, risenAfterRise: 0, afterFall: 0, risenAfterFall: 0 };
  for (let row = train.from; row < train.to; row += 1) {
    const rose = up[row] === 1 ? 1 : 0;
    const sign = lastSign[row] ?? 0;
    counts.rows += 1;
    counts.risen += rose;
    if (sign > 0) {
      counts.afterRise += 1;
      counts.risenAfterRise += rose;
    } else if (sign < 0) {
      counts.afterFall += 1;
      counts.risenAfterFall += rose;
    }
  }
  const majority = succession(counts.risen, counts.rows);
  const afterRise = succession(counts.risenAfterRise, counts.afterRise);
  const afterFall = succession(counts.risenAfterFall, counts.afterFall);
  return { majority, lastSign: (sign) => (sign === 0 ? majority : sign > 0 ? afterRise : afterFall) };
}

/** One value a row of the tests: hits (whole numbers) and losses. */
function seriesOf(data: ScoringData, { first, probabilities, folds }: OutOfSample) {
  const rows = probabilities.length;
  const series = {
    up: new Int8Array(rows),
    hit: new Int8Array(rows),
    hitUp: new Int8Array(rows),
    majorityHit: new Int8Array(rows),
    lastSignHit: new Int8Array(rows),
    loss: new Float64Array(rows),
    square: new Float64Array(rows),
    majorityLoss: new Float64Array(rows),
    lastSignLoss: new Float64Array(rows),
  };
  for (const [row, probability] of probabilities.entries()) {
    const rose = data.up[first + row] === 1;
    const said = rose ? probability : 1 - probability;
    series.up[row] = rose ? 1 : 0;
    series.hit[row] = probability >= 0.5 === rose ? 1 : 0;
    series.hitUp[row] = rose && probability >= 0.5 ? 1 : 0;
    series.loss[row] = logLossOf(said);
    series.square[row] = (1 - said) * (1 - said);
  }
  for (const fold of folds) {
    const hits = baselineHits(data, fold);
    const from = fold.test.from - first;
    series.majorityHit.set(hits.majority, from);
    series.lastSignHit.set(hits.lastSign, from);
    const said = baselineProbabilities(data, fold);
    for (let row = fold.test.from; row < fold.test.to; row += 1) {
      const rose = data.up[row] === 1;
      const last = said.lastSign(data.lastSign[row] ?? 0);
      series.majorityLoss[row - first] = logLossOf(rose ? said.majority : 1 - said.majority);
      series.lastSignLoss[row - first] = logLossOf(rose ? last : 1 - last);
    }
  }
  return series;
}

type Sums = Record<keyof ReturnType<typeof seriesOf>, number>;

/** Judges what can't be without meaning. */
function known<Name extends string>(
  sums: ResampledSums<Name>,
  of: (each: Readonly<Record<Name, number>>) => number,
): Judged {
  const found = sums.judge(of);
  if (found === null) throw new RangeError('a mean over rows without any');
  return found;
}

function skillOf(majority: Judged, lastSign: Judged, coin: Judged): DirectionSkill {
  return { majority, lastSign, coin, best: leastOf([majority, lastSign, coin]) ?? coin };
}

/** The signed distances of forecasts and outcomes, one series a bin of equally many forecasts: what the calibration error is reckoned from. */
function* calibrationErrorSteps(
  probabilities: Float64Array,
  up: Int8Array,
  judgement: Judgement,
): Generator<void, { readonly error: Judged; readonly bins: readonly ReliabilityBin[] }> {
  const edges = reliabilityEdges(probabilities, BINS);
  yield;
  const rows = probabilities.length;
  const names = Array.from({ length: BINS }, (_, bin) => String(bin));
  const distances = names.map(() => new Float64Array(rows));
  const bins = names.map(() => ({ rows: 0, said: 0, risen: 0 }));
  for (const [row, probability] of probabilities.entries()) {
    const index = reliabilityBin(edges, probability);
    const bin = bins[index];
    const distance = distances[index];
    if (bin === undefined || distance === undefined) continue;
    const rose = up[row] ?? 0;
    distance[row] = probability - rose;
    bin.rows += 1;
    bin.said += probability;
    bin.risen += rose;
  }
  yield;
  const series = Object.fromEntries(names.map((name, index) => [name, distances[index] ?? new Float64Array(rows)]));
  const sums = yield* resampleSteps(series, judgement);
  const error = sums.judgeUpwardBiased(
    (totals) => names.reduce((sum, name) => sum + Math.abs(totals[name] ?? Number.NaN), 0) / rows,
  );
  if (error === null) throw new RangeError('a calibration error of no rows');
  return {
    error,
    bins: bins
      .filter((bin) => bin.rows > 0)
      .map((bin) => ({ rows: bin.rows, predicted: bin.said / bin.rows, observed: bin.risen / bin.rows })),
  };
}

/** Scores what a direction model said out of sample beside its baselines, in steps; all intervals by the same blocks. There is at least one row. */
export function* directionScoreSteps(
  data: ScoringData,
  outOfSample: OutOfSample,
  block: number,
  judgement: Judgement,
): Generator<void, DirectionScore> {
  const { first, probabilities } = outOfSample;
  const rows = probabilities.length;
  const series = seriesOf(data, outOfSample);
  yield;
  const sums = yield* resampleSteps(series, judgement);
  yield;
  const mean = (of: (totals: Readonly<Sums>) => number): Judged => known(sums, (totals) => of(totals) / rows);
  const auc = yield* aucSteps(probabilities, data.up.subarray(first, first + rows), judgement);
  const calibration = yield* calibrationErrorSteps(probabilities, series.up, judgement);
  const { totals } = sums;
  const score = (hits: number, loss: number): BaselineScore => ({ accuracy: hits / rows, logLoss: loss / rows });
  return {
    rows,
    block,
    accuracy: mean(({ hit }) => hit),
    balancedAccuracy: sums.judge(({ hit, hitUp, up }) => (hitUp / up + (hit - hitUp) / (rows - up)) / 2),
    auc,
    logLoss: mean(({ loss }) => loss),
    brier: mean(({ square }) => square),
    calibrationError: calibration.error,
    baselines: {
      majority: score(totals.majorityHit, totals.majorityLoss),
      lastSign: score(totals.lastSignHit, totals.lastSignLoss),
      coin: COIN,
    },
    skill: skillOf(
      mean(({ hit, majorityHit }) => hit - majorityHit),
      mean(({ hit, lastSignHit }) => hit - lastSignHit),
      mean(({ hit }) => hit - COIN.accuracy * rows),
    ),
    logLossSkill: skillOf(
      mean(({ loss, majorityLoss }) => majorityLoss - loss),
      mean(({ loss, lastSignLoss }) => lastSignLoss - loss),
      mean(({ loss }) => COIN.logLoss * rows - loss),
    ),
    confusion: {
      upUp: totals.hitUp,
      upDown: rows - totals.up - (totals.hit - totals.hitUp),
      downUp: totals.up - totals.hitUp,
      downDown: totals.hit - totals.hitUp,
    },
    reliability: calibration.bins,
  };
}
