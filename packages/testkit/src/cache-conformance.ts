import { expectOk, type Result } from '@monsta/core';
import type { Cache } from '@monsta/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface CacheRig {
  readonly cache: Cache;
  /** True where `pass` lets exactly the time asked for pass, and none passes otherwise: the clock is virtual. */
  readonly exactTime: boolean;
  /** Lets at least `ms` of the cache's time pass. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

/** What every `Cache` must keep. */
export function cacheConformance(name: string, make: () => Promise<CacheRig>): void {
  describe(`${name} keeps the promises of a cache`, () => {
    let rig: CacheRig;
    let cache: Cache;
    let round = 0;
    beforeEach(async () => {
      rig = await make();
      cache = rig.cache;
    });
    afterEach(() => rig.dispose());
    /** A key no other run of a property has used. */
    const freshKey = (): string => `key-${(round += 1)}`;

    it('gives back what was set, and null for what was not', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme', minLength: 1 }),
          fc.string({ unit: 'grapheme' }),
          async (key, value) => {
            expectOk(await cache.set(`v:${key}`, value, HOUR_MS));
            expect(expectOk(await cache.get(`v:${key}`))).toBe(value);
            expect(expectOk(await cache.get(`w:${key}`))).toBeNull();
          },
        ),
        { numRuns: 30 },
      );
    });

    it('tells an empty value from none', async () => {
      expectOk(await cache.set('empty', '', HOUR_MS));
      expect(expectOk(await cache.get('empty'))).toBe('');
    });

    it('forgets a value at the end of its time, counted from the last set', async () => {
      expectOk(await cache.set('a', 'one', 100));
      expectOk(await cache.set('b', 'stays', HOUR_MS));
      await rig.pass(60);
      expectOk(await cache.set('a', 'two', HOUR_MS));
      await rig.pass(60);
      expect(expectOk(await cache.get('a'))).toBe('two');
      expectOk(await cache.set('a', 'three', 50));
      await rig.pass(60);
      expect(expectOk(await cache.get('a'))).toBeNull();
      expect(expectOk(await cache.get('b'))).toBe('stays');
    });

    it('refuses a time to live that is none', async () => {
      for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(codeOf(await cache.set('a', 'x', ttlMs))).toBe('ttl_invalid');
      }
      expect(expectOk(await cache.get('a'))).toBeNull();
    });

    it('deletes, and tells whether something was there', async () => {
      expectOk(await cache.set('a', 'x', HOUR_MS));
      expect(expectOk(await cache.delete('a'))).toBe(true);
      expect(expectOk(await cache.delete('a'))).toBe(false);
      expect(expectOk(await cache.get('a'))).toBeNull();
      expectOk(await cache.set('b', 'x', 20));
      await rig.pass(40);
      expect(expectOk(await cache.delete('b'))).toBe(false);
    });

    it('sets only over the value expected', async () => {
      expect(expectOk(await cache.compareAndSet('a', 'x', 'y', HOUR_MS))).toBe(false);
      expect(expectOk(await cache.compareAndSet('a', null, 'x', HOUR_MS))).toBe(true);
      expect(expectOk(await cache.compareAndSet('a', null, 'y', HOUR_MS))).toBe(false);
      expect(expectOk(await cache.compareAndSet('a', 'x', 'y', HOUR_MS))).toBe(true);
      expect(expectOk(await cache.get('a'))).toBe('y');
      expect(expectOk(await cache.compareAndSet('a', 'y', 'y', 20))).toBe(true);
      await rig.pass(40);
      expect(expectOk(await cache.compareAndSet('a', 'y', 'z', HOUR_MS))).toBe(false);
      expect(expectOk(await cache.compareAndSet('a', null, 'z', HOUR_MS))).toBe(true);
    });

    it('lets one of many win a compare-and-set', async () => {
      const wins = await Promise.all(
        Array.from({ length: 50 }, (_, index) => cache.compareAndSet('lock', null, `holder ${index}`, HOUR_MS)),
      );
      const winners = wins.flatMap((win, index) => (expectOk(win) ? [`holder ${index}`] : []));
      expect(winners).toEqual([expectOk(await cache.get('lock'))]);
    });

    it('grants a full bucket at once and says how long to wait for more', async () => {
      const bucket = { capacity: 10, refillPerSecond: 2 };
      expect(expectOk(await cache.takeTokens('t', bucket, 10))).toMatchObject({ granted: true, retryAfterMs: 0 });
      const refused = expectOk(await cache.takeTokens('t', bucket, 3));
      expect(refused.granted).toBe(false);
      expect(refused.retryAfterMs).toBeGreaterThan(rig.exactTime ? 1_499 : 500);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(1_500);
      await rig.pass(refused.retryAfterMs);
      expect(expectOk(await cache.takeTokens('t', bucket, 3)).granted).toBe(true);
    });

    it('refuses more tokens than a bucket can hold', async () => {
      expect(codeOf(await cache.takeTokens('t', { capacity: 5, refillPerSecond: 1 }, 6))).toBe(
        'tokens_exceed_capacity',
      );
      expect(expectOk(await cache.takeTokens('t', { capacity: 5, refillPerSecond: 1 }, 5)).granted).toBe(true);
    });

    it('grants callers at once no more than the bucket holds', async () => {
      const bucket = { capacity: 10, refillPerSecond: 0.001 };
      const grants = await Promise.all(Array.from({ length: 50 }, () => cache.takeTokens('t', bucket, 1)));
      expect(grants.filter((grant) => expectOk(grant).granted)).toHaveLength(10);
    });

    it('keeps buckets and values apart', async () => {
      expectOk(await cache.set('same', 'x', HOUR_MS));
      expectOk(await cache.takeTokens('same', { capacity: 1, refillPerSecond: 1 }, 1));
      expect(expectOk(await cache.get('same'))).toBe('x');
    });

    it('counts up to a limit and says what stands', async () => {
      expect(expectOk(await cache.addWithin('n', 3, 5, HOUR_MS))).toEqual({ granted: true, value: 3 });
      expect(expectOk(await cache.addWithin('n', 3, 5, HOUR_MS))).toEqual({ granted: false, value: 3 });
      expect(expectOk(await cache.addWithin('n', 2, 5, HOUR_MS))).toEqual({ granted: true, value: 5 });
      expect(expectOk(await cache.addWithin('n', 1, 5, HOUR_MS))).toEqual({ granted: false, value: 5 });
      expect(expectOk(await cache.addWithin('n', 1, 3, HOUR_MS))).toEqual({ granted: false, value: 5 });
      expect(expectOk(await cache.get('n'))).toBe('5');
      expect(expectOk(await cache.addWithin('never', 1, 0, HOUR_MS))).toEqual({ granted: false, value: 0 });
      expect(expectOk(await cache.get('never'))).toBeNull();
    });

    it('raises a counter and never lowers it', async () => {
      expect(expectOk(await cache.raiseTo('n', 7, HOUR_MS))).toBe(7);
      expect(expectOk(await cache.raiseTo('n', 4, HOUR_MS))).toBe(7);
      expect(expectOk(await cache.addWithin('n', 1, 8, HOUR_MS))).toEqual({ granted: true, value: 8 });
      expect(expectOk(await cache.raiseTo('n', 9, HOUR_MS))).toBe(9);
      expect(expectOk(await cache.get('n'))).toBe('9');
      expect(expectOk(await cache.raiseTo('zero', 0, HOUR_MS))).toBe(0);
    });

    it('counts exactly as far as a number goes', async () => {
      const most = Number.MAX_SAFE_INTEGER;
      expect(expectOk(await cache.raiseTo('n', most - 1, HOUR_MS))).toBe(most - 1);
      expect(expectOk(await cache.addWithin('n', 2, most, HOUR_MS))).toEqual({ granted: false, value: most - 1 });
      expect(expectOk(await cache.addWithin('n', 1, most, HOUR_MS))).toEqual({ granted: true, value: most });
      expect(expectOk(await cache.addWithin('n', most, most, HOUR_MS))).toEqual({ granted: false, value: most });
      expect(expectOk(await cache.get('n'))).toBe(String(most));
    });

    it('loses no addition among many at once, and goes over no limit', async () => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => cache.addWithin('n', 1 + (index % 3), 50, HOUR_MS)),
      );
      const grants = answers.map((answer, index) => ({ ...expectOk(answer), amount: 1 + (index % 3) }));
      const sum = grants.reduce((total, { granted, amount }) => total + (granted ? amount : 0), 0);
      expect(sum).toBe(50);
      expect(expectOk(await cache.get('n'))).toBe('50');
      // Each stood where the one before it had left off.
      const inOrder = grants.filter(({ granted }) => granted).toSorted((a, b) => a.value - b.value);
      let stands = 0;
      for (const { value, amount } of inOrder) expect(value).toBe((stands += amount));
    });

    it('ends as the largest of many raised at once', async () => {
      const values = Array.from({ length: 40 }, (_, index) => (index * 17) % 41);
      const answers = await Promise.all(values.map((value) => cache.raiseTo('n', value, HOUR_MS)));
      answers.forEach((answer, index) => expect(expectOk(answer)).toBeGreaterThanOrEqual(values[index] ?? Infinity));
      expect(expectOk(await cache.get('n'))).toBe('40');
    });

    it('lets a counter end counted from its first addition', async () => {
      expectOk(await cache.addWithin('n', 1, 10, 100));
      await rig.pass(60);
      // Where time passes by itself, it may have ended the counter already: then this was a first addition.
      const second = expectOk(await cache.addWithin('n', 1, 10, HOUR_MS));
      if (rig.exactTime) expect(second.value).toBe(2);
      await rig.pass(60);
      if (second.value === 2) expect(expectOk(await cache.addWithin('n', 1, 10, HOUR_MS)).value).toBe(1);
    });

    it('lets a raised counter live on, and never shortens it', async () => {
      expectOk(await cache.raiseTo('longer', 1, 20));
      expectOk(await cache.raiseTo('longer', 2, HOUR_MS));
      expectOk(await cache.raiseTo('kept', 1, HOUR_MS));
      expectOk(await cache.raiseTo('kept', 2, 20));
      expectOk(await cache.raiseTo('same', 5, 20));
      expectOk(await cache.raiseTo('same', 5, 30));
      await rig.pass(60);
      expect(expectOk(await cache.get('longer'))).toBe('2');
      expect(expectOk(await cache.get('kept'))).toBe('2');
      expect(expectOk(await cache.get('same'))).toBeNull();
    });

    it('refuses to count on a value that is no counter, and leaves it', async () => {
      for (const value of ['', 'x', '-1', '1.5', '1e3', ' 1', '007', '9007199254740992', 'Infinity']) {
        expectOk(await cache.set('n', value, HOUR_MS));
        expect(codeOf(await cache.addWithin('n', 1, 10, HOUR_MS)), value).toBe('cache_value_invalid');
        expect(codeOf(await cache.raiseTo('n', 1, HOUR_MS)), value).toBe('cache_value_invalid');
        expect(expectOk(await cache.get('n'))).toBe(value);
      }
      expectOk(await cache.set('n', '4', HOUR_MS));
      expect(expectOk(await cache.addWithin('n', 1, 10, HOUR_MS)).value).toBe(5);
    });

    it('counts whole numbers only, each with a time to live', async () => {
      for (const amount of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        await expect(cache.addWithin('n', amount, 10, HOUR_MS)).rejects.toThrow(RangeError);
      }
      for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) {
        await expect(cache.addWithin('n', 1, value, HOUR_MS)).rejects.toThrow(RangeError);
        await expect(cache.raiseTo('n', value, HOUR_MS)).rejects.toThrow(RangeError);
      }
      for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(codeOf(await cache.addWithin('n', 1, 10, ttlMs))).toBe('ttl_invalid');
        expect(codeOf(await cache.raiseTo('n', 1, ttlMs))).toBe('ttl_invalid');
      }
      expect(expectOk(await cache.get('n'))).toBeNull();
    });

    const calls = fc.array(fc.record({ waitMs: fc.nat({ max: 700 }), tokens: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 30,
    });
    const buckets = fc.record({
      capacity: fc.integer({ min: 5, max: 20 }),
      refillPerSecond: fc.oneof(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5_000 }).map((milli) => milli / 1_000),
      ),
    });

    it('never grants more than capacity + rate × time, and refuses only what is not there', async ({ skip }) => {
      if (!rig.exactTime) skip('time can not be held still here');
      await fc.assert(
        fc.asyncProperty(buckets, calls, async (bucket, sequence) => {
          const key = freshKey();
          // The content in thousandths of a thousandth of a token: exact for rates with three decimals and whole milliseconds.
          const full = bucket.capacity * 1_000_000;
          const perMs = Math.round(bucket.refillPerSecond * 1_000);
          let content = full;
          let grantedTotal = 0;
          let elapsedMs = 0;
          for (const { waitMs, tokens } of sequence) {
            await rig.pass(waitMs);
            elapsedMs += waitMs;
            content = Math.min(full, content + waitMs * perMs);
            const grant = expectOk(await cache.takeTokens(key, bucket, tokens));
            expect(grant.granted).toBe(content >= tokens * 1_000_000);
            if (grant.granted) {
              content -= tokens * 1_000_000;
              grantedTotal += tokens;
            }
            expect(grant.remaining).toBe(content / 1_000_000);
            expect(grantedTotal * 1_000_000).toBeLessThanOrEqual(full + elapsedMs * perMs);
            const waitForMore = grant.granted ? 0 : Math.ceil((tokens * 1_000_000 - content) / perMs);
            expect(grant.retryAfterMs).toBe(waitForMore);
          }
        }),
        { numRuns: 60 },
      );
    });

    it('refills as much in many small steps as in one', async ({ skip }) => {
      if (!rig.exactTime) skip('time can not be held still here');
      const bucket = { capacity: 100, refillPerSecond: 0.3 };
      const [often, once] = [freshKey(), freshKey()];
      for (const key of [often, once]) expectOk(await cache.takeTokens(key, bucket, 100));
      for (let step = 0; step < 1_000; step += 1) {
        await rig.pass(10);
        expect(expectOk(await cache.takeTokens(often, bucket, 100)).granted).toBe(false);
      }
      const remaining = expectOk(await cache.takeTokens(often, bucket, 100)).remaining;
      expect(remaining).toBe(3);
      expect(expectOk(await cache.takeTokens(once, bucket, 100)).remaining).toBe(remaining);
    });

    it('answers cache_unavailable once it is closed', async () => {
      await cache.close();
      expect(codeOf(await cache.get('a'))).toBe('cache_unavailable');
      expect(codeOf(await cache.set('a', 'x', 1))).toBe('cache_unavailable');
      expect(codeOf(await cache.takeTokens('a', { capacity: 1, refillPerSecond: 1 }, 1))).toBe('cache_unavailable');
      expect(codeOf(await cache.addWithin('a', 1, 1, 1))).toBe('cache_unavailable');
      expect(codeOf(await cache.raiseTo('a', 1, 1))).toBe('cache_unavailable');
    });
  });
}
