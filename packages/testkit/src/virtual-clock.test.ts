import { expect, it } from 'vitest';
import { clockConformance } from './clock-conformance.ts';
import { VirtualClock } from './virtual-clock.ts';

clockConformance('virtual clock', () => {
  const clock = new VirtualClock();
  return { clock, pass: (ms) => clock.advance(ms) };
});

it('runs what a timer sets within the same advance, in order of time', async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.setTimer(30, () => seen.push(`late ${clock.monotonicMs()}`));
  clock.setTimer(10, () => {
    seen.push(`first ${clock.monotonicMs()}`);
    clock.setTimer(10, () => seen.push(`nested ${clock.monotonicMs()}`));
  });
  await clock.advance(100);
  expect(seen).toEqual(['first 10', 'nested 20', 'late 30']);
  expect(clock.monotonicMs()).toBe(100);
});

it('lets promise chains finish between two timers', async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.setTimer(1, () => {
    void (async () => {
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      seen.push('chain of the first');
    })();
  });
  clock.setTimer(1, () => seen.push('second'));
  await clock.advance(1);
  expect(seen).toEqual(['chain of the first', 'second']);
});

it('steps the wall clock without touching durations', () => {
  const clock = new VirtualClock(2_000_000_000_000_000);
  clock.stepWall(-500);
  expect(clock.nowUs()).toBe(1_999_999_999_500_000);
  expect(clock.monotonicMs()).toBe(0);
});

it('refuses a loop of timers that lets no time pass', async () => {
  const clock = new VirtualClock();
  let rounds = 0;
  const again = (): void => {
    rounds += 1;
    if (rounds < 200) clock.setTimer(0, again);
  };
  again();
  await clock.advance(1);
  expect(rounds).toBe(200);
});

it('says so when a condition never holds', async () => {
  await expect(new VirtualClock().advanceUntil(() => false, { timeoutMs: 100 })).rejects.toThrow(
    'did not hold within 100 ms',
  );
});
