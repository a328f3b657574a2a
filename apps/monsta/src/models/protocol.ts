import type { TrainingResult, TrainingTask } from '@monsta/model-server';
import type { Fault } from '@monsta/core';

/** What a training thread begins with. */
export interface TrainingThreadData {
  /** One number: the highest id of a training that is to end. */
  readonly canceled: SharedArrayBuffer;
}

export interface ToTrainingThread {
  readonly id: number;
  readonly task: TrainingTask;
  /** From this training on the thread gives way to every other one: a priority once lowered can't be raised again. */
  readonly givesWay: boolean;
}

export type FromTrainingThread =
  /** It can't give way. */
  | { readonly kind: 'presses'; readonly why: string }
  | { readonly kind: 'progress'; readonly id: number; readonly share: number }
  | { readonly kind: 'done'; readonly id: number; readonly result: TrainingResult }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault }
  | { readonly kind: 'canceled'; readonly id: number };
