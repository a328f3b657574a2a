import { expectOk, price, quantity, seededRandom, timestampUs, type OrderRequest, type Random } from '@monsta/core';
import { expect } from 'vitest';
import { ExecutionWorld, MID, verifyOrders, type WorldClient } from './execution-world.test-support.ts';
import { TRADED } from './test-exchange.test-support.ts';

/** How long faults may begin, and how long after the last one everything must be known. */
const TROUBLE_MS = 60_000;
const PEACE_MS = 240_000;

const REST = ['POST', 'DELETE', 'GET'] as const;
const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[random.integer(from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

/** Any fault that the exchange can play on a client's orders and account. */
function anyRule(random: Random): object {
  const rest = {
    channel: 'rest',
    method: pick(random, REST),
    path: pick(random, ['/api/v3/order', '/api/v3/order*', '/api/v3/*']),
  };
  const user = { channel: 'user-data', event: pick(random, ['executionReport', 'outboundAccountPosition', '*']) };
  const socket = { channel: 'connection', path: '/ws-api/*' };
  const moment = pick(random, ['before', 'after']);
  const fault = pick<object>(random, [
    { fault: 'fail', where: rest },
    { fault: 'refuse', where: rest },
    { fault: 'refuse', status: 502, body: 'html', where: rest },
    { fault: 'silence', moment, where: rest },
    { fault: 'cut', moment, where: rest },
    { fault: 'delay', moment, delayMs: 1 + random.integer(15_000), where: rest },
    { fault: 'fill', percent: 1 + random.integer(100), where: rest },
    { fault: 'drop', where: user },
    { fault: 'duplicate', delayMs: random.integer(3_000), where: user },
    { fault: 'reorder', window: 2 + random.integer(4), holdMs: 1 + random.integer(4_000), where: user },
    { fault: 'delay', delayMs: 1 + random.integer(8_000), where: user },
    { fault: 'freeze', where: user },
    { fault: 'freeze', scope: 'connection', where: user },
    { fault: 'cut', moment, where: user },
    { fault: 'cut', where: socket },
    { fault: 'freeze', where: socket },
    { fault: 'refuse', status: 503, where: socket },
    { fault: 'clock-drift', driftMs: random.integer(60_000) - 30_000 },
    { fault: 'maintenance', announceMs: 1 + random.integer(3_000) },
  ]);
  const window = { inMs: random.integer(TROUBLE_MS), forMs: 1 + random.integer(30_000) };
  return {
    ...fault,
    ...('where' in fault && fault.where !== socket ? { times: 1 + random.integer(8) } : {}),
    when: window,
  };
}

async function actAtRandom(
  world: ExecutionWorld,
  client: WorldClient,
  random: Random,
): Promise<readonly OrderRequest[]> {
  const orders: OrderRequest[] = [];
  for (let at = 0; at < TROUBLE_MS; at += 2_000) {
    const kind = random.integer(10);
    const limitPrice = price(MID - 5_000 + random.integer(4_000));
    if (kind < 5) {
      const terms = random.integer(2) === 0 ? {} : { limitPrice, quantity: quantity(500) };
      const order = world.order(terms);
      client.venue.submit(order);
      orders.push(order);
    } else if (kind < 7 && orders.length > 0) client.venue.cancel(pick(random, orders).clientOrderId);
    else if (kind < 8 && orders.length > 0) {
      const order = world.order({ limitPrice, quantity: quantity(600) });
      client.venue.replace(pick(random, orders).clientOrderId, order);
      orders.push(order);
    } else world.market(MID - 5_000 + random.integer(8_000), 200 + random.integer(2_000));
    await world.clock.advance(random.integer(4_000));
  }
  return orders;
}

/** A run under faults drawn from the seed, and everything that must hold afterwards. Answers how many orders were looked at. */
export async function runUnderFaults(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const world = await ExecutionWorld.open();
  try {
    world.market();
    const client = await world.connect();
    const startUs = world.clock.nowUs();
    world.fault(...Array.from({ length: 2 + random.integer(9) }, () => anyRule(random)));
    const orders = await actAtRandom(world, client, random);
    await world.clock.advance(PEACE_MS);
    world.fault();
    await world.clock.advance(PEACE_MS);
    await verifyOrders(world, client, ...orders);
    expect(client.told.flatMap((event) => (event.kind === 'reports' ? [event.state] : [])).at(-1) ?? 'live').toBe(
      'live',
    );
    expect(client.told.filter(({ kind }) => kind === 'transfer' || kind === 'foreign-fill')).toEqual([]);
    const all = expectOk(await world.during(client.venue.fillsSince(TRADED, timestampUs(startUs))));
    const told = client.events.flatMap((event) => (event.kind === 'order-filled' ? [event.fill.fillId] : []));
    expect(told.toSorted()).toEqual(all.map(({ fillId }) => fillId).toSorted());
    const balances = new Map(
      client.told
        .flatMap((event) => (event.kind === 'balances' ? event.balances : []))
        .map((each) => [each.asset, each]),
    );
    const now = expectOk(await world.during(client.venue.balances()));
    for (const balance of now) if (balances.size > 0) expect(balances.get(balance.asset) ?? balance).toEqual(balance);
    return orders.length;
  } finally {
    await world.close();
  }
}
