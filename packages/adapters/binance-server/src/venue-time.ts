import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

/** Longest single wait: a timer that is far off is set again, so that a corrected clock is noticed. */
const WAIT_MS_MAX = 60_000;

/** A timer that never fires. */
const NEVER: Timer = { cancel: () => undefined };

/** A venue's time that runs `speed` times as fast as the clock, from `startUs` at the clock's `sessionStartUs`; it stands still at `endUs`. */
export class VenueTime {
  readonly #clock: Clock;
  readonly #startUs: number;
  readonly #sessionStartUs: number;
  readonly #speed: number;
  readonly #endUs: number;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock, startUs: number, sessionStartUs: number, speed: number, endUs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#startUs = startUs;
    this.#sessionStartUs = sessionStartUs;
    this.#speed = speed;
    this.#endUs = endUs;
  }

  /** Never before the start, even when the clock is, and never after the end. */
  nowUs(): TimestampUs {
    return timestampUs(Math.min(this.#endUs, this.#passedUs()));
  }

  /** True once the clock has left the end behind. */
  ended(): boolean {
    return this.#passedUs() > this.#endUs;
  }

  #passedUs(): number {
    const elapsedUs = Math.max(0, this.#clock.nowUs() - this.#sessionStartUs);
    return Math.floor(this.#startUs + elapsedUs * this.#speed);
  }

  /**
   * Runs `task` once when the venue's time has reached `atUs`, but `leastMs` of the clock from now at the earliest; never where that is after the end.
   */
  setTimer(atUs: TimestampUs, task: () => void, leastMs = 0): Timer {
    if (atUs > this.#endUs) return NEVER;
    let waiting: Timer | null = null;
    const timer: Timer = {
      cancel: () => {
        waiting?.cancel();
        this.#timers.delete(timer);
      },
    };
    const wait = (floorMs: number): void => {
      const delayMs = Math.ceil((atUs - this.nowUs()) / this.#speed / US_PER_MS);
      waiting = this.#clock.setTimer(Math.min(WAIT_MS_MAX, Math.max(floorMs, delayMs, 0)), () => {
        if (this.nowUs() < atUs) {
          wait(1);
          return;
        }
        this.#timers.delete(timer);
        task();
      });
    };
    this.#timers.add(timer);
    wait(leastMs);
    return timer;
  }

  cancelAll(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}
