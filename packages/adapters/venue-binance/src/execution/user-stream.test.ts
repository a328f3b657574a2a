import { price, quantity, type OrderRequest } from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ExecutionWorld,
  MID,
  verifyOrders,
  type WorldClient,
  type WorldOptions,
} from './execution-world.test-support.ts';

let world: ExecutionWorld;
let client: WorldClient;
async function begin(options?: WorldOptions): Promise<void> {
  world = await ExecutionWorld.open(options);
  world.market();
  client = await world.connect();
}
afterEach(() => world.close());

const USER = { channel: 'user-data' };
const RESTING = { limitPrice: price(MID - 10_000), quantity: quantity(1_000) };
const submit = (terms: Partial<OrderRequest> = RESTING): OrderRequest => {
  const request = world.order(terms);
  client.venue.submit(request);
  return request;
};
const reports = (): readonly string[] =>
  client.told.flatMap((event) => (event.kind === 'reports' ? [event.state] : []));

/** The market comes through a resting order and takes a part of it. */
const takePart = (lots = 300): void => world.market(MID - 12_000, lots);

describe('reports that come twice, late, or in another order', () => {
  it.each([
    ['twice', { fault: 'duplicate', copies: 2, times: 'always', where: USER }],
    ['twice, the second time late', { fault: 'duplicate', delayMs: 700, times: 'always', where: USER }],
    ['late', { fault: 'delay', delayMs: 1_500, jitterMs: 500, times: 'always', where: USER }],
    ['in another order', { fault: 'reorder', window: 5, holdMs: 2_000, times: 'always', where: USER }],
  ])('change nothing of what is told: %s', async (_name, fault) => {
    await begin();
    world.fault(fault);
    const [one, other, bought] = [submit(), submit(), submit({})];
    await world.clock.advance(100);
    takePart();
    world.market(MID - 12_000, 900);
    await world.clock.advance(10_000);
    client.venue.cancel(other.clientOrderId);
    await world.clock.advance(10_000);
    await verifyOrders(world, client, one, other, bought);
    expect(reports()).toEqual([]);
  });
});

