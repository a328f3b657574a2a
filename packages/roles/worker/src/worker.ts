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

/** The role for long jobs. It has no queue yet, and without a kind of job it knows how to do it is never ready: it does not pretend. */
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
      const waitingFor: string[] = [];
      if (state !== 'running') waitingFor.push(`a start: the worker is ${state}`);
      if (kinds.length === 0) waitingFor.push('kinds of job: none is registered, so that no job can be done');
      return { ready: waitingFor.length === 0, waitingFor };
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
