import { GUARDED as STOPPED } from './protective-desk.test-support.ts';
import { formatQuantity, quantity } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AlgoWorld, ROOMY, TRADER, type Death } from './algo-desk.test-support.ts';
import { atMs, BTC } from './kernel.test-support.ts';
import { quantityUntil, sliceAt, sliceBeginsUs } from './twap.ts';

const lotsOf = (world: AlgoWorld): readonly number[] => world.venue.slices().map((order) => order.quantity);
const endOf = (world: AlgoWorld): unknown => world.decisions('end')[0]?.wanted;

describe('the schedule of a TWAP', () => {
  test('cuts any quantity into parts that differ by one lot at most and sum to the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_007_199_254_740_991 }), fc.integer({ min: 1, max: 1_000 }), (all, n) => {
        const terms = { quantity: quantity(all), slices: n };
        let before = 0;
        for (let slice = 0; slice < n; slice += 1) {
          const part = quantityUntil(slice, terms) - before;
          expect([Math.floor(all / n), Math.ceil(all / n)]).toContain(part);
          before = quantityUntil(slice, terms);
        }
        expect(before).toBe(all);
      }),
    );
  });

  test('a slice is due from the microsecond at which it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 604_800_000_000 }), fc.integer({ min: 1, max: 1_000 }), (us, n) => {
        const terms = { beganUs: atMs(0), durationUs: us, slices: n };
        for (const slice of [0, 1, Math.floor(n / 2), n - 1, n]) {
          const beginsUs = sliceBeginsUs(slice, terms);
          expect(sliceAt(beginsUs, terms)).toBe(slice);
          if (slice > 0) expect(sliceAt(beginsUs - 1, terms)).toBe(slice - 1);
        }
      }),
    );
  });
});

