import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '@monsta/core';
import { trainingCanceled, type Trainer, type TrainingResult, type TrainingTask } from '@monsta/model-server';
import type { Clock, Logger, Timer } from '@monsta/ports';
import type { FromTrainingThread, ToTrainingThread, TrainingThreadData } from './protocol.ts';

type Call = Parameters<Trainer['train']>[1];

export interface TrainingThreadOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A training that takes longer is given up, and its thread with it. */
  readonly trainingMsMax: number;
  /** Of the thread's own objects; columns of numbers are not counted. */
  readonly memoryMbMax: number;
  /** The module of the thread; another one in tests. */
  readonly module?: URL;
}

/** Trainings that may wait for the one that is under way. */
const WAITING_MAX = 32;
/** A step that does not end within this, once it is to, is cut off with its thread. */
const CANCEL_MS_MAX = 1_000;
/** A thread that has nothing to do for so long goes, and its memory with it. */
const IDLE_MS_MAX = 60_000;

interface Life {
  readonly worker: Worker;
  /** It has begun to give way, which can't be undone. */
  givesWay: boolean;
  readonly canceled: Int32Array;
}

interface UnderWay {
  readonly id: number;
  readonly call: Call;
  end(result: Result<TrainingResult>): void;
}

/** Trains on a thread of its own, one training after the other. The thread begins with the first, and another takes the place of one that died. */
export class TrainingThread implements Trainer {
  readonly #options: TrainingThreadOptions;
  #life: Life | null = null;
  #underWay: UnderWay | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #nextId = 1;
  #idle: Timer | null = null;
  #closed = false;

  constructor(options: TrainingThreadOptions) {
    this.#options = options;
  }

  async train(task: TrainingTask, call: Call): Promise<Result<TrainingResult>> {
    if (this.#waiting >= WAITING_MAX)
      return err('training_busy', `${WAITING_MAX} trainings wait already`, { retry: 'retryable' });
    this.#waiting += 1;
    const answer = this.#queue.then(() => this.#run(task, call));
    this.#queue = answer;
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#idle?.cancel();
    await this.#giveUp(trainingCanceled());
  }

  async #run(task: TrainingTask, call: Call): Promise<Result<TrainingResult>> {
    const { clock, trainingMsMax } = this.#options;
    const { signal, urgent } = call;
    if (this.#closed || signal.aborted) return trainingCanceled();
    this.#idle?.cancel();
    if (urgent && this.#life?.givesWay === true) await this.#giveUp(trainingCanceled());
    const id = this.#nextId;
    this.#nextId += 1;
    const life = (this.#life ??= this.#begin());
    life.givesWay ||= !urgent;
    return new Promise((resolve) => {
      let late: Timer | null = null;
      const deadline = clock.setTimer(trainingMsMax, () => {
        const message = `the training took longer than ${trainingMsMax / 1_000} s and was given up; raise models.training_ms_max, or train on less`;
        void this.#giveUp(err('training_timeout', message, { retry: 'retryable' }));
      });
      const cancel = (): void => {
        Atomics.store(life.canceled, 0, id);
        late = clock.setTimer(CANCEL_MS_MAX, () => void this.#giveUp(trainingCanceled()));
      };
      this.#underWay = {
        id,
        call,
        end: (result) => {
          this.#underWay = null;
          deadline.cancel();
          late?.cancel();
          signal.removeEventListener('abort', cancel);
          this.#idle = clock.setTimer(IDLE_MS_MAX, () => void this.#giveUp(trainingCanceled()));
          resolve(result);
        },
      };
      signal.addEventListener('abort', cancel);
      const buffers = [task.columns, ...task.others.values()]
        .flatMap((columns) => Object.values<unknown>({ ...columns }))
        .filter((column) => column instanceof Float64Array)
        .map(({ buffer }) => buffer as ArrayBuffer);
      life.worker.postMessage({ id, task, givesWay: !urgent } satisfies ToTrainingThread, buffers);
    });
  }

  /** Ends the thread; whoever waits for it is answered. */
  async #giveUp(result: Result<TrainingResult>): Promise<void> {
    const life = this.#life;
    this.#life = null;
    this.#underWay?.end(result);
    this.#idle?.cancel();
    await life?.worker.terminate();
  }

  #begin(): Life {
    const { logger, memoryMbMax, module } = this.#options;
    const canceled = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(module ?? new URL('./training-worker.ts', import.meta.url), {
      workerData: { canceled } satisfies TrainingThreadData,
      name: 'training',
      resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
    });
    // A program that is done need not wait for it.
    worker.unref();
    const life: Life = { worker, givesWay: false, canceled: new Int32Array(canceled) };
    worker.on('message', (message: FromTrainingThread) => this.#take(message));
    const died = (why: string): void => {
      if (this.#life !== life) return;
      this.#life = null;
      logger.error('the training thread died', { reason: why });
      const fault = err('training_broken', `the training thread died: ${why}`, { retry: 'retryable' });
      this.#underWay?.end(fault);
    };
    worker.on('error', (error) => {
      const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (outOfMemory) died(`it wanted more than its ${memoryMbMax} MB; raise models.training_memory_mb_max`);
      else died(error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', (code) => died(`it exited with code ${code}`));
    return life;
  }

  #take(message: FromTrainingThread): void {
    if (message.kind === 'presses') {
      this.#options.logger.info('the training thread has the priority of the program', { why: message.why });
      return;
    }
    const underWay = this.#underWay;
    if (underWay?.id !== message.id) return;
    switch (message.kind) {
      case 'progress':
        underWay.call.onProgress(message.share);
        return;
      case 'done':
        underWay.end(ok(message.result));
        return;
      case 'failed':
        underWay.end({ ok: false, fault: message.fault });
        return;
      case 'canceled':
        underWay.end(trainingCanceled());
    }
  }
}
