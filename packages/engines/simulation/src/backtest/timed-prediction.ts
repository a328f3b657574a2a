import type { TimestampUs } from '@monsta/core';
import type { KernelPrediction } from '@monsta/trading';

/** What a model says of a bar, and when that is learned. */
export interface TimedPrediction {
  readonly learnedUs: TimestampUs;
  readonly prediction: KernelPrediction;
}
