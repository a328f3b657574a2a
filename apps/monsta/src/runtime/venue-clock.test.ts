import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createVenueClock } from './venue-clock.ts';

const VENUE_US = Date.UTC(2024, 7, 8, 23, 59) * 1_000;

describe('a venue’s clock', () => {
  it('runs at the venue’s rate from its last sample on', async () => {
    const base = new VirtualClock();
    const clock = createVenueClock(base, { venueUs: VENUE_US, systemUs: base.nowUs(), rate: 20, endUs: null });
    await base.advance(500);
    expect(clock.nowUs()).toBe(VENUE_US + 10_000_000);
    const systemUs = base.nowUs();
    await base.advance(100);
    clock.set({ venueUs: VENUE_US + 11_000_000, systemUs, rate: 1, endUs: null });
    expect(clock.nowUs()).toBe(VENUE_US + 11_100_000);
  });

  it('stands still where the recording ends', async () => {
    const base = new VirtualClock();
    const endUs = VENUE_US + 60_000_000;
    const clock = createVenueClock(base, { venueUs: VENUE_US, systemUs: base.nowUs(), rate: 60, endUs });
    await base.advance(999);
    expect(clock.nowUs()).toBeLessThan(endUs);
    await base.advance(60_000);
    expect(clock.nowUs()).toBe(endUs);
  });
});
