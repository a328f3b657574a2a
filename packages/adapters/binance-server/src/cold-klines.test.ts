import { instrumentId, timestampUs } from '@monsta/core';
import { VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { ColdKlines, inTurns, paced } from './cold-klines.ts';
import { KlineGrid } from './kline-intervals.ts';
import { findSymbol } from './parameters.ts';

/** 2025-03-01T12:00:00Z: 59 days and a half after the market's beginning. */
const clock = new VirtualClock(1_740_830_400_000_000);
const model = createSimulatedExchange({ seed: 5, clock });
const { instrument } = findSymbol(model.symbols(), instrumentId('SOLUSDT'));
const DAY_US = 86_400_000_000;

/** A clock on which each look at it takes some milliseconds: all work on it is long. */
class SlowClock extends VirtualClock {
  looks = 0;
  slept = 0;
  override monotonicMs(): number {
    this.looks += 1;
    return this.looks * 10;
  }
  override sleep(): Promise<void> {
    this.slept += 1;
    return Promise.resolve();
  }
}

function count(steps: Iterator<void>): number {
  let passed = 0;
  while (steps.next().done !== true) passed += 1;
  return passed;
}

describe('klines that have to be made first', () => {
  it('are gone through in steps of four days, once', () => {
    const cold = new ColdKlines(model);
    const days = new KlineGrid('1d');
    const all = { fromUs: null, toUs: null, limit: 1_000 };
    expect(count(cold.steps(instrument, days, { ...all, limit: 10 }))).toBeLessThanOrEqual(4);
    const rest = count(cold.steps(instrument, days, all));
    expect(rest).toBeGreaterThanOrEqual(11);
    expect(rest).toBeLessThanOrEqual(14);
    // The step that holds the present is never done with.
    expect(count(cold.steps(instrument, days, all))).toBe(1);
    expect(count(cold.steps(instrument, new KlineGrid('1M', 5.75 * 3_600_000_000), all))).toBe(1);
  });

  it('are counted from the market’s beginning where the start lies before it', () => {
    const cold = new ColdKlines(model);
    const all = { fromUs: timestampUs(0), toUs: null, limit: 500 };
    expect(count(cold.steps(instrument, new KlineGrid('1d'), all))).toBeGreaterThanOrEqual(15);
    const some = { ...all, limit: 10 };
    expect(count(new ColdKlines(model).steps(instrument, new KlineGrid('1d'), some))).toBeLessThanOrEqual(4);
  });

  it('are only those that are asked for, and of short ones none', () => {
    const cold = new ColdKlines(model);
    const fromUs = timestampUs(model.nowUs() - 40 * DAY_US);
    expect(count(cold.steps(instrument, new KlineGrid('12h'), { fromUs, toUs: null, limit: 4 }))).toBe(1);
    for (const interval of ['1s', '1m', '30m'] as const) {
      expect(count(cold.steps(instrument, new KlineGrid(interval), { fromUs: null, toUs: null, limit: 1_000 }))).toBe(
        0,
      );
    }
  });
});

describe('long work', () => {
  it('that is done at once keeps nobody waiting', () => {
    expect(inTurns(clock, [undefined, undefined][Symbol.iterator]())).toBeNull();
  });

  it('lets others have their turn, and comes to its end', async () => {
    const slow = new SlowClock();
    let done = 0;
    const steps = function* (): Generator<void, void, undefined> {
      for (; done < 10; done += 1) yield;
    };
    await inTurns(slow, steps());
    expect(done).toBe(10);
    expect(slow.slept).toBeGreaterThan(3);
    const items: number[] = [];
    for await (const item of paced(slow, [1, 2, 3, 4, 5])) items.push(item);
    expect(items).toEqual([1, 2, 3, 4, 5]);
    expect(slow.slept).toBeGreaterThan(5);
  });
});
