import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

interface Scheduled {
  readonly dueUs: number;
  readonly order: number;
  readonly task: () => void;
}

/** More timers than this within one `advance` is a loop that never lets time pass. */
const TIMERS_PER_ADVANCE_MAX = 1_000_000;

/** Lets every promise continuation that is due run, however long the chain. */
const drainMicrotasks = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * A clock that moves only when told to. Timers run in the order of their due times, those of the same instant in the
 * order they were set, and between two of them everything that waits on a settled promise runs first.
 */
export class VirtualClock implements Clock {
  #elapsedUs = 0;
  #wallUs: number;
  #order = 0;
  #advancing = false;
  #scheduled: Scheduled[] = [];

  constructor(startUs: number = 1_700_000_000_000_000) {
    this.#wallUs = startUs;
  }

  nowUs(): TimestampUs {
    return timestampUs(this.#wallUs + this.#elapsedUs);
  }

  monotonicMs(): number {
    return this.#elapsedUs / US_PER_MS;
  }

  /** Timers that have neither run nor been cancelled. */
  get pendingTimers(): number {
    return this.#scheduled.length;
  }

  setTimer(delayMs: number, task: () => void): Timer {
    const entry: Scheduled = {
      // What is above 0 takes time, be it a rest of rounding: else who waits for it would ask again and again at the same instant.
      dueUs: this.#elapsedUs + (delayMs > 0 ? Math.max(1, Math.round(delayMs * US_PER_MS)) : 0),
      order: (this.#order += 1),
      task,
    };
    // Kept sorted by due time and order: a binary search for the place after all that are due no later.
    let low = 0;
    let high = this.#scheduled.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#scheduled[middle];
      if (other !== undefined && other.dueUs <= entry.dueUs) low = middle + 1;
      else high = middle;
    }
    this.#scheduled.splice(low, 0, entry);
    return {
      cancel: () => {
        const at = this.#scheduled.indexOf(entry);
        if (at >= 0) this.#scheduled.splice(at, 1);
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
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
      const timer = this.setTimer(delayMs, wake);
      signal?.addEventListener('abort', wake);
    });
  }

  /** Lets `ms` pass and runs every timer that falls due on the way; resolves when nothing more is to be done at that time. */
  async advance(ms: number): Promise<void> {
    if (this.#advancing) throw new Error('VirtualClock: advance was called while another advance was under way');
    this.#advancing = true;
    try {
      const targetUs = this.#elapsedUs + Math.round(ms * US_PER_MS);
      await drainMicrotasks();
      for (let ran = 0; ; ran += 1) {
        const next = this.#scheduled[0];
        if (next === undefined || next.dueUs > targetUs) break;
        if (ran === TIMERS_PER_ADVANCE_MAX)
          throw new Error('VirtualClock: timers keep each other going without time passing');
        this.#scheduled.shift();
        this.#elapsedUs = Math.max(this.#elapsedUs, next.dueUs);
        next.task();
        await drainMicrotasks();
      }
      this.#elapsedUs = targetUs;
    } finally {
      this.#advancing = false;
    }
  }

  /** Runs what is due now, without letting time pass. */
  settle(): Promise<void> {
    return this.advance(0);
  }

  /** Advances in steps of `stepMs` until `condition` holds; throws when it does not within `timeoutMs`. */
  async advanceUntil(condition: () => boolean, { stepMs = 10, timeoutMs = 60_000 } = {}): Promise<void> {
    const endMs = this.monotonicMs() + timeoutMs;
    await this.settle();
    while (!condition()) {
      if (this.monotonicMs() >= endMs)
        throw new Error(`VirtualClock: the condition did not hold within ${timeoutMs} ms`);
      await this.advance(stepMs);
    }
  }

  /** Corrects the wall clock by `deltaMs`, as a time server would; the monotonic clock is not touched. */
  stepWall(deltaMs: number): void {
    this.#wallUs += Math.round(deltaMs * US_PER_MS);
  }
}