describe('a TWAP at the market', () => {
  test('buys equal parts at equal distances, and tells what it paid against the price it was decided at', () => {
    const world = new AlgoWorld();
    expect(world.begin({ tag: 'slow' })).toEqual({ algoId: '1', slices: 10, said: null });
    world.hearAll();
    for (let ms = 1_000; ms <= 90_000; ms += 1_000) {
      if (ms === 50_000) world.trade(6_060_000);
      world.until(ms);
    }
    expect(lotsOf(world)).toEqual(Array.from({ length: 10 }, () => 100));
    expect(world.venue.slices().map(({ createdUs }) => (createdUs - atMs(0)) / 1_000_000)).toEqual([
      0, 10, 20, 30, 40, 50, 60, 70, 80, 90,
    ]);
    expect(world.venue.slices()[0]).toMatchObject({ type: 'market', tag: 'twap:1', decisionPrice: 6_000_000 });
    expect(world.algos.running).toEqual([]);
    expect(world.decisions('begin')).toMatchObject([
      { action: 'enter', wanted: { algorithm: 'twap', tag: 'slow', quantity: '0.01000', slices: 10 } },
    ]);
    // Half at 60,000.00 and half at 60,600.00.
    expect(endOf(world)).toMatchObject({
      filled: '0.01000',
      left: '0.00000',
      averagePrice: '60300',
      decisionPrice: '60000.00',
      slippage: '3',
      slippageBps: 50,
      reason: 'all of it is filled',
    });
    expect(world.notes).toEqual([]);
  });

  test('has fewer slices where each would be worth too little, and says so', () => {
    const world = new AlgoWorld();
    // 0.001 BTC at 60,000 are 60 USDT; the least is 5, a tenth more is planned with.
    expect(world.begin({ quantity: quantity(100), slices: 50 })).toMatchObject({
      slices: 10,
      said: expect.any(String) as string,
    });
    const tiny = world.begin({ strategyId: 'other' as typeof TRADER, quantity: quantity(9) });
    expect(tiny).toMatchObject({ slices: 1 });
    const none = world.begin({ strategyId: 'third' as typeof TRADER, quantity: quantity(8) });
    expect(none).toMatchObject({ denied: { rule: 'order_notional_min', limit: '5', actual: '4.8' } });
  });

  test.each([
    [{ slices: 0 }, 'algorithm_slices'],
    [{ slices: 1.5 }, 'algorithm_slices'],
    [{ durationUs: 10 }, 'algorithm_duration'],
    [{ quantity: quantity(0) }, 'order_quantity'],
    [{ side: 'sell' as const }, 'position_short'],
    [{ instrument: 'NONE' as typeof BTC.id }, 'instrument_unknown'],
  ])('is refused for %o', (part, rule) => {
    const world = new AlgoWorld();
    expect(world.begin(part)).toMatchObject({ denied: { rule } });
    expect(world.venue.slices()).toEqual([]);
  });

  test('runs once for each strategy and instrument', () => {
    const world = new AlgoWorld();
    world.begin();
    expect(world.begin()).toMatchObject({ denied: { rule: 'algorithm_running', actual: '1' } });
  });

  test('owes the next slice what one did not get, and tries once more at the end', () => {
    const world = new AlgoWorld();
    world.venue.liquidity.push(40, 160, 100, 100, 100, 100, 100, 100, 100, 30);
    world.begin();
    world.hearAll();
    for (let ms = 10_000; ms <= 100_000; ms += 10_000) world.until(ms);
    expect(lotsOf(world)).toEqual([100, 160, 100, 100, 100, 100, 100, 100, 100, 100, 70]);
    expect(endOf(world)).toMatchObject({ filled: '0.01000', left: '0.00000' });
  });

  test('waits while data is stale, says it once, and makes up for at most one slice at a time', () => {
    const world = new AlgoWorld();
    world.begin();
    world.hearAll();
    for (let ms = 10_000; ms <= 40_000; ms += 10_000) {
      world.ms = ms;
      world.stale();
    }
    expect(lotsOf(world)).toEqual([100]);
    expect(world.decisions('denied')).toMatchObject([{ action: 'hold', risk: { rule: 'stale_data' } }]);
    expect(world.notes).toHaveLength(1);
    world.restart();
    for (let ms = 50_000; ms <= 100_000; ms += 10_000) world.until(ms);
    expect(lotsOf(world)).toEqual([100, 200, 200, 200, 200, 100]);
    expect(endOf(world)).toMatchObject({ left: '0.00000' });
  });

  test.each([
    ['HALTED', 'buy'],
    ['HALTED', 'sell'],
    ['REDUCING', 'buy'],
  ] as const)('ends with what it has when a person sets trading to %s while it would %s', (state, side) => {
    const world = new AlgoWorld();
    world.hold(1_000);
    world.begin({ side });
    world.hearAll();
    const cause = { code: 'user', reason: 'lunch', by: 'user', sinceUs: atMs(5_000), lasting: true } as const;
    world.gates.of(TRADER).raise({ ...cause, state });
    for (let ms = 10_000; ms <= 40_000; ms += 10_000) world.until(ms);
    expect(lotsOf(world)).toEqual([100]);
    expect(endOf(world)).toMatchObject({ filled: '0.00100', left: '0.00900', reason: `trading is ${state}: lunch` });
    expect(world.notes).toHaveLength(1);
    expect(world.begin({ side })).toMatchObject({ denied: { rule: 'trading_state' } });
  });

  test('goes on selling while trading only reduces', () => {
    const world = new AlgoWorld();
    world.hold(1_000);
    const cause = { code: 'user', reason: 'lunch', by: 'user', sinceUs: atMs(0), lasting: true } as const;
    world.gate.raise({ ...cause, state: 'REDUCING' });
    expect(world.begin({ side: 'sell' })).toMatchObject({ slices: 10 });
    world.hearAll();
    for (let ms = 10_000; ms <= 90_000; ms += 10_000) world.until(ms);
    expect(lotsOf(world)).toEqual(Array.from({ length: 10 }, () => 100));
    expect(world.portfolio.position(TRADER, BTC.id, atMs(0)).quantity).toBe(0n);
  });

  test('waits while the surroundings halt trading, and goes on when they lift it', () => {
    const world = new AlgoWorld();
    world.begin();
    world.hearAll();
    const cause = { code: 'venue', reason: 'lost', by: 'system', sinceUs: atMs(5_000), lasting: false } as const;
    world.gate.raise({ ...cause, state: 'HALTED' });
    world.until(10_000);
    world.until(20_000);
    world.gate.lift('venue', atMs(25_000));
    for (let ms = 30_000; ms <= 100_000; ms += 10_000) world.until(ms);
    expect(endOf(world)).toMatchObject({ filled: '0.01000' });
  });

  test('ends when it is canceled, and when the exchange changes the steps', () => {
    const world = new AlgoWorld();
    world.begin({ tag: 'mine' });
    world.hearAll();
    world.input(() => {
      expect(world.algos.cancelAll(({ tag }) => tag === 'mine', 'canceled')).toBe(true);
    });
    expect(endOf(world)).toMatchObject({ filled: '0.00100', reason: 'canceled' });
    world.input(() => {
      expect(world.algos.cancelAll(({ tag }) => tag === 'mine', 'canceled')).toBe(false);
    });
    world.begin();
    world.hearAll();
    world.restep({ ...BTC, lot: { units: 1, scale: 4 }, version: 2 });
    expect(world.algos.running).toEqual([]);
    expect(world.decisions('end')[1]).toMatchObject({
      wanted: { filled: '0.00100', reason: expect.stringContaining('steps') as string },
    });
  });
});

