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
    // That may as well be a clock that was set.
    expect(time.rate).toBe(1);
    await clock.advance(1_000);
    time.measured(VENUE_MS + 40_000, 2_000, 2_000);
    expect(time.rate).toBe(20);
    await clock.advance(500);
    expect(msFromUs(time.nowUs())).toBe(VENUE_MS + 50_000);
    const steady = new VenueTime(clock);
    for (let second = 0; second < 4; second += 1) {
      steady.measured(VENUE_MS + second * 1_030, 2_500 + second * 1_000, 2_500 + second * 1_000);
      await clock.advance(1_000);
    }
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

  it('knows how far it is from ours, and how wrong that may be', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    expect([time.offsetMs, time.errorMs]).toEqual([null, null]);
    await clock.advance(80);
    time.measured(msFromUs(clock.nowUs()) - 40 + 2_500, 0, 80);
    expect(time.offsetMs).toBe(2_500);
    expect(time.errorMs).toBeCloseTo(41, 1);
    await clock.advance(100_000);
    expect(time.offsetMs).toBe(2_500);
    expect(time.errorMs).toBeCloseTo(51, 1);
    clock.stepWall(1_000);
    expect(time.offsetMs).toBe(1_500);
  });

  it('is not moved by an answer that was long on its way and says nothing new', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    await clock.advance(20);
    time.measured(VENUE_MS + 10, 0, 20);
    await clock.advance(4_000);
    // Out in no time, back in four seconds: the middle is wrong by almost two.
    time.measured(VENUE_MS + 20, 20, 4_020);
    expect(msFromUs(time.measuredNowUs())).toBe(VENUE_MS + 4_020);
    // A step of the venue's clock is more than the way can explain.
    time.measured(VENUE_MS + 20 + 9_000, 20, 4_020);
    expect(msFromUs(time.measuredNowUs())).toBe(VENUE_MS + 11_020);
  });

  it('takes a clock that was set for no faster one', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    time.measured(VENUE_MS, 0, 0);
    await clock.advance(60_000);
    time.measured(VENUE_MS + 90_000, 60_000, 60_000);
    await clock.advance(10_000);
    expect(msFromUs(time.measuredNowUs())).toBe(VENUE_MS + 100_000);
    expect(time.rate).toBe(1);
    await clock.advance(50_000);
    time.measured(VENUE_MS + 150_000, 120_000, 120_000);
    expect(time.rate).toBe(1);
  });

  it('takes a measurement as good as the last one once clocks may have drifted apart', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    await clock.advance(20);
    time.measured(VENUE_MS + 10, 0, 20);
    await clock.advance(60_000);
    time.measured(VENUE_MS + 60_010 + 5, 60_000, 60_020);
    expect(time.offsetMs).toBe((VENUE_MS * 1_000 - clock.nowUs()) / 1_000 + 60_020 + 5);
  });

  it('for signatures and limits goes on when the data have ended or ran ahead', async () => {
    const clock = new VirtualClock();
    const time = new VenueTime(clock);
    expect(time.measuredNowUs()).toBe(clock.nowUs());
    time.measured(VENUE_MS, 0, 0);
    time.observed(usFromMs(VENUE_MS + 700));
    expect(msFromUs(time.measuredNowUs())).toBe(VENUE_MS);
    time.end();
    await clock.advance(5_000);
    expect(msFromUs(time.measuredNowUs())).toBe(VENUE_MS + 5_000);
  });
});
