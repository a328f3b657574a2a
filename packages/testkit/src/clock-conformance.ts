import type { Clock } from '@monsta/ports';
import { describe, expect, it } from 'vitest';

export interface ClockRig {
  readonly clock: Clock;
  /** Lets at least `ms` of the clock's time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What every `Clock` must keep. Delays are short, so that the system's clock can be held to it too. */
export function clockConformance(name: string, make: () => ClockRig): void {
  describe(`${name} keeps the promises of a clock`, () => {
    it('tells microseconds since the epoch as a whole number after 2020', () => {
      const now = make().clock.nowUs();
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(now).toBeGreaterThan(1_577_836_800_000_000);
    });

    it('never goes back on its monotonic side', async () => {
      const { clock, pass } = make();
      let before = clock.monotonicMs();
      for (let round = 0; round < 20; round += 1) {
        await pass(1);
        const now = clock.monotonicMs();
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
    });

    it('runs a timer once, and not before its delay', async () => {
      const { clock, pass } = make();
      const start = clock.monotonicMs();
      const ranAt: number[] = [];
      clock.setTimer(20, () => ranAt.push(clock.monotonicMs()));
      expect(ranAt).toEqual([]);
      await pass(60);
      expect(ranAt).toHaveLength(1);
      // A timer of the system may be early by the millisecond it counts in.
      expect((ranAt[0] ?? 0) - start).toBeGreaterThanOrEqual(19);
      await pass(40);
      expect(ranAt).toHaveLength(1);
    });

    it('does not run a cancelled timer', async () => {
      const { clock, pass } = make();
      let ran = false;
      clock.setTimer(10, () => (ran = true)).cancel();
      await pass(40);
      expect(ran).toBe(false);
    });

    it('keeps a delay longer than 2^31 milliseconds waiting', async () => {
      const { clock, pass } = make();
      let ran = false;
      const timer = clock.setTimer(3_000_000_000, () => (ran = true));
      await pass(20);
      timer.cancel();
      expect(ran).toBe(false);
    });

    it('runs timers of one instant in the order they were set', async () => {
      const { clock, pass } = make();
      const order: number[] = [];
      for (let index = 0; index < 5; index += 1) clock.setTimer(5, () => order.push(index));
      await pass(40);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    });

    it('ends a sleep after its delay', async () => {
      const { clock, pass } = make();
      let awake = false;
      const sleeping = clock.sleep(10).then(() => (awake = true));
      expect(awake).toBe(false);
      await pass(40);
      await sleeping;
      expect(awake).toBe(true);
    });

    it('ends a sleep at once when its signal aborts, before or during it', async () => {
      const { clock, pass } = make();
      const start = clock.monotonicMs();
      const stop = new AbortController();
      const sleeping = clock.sleep(5_000, stop.signal);
      stop.abort();
      await sleeping;
      await clock.sleep(5_000, stop.signal);
      await pass(0);
      expect(clock.monotonicMs() - start).toBeLessThan(2_000);
    });
  });
}
