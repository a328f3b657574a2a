import { VirtualClock } from '@monsta/testkit';
import { expect, test } from 'vitest';
import { sharedStrategyCalls, StrategyCallWatch, strategyCallRecorder, type StuckCall } from './strategy-calls.ts';

function watched(callMsMax: number) {
  const shared = sharedStrategyCalls();
  const clock = new VirtualClock();
  const stuck: StuckCall[] = [];
  const watch = new StrategyCallWatch(shared, { clock, callMsMax, onStuck: (call) => stuck.push(call) });
  return { calls: strategyCallRecorder(shared), clock, stuck, watch };
}

test('calls that return are never told of, however many there are', async () => {
  const { calls, clock, stuck } = watched(300);
  for (let minute = 0; minute < 100; minute += 1) {
    calls.enter(minute % 3, 'onBar');
    await clock.advance(250);
    calls.leave();
    await clock.advance(50);
  }
  expect(stuck).toEqual([]);
});

test('a call that does not return is told of once, with its strategy, its handler and its number', async () => {
  const { calls, clock, stuck } = watched(2_000);
  calls.enter(0, 'onBar');
  calls.leave();
  calls.enter(2, 'onTrade');
  await clock.advance(1_900);
  expect(stuck).toEqual([]);
  await clock.advance(60_000);
  expect(stuck).toEqual([{ strategyIndex: 2, handler: 'onTrade', call: 2, ranMs: expect.any(Number) as number }]);
  expect(stuck[0]?.ranMs).toBeGreaterThan(2_000);
  expect(stuck[0]?.ranMs).toBeLessThan(2_300);
});

test('two calls after one another are not taken for one, and one that was stopped being looked at is not told of', async () => {
  const { calls, clock, stuck, watch } = watched(1_000);
  for (let call = 0; call < 10; call += 1) {
    calls.enter(0, 'onBar');
    await clock.advance(900);
    calls.leave();
  }
  calls.enter(0, 'onBar');
  watch.stop();
  await clock.advance(10_000);
  expect(stuck).toEqual([]);
});
