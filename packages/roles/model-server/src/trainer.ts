import { err, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { trainingSteps, type OnProgress, type TrainingResult, type TrainingTask } from './training.ts';

export interface TrainingCall {
  /** Ends the training; its answer is then `training_canceled`. */
  readonly signal: AbortSignal;
  /** True where somebody waits for it: it need not give way to everything else. */
  readonly urgent: boolean;
  readonly onProgress: OnProgress;
}

/** Where models are trained: a thread of its own in the program, steps between other work in tests. */
export interface Trainer {
  /**
   * Trains a model; the columns of the task are given away, and must not be used afterwards. One training at a time: another waits for it.
   * Faults: those of `trainingSteps`; `training_canceled`; `training_timeout`, `training_broken` (retryable): it took too long, or its thread died.
   */
  train(task: TrainingTask, call: TrainingCall): Promise<Result<TrainingResult>>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export const trainingCanceled = (): Result<never> => err('training_canceled', 'the training was canceled');

/** Trains in steps of some milliseconds, between which everything else of the process has its turn. */
export function createSteppedTrainer(clock: Clock): Trainer {
  const closing = new AbortController();
  return {
    async train(task, { signal, onProgress }) {
      const steps = trainingSteps(task, onProgress);
      for (;;) {
        if (signal.aborted || closing.signal.aborted) return trainingCanceled();
        const next = steps.next();
        if (next.done === true) return next.value;
        await clock.sleep(0, signal);
      }
    },
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}
