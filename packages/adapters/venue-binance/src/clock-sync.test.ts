import { describe, expect, it } from 'vitest';
import { makeRestWorld } from './rest-world.test-support.ts';

/** Starts the connection and lets time pass until that is done. */
async function start(world: ReturnType<typeof makeRestWorld>) {
  let done = false;
  const starting = world.connection.start().finally(() => (done = true));
  await world.clock.advanceUntil(() => done, { stepMs: 5 });
  return starting;
}

describe('the venue’s clock', () => {
  it('is asked three times, and the fastest answer counts', async () => {
    const world = makeRestWorld({ latencyMs: 5, offsetMs: 3_000 });
    // Each answer is made half-way and then held up: the middle of a long way says less.
    const delays = [400, 0, 90];
    let asked = 0;
    world.state.time = () => {
      const serverTime = Math.floor(world.clock.nowUs() / 1_000) + 5 + 3_000;
      asked += 1;
      return { status: 200, body: JSON.stringify({ serverTime }), delayMs: delays[asked - 1] ?? 0 };
    };
    expect((await start(world)).ok).toBe(true);
    expect(world.timesAsked()).toBe(3);
    expect(world.connection.clockOffsetMs()).toBe(3_000);
    expect(world.telemetry.value('monsta_binance_clock_error_seconds', { venue: 'binance' })).toBeCloseTo(0.006, 3);
    world.connection.stop();
  });

  it('is measured soon after the start, then every minute, and its drift is corrected', async () => {
    const world = makeRestWorld();
    await start(world);
    await world.clock.advance(25_000);
    expect(world.timesAsked()).toBe(3 * 5);
    world.state.offsetMs = -800;
    await world.clock.advance(60_000);
    expect(world.timesAsked()).toBe(3 * 6);
    expect(world.connection.clockOffsetMs()).toBe(-800);
    expect(world.telemetry.value('monsta_binance_clock_offset_seconds', { venue: 'binance' })).toBe(-0.8);
    world.connection.stop();
    await world.clock.advance(120_000);
    expect(world.timesAsked()).toBe(3 * 6);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('is measured once for all that ask at the same time, and started once', async () => {
    const world = makeRestWorld();
    const starts = [world.connection.start(), world.connection.start(), world.connection.measureClock()];
    await world.clock.advance(100);
    expect((await Promise.all(starts)).map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(world.timesAsked()).toBe(3);
    expect(await world.connection.start()).toMatchObject({ ok: true });
    expect(world.timesAsked()).toBe(3);
    // One timer: the next measurement.
    expect(world.clock.pendingTimers).toBe(1);
    world.connection.stop();
  });

  it('that can’t be had is told; what is known of it stays', async () => {
    const world = makeRestWorld({ offsetMs: 700 });
    await start(world);
    world.state.time = () => ({ status: 200, body: '{"serverTime":"noon"}' });
    await world.clock.advance(1_100);
    expect(world.connection.clockOffsetMs()).toBe(700);
    expect(world.telemetry.records.at(-1)).toMatchObject({
      level: 'warn',
      fields: { code: 'venue_protocol' },
    });
    world.connection.stop();
  });

  it('that can’t be had at the start fails the start, which may be tried again', async () => {
    const world = makeRestWorld();
    world.state.time = () => ({ fail: 'refused' });
    expect(await start(world)).toMatchObject({ ok: false, fault: { code: 'venue_unreachable' } });
    world.state.time = null;
    expect(await start(world)).toMatchObject({ ok: true });
    world.connection.stop();
  });
});
