import { Worker } from 'node:worker_threads';
import type { DataDescription } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { DescriptionState, type DescriptionThreadData, type FromDescriptionThread } from './protocol.ts';

/** Of the thread's own objects; columns are not counted. */
const HEAP_MB_MAX = 512;

/** A thread that describes bars. */
export interface DescriptionThread {
  readonly answer: Promise<Result<DataDescription>>;
  /** Resolves when the thread is no more: where it was given up while it read, some time after its answer. */
  readonly gone: Promise<void>;
  /** Its answer is then `description_unavailable`. */
  stop(): void;
}

/**
 * Describes bars of the catalogue on a thread of its own, which ends with the answer. Faults: those of the catalogue and of `describeBars`; `description_unavailable`: it took longer than `timeoutMs`, died or was
 * stopped.
 */
export function describeInThread(
  data: Omit<DescriptionThreadData, 'state'>,
  clock: Clock,
  timeoutMs: number,
): DescriptionThread {
  const state = new DescriptionState();
  const workerData: DescriptionThreadData = { ...data, state: state.buffer };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    name: 'description',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  const answer = Promise.withResolvers<Result<DataDescription>>();
  const gone = Promise.withResolvers<void>();
  const unavailable = (why: string): void =>
    answer.resolve(err('description_unavailable', why, { retry: 'retryable' }));
  const giveUp = (why: string): void => {
    unavailable(why);
    if (state.stop()) void worker.terminate();
  };
  const timer = clock.setTimer(timeoutMs, () =>
    giveUp(
      `the description took longer than ${timeoutMs / 1_000} s and was given up; ask for a shorter span, or raise description.timeout_ms`,
    ),
  );
  worker.on('message', (message: FromDescriptionThread) => {
    timer.cancel();
    answer.resolve(message.kind === 'done' ? ok(message.description) : { ok: false, fault: message.fault });
  });
  worker.on('error', (error) =>
    unavailable(`the thread of the description died: ${error instanceof Error ? error.message : String(error)}`),
  );
  worker.on('exit', (code) => {
    timer.cancel();
    unavailable(`the thread of the description exited with code ${code}`);
    gone.resolve();
  });
  return { answer: answer.promise, gone: gone.promise, stop: () => giveUp('the program is stopping') };
}
