import { msFromUs, timestampUs, usFromMs } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { VenueTime } from './venue-time.ts';

const VENUE_MS = Date.UTC(2024, 7, 8, 23, 54);

describe('the venue’s time', () => {
  it('is ours before anything is known', () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    expect(time.known).toBe(false);
    expect(time.nowUs()).toBe(clock.nowUs());
  });

  it('is what the venue said, half a round trip ago, and runs on with our monotonic clock', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    await clock.advance(100);
    time.measured(VENUE_MS, 0, 100);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 50);
    clock.stepWall(-3_600_000);
    await clock.advance(1_000);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 1_050);
  });

  it('follows a venue whose clock runs at another speed, and takes a small difference for jitter', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    time.measured(VENUE_MS, 0, 0);
    await clock.advance(1_000);
    time.measured(VENUE_MS + 20_000, 1_000, 1_000);
    expect(time.rate).toBe(20);
    await clock.advance(500);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 30_000);
    const steady = new VenueTime(clock);
    steady.measured(VENUE_MS, 1_500, 1_500);
    await clock.advance(1_000);
    steady.measured(VENUE_MS + 1_030, 2_500, 2_500);
    expect(steady.rate).toBe(1);
  });

  it('stands still once the venue has ended, whatever its time service goes on to say', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    time.measured(VENUE_MS, 0, 0);
    await clock.advance(1_000);
    time.end();
    await clock.advance(60_000);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 1_000);
    time.measured(VENUE_MS, 61_000, 61_000);
    time.measured(VENUE_MS, 62_000, 62_000);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 1_000);
    // The last events may be on their way still.
    time.observed(usFromMs(VENUE_MS + 1_200));
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 1_200);
  });

  it('is never before an event that was seen, and goes back only with the venue’s clock', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    time.measured(VENUE_MS, 0, 0);
    time.observed(usFromMs(VENUE_MS + 700));
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 700);
    await clock.advance(1_000);
    time.measured(VENUE_MS + 900, 1_000, 1_000);
    expect(time.nowUs()).toBe(timestampUs((VENUE_MS + 900) * 1_000));
    time.measured(VENUE_MS - 60_000, 1_000, 1_000);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS - 60_000);
  });
});
