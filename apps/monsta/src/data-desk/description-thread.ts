import { Worker } from 'node:worker_threads';
import type { DataDescription } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { DescriptionThreadData, FromDescriptionThread } from './protocol.ts';

/** Of the thread's own objects; columns are not counted. */
const HEAP_MB_MAX = 512;

/** A thread that describes bars. */
export interface DescriptionThread {
  readonly ended: Promise<Result<DataDescription>>;
  /** Ends it at once; its answer is `description_unavailable`. */
  stop(): void;
}

/**
 * Describes bars of the catalogue on a thread of its own, which ends with the answer. Faults: those of the catalogue and of `describeBars`; `description_unavailable`: it took longer than `timeoutMs`, died or was
 * stopped.
 */
export function describeInThread(data: DescriptionThreadData, clock: Clock, timeoutMs: number): DescriptionThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    name: 'description',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  let end: (result: Result<DataDescription>) => void = () => undefined;
  const ended = new Promise<Result<DataDescription>>((resolve) => {
    let over = false;
    end = (result) => {
      if (over) return;
      over = true;
      timer.cancel();
      void worker.terminate().then(() => resolve(result));
    };
  });
  const unavailable = (why: string): void => end(err('description_unavailable', why, { retry: 'retryable' }));
  const timer = clock.setTimer(timeoutMs, () =>
    unavailable(
      `the description took longer than ${timeoutMs / 1_000} s and was cut off; ask for a shorter span, or raise description.timeout_ms`,
    ),
  );
  worker.on('message', (message: FromDescriptionThread) =>
    end(message.kind === 'done' ? ok(message.description) : { ok: false, fault: message.fault }),
  );
  worker.on('error', (error) =>
    unavailable(`the thread of the description died: ${error instanceof Error ? error.message : String(error)}`),
  );
  worker.on('exit', (code) => unavailable(`the thread of the description exited with code ${code}`));
  return { ended, stop: () => unavailable('the program is stopping') };
}
