import type { PlattCalibration } from '@monsta/models';
import type { ModelScore } from '@monsta/ports';
import type { ExecutorChoice } from './executor-kinds.ts';

/** What was said, raw, at closes of bars by models that had not seen what followed; oldest first. */
export interface Forecasts {
  readonly closeMs: Float64Array;
  readonly probabilityUp: Float64Array;
}

/** A model fitted on all rows there were, and how models fitted the same way did on rows they had not seen. All of it crosses threads. */
export interface TrainedModel {
  readonly executor: ExecutorChoice;
  /** Of the features: what has another can't read the model. */
  readonly features: { readonly id: string; readonly hash: string };
  /** The executor's own. */
  readonly model: unknown;
  /** Null: what the model says is not calibrated; the score says why. */
  readonly calibration: PlattCalibration | null;
  readonly score: ModelScore;
  readonly hasVote: boolean;
  readonly bars: number;
  readonly rows: number;
  readonly oldestOpenMs: number;
  /** Close of the newest bar that it learnt from. */
  readonly trainedToMs: number;
  /** The newest forecasts out of sample, by which a later model is compared with this one. */
  readonly forecasts: Forecasts;
}
