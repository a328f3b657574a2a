import { createMemoryCache } from '@monsta/cache-memory';
import { MS_PER_MINUTE, seededRandom } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetOn, unreliableCache, type Asked } from './budget.test-support.ts';
import type { BinanceRestSettings } from './config.ts';
import { listedLimits } from './limit-windows.ts';
import { PRIORITIES } from './request-lanes.ts';

/** A minute of the clock begins here, and so do five minutes, and ten seconds. */
const START_US = 1_700_000_100_000_000;

function build(settings: BinanceRestSettings = {}) {
  const clock = new VirtualClock(START_US + 10_000_000);
  const cache = createMemoryCache({ clock });
  return { clock, cache, ...budgetOn(clock, cache, settings) };
}

describe('the request budget', () => {
  it('gives trading all of it, data 80 % and backfill 50 %', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100 });
    void ask({ weight: 50, priority: 'backfill' });
    void ask({ weight: 1, priority: 'backfill' });
    await clock.settle();
    void ask({ weight: 30, priority: 'data' });
    void ask({ weight: 1, priority: 'data' });
    await clock.settle();
    void ask({ weight: 20, priority: 'trading' });
    await clock.settle();
    expect(outcomes).toEqual(['backfill 50', 'data 30', 'trading 20']);
    await clock.advance(MS_PER_MINUTE);
    expect(outcomes.slice(3)).toEqual(['data 1', 'backfill 1']);
  });

  it('lets orders go before trading before data before backfill, each in the order of asking', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100, tradingWaitMaxMs: 60_000 });
    void ask({ weight: 100, priority: 'trading' });
    await clock.settle();
    for (const priority of PRIORITIES.toReversed())
      for (const name of ['one', 'two']) void ask({ weight: 1, priority, what: `${priority} ${name}` });
    await clock.settle();
    expect(outcomes).toEqual(['trading 100']);
    await clock.advance(MS_PER_MINUTE);
    expect(outcomes.slice(1)).toEqual(PRIORITIES.flatMap((priority) => [`${priority} one`, `${priority} two`]));
  });

  it('keeps places for trading among the calls under way', async () => {
    const { clock, ask, outcomes, releaseAll } = build({ requestsAtOnceMax: 5 });
    for (let call = 0; call < 6; call += 1) void ask({ weight: 1, what: `data ${call}` }, false);
    await clock.settle();
    void ask({ weight: 1, priority: 'trading' }, false);
    void ask({ weight: 1, priority: 'trading', what: 'one more' }, false);
    await clock.settle();
    expect(outcomes).toEqual(['data 0', 'data 1', 'data 2', 'data 3', 'trading 1']);
    releaseAll();
    await clock.settle();
    expect(outcomes.slice(5)).toEqual(['one more', 'data 4', 'data 5']);
  });

  it('refuses a call whose kind has too many waiting already, and says when to ask again', async () => {
    const { clock, ask, telemetry } = build({ weightPerMinuteMax: 100, requestQueueMax: 2 });
    void ask({ weight: 80 });
    await clock.settle();
    void ask({ weight: 1 });
    void ask({ weight: 1 });
    expect(await ask({ weight: 1 })).toMatchObject({
      ok: false,
      fault: { code: 'venue_limited', retry: 'retryable', retryAfterMs: 1_000 },
    });
    const trading = ask({ weight: 1, priority: 'trading' });
    await clock.settle();
    expect((await trading).ok).toBe(true);
    const refusals = 'monsta_binance_budget_refusals_total';
    expect(telemetry.value(refusals, { priority: 'data', why: 'queue' })).toBe(1);
  });

  it('refuses at once what would wait longer than its kind may, and says until when', async () => {
    const { clock, ask, telemetry } = build({ weightPerMinuteMax: 100, dataWaitMaxMs: 20_000 });
    void ask({ weight: 80 });
    const late = ask({ weight: 1 });
    await clock.settle();
    // 50 s to the end of the minute, and the second for which clocks may differ.
    expect(await late).toMatchObject({ ok: false, fault: { code: 'venue_limited', retryAfterMs: 51_000 } });
    const later = ask({ weight: 1 });
    await clock.settle();
    expect(await later).toMatchObject({ ok: false, fault: { code: 'venue_limited' } });
    await clock.advance(31_001);
    const soon = ask({ weight: 1 });
    await clock.advance(20_000);
    expect((await soon).ok).toBe(true);
    expect(telemetry.value('monsta_binance_budget_refusals_total', { priority: 'data', why: 'deadline' })).toBe(2);
  });

  it('refuses a call that found no place in time', async () => {
    const { clock, ask, releaseAll } = build({ requestsAtOnceMax: 1, tradingWaitMaxMs: 5_000 });
    void ask({ weight: 1, priority: 'trading' }, false);
    const waiting = ask({ weight: 1, priority: 'trading' });
    await clock.advance(5_000);
    expect(await waiting).toMatchObject({ ok: false, fault: { code: 'venue_limited' } });
    releaseAll();
    const next = ask({ weight: 1, priority: 'trading' });
    await clock.settle();
    expect((await next).ok).toBe(true);
  });

  it('takes a call out of the line that is given up', async () => {
    const { clock, ask } = build({ requestsAtOnceMax: 1 });
    void ask({ weight: 1 }, false);
    const stop = new AbortController();
    const waiting = ask({ weight: 1, signal: stop.signal });
    await clock.settle();
    stop.abort();
    expect(await waiting).toMatchObject({ ok: false, fault: { code: 'venue_unreachable', retry: 'retryable' } });
    expect(await ask({ weight: 1, signal: AbortSignal.abort() })).toMatchObject({ ok: false });
  });

  it('counts a call near the end of a minute for both', async () => {
    const { clock, ask, outcomes, budget } = build({ weightPerMinuteMax: 100 });
    await clock.advance(49_500);
    void ask({ weight: 60 });
    await clock.settle();
    await clock.advance(1_000);
    expect(budget.usedWeight).toEqual({ used: 60, limit: 100 });
    void ask({ weight: 40 });
    await clock.advance(30_000);
    expect(outcomes).toEqual(['data 60']);
    await clock.advance(31_000);
    expect(outcomes).toEqual(['data 60', 'data 40']);
  });

  it('lets a call that is heavier than the whole budget go in an empty minute', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100 });
    void ask({ weight: 1 });
    void ask({ weight: 250 });
    await clock.settle();
    expect(outcomes).toEqual(['data 1']);
    await clock.advance(51_000);
    expect(outcomes).toEqual(['data 1', 'data 250']);
  });

  it('keeps to what the venue lists where that is less than what is configured', async () => {
    const { clock, ask, budget, outcomes, telemetry } = build({ weightPerMinuteMax: 100, ordersPerTenSecondsMax: 100 });
    const listing = {
      rateLimits: [
        { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 10 },
        { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 1_000 },
        { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 1, limit: 1 },
        { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 'many' },
        { rateLimitType: 'SOMETHING_NEW' },
        null,
      ],
    };
    for (const info of [listing, listing, {}, null, { rateLimits: 3 }, listing])
      budget.limitsListed(listedLimits(info));
    expect([...listedLimits(listing)]).toEqual([
      ['weight', 10],
      ['orders10s', 1_000],
    ]);
    void ask({ weight: 8 });
    void ask({ weight: 1 });
    await clock.settle();
    expect(outcomes).toEqual(['data 8']);
    expect((await ask({ weight: 1, orders: 2, account: 'main', priority: 'trading' })).ok).toBe(true);
    expect(telemetry.records.filter(({ level }) => level === 'warn')[0]).toMatchObject({
      fields: { limit: 'weight', allows: 10, configured: 100 },
    });
  });

  it('holds lighter calls back behind a heavy one only as long as that waits itself', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100, tradingWaitMaxMs: 60_000 });
    await clock.advance(10_000);
    void ask({ weight: 95, priority: 'trading' });
    await clock.settle();
    const stop = new AbortController();
    void ask({ weight: 20, priority: 'trading', signal: stop.signal });
    void ask({ weight: 1, priority: 'trading' });
    await clock.advance(1_000);
    expect(outcomes).toEqual(['trading 95']);
    stop.abort();
    await clock.settle();
    expect(outcomes).toEqual(['trading 95', 'trading 20: venue_unreachable', 'trading 1']);
  });

  it('lets orders pass a heavy question of trading that waits', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100, tradingWaitMaxMs: 60_000 });
    await clock.advance(10_000);
    void ask({ weight: 95, priority: 'trading' });
    void ask({ weight: 20, priority: 'trading' });
    void ask({ weight: 1, priority: 'trading' });
    await clock.settle();
    void ask({ weight: 1, priority: 'orders', orders: 1, account: 'main' });
    await clock.settle();
    expect(outcomes).toEqual(['trading 95', 'orders 1']);
    await clock.advance(MS_PER_MINUTE);
    expect(outcomes.slice(2)).toEqual(['trading 20', 'trading 1']);
  });

  it('does not hold a light call back because a heavy one could not wait', async () => {
    const { clock, ask, outcomes } = build({ weightPerMinuteMax: 100 });
    void ask({ weight: 95, priority: 'trading' });
    void ask({ weight: 20, priority: 'trading' });
    void ask({ weight: 1, priority: 'trading' });
    await clock.settle();
    expect(outcomes).toEqual(['trading 95', 'trading 20: venue_limited', 'trading 1']);
  });

  it('goes by the venue’s count where that is higher: others may share the address', async () => {
    const { clock, ask, budget, outcomes, telemetry } = build({ weightPerMinuteMax: 100 });
    void ask({ weight: 10 });
    await clock.advance(20);
    await budget.weightReported(78, clock.monotonicMs() - 20, clock.monotonicMs());
    expect(telemetry.value('monsta_binance_rest_used_weight_count')).toBe(78);
    await budget.weightReported(12, clock.monotonicMs() - 20, clock.monotonicMs());
    void ask({ weight: 2 });
    void ask({ weight: 2, what: 'too much' });
    await clock.settle();
    expect(outcomes).toEqual(['data 10', 'data 2']);
    expect(budget.usedWeight.used).toBe(80);
  });

  it('does not take the venue’s count of one minute for that of the next', async () => {
    const { clock, ask, budget, outcomes } = build({ weightPerMinuteMax: 100 });
    await clock.advance(51_500);
    await budget.weightReported(100, clock.monotonicMs() - 2_000, clock.monotonicMs());
    await budget.weightReported(Number.NaN, clock.monotonicMs(), clock.monotonicMs());
    void ask({ weight: 80 });
    await clock.settle();
    expect(outcomes).toEqual(['data 80']);
  });
});

