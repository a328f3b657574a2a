import { topics } from '@monsta/contracts';
import { expectOk } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyAgreement } from './agreement.ts';
import { PLANS, StopWorld } from './resting-stops.test-support.ts';
import { SharedAccount } from './shared-account.ts';
import { ACCOUNT, BTC, scripted, World, type Life } from './world.ts';

test('no coin is ever in two orders, none is without an order while nothing is under way, and the ledger has what the venue has', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(...PLANS), (seed, plan) => {
      const world = new StopWorld(seed, plan);
      world.run(400);
      for (const [name, count] of Object.entries<number>({ ...world.seen })) seen[name] = (seen[name] ?? 0) + count;
      expect(world.faults).toEqual([]);
    }),
    { numRuns: 30 },
  );
  // What was meant to be tried was tried.
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(10);
}, 60_000);

const config = { protectiveStop: { distancePpm: 10_000, limitOffsetPpm: 30_000 } };

test('a stop that rests is found again after a restart, compared with the venue meanwhile, and sells', async () => {
  const world = new World();
  const shared = new SharedAccount();
  const lives: Life[] = [];
  const begin = async (): Promise<Life> => {
    const life = await world.live([scripted([1])], { config, shared });
    lives.push(life);
    expectOk(await world.start(life));
    return life;
  };
  try {
    const first = await begin();
    await world.minute(first, 6_000_000);
    const [stop] = expectOk(await first.venue.openOrders());
    expect(stop).toMatchObject({ type: 'stop_loss_limit', side: 'sell', status: 'accepted' });
    await world.tape.clock.advance(6_000);
    expect(first.published.get(topics.positions)?.at(-1)).toMatchObject([
      { protection: { mode: 'resting', reason: null } },
    ]);
    await first.kill();
    shared.leave();

    const life = await begin();
    await world.minute(life, 6_000_000);
    await world.minute(life, 6_000_000);
    expect(expectOk(await life.venue.openOrders())).toEqual([stop]);
    await verifyAgreement(life);
    // While it rests, ledger and venue are compared all the same: what nobody told of is found.
    shared.losesUntold(BTC.quote, '1');
    for (let minute = 0; minute < 5; minute += 1) await world.minute(life, 6_000_000);
    const found = expectOk(await life.ledger.divergences(ACCOUNT, { limit: 10, cursor: null })).items;
    expect(found.map(({ code }) => code)).toEqual(['balance_differs']);

    await world.minute(life, 5_900_000);
    const orders = expectOk(await life.ledger.orders(ACCOUNT, { limit: 10, cursor: null })).items;
    expect(orders.map(({ value: { side, type, status } }) => `${side} ${type} ${status}`)).toEqual([
      'sell stop_loss_limit filled',
      'buy market filled',
    ]);
    const decided = expectOk(await life.ledger.decisions(ACCOUNT, { limit: 20, cursor: null })).items;
    expect(decided.find(({ orders: ids }) => stop !== undefined && ids.includes(stop.clientOrderId))).toMatchObject({
      action: 'exit',
      wanted: { target: 0 },
    });
    expect(life.fatal).toEqual([]);
  } finally {
    for (const life of lives) await life.kill();
    world.remove();
  }
});

test('while an entry rests, ledger and venue are compared all the same, and what differs is told once', async () => {
  const world = new World();
  const shared = new SharedAccount();
  const life = await world.live([scripted([{ share: 1, limitPrice: 59_000 }])], { shared });
  try {
    expectOk(await world.start(life));
    await world.minute(life, 6_000_000);
    expect(expectOk(await life.venue.openOrders())).toMatchObject([{ type: 'limit', status: 'accepted' }]);
    shared.losesUntold(BTC.quote, '1');
    for (let minute = 0; minute < 8; minute += 1) await world.minute(life, 6_000_000);
    const found = expectOk(await life.ledger.divergences(ACCOUNT, { limit: 10, cursor: null })).items;
    expect(found.map(({ code }) => code)).toEqual(['balance_differs']);
  } finally {
    await life.kill();
    world.remove();
  }
});
