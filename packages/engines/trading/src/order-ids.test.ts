import { expect, test } from 'vitest';
import { isKernelOrderId, isProtectiveOrderId, kernelListIds, kernelOrderId } from './order-ids.ts';

test('only an order that was placed to protect a position has the id of one, whatever its number', () => {
  for (let number = 1; number < 2_000; number += 1) {
    for (const protective of [false, true]) {
      const ids = [
        kernelOrderId('mlzkihhc0', number, protective),
        ...kernelListIds('mlzkihhc0', number, protective).legs,
      ];
      expect(ids.every(isKernelOrderId)).toBe(true);
      expect(ids.map(isProtectiveOrderId)).toEqual([protective, protective, protective]);
    }
  }
});