describe('orders in the request budget', () => {
  const order = { weight: 1, orders: 1, account: 'main', priority: 'trading' } as const;

  it('are refused at once when the account has placed as many as it may, and hold nobody else back', async () => {
    const { clock, ask, telemetry } = build({ ordersPerTenSecondsMax: 3 });
    await clock.advance(5_000);
    for (let placed = 0; placed < 3; placed += 1) expect((await ask(order)).ok).toBe(true);
    expect(await ask(order)).toMatchObject({
      ok: false,
      fault: { code: 'venue_limited', retry: 'retryable', retryAfterMs: 6_000 },
    });
    expect((await ask({ ...order, account: 'other' })).ok).toBe(true);
    expect((await ask({ weight: 1, priority: 'trading' })).ok).toBe(true);
    expect(telemetry.value('monsta_binance_budget_refusals_total', { priority: 'trading', why: 'orders' })).toBe(1);
    await clock.advance(6_000);
    expect((await ask(order)).ok).toBe(true);
  });

  it('count for the day too, and a list counts for each of its orders', async () => {
    const { clock, ask } = build({ ordersPerTenSecondsMax: 10, ordersPerDayMax: 5 });
    expect((await ask({ ...order, orders: 3 })).ok).toBe(true);
    await clock.advance(12_000);
    expect((await ask({ ...order, orders: 2 })).ok).toBe(true);
    await clock.advance(12_000);
    const refused = await ask(order);
    expect(refused).toMatchObject({ ok: false, fault: { code: 'venue_limited' } });
    if (!refused.ok) expect(refused.fault.retryAfterMs).toBeGreaterThan(3_600_000);
  });

  it('follow the venue’s own count, and its word that there are no more', async () => {
    const { clock, ask, budget } = build({ ordersPerTenSecondsMax: 10 });
    await clock.advance(5_000);
    await budget.ordersReported('orders10s', 'main', 9, clock.monotonicMs(), clock.monotonicMs());
    expect((await ask(order)).ok).toBe(true);
    expect((await ask(order)).ok).toBe(false);
    expect(await budget.ordersExhausted('orders10s', 'other')).toBe(6_000);
    expect((await ask({ ...order, account: 'other' })).ok).toBe(false);
  });
});

