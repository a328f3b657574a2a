import { timestampUs } from '@monsta/core';
import { expect, test } from 'vitest';
import { DataTime } from './data-time.ts';

const tick = (ms: number) => ({ kind: 'tick', tsUs: timestampUs(ms * 1_000) }) as const;

function dueBefore(time: DataTime, ms: number): readonly number[] {
  const due: number[] = [];
  for (let us = time.dueBefore(tick(ms)); us !== null; us = time.dueBefore(tick(ms))) due.push(us / 1_000);
  return due;
}

test('ticks lie on their multiples, each is due once, and the one at the very time of an input comes before it', () => {
  const time = new DataTime(1_000_000);
  expect(dueBefore(time, 5_000)).toEqual([]);
  time.begin(timestampUs(7_300_000));
  expect(dueBefore(time, 7_999)).toEqual([]);
  expect(dueBefore(time, 10_000)).toEqual([8_000, 9_000, 10_000]);
  expect(dueBefore(time, 10_000)).toEqual([]);
  expect(dueBefore(time, 9_000)).toEqual([]);
  expect(time.tickBefore(timestampUs(11_999_999))).toBe(11_000_000);
});

test('what is learned late moves no time, and a clock that was set by years brings no years of ticks', () => {
  const time = new DataTime(1_000_000);
  time.begin(timestampUs(0));
  const prediction = { kind: 'prediction', tsUs: timestampUs(5_000_000), prediction: {} } as never;
  expect(time.dueBefore(prediction)).toBeNull();
  expect(dueBefore(time, 1_000_000_000_000)).toEqual([1_000_000_000_000]);
});
