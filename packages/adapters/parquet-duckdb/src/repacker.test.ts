import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Repacker } from './repacker.ts';

it('packs rows into chunks of one size, the last alone being shorter, however they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 })), fc.integer({ min: 1, max: 16 }), (chunks, size) => {
      const given: (readonly number[])[] = [];
      const counts: number[] = [];
      const packer = new Repacker([1, 2], size, ([narrow, wide], count) => {
        given.push([...(narrow ?? [])]);
        counts.push(count);
        expect(wide?.byteLength).toBe(2 * count);
        expect([...(wide ?? [])].filter((_, index) => index % 2 === 0)).toEqual([...(narrow ?? [])]);
      });
      let next = 0;
      const all: number[] = [];
      for (const count of chunks) {
        const narrow = Uint8Array.from({ length: count }, () => (next = (next + 1) % 251));
        all.push(...narrow);
        packer.take([narrow, Uint8Array.from({ length: 2 * count }, (_, at) => narrow[at >> 1] ?? 0)], count);
      }
      expect(packer.end()).toBe(all.length);
      expect(given.flat()).toEqual(all);
      expect(counts.slice(0, -1).every((count) => count === size)).toBe(true);
    }),
  );
});
