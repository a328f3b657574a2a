import { MonstaClient } from '@monsta/client';
import { expectOk, instrumentId, usFromMs } from '@monsta/core';
import { sampleInstrument } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { call, expectDocumented, startWorld, T0 } from './world.test-support.ts';

describe('the list of instruments', () => {
  it('is told as it was listed at a time, and not as it is now where nobody looked then', async () => {
    const world = await startWorld();
    const get = async (path: string) => {
      const answer = await call(world, path);
      await expectDocumented(world, path, answer);
      return answer;
    };
    const at = (ms: number) => get(`/api/v1/instruments?atMs=${ms}`);
    expect(await at(T0)).toMatchObject({
      status: 404,
      body: { error: { code: 'listing_unknown', details: { firstObservedMs: null } } },
    });
    const put = (ms: number, ids: readonly string[]) =>
      world.ledger.putListing({
        market: 'simulated',
        observedUs: usFromMs(ms),
        instruments: ids.map((id) => sampleInstrument({ id: instrumentId(id) })),
        unreadable: [],
      });
    expectOk(await put(T0, ['BTCUSDT', 'LUNAUSDT']));
    expectOk(await put(T0 + 3_600_000, ['BTCUSDT']));
    expect(await at(T0 - 1)).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'listing_unknown',
          message: `what the exchange listed then is not known: it was first read at ${new Date(T0).toISOString()}`,
          details: { firstObservedMs: T0 },
        },
      },
    });
    expect((await at(T0 + 1_000)).body).toMatchObject({
      items: [{ id: 'BTCUSDT' }, { id: 'LUNAUSDT', status: 'trading', version: 1, validFromMs: T0 }],
      nextCursor: null,
      observedMs: T0,
    });
    const client = new MonstaClient({ baseUrl: world.url });
    const later = expectOk(await client.instruments({ atMs: T0 + 9_000_000 }));
    expect([later.items.map(({ id }) => id), later.observedMs]).toEqual([['BTCUSDT'], T0 + 3_600_000]);
    expect((await get('/api/v1/instruments')).body).not.toHaveProperty('observedMs');
  });
});
