import type { Result } from '@monsta/core';
import type { JobRun } from '@monsta/worker';
import type { GuardedEnd, GuardedThread } from '../backtest/guarded-thread.ts';

/** The end of a thread that does a job: it is asked to end once the job is. */
export async function endedJobThread<T>(
  thread: GuardedThread<T>,
  { signal }: Pick<JobRun, 'signal'>,
): Promise<Result<GuardedEnd<T>>> {
  const stop = (): void => thread.cancel();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const ended = await thread.ended;
  signal.removeEventListener('abort', stop);
  return ended;
}