describe('reports that are lost', () => {
  it('of our own requests are missed soon: the stream is opened anew', async () => {
    await begin();
    world.fault({ fault: 'drop', where: { ...USER, event: 'executionReport' } });
    const order = submit();
    await world.clock.advance(4_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted']);
    expect(reports()).toEqual([]);
    await world.clock.advance(10_000);
    expect(reports()).toEqual(['lost', 'live']);
    await verifyOrders(world, client, order);
  });

  it('of fills are found by the next comparison, and the stream is opened anew', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(1_000);
    world.fault({ fault: 'drop', times: 'always', when: { forMs: 1_000 }, where: USER });
    takePart();
    await world.clock.advance(90_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(reports()).toEqual(['lost', 'live']);
    await verifyOrders(world, client, order);
  });

  it('of fills are found within seconds where the balances came that they explain', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(1_000);
    world.fault({ fault: 'drop', where: { ...USER, event: 'executionReport' } });
    takePart();
    await world.clock.advance(8_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
    await verifyOrders(world, client, order);
  });

  it('of balances are found by the next comparison', async () => {
    await begin();
    submit();
    await world.clock.advance(1_000);
    world.fault({ fault: 'drop', where: { ...USER, event: 'outboundAccountPosition' } });
    submit();
    await world.clock.advance(120_000);
    expect(reports()).toEqual(['lost', 'live']);
    const told = client.told.flatMap((event) => (event.kind === 'balances' ? event.balances : []));
    const now = await world.during(client.venue.balances());
    const usdt = (now.ok ? now.value : []).find(({ asset }) => asset === 'USDT');
    expect(told.findLast(({ asset }) => asset === 'USDT')).toEqual(usdt);
  });
});

describe('a stream that falls silent or ends', () => {
  it.each([
    ['the subscription is dead', { fault: 'freeze', where: USER }],
    ['the connection is dead', { fault: 'freeze', where: { channel: 'connection', path: '/ws-api/*' } }],
    ['the connection is cut', { fault: 'cut', where: { channel: 'connection', path: '/ws-api/*' } }],
    ['it is cut in the middle of reports', { fault: 'cut', where: { ...USER, event: 'executionReport' } }],
    ['the venue is in maintenance', { fault: 'maintenance', announceMs: 2_000, when: { forMs: 20_000 } }],
  ])('is opened anew and what happened meanwhile is told: %s', async (_name, fault) => {
    await begin();
    const [part, whole] = [submit(), submit({ ...RESTING, limitPrice: price(MID - 8_000) })];
    await world.clock.advance(1_000);
    world.fault(fault);
    await world.clock.advance(2_500);
    takePart(1_400);
    await world.clock.advance(150_000);
    expect(world.story(client, whole.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(world.story(client, part.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(reports()).toEqual(['lost', 'live']);
    await verifyOrders(world, client, part, whole);
  });

  it('stays lost while it can not be opened, and comes back', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(1_000);
    world.fault(
      { fault: 'cut', where: { channel: 'connection', path: '/ws-api/*' } },
      { fault: 'refuse', status: 503, times: 4, where: { channel: 'connection', path: '/ws-api/*' } },
    );
    await world.clock.advance(500);
    takePart();
    expect(reports()).toEqual(['lost']);
    await world.clock.advance(60_000);
    expect(reports()).toEqual(['lost', 'live']);
    await verifyOrders(world, client, order);
  });

  it('is not live again before what was missed is found', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(1_000);
    world.fault(
      { fault: 'cut', where: { channel: 'connection', path: '/ws-api/*' } },
      {
        fault: 'refuse',
        times: 'always',
        when: { forMs: 20_000 },
        where: { channel: 'rest', path: '/api/v3/openOrders' },
      },
    );
    await world.clock.advance(500);
    takePart();
    await world.clock.advance(15_000);
    expect(reports()).toEqual(['lost']);
    await world.clock.advance(90_000);
    expect(reports()).toEqual(['lost', 'live']);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
  });
});

describe('what the venue may send beside reports', () => {
  const of = (event: object): object => ({ subscriptionId: 0, event });

  it('an ended subscription is opened anew', async () => {
    await begin();
    world.deliver(of({ e: 'eventStreamTerminated', E: 1_740_830_400_000 }));
    await world.clock.advance(10_000);
    expect(reports()).toEqual(['lost', 'live']);
  });

  it('what can not be read, or is of tomorrow, breaks nothing', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(100);
    world.deliver('no JSON');
    world.deliver([1]);
    world.deliver(of({ e: 'anEventOfTomorrow', E: 1_740_830_400_000 }));
    world.deliver(of({ e: 'listStatus', g: 1 }));
    world.deliver(of({ e: 'executionReport', s: 'BTCUSDT' }));
    world.deliver(of({ e: 'outboundAccountPosition', u: 'soon' }));
    takePart();
    await world.clock.advance(100);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(reports()).toEqual([]);
    const unreadable = client.telemetry.records.filter(({ level }) => level === 'error' || level === 'warn');
    expect(unreadable).toHaveLength(4);
  });
});

describe('a connection that is to end', () => {
  it('is taken over by a new one without a break, before the venue’s 24 hours and at an announced shutdown', async () => {
    await begin({ settings: { connectionAgeMaxMs: 600_000 } });
    const order = submit();
    await world.clock.advance(1_000);
    world.served.server.announceShutdown();
    await world.clock.advance(2_000);
    // Both connections deliver.
    takePart(200);
    await world.clock.advance(700_000);
    takePart(300);
    await world.clock.advance(1_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled', 'filled']);
    expect(reports()).toEqual([]);
    await verifyOrders(world, client, order);
  });
});

describe('a start', () => {
  it('takes over open orders of an earlier run and tells what becomes of them', async () => {
    await begin();
    const order = submit();
    await world.clock.advance(1_000);
    takePart(300);
    await world.clock.advance(1_000);
    await world.during(client.venue.close());
    const before = client;
    client = await world.connect();
    takePart(200);
    await world.clock.advance(1_000);
    client.venue.cancel(order.clientOrderId);
    await world.clock.advance(1_000);
    expect(world.story(before, order.clientOrderId)).toEqual(['accepted', 'filled']);
    expect(world.story(client, order.clientOrderId)).toEqual(['filled', 'canceled']);
  });

  it('fails where the account can not be read in time, and leaves nothing open', async () => {
    world = await ExecutionWorld.open();
    world.fault({ fault: 'refuse', times: 'always', where: { channel: 'rest', path: '/api/v3/account' } });
    const started = await world.tryConnect();
    expect(started).toMatchObject({ ok: false, fault: { code: 'venue_unreachable' } });
    expect(world.served.server.stats().connections).toBe(0);
  });
});