describe('a TWAP with a limit price', () => {
  test('takes back what a slice did not get and adds it to the next; what is left at the end is told', () => {
    const world = new AlgoWorld();
    world.begin({ limitPrice: 5_990_000 as never, slices: 4 });
    world.hearAll();
    expect(world.venue.resting()).toMatchObject([{ quantity: 250, type: 'limit', limitPrice: 5_990_000 }]);
    world.venue.fill(world.venue.slices()[0]?.clientOrderId, 100);
    world.until(25_000);
    expect(world.venue.resting()).toMatchObject([{ quantity: 400 }]);
    world.until(50_000);
    world.until(75_000);
    expect(world.venue.resting()).toMatchObject([{ quantity: 900 }]);
    world.until(99_999);
    expect(world.venue.resting()).toMatchObject([{ quantity: 900 }]);
    world.until(100_000);
    expect(world.venue.resting()).toEqual([]);
    expect(endOf(world)).toMatchObject({
      filled: '0.00100',
      left: '0.00900',
      averagePrice: '59900',
      slippageBps: -16.67,
    });
  });
});

describe('a TWAP that sells what a stop protects', () => {
  const GUARDED = { ...ROOMY, exitPlan: STOPPED.exitPlan };

  test('takes its coins out of the stop, slice by slice, and the rest stays protected', () => {
    const world = new AlgoWorld(GUARDED);
    world.hold(1_000);
    expect(world.venue.resting()).toMatchObject([{ type: 'stop_loss_limit', quantity: 1_000 }]);
    world.begin({ side: 'sell', slices: 4 });
    world.hearAll();
    expect(world.venue.resting()).toMatchObject([{ type: 'stop_loss_limit', quantity: 750 }]);
    world.until(25_000);
    expect(world.venue.resting()).toMatchObject([{ type: 'stop_loss_limit', quantity: 500 }]);
    world.until(50_000);
    world.until(75_000);
    expect(world.venue.resting()).toEqual([]);
    expect(endOf(world)).toMatchObject({ filled: '0.01000', left: '0.00000' });
  });

  test('waits for a stop that is being placed, and its slice is not lost when the program dies meanwhile', () => {
    for (const dies of [false, true]) {
      const world = new AlgoWorld(GUARDED);
      world.hold(1_000);
      // Half of it more: the stop is being replaced, and what became of that is not heard of.
      world.input(() => world.buy(500));
      world.hear();
      world.hear();
      expect(world.working().filter(({ status }) => status === 'pending_submit')).toHaveLength(1);
      world.begin({ side: 'sell', quantity: quantity(1_500), slices: 1, durationUs: 10_000_000 });
      expect(world.venue.slices()).toEqual([]);
      if (dies) world.restart();
      world.hearAll();
      expect(world.venue.filledOfSlices()).toBe(1_500);
      world.until(11_000);
      expect(lotsOf(world)).toEqual([1_500]);
      expect(endOf(world)).toMatchObject({ left: '0.00000' });
    }
  });

  test('ends when the stop sells', () => {
    const world = new AlgoWorld(GUARDED);
    world.hold(500);
    world.begin();
    world.hearAll();
    const stop = world.venue.resting()[0];
    world.venue.fill(stop?.clientOrderId, 100);
    world.hearAll();
    world.until(10_000);
    expect(lotsOf(world)).toEqual([100]);
    expect(endOf(world)).toMatchObject({ reason: expect.stringContaining('is selling what is held') as string });
  });
});

