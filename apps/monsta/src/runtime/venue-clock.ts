import { timestampUs, type TimestampUs } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/**
 * Ties a venue's time to the machine's: at `systemUs` it was `venueUs`, and it runs `rate` times as fast, up to `endUs` where a recording ends (null: never).
 * Good in every thread of the machine.
 */
export interface ClockSample {
  readonly venueUs: number;
  readonly systemUs: number;
  readonly rate: number;
  readonly endUs: number | null;
}

export interface VenueClock extends Clock {
  set(sample: ClockSample): void;
}

/** A clock that tells a venue's time. Timers and sleeps are counted in our own time. */
export function createVenueClock(base: Clock, first: ClockSample): VenueClock {
  let venueUs = first.venueUs;
  let atMonotonicMs = base.monotonicMs();
  let rate = first.rate;
  let endUs = first.endUs;
  const set = (sample: ClockSample): void => {
    // The wall clock only bridges the moments between sampling and now; from here on the monotonic clock counts.
    venueUs = sample.venueUs + Math.max(0, base.nowUs() - sample.systemUs) * sample.rate;
    atMonotonicMs = base.monotonicMs();
    rate = sample.rate;
    endUs = sample.endUs;
  };
  set(first);
  return {
    set,
    nowUs: (): TimestampUs => {
      const nowUs = Math.round(venueUs + (base.monotonicMs() - atMonotonicMs) * 1000 * rate);
      return timestampUs(endUs === null ? nowUs : Math.min(nowUs, endUs));
    },
    monotonicMs: () => base.monotonicMs(),
    setTimer: (delayMs, task) => base.setTimer(delayMs, task),
    sleep: (delayMs, signal) => base.sleep(delayMs, signal),
  };
}
