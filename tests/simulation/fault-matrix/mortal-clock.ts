import type { TimestampUs } from '@monsta/core';
import type { Clock, Timer } from '@monsta/ports';

/** The clock of a program that can be killed: from then on none of its timers runs. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowUs(): TimestampUs {
    return this.#clock.nowUs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, task: () => void): Timer {
    if (this.#ended) return { cancel: () => undefined };
    const timer = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(cancelled);
      task();
    });
    const cancelled: Timer = {
      cancel: () => {
        this.#timers.delete(cancelled);
        timer.cancel();
      },
    };
    this.#timers.add(cancelled);
    return cancelled;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#ended) return new Promise(() => undefined);
    await this.#clock.sleep(delayMs, signal);
    // Who slept when the program died never wakes up.
    if (this.#ended) return new Promise(() => undefined);
  }

  /** The program is killed. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers) timer.cancel();
  }
}
