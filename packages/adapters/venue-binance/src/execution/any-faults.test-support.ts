import {
  AMOUNT_SCALE,
  clientOrderId,
  expectOk,
  price,
  quantity,
  seededRandom,
  timestampUs,
  type ClientOrderId,
  type OrderRequest,
  type Random,
} from '@monsta/core';
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
    path: pick(random, ['/api/v3/order', '/api/v3/order*', '/api/v3/orderList*', '/api/v3/*']),
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

/** What was done in a run, beside orders of ours. */
interface Done {
  readonly orders: OrderRequest[];
  readonly lists: ClientOrderId[];
  /** Ids of orders that somebody else made. */
  readonly foreign: string[];
  deposited: bigint;
}

/** A list of any kind: a pair to sell, an order that a sale or a pair waits for. Where it is entered at once and where it rests is drawn. */
function submitList(world: ExecutionWorld, { venue }: WorldClient, random: Random, done: Done): void {
  const listId = clientOrderId(`w-list-${done.orders.length}`);
  const kind = pick(random, ['oco', 'oto', 'otoco'] as const);
  const lots = { side: 'sell', quantity: quantity(400), listId } as const;
  const above = (): OrderRequest => world.order({ ...lots, type: 'limit_maker', limitPrice: price(MID + 9_000) });
  const below = (): OrderRequest => {
    const stopPrice = price(MID - 1_000 - random.integer(8_000));
    return random.integer(2) === 0
      ? world.order({ ...lots, type: 'stop_loss', stopPrice })
      : world.order({ ...lots, type: 'stop_loss_limit', stopPrice, limitPrice: price(stopPrice - 3_000) });
  };
  const working = (): OrderRequest =>
    world.order({ limitPrice: price(MID - 5_000 + random.integer(8_000)), quantity: quantity(401), listId });
  const orders =
    kind === 'oco' ? [above(), below()] : kind === 'oto' ? [working(), below()] : [working(), above(), below()];
  venue.submitList({ listId, kind, orders });
  done.orders.push(...orders);
  done.lists.push(listId);
}

function act(world: ExecutionWorld, client: WorldClient, random: Random, done: Done): void {
  const { orders } = done;
  const kind = random.integer(16);
  const limitPrice = price(MID - 5_000 + random.integer(4_000));
  if (kind < 5) {
    const order = world.order(random.integer(2) === 0 ? {} : { limitPrice, quantity: quantity(500) });
    client.venue.submit(order);
    orders.push(order);
  } else if (kind < 7 && orders.length > 0) client.venue.cancel(pick(random, orders).clientOrderId);
  else if (kind === 7 && orders.length > 0) {
    const order = world.order({ limitPrice, quantity: quantity(600) });
    client.venue.replace(pick(random, orders).clientOrderId, order);
    orders.push(order);
  } else if (kind === 8 || kind === 14) submitList(world, client, random, done);
  else if (kind === 15 && done.lists.length > 0) client.venue.cancelList(pick(random, done.lists));
  else if (kind === 9) {
    const id = `web_${done.foreign.length}`;
    if (world.model.tradeByHand(world.ann.account, id, quantity(100))) done.foreign.push(id);
  } else world.market(MID - 5_000 + random.integer(8_000), 200 + random.integer(2_000));
}

async function actAtRandom(world: ExecutionWorld, client: WorldClient, random: Random): Promise<Done> {
  const done: Done = { orders: [], lists: [], foreign: [], deposited: 0n };
  for (let at = 0; at < TROUBLE_MS; at += 2_000) {
    act(world, client, random, done);
    if (random.integer(12) === 0) {
      const size = 1 + random.integer(50);
      await world.simulate('deposit', { account: 'ann', asset: 'USDT', amount: `${size}` });
      done.deposited += BigInt(size);
    }
    await world.clock.advance(random.integer(4_000));
  }
  return done;
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
    const done = await actAtRandom(world, client, random);
    const { orders } = done;
    await world.clock.advance(PEACE_MS);
    world.fault();
    await world.clock.advance(PEACE_MS);
    await verifyOrders(world, client, ...orders);
    expect(client.told.flatMap((event) => (event.kind === 'reports' ? [event.state] : [])).at(-1) ?? 'live').toBe(
      'live',
    );
    const foreign = client.told.flatMap((event) => (event.kind === 'foreign-fill' ? [event.fill] : []));
    expect(new Set(foreign.map((fill) => fill.clientOrderId))).toEqual(new Set(done.foreign));
    const moved = client.told.reduce((sum, event) => (event.kind === 'transfer' ? sum + event.amount : sum), 0n);
    expect(moved, 'what moved without an order').toBe(done.deposited * 10n ** BigInt(AMOUNT_SCALE));
    const all = expectOk(await world.during(client.venue.fillsSince(TRADED, timestampUs(startUs))));
    const told = client.events.flatMap((event) => (event.kind === 'order-filled' ? [event.fill.fillId] : []));
    told.push(...foreign.map(({ fillId }) => fillId));
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
