import { err, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/** The answer, or the fault `call_timeout` after `timeoutMs`; a thrown error is the fault `call_failed`. */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  what: string,
  call: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const { promise: late, resolve } = Promise.withResolvers<Result<T>>();
  const timer = clock.setTimer(timeoutMs, () =>
    resolve(err('call_timeout', `${what} did not answer within ${timeoutMs} ms`, { retry: 'retryable' })),
  );
  try {
    return await Promise.race([call(), late]);
  } catch (thrown) {
    return err('call_failed', `${what} failed: ${String(thrown)}`, { retry: 'retryable', cause: thrown });
  } finally {
    timer.cancel();
  }
}

/** `attempt` counts from 0: 100 ms doubling up to `mostMs`, then up to half of it less, by chance `share` (0…1). */
export const backoffMs = (attempt: number, mostMs: number, share: number): number =>
  Math.min(mostMs, 100 * 2 ** Math.min(attempt, 20)) * (1 - share / 2);
