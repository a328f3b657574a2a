import { seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('the delays between attempts', () => {
  it('lie between the shortest and three times the last one, and never above the longest', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        (seed, minMs, more) => {
          const maxMs = minMs + more;
          const backoff = new Backoff({ minMs, maxMs }, seededRandom(seed));
          let lastMs = minMs;
          for (let attempt = 0; attempt < 20; attempt += 1) {
            const delayMs = backoff.next();
            expect(delayMs).toBeGreaterThanOrEqual(minMs);
            expect(delayMs).toBeLessThanOrEqual(Math.min(maxMs, lastMs * 3));
            lastMs = delayMs;
          }
        },
      ),
    );
  });

  it('differ from client to client, grow, and begin anew after a success', () => {
    const delays = (seed: number): number[] => {
      const backoff = new Backoff({ minMs: 100, maxMs: 10_000 }, seededRandom(seed));
      return Array.from({ length: 12 }, () => backoff.next());
    };
    expect(delays(1)).toEqual(delays(1));
    expect(delays(1)).not.toEqual(delays(2));
    expect(Math.max(...delays(1))).toBeGreaterThan(1_000);
    const backoff = new Backoff({ minMs: 100, maxMs: 10_000 }, seededRandom(1));
    for (let attempt = 0; attempt < 12; attempt += 1) backoff.next();
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(300);
  });
});