describe('a TWAP whose program dies at any moment', () => {
  const death = fc.constantFrom<Death | null>(null, null, null, 'unrecorded', 'unsent', 'sent');
  const moment = fc.record({
    stepMs: fc.integer({ min: 1, max: 6_000 }),
    hears: fc.integer({ min: 0, max: 3 }),
    dies: death,
    diesHearing: death,
    part: fc.option(fc.integer({ min: 1, max: 400 }), { nil: null, freq: 2 }),
  });

  test.each(['buy', 'sell'] as const)(
    '%s: fills exactly what was asked for, and never has two orders at once',
    (side) => {
      fc.assert(
        fc.property(
          fc.array(moment, { minLength: 5, maxLength: 60 }),
          fc.boolean(),
          fc.boolean(),
          fc.integer({ min: 100, max: 2_000 }),
          fc.integer({ min: 1, max: 12 }),
          (moments, limited, guarded, lots, slices) => {
            const world = new AlgoWorld(guarded ? { ...ROOMY, exitPlan: STOPPED.exitPlan } : ROOMY);
            if (side === 'sell') world.hold(2_000);
            const limitPrice = limited ? (6_000_000 as never) : null;
            world.begin({ side, quantity: quantity(lots), slices, limitPrice });
            for (const { stepMs, hears, dies, diesHearing, part } of moments) {
              world.ms += stepMs;
              world.input(undefined, dies);
              const resting = world.venue.resting().find(({ tag }) => tag !== null && tag.startsWith('twap:'));
              if (resting !== undefined && part !== null) world.venue.fill(resting.clientOrderId, part);
              for (let n = 0; n < hears; n += 1) world.hear(n === 0 ? diesHearing : null);
              const own = world.venue.resting().filter(({ tag }) => tag !== null && tag.startsWith('twap:'));
              expect(own.length).toBeLessThanOrEqual(1);
              expect(world.venue.filledOfSlices()).toBeLessThanOrEqual(lots);
            }
            // Quiet days after that: what is left is worked off, in the time that is left.
            const quietMs = world.ms;
            const endsMs = Math.max(quietMs, 100_000) + 65_000;
            while (world.ms < endsMs) {
              world.until(world.ms + 1_000);
              const own = world.venue.resting().find(({ tag }) => tag !== null && tag.startsWith('twap:'));
              if (own !== undefined) world.venue.fill(own.clientOrderId, lots);
            }
            world.hearAll();
            expect(world.algos.running).toEqual([]);
            const [end, ...more] = world.decisions('end');
            expect(more).toEqual([]);
            const filled = formatQuantity(quantity(world.venue.filledOfSlices()), BTC);
            expect(end).toMatchObject({ wanted: { filled } });
            if (quietMs <= 90_000) expect(world.venue.filledOfSlices()).toBe(lots);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});
