import { usFromMs } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

/** The longest delay one `setTimeout` can hold; a longer one would run at once. */
const TIMEOUT_MS_MAX = 2_147_483_647;

function setTimer(delayMs: number, task: () => void): Timer {
  const dueMs = performance.now() + Math.max(0, delayMs);
  let handle: NodeJS.Timeout;
  const wait = (remainingMs: number): NodeJS.Timeout =>
    setTimeout(
      () => {
        const leftMs = dueMs - performance.now();
        if (remainingMs > TIMEOUT_MS_MAX && leftMs > 0) handle = wait(leftMs);
        else task();
      },
      Math.min(Math.ceil(remainingMs), TIMEOUT_MS_MAX),
    );
  handle = wait(Math.max(0, delayMs));
  return { cancel: () => clearTimeout(handle) };
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimer(delayMs, wake);
    signal?.addEventListener('abort', wake);
  });
}

/** The machine's own time: the wall clock (whole milliseconds) and Node's monotonic clock. */
export function systemClock(): Clock {
  return { nowUs: () => usFromMs(Date.now()), monotonicMs: () => performance.now(), setTimer, sleep };
}
