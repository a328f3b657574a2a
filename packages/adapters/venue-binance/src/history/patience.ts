import { err, type Random, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/** Hears of a wait that the venue asked for. */
export type OnWait = (forMs: number, why: string) => void;

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest single wait, and all together; ms. */
  readonly waitMaxMs: number;
  readonly waitsMaxMs: number;
  readonly onWait: OnWait;
}

/** Up to this much is added to a wait, so that those who were told the same don't come back together. */
const SPREAD_MS = 500;
/** Where a limit doesn't say how long. */
const UNSAID_MS = 1_000;

/**
 * Waits where a venue says "not now" and when to come back, as history can: a call that was over a limit has failed at nothing. Waits are bounded one by one and
 * together; what is longer is given back as it is.
 */
export class Patience {
  readonly #options: PatienceOptions;
  #waitedMs = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Waits as told; false where that is longer than it has patience for, or the signal came. */
  async wait(askedMs: number | undefined, why: string, signal: AbortSignal): Promise<boolean> {
    const { clock, random, waitMaxMs, waitsMaxMs, onWait } = this.#options;
    const forMs = Math.ceil(Math.max(askedMs ?? UNSAID_MS, 1) + random.next() * SPREAD_MS);
    if (signal.aborted || (askedMs ?? 0) > waitMaxMs || this.#waitedMs + forMs > waitsMaxMs) return false;
    this.#waitedMs += forMs;
    onWait(forMs, why);
    await clock.sleep(forMs, signal);
    return !signal.aborted;
  }

  /** Calls again as long as the answer is `venue_limited` and the wait is bearable. */
  async through<T>(call: () => Promise<Result<T>>, signal: AbortSignal): Promise<Result<T>> {
    for (;;) {
      const result = await call();
      if (result.ok || result.fault.code !== 'venue_limited') return result;
      const { retryAfterMs, message } = result.fault;
      if (!(await this.wait(retryAfterMs, message, signal))) return signal.aborted ? givenUp() : result;
    }
  }
}

/** Fault of what was ended from outside. */
export const givenUp = (): Result<never> =>
  err('history_stopped', 'given up before it was done', { retry: 'retryable' });