describe('a block by the venue', () => {
  it('stops all calls for as long as was told, and then they go on', async () => {
    const { clock, ask, budget, outcomes, telemetry } = build();
    await budget.block(30_000, 'over the limit');
    void ask({ weight: 1 });
    await clock.advance(29_900);
    expect(outcomes).toEqual([]);
    await clock.advance(200);
    expect(outcomes).toEqual(['data 1']);
    expect(telemetry.value('monsta_binance_budget_blocks_total')).toBe(1);
  });

  it('fails at once, with its end, what may not wait that long; a shorter one after it changes nothing', async () => {
    const { budget, ask, clock } = build();
    await budget.block(180_000, 'banned');
    await budget.block(1_000, 'over the limit');
    expect(await ask({ weight: 1 })).toMatchObject({
      ok: false,
      fault: { code: 'venue_limited', retryAfterMs: 180_000, message: expect.stringContaining('banned') as string },
    });
    await clock.advance(179_000);
    const soon = ask({ weight: 1 });
    await clock.advance(1_001);
    expect((await soon).ok).toBe(true);
  });

  it('fails those that wait already', async () => {
    const { budget, ask, clock } = build({ requestsAtOnceMax: 1 });
    void ask({ weight: 1 }, false);
    const waiting = ask({ weight: 1 });
    await clock.settle();
    await budget.block(180_000, 'banned');
    await clock.settle();
    expect(await waiting).toMatchObject({ ok: false, fault: { code: 'venue_limited', retryAfterMs: 180_000 } });
  });

  it('stops every process on the address', async () => {
    const { budget, cache, clock } = build();
    const other = budgetOn(clock, cache);
    await budget.block(30_000, 'over the limit');
    void other.ask({ weight: 1 });
    await clock.advance(29_900);
    expect(other.outcomes).toEqual([]);
    await clock.advance(200);
    expect(other.outcomes).toEqual(['data 1']);
    const elsewhere = budgetOn(clock, cache, { addressName: 'elsewhere' });
    await budget.block(30_000, 'over the limit');
    expect((await elsewhere.ask({ weight: 1 })).ok).toBe(true);
  });
});

