import { clientOrderId } from '@monsta/core';
import fc from 'fast-check';
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

test('an id of somebody else is never taken for that of a protective order', () => {
  const parts = fc.constantFrom('m', 'n', '-', '-p', 'p', 'A', 'B', 'L', 'z9', '0123456789', 'mlzkihhc0-', 'é', '_');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 7 }), (made) => {
      const id = clientOrderId(made.join(''));
      expect(isProtectiveOrderId(id)).toBe(/^m[0-9a-z]{6,12}-[0-9a-z]{1,10}[AB]?-p$/.test(id));
    }),
    { numRuns: 2_000 },
  );
});
