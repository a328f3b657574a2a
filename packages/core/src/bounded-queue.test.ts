import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedQueue, type OverflowPolicy } from './bounded-queue.ts';

describe('bounded queue', () => {
  it('behaves as a list that never holds more than its capacity', () => {
    const operations = fc.array(fc.option(fc.integer(), { nil: null }), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom<OverflowPolicy>('refuse', 'drop-oldest'),
        operations,
        (capacity, policy, steps) => {
          const queue = new BoundedQueue<number>(capacity, policy);
          const model: number[] = [];
          let dropped = 0;
          for (const step of steps) {
            if (step === null) {
              expect(queue.peek()).toBe(model[0]);
              expect(queue.shift()).toBe(model.shift());
              continue;
            }
            const full = model.length === capacity;
            if (full) dropped += 1;
            if (full && policy === 'drop-oldest') model.shift();
            if (!full || policy === 'drop-oldest') model.push(step);
            expect(queue.push(step)).toBe(!full || policy === 'drop-oldest');
            expect(queue.size).toBe(model.length);
          }
          expect(queue.dropped).toBe(dropped);
          queue.clear();
          expect(queue.shift()).toBeUndefined();
        },
      ),
    );
    expect(() => new BoundedQueue(0, 'refuse')).toThrow(RangeError);
  });
});
