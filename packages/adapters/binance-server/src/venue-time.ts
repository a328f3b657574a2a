import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

/** Longest single wait: a timer that is far off is set again, so that a corrected clock is noticed. */
const WAIT_MS_MAX = 60_000;

/** A venue's time that runs `speed` times as fast as the clock, from `startUs` at the clock's `sessionStartUs`. */
export class VenueTime {
  readonly #clock: Clock;
  readonly #startUs: number;
  readonly #sessionStartUs: number;
  readonly #speed: number;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock, startUs: number, sessionStartUs: number, speed: number) {
    this.#clock = clock;
    this.#startUs = startUs;
    this.#sessionStartUs = sessionStartUs;
    this.#speed = speed;
  }

  /** Never before the start, even when the clock is. */
  nowUs(): TimestampUs {
    const elapsedUs = Math.max(0, this.#clock.nowUs() - this.#sessionStartUs);
    return timestampUs(Math.floor(this.#startUs + elapsedUs * this.#speed));
  }

  /** Runs `task` once when the venue's time has reached `atUs`, but `leastMs` of the clock from now at the earliest. */
  setTimer(atUs: TimestampUs, task: () => void, leastMs = 0): Timer {
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