describe('the request budget without its cache', () => {
  it('goes on from what it knew, by itself, and says so once a minute', async () => {
    const clock = new VirtualClock(START_US + 10_000_000);
    const { cache, state } = unreliableCache(clock, null);
    const one = budgetOn(clock, cache, { weightPerMinuteMax: 100 });
    const other = budgetOn(clock, cache, { weightPerMinuteMax: 100 });
    await other.ask({ weight: 40 });
    await one.ask({ weight: 10 });
    state.down = true;
    void one.ask({ weight: 30 });
    void one.ask({ weight: 1, what: 'too much' });
    await clock.settle();
    expect(one.outcomes).toEqual(['data 10', 'data 30']);
    expect(one.telemetry.records.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(one.telemetry.value('monsta_binance_budget_cache_failures_total')).toBeGreaterThan(1);
    // The venue's count covers the whole address, so that it still tells what the other uses.
    await other.budget.weightReported(80, clock.monotonicMs(), clock.monotonicMs());
    void other.ask({ weight: 1 });
    await clock.settle();
    expect(other.outcomes).toEqual(['data 40']);
    await clock.advance(51_000);
    expect(one.outcomes).toEqual(['data 10', 'data 30', 'too much']);
    expect(other.outcomes).toEqual(['data 40', 'data 1']);
  });

  it('still keeps to a block', async () => {
    const clock = new VirtualClock(START_US);
    const { cache, state } = unreliableCache(clock, null);
    state.down = true;
    const { ask, budget, outcomes } = budgetOn(clock, cache);
    await budget.block(30_000, 'over the limit');
    void ask({ weight: 1 });
    await clock.advance(29_900);
    expect(outcomes).toEqual([]);
    await clock.advance(200);
    expect(outcomes).toEqual(['data 1']);
  });

  it('tells a cache that has forgotten what was used', async () => {
    const clock = new VirtualClock(START_US + 10_000_000);
    const { cache, forget } = unreliableCache(clock, null);
    const one = budgetOn(clock, cache, { weightPerMinuteMax: 100 });
    const other = budgetOn(clock, cache, { weightPerMinuteMax: 100 });
    await one.ask({ weight: 60 });
    forget();
    await one.ask({ weight: 5 });
    await other.ask({ weight: 15 });
    void other.ask({ weight: 1 });
    await clock.settle();
    expect(other.outcomes).toEqual(['data 15']);
    expect(other.budget.usedWeight.used).toBe(80);
  });
});

interface Planned extends Asked {
  readonly client: number;
  readonly atMs: number;
}

const planned = fc.record({
  client: fc.integer({ min: 0, max: 1 }),
  // Whole microseconds: as milliseconds they are no exact numbers.
  atMs: fc.integer({ min: 0, max: 150_000_000 }).map((us) => us / 1_000),
  weight: fc.integer({ min: 1, max: 40 }),
  priority: fc.constantFrom(...PRIORITIES),
  orders: fc.integer({ min: 0, max: 3 }),
});

const LIMITS = { weight: 100, orders: 8 };
const SETTINGS: BinanceRestSettings = {
  weightPerMinuteMax: LIMITS.weight,
  ordersPerTenSecondsMax: LIMITS.orders,
  tradingWaitMaxMs: 70_000,
};

/** Plays the calls of two clients, whose clocks differ by up to 300 ms, and counts them where the venue would: when they arrive there. */
async function play(
  plan: readonly Planned[],
  options: { readonly seed: number; readonly shared: boolean; readonly cacheMs: number },
) {
  const random = seededRandom(options.seed);
  const clock = new VirtualClock(START_US + random.integer(60_000) * 1_000);
  const slow = () => unreliableCache(clock, { random, maxMs: options.cacheMs }).cache;
  const first = slow();
  const caches = [first, options.shared ? first : slow()];
  const clients = caches.map((cache) => budgetOn(clock, cache, SETTINGS, random.integer(601) - 300));
  const weights = new Map<number, number>();
  const orders = new Map<number, number>();
  const add = (sums: Map<number, number>, windowMs: number, amount: number): void => {
    const window = Math.floor(clock.nowUs() / 1_000 / windowMs);
    sums.set(window, (sums.get(window) ?? 0) + amount);
  };
  let decided = 0;
  for (const { client, atMs, ...asked } of plan) {
    clock.setTimer(atMs, () => {
      const account = (asked.orders ?? 0) === 0 ? null : 'main';
      const asking = clients[client]?.ask({ ...asked, account });
      void asking?.then(async ({ ok }) => {
        decided += 1;
        if (!ok) return;
        await clock.sleep(random.integer(301));
        add(weights, 60_000, asked.weight);
        add(orders, 10_000, asked.orders ?? 0);
      });
    });
  }
  await clock.advance(400_000);
  return { decided, weight: Math.max(0, ...weights.values()), orders: Math.max(0, ...orders.values()) };
}

describe('two processes on one address', () => {
  it('never use more in a window than the venue allows, whatever the interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(planned, { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.constantFrom(0, 100, 3_000),
        async (plan, seed, cacheMs) => {
          const played = await play(plan, { seed, shared: true, cacheMs });
          expect(played.decided).toBe(plan.length);
          expect(played.weight).toBeLessThanOrEqual(LIMITS.weight);
          expect(played.orders).toBeLessThanOrEqual(LIMITS.orders);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('do use more where each counts for itself', async () => {
    const plan = Array.from({ length: 20 }, (_, index) => ({
      client: index % 2,
      atMs: 10_000 + index * 100,
      weight: 20,
      priority: 'trading' as const,
      orders: 1,
    }));
    const alone = await play(plan, { seed: 1, shared: false, cacheMs: 50 });
    expect(alone.weight).toBeGreaterThan(LIMITS.weight);
    const together = await play(plan, { seed: 1, shared: true, cacheMs: 50 });
    expect(together.weight).toBeLessThanOrEqual(LIMITS.weight);
  });
});
