import { err, ok, type Result } from '@monsta/core';
import type { Logger, Readiness, Role } from '@monsta/ports';

/** Does one kind of long job. What a job is handed comes with the queue. */
export interface JobKind {
  readonly name: string;
}

export interface WorkerOptions {
  readonly logger: Logger;
  readonly kinds: readonly JobKind[];
}

/** The role for long jobs. It has no queue yet and takes no jobs: running, it is ready for all the kinds it has, and its log names them. */
export function createWorker({ logger, kinds }: WorkerOptions): Role {
  let state: 'new' | 'running' | 'draining' | 'stopped' = 'new';
  return {
    name: 'worker',
    start(): Promise<Result<null>> {
      if (state !== 'new') return Promise.resolve(err('state_conflict', `the worker can't be started: it is ${state}`));
      state = 'running';
      logger.info('the worker runs', { kinds: kinds.map(({ name }) => name) });
      return Promise.resolve(ok(null));
    },
    readiness(): Readiness {
      const ready = state === 'running';
      return { ready, waitingFor: ready ? [] : [`a start: the worker is ${state}`] };
    },
    drain(): Promise<void> {
      if (state === 'running') state = 'draining';
      return Promise.resolve();
    },
    stop(): Promise<void> {
      state = 'stopped';
      return Promise.resolve();
    },
  };
}
