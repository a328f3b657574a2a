import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '@monsta/core';
import type { FromTraining, Trained, TrainingJob } from './protocol.ts';

export interface TrainingThreadOptions {
  /** Ends the training where it is. */
  readonly signal: AbortSignal;
  onProgress(round: number, rounds: number, metrics: Readonly<Record<string, number>>): void;
}

/**
 * Trains on a thread of its own. The numbers of the tables go over to it, and can't be used here afterwards. Faults: those of the training; `training_canceled`; `training_broken`: the thread died.
 */
export function trainOnThread(job: TrainingJob, options: TrainingThreadOptions): Promise<Result<Trained>> {
  const { signal } = options;
  const buffers = [job.table, ...(job.validation === null ? [] : [job.validation])].flatMap(
    ({ values, labels, weights }) => [values.buffer, labels.buffer, ...(weights === null ? [] : [weights.buffer])],
  );
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: job,
    transferList: buffers.filter((buffer) => buffer instanceof ArrayBuffer),
    name: 'train',
  });
  return new Promise((resolve) => {
    let over = false;
    const end = (result: Result<Trained>): void => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', cancel);
      // With it end the threads that help it.
      void worker.terminate().then(() => resolve(result));
    };
    const cancel = (): void => end(err('training_canceled', 'the training was stopped; nothing was written'));
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    worker.on('message', (message: FromTraining) => {
      if (over) return;
      if (message.kind === 'progress') options.onProgress(message.round, message.rounds, message.metrics);
      else end(message.kind === 'trained' ? ok(message.trained) : { ok: false, fault: message.fault });
    });
    const died = (why: string): void => end(err('training_broken', `the thread that trains died: ${why}`));
    worker.on('error', (error) => {
      const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      died(outOfMemory ? 'the memory did not suffice' : error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', (code) => died(`it exited with code ${code}`));
  });
}
