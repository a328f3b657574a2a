import type { DroppedRows } from '@monsta/features';
import {
  judgedNet,
  type Calibrated,
  type DirectionEvaluation,
  type FoldScore,
  type Judged,
  type NetOfCosts,
  type ReturnEvaluation,
  type TradingCosts,
} from '@monsta/models';
import type { Look } from './looks.ts';
import type { OtherFacts } from './others.ts';

/** What made an executor: its name and its declared hyper-parameters. */
interface ExecutorFacts {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What was evaluated, and how. */
export interface EvaluationFacts {
  readonly version: string;
  readonly createdMs: number;
  readonly model: string;
  readonly instrument: string;
  readonly interval: string;
  readonly horizonMs: number;
  readonly horizonBars: number;
  readonly bars: {
    readonly source: string;
    readonly count: number;
    readonly fromMs: number;
    readonly toMs: number;
    readonly missing: number;
  };
  /** Other instruments that the features read. */
  readonly others: readonly OtherFacts[];
  readonly features: {
    readonly set: string;
    readonly version: number;
    readonly hash: string;
    readonly columns: number;
    /** Columns of a user's own file. */
    readonly own: readonly string[];
    /** Columns of trade flow and the book that no bar tells of: missing in every row. */
    readonly unknown: readonly string[];
    /** What the leak gate looked at before anything was trained. */
    readonly leakGate: { readonly barsChecked: number; readonly comparisons: number };
  };
  readonly rows: number;
  readonly dropped: DroppedRows;
  readonly scoring: {
    readonly folds: number;
    readonly embargoHorizons: number;
    readonly resamples: number;
    readonly seed: number;
    /** Of every interval on its own. */
    readonly level: number;
    /** Of `corrected` intervals: allows for the looks taken before. */
    readonly correctedLevel: number;
  };
  readonly looks: Look;
  readonly costs: TradingCosts & { readonly roundTripShare: number };
}

export interface DirectionDocument {
  readonly executor: ExecutorFacts;
  readonly score: DirectionEvaluation['score'];
  readonly folds: readonly (Omit<FoldScore, 'fromBar' | 'toBar'> & {
    readonly fromMs: number;
    readonly toMs: number;
  })[];
  readonly calibration: { readonly platt: CalibrationDocument; readonly isotonic: CalibrationDocument };
  readonly net: NetOfCosts | null;
  /** What a vote is judged by; null: nothing was calibrated, or too little was traded to tell. */
  readonly judgedNet: Judged | null;
  readonly learningCurve: DirectionEvaluation['learningCurve'];
  readonly hasVote: boolean;
}

/** A calibration's evidence, or why there is none. */
type CalibrationDocument =
  | Omit<NonNullable<Calibrated<unknown>['found']>, 'probabilities'>
  | { readonly absence: { readonly code: string; readonly reason: string } };

export interface ReturnDocument {
  readonly executor: ExecutorFacts;
  readonly score: ReturnEvaluation['score'];
  readonly conformal: ReturnEvaluation['conformal'];
  readonly net: NetOfCosts | null;
  readonly judgedNet: Judged | null;
  readonly learningCurve: ReturnEvaluation['learningCurve'];
  readonly isSkilled: boolean;
}

/** The document that `monsta evaluate --json` prints. */
export interface EvaluationDocument extends EvaluationFacts {
  readonly direction: DirectionDocument | null;
  readonly returns: ReturnDocument | null;
  readonly evaluationSeconds: number;
}

function calibrationDocument(calibrated: Calibrated<unknown>): CalibrationDocument {
  if (calibrated.found === null) return { absence: calibrated.absence };
  const { probabilities: _, ...evidence } = calibrated.found;
  return evidence;
}

export function directionDocument(
  executor: ExecutorFacts,
  evaluation: DirectionEvaluation,
  closeTimeMs: (bar: number) => number,
): DirectionDocument {
  const { score, folds, platt, isotonic, net, learningCurve, hasVote } = evaluation;
  return {
    executor: factsOf(executor),
    score,
    folds: folds.map(({ fromBar, toBar, ...fold }) => ({
      ...fold,
      fromMs: closeTimeMs(fromBar),
      toMs: closeTimeMs(toBar),
    })),
    calibration: { platt: calibrationDocument(platt), isotonic: calibrationDocument(isotonic) },
    net,
    judgedNet: judgedNet(net),
    learningCurve,
    hasVote,
  };
}

export function returnDocument(
  executor: ExecutorFacts,
  { score, conformal, net, learningCurve, isSkilled }: ReturnEvaluation,
): ReturnDocument {
  return { executor: factsOf(executor), score, conformal, net, judgedNet: judgedNet(net), learningCurve, isSkilled };
}

/** Name and parameters, and nothing that is no JSON. */
const factsOf = ({ name, parameters }: ExecutorFacts): ExecutorFacts => ({ name, parameters });
