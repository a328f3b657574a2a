import { amount, price, quantity, type VenueAccountEvent } from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import { ExecutionWorld, MID, type WorldClient } from './execution-world.test-support.ts';

let world: ExecutionWorld | null = null;
const shut = async (): Promise<void> => {
  await world?.close();
  world = null;
};
afterEach(shut);

/** The world after the one before. */
async function another(): Promise<ExecutionWorld> {
  await shut();
  const opened = await ExecutionWorld.open();
  world = opened;
  opened.market();
  return opened;
}

const USDT = 10n ** 18n;
const LATE_MS = 4_000;
/** Moments of a start whose every answer of one kind comes late, and of the time after it. */
const MOMENTS = Array.from({ length: 14 }, (_, index) => index * 1_000 + 500);
const late = (path: string): object => ({
  fault: 'delay',
  moment: 'after',
  delayMs: LATE_MS,
  times: 'always',
  when: { forMs: 30_000 },
  where: { channel: 'rest', method: 'GET', path },
});

type Of<K extends VenueAccountEvent['kind']> = Extract<VenueAccountEvent, { readonly kind: K }>;
const told = <K extends VenueAccountEvent['kind']>({ told: all }: WorldClient, kind: K): readonly Of<K>[] =>
  all.filter((event): event is Of<K> => event.kind === kind);

/** A start, while something happens at a moment of it; then a few minutes. */
async function startWhile(
  world: ExecutionWorld,
  path: string,
  atMs: number,
  happens: () => void,
): Promise<WorldClient> {
  world.fault(late(path));
  const known = world.clock.nowUs();
  world.clock.setTimer(atMs, happens);
  const client = await world.connect(known);
  await world.clock.advance(300_000);
  return client;
}

describe.each(['/api/v3/account', '/api/v3/myTrades', '/api/v3/openOrders', '/sapi/v1/capital/*'])(
  'while the venue is slow to answer %s at the start',
  (path) => {
    it('what trades meanwhile, at any moment of it, is told as what it is and never as money that came or went', async () => {
      for (const atMs of MOMENTS) {
        const world = await another();
        const before = await world.connect();
        const resting = world.order({ limitPrice: price(MID - 10_000), quantity: quantity(1_000) });
        before.venue.submit(resting);
        await world.clock.advance(1_000);
        await world.during(before.venue.close());
        const client = await startWhile(world, path, atMs, () => {
          world.market(MID - 12_000);
          world.model.tradeByHand(world.ann.account, 'web_1', quantity(20));
        });
        expect(told(client, 'transfer'), `at ${atMs} ms`).toEqual([]);
        expect(told(client, 'reports'), `at ${atMs} ms`).toEqual([]);
      }
    });

    it('what is deposited meanwhile, at any moment of it, is told once and with its cause', async () => {
      for (const atMs of MOMENTS) {
        const world = await another();
        const client = await startWhile(world, path, atMs, () => {
          void world.simulated('deposit', { account: 'ann', asset: 'USDT', amount: '250' });
        });
        const transfers = told(client, 'transfer');
        const ids = new Set(transfers.map(({ id }) => id));
        // The one that listens knows a transfer by its id.
        expect([...ids], `at ${atMs} ms`).toHaveLength(1);
        expect(transfers[0], `at ${atMs} ms`).toMatchObject({
          cause: 'deposit',
          asset: 'USDT',
          amount: amount(250n * USDT),
        });
      }
    });
  },
);
