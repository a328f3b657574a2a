import { expectOk, type Result } from '@monsta/core';
import type { Lease, LeaseHolder } from '@monsta/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface LeaseRig {
  readonly lease: Lease;
  /** Another process takes the name; `vanish` ends it without a word, and returns once its hold no longer counts. */
  elsewhere(name: string): Promise<{ readonly token: number; vanish(): Promise<void> }>;
  dispose(): Promise<void>;
}

const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

/** What every `Lease` must keep. */
export function leaseConformance(name: string, make: () => Promise<LeaseRig>): void {
  describe(`${name} keeps the promises of a lease`, () => {
    let rig: LeaseRig;
    beforeEach(async () => {
      rig = await make();
    });
    afterEach(() => rig.dispose());

    it('has one holder, and tells others who that is', async () => {
      const hold = expectOk(await rig.lease.take('live:1', 'the first'));
      const second = await rig.lease.take('live:1', 'the second');
      expect(codeOf(second)).toBe('lease_held');
      const holder = second.ok ? null : (second.fault.details?.['holder'] as LeaseHolder | null);
      expect(holder).toMatchObject({ pid: process.pid, about: 'the first' });
      expect(holder?.host.length).toBeGreaterThan(0);
      expectOk(await hold.renew());
      await hold.release();
    });

    it('holds each name by itself', async () => {
      const one = expectOk(await rig.lease.take('live:1', 'one'));
      const two = expectOk(await rig.lease.take('live/1', 'two'));
      await one.release();
      expect(codeOf(await rig.lease.take('live/1', 'three'))).toBe('lease_held');
      await two.release();
    });

    it('is free once released, and every holder has a larger token than those before', async () => {
      let before = 0;
      for (let round = 0; round < 3; round += 1) {
        const hold = expectOk(await rig.lease.take('a', 'one'));
        expect(hold.token).toBeGreaterThan(before);
        before = hold.token;
        await hold.release();
        await hold.release();
      }
      const other = await rig.elsewhere('a');
      expect(other.token).toBeGreaterThan(before);
      await other.vanish();
      const last = expectOk(await rig.lease.take('a', 'one'));
      expect(last.token).toBeGreaterThan(other.token);
      await last.release();
    });

    it('is refused while another process holds it, and free once that is gone without a word', async () => {
      const other = await rig.elsewhere('b');
      expect(codeOf(await rig.lease.take('b', 'mine'))).toBe('lease_held');
      await other.vanish();
      const hold = expectOk(await rig.lease.take('b', 'mine'));
      expectOk(await hold.renew());
      await hold.release();
    });

    it('has one winner of several who come at once', async () => {
      const answers = await Promise.all(['1', '2', '3', '4'].map((about) => rig.lease.take('c', about)));
      const holds = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
      expect(holds).toHaveLength(1);
      expect(answers.filter((answer) => codeOf(answer) === 'lease_held')).toHaveLength(3);
      await holds[0]?.release();
    });

    it('says that a hold is lost once it was released', async () => {
      const hold = expectOk(await rig.lease.take('d', 'mine'));
      await hold.release();
      expect(codeOf(await hold.renew())).toBe('lease_lost');
    });
  });
}
