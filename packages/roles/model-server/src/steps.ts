import type { Clock } from '@monsta/ports';

/** Runs steps to their end, giving the event loop its turn between them; null when `signal` aborted first. */
export async function runYielding<T>(
  steps: Generator<void, T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly value: T } | null> {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return { value: next.value };
    await clock.sleep(0, signal);
    if (signal.aborted) return null;
  }
}
