import { usFromMs } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderRate } from './order-rate.ts';

test('what it tells is never less than what was sent within the last second and the last minute', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 }), (gapsMs) => {
      const rate = new OrderRate();
      const sent: number[] = [];
      let nowMs = 1_723_075_200_000;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        const told = rate.within(usFromMs(nowMs));
        const within = (ms: number): number => sent.filter((each) => each > nowMs - ms).length;
        expect(told.second).toBeGreaterThanOrEqual(within(1_000));
        expect(told.minute).toBeGreaterThanOrEqual(within(60_000));
        expect(told.second).toBeLessThanOrEqual(within(2_000));
        expect(told.minute).toBeLessThanOrEqual(within(61_000));
        rate.note(usFromMs(nowMs));
        sent.push(nowMs);
        expect(rate.state.length).toBeLessThanOrEqual(62);
      }
    }),
  );
});

test('a rate that is restored goes on where it was', () => {
  const rate = new OrderRate();
  for (const ms of [0, 10, 900, 30_000]) rate.note(usFromMs(ms));
  const restored = new OrderRate();
  restored.restore(rate.state);
  expect(restored.within(usFromMs(30_500))).toEqual({ second: 1, minute: 4 });
  expect(restored.within(usFromMs(61_000))).toEqual({ second: 0, minute: 1 });
});
