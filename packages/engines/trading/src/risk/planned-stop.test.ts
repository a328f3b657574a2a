import { price } from '@monsta/core';
import { expect, test } from 'vitest';
import { stopOfEntry } from './planned-stop.ts';

const stop = { price: null, distancePpm: null, limitOffsetPpm: 0, trailingBps: null };
const plan = (
  part: Partial<typeof stop> | { price: ReturnType<typeof price> } | { distancePpm: number } | { trailingBps: number },
) => ({
  stop: { ...stop, ...part },
  takeProfit: null,
});

test('the stop of an entry is that of its plan; of two the higher acts first', () => {
  const at = price(1_000_001);
  expect(stopOfEntry(null, at)).toBeNull();
  expect(stopOfEntry({ stop: null, takeProfit: null }, at)).toBeNull();
  expect(stopOfEntry(plan({ price: price(800_000) }), at)).toBe(800_000);
  expect(stopOfEntry(plan({ distancePpm: 50_000 }), at)).toBe(950_000);
  expect(stopOfEntry(plan({ trailingBps: 100 }), at)).toBe(990_000);
  expect(stopOfEntry(plan({ price: price(995_000), trailingBps: 100 }), at)).toBe(995_000);
  expect(stopOfEntry(plan({ price: price(900_000), trailingBps: 100 }), at)).toBe(990_000);
  expect(stopOfEntry(plan({ distancePpm: 999_999 }), price(3))).toBe(1);
});
