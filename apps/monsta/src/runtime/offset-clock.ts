import { timestampUs, type TimestampUs } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/** Ties a venue's time to our monotonic one: at `atMonotonicMs` it was `venueUs`, and it runs `rate` times as fast as ours. */
export interface ClockAnchor {
  readonly venueUs: number;
  readonly atMonotonicMs: number;
  readonly rate: number;
}

export interface VenueClock extends Clock {
  anchor(anchor: ClockAnchor): void;
}

/** A clock that tells a venue's time. Timers and sleeps are counted in our own time. Before the first anchor it tells the base clock's time. */
export function createVenueClock(base: Clock): VenueClock {
  let current: ClockAnchor | null = null;
  return {
    anchor(anchor) {
      current = anchor;
    },
    nowUs(): TimestampUs {
      if (current === null) return base.nowUs();
      const elapsedMs = base.monotonicMs() - current.atMonotonicMs;
      return timestampUs(Math.round(current.venueUs + elapsedMs * 1000 * current.rate));
    },
    monotonicMs: () => base.monotonicMs(),
    setTimer: (delayMs, task) => base.setTimer(delayMs, task),
    sleep: (delayMs, signal) => base.sleep(delayMs, signal),
  };
}
