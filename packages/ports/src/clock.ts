import type { TimestampUs } from '@monsta/core';

export interface Timer {
  cancel(): void;
}

/** Time as a port: the system's, a venue's, or a virtual one in tests. */
export interface Clock {
  /** Now, microseconds since the epoch, UTC. May step when the source is corrected. */
  nowUs(): TimestampUs;
  /** Milliseconds from an arbitrary start; never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs` (≥ 0) of this clock. */
  setTimer(delayMs: number, task: () => void): Timer;
  /** Resolves after `delayMs`, or at once when `signal` aborts (never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
