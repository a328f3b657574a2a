import { clientOrderId, price, quantity, type OrderRequest } from '@monsta/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { BinanceExecutionSettings } from './config.ts';
import { ExecutionWorld, MID, verifyOrders, type WorldClient } from './execution-world.test-support.ts';

const PLACE = { channel: 'rest', method: 'POST', path: '/api/v3/order' };
const CANCEL = { channel: 'rest', method: 'DELETE', path: '/api/v3/order' };
const REPLACE = { channel: 'rest', method: 'POST', path: '/api/v3/order/cancelReplace' };
const LIST = { channel: 'rest', method: 'POST', path: '/api/v3/orderList/*' };
/** Receive window and margin: after that nothing sent before can arrive. */
const DEAD_MS = 10_000;

let world: ExecutionWorld;
let client: WorldClient;
async function begin(settings: BinanceExecutionSettings = {}): Promise<void> {
  world = await ExecutionWorld.open({ settings });
  world.market();
  client = await world.connect();
}
afterEach(() => world.close());

const RESTING = { limitPrice: price(MID - 10_000), quantity: quantity(1_000) };
const submit = (terms: Partial<OrderRequest> = {}): OrderRequest => {
  const request = world.order(terms);
  client.venue.submit(request);
  return request;
};
const posted = (): number =>
  world.served.server.faults.log().filter(({ subject }) => subject.startsWith('POST')).length;

describe('an order of which nobody answers', () => {
  it.each([
    ['the venue says 504 after it took the order', { fault: 'fail', where: PLACE }],
    ['no answer ever comes', { fault: 'silence', where: PLACE }],
    ['the connection is cut instead of an answer', { fault: 'cut', where: PLACE }],
    ['the venue says that something unknown went wrong', { fault: 'fail', status: 400, code: -1000, where: PLACE }],
    ['a gateway answers with a page of its own', { fault: 'fail', status: 502, body: 'html', where: PLACE }],
  ])('is found, and was sent once: %s', async (_name, fault) => {
    await begin();
    world.fault(fault);
    const resting = submit(RESTING);
    await world.clock.advance(30_000);
    expect(world.story(client, resting.clientOrderId)).toEqual(['accepted']);
    const filled = submit();
    await world.clock.advance(30_000);
    await verifyOrders(world, client, resting, filled);
    expect(world.model.exchange.openOrders(world.ann.account, null)).toHaveLength(1);
  });

  it.each([
    ['no answer ever comes', { fault: 'silence', moment: 'before', where: PLACE }],
    ['the connection is cut', { fault: 'cut', moment: 'before', where: PLACE }],
    ['the venue is overloaded', { fault: 'refuse', where: PLACE }],
  ])('is rejected as never arrived once it can not arrive any more, and not before: %s', async (_name, fault) => {
    await begin();
    world.fault(fault);
    const sentMs = world.clock.monotonicMs();
    const lost = submit(RESTING);
    await world.clock.advance(DEAD_MS - 1_000);
    expect(world.story(client, lost.clientOrderId)).toEqual([]);
    await world.clock.advanceUntil(() => client.events.length > 0);
    expect(world.clock.monotonicMs() - sentMs).toBeGreaterThanOrEqual(DEAD_MS);
    expect(client.events).toMatchObject([{ kind: 'order-rejected', code: 'never_arrived' }]);
    await verifyOrders(world, client, lost);
  });

  it('is not said to be unknown to the venue while it may still arrive', async () => {
    await begin();
    world.fault({ fault: 'silence', moment: 'before', where: PLACE });
    const lost = submit(RESTING);
    await world.clock.advance(9_000);
    expect(await world.during(client.venue.order(lost.clientOrderId))).toMatchObject({
      ok: false,
      fault: { code: 'outcome_unknown', retry: 'unknown_outcome' },
    });
    await world.clock.advance(60_000);
    expect(await world.during(client.venue.order(lost.clientOrderId))).toEqual({ ok: true, value: null });
  });

  it('of a run that died is not either, until it can not arrive any more', async () => {
    await begin();
    const id = clientOrderId('w-of-an-earlier-run');
    expect(await world.during(client.venue.order(id))).toMatchObject({ ok: false, fault: { code: 'outcome_unknown' } });
    expect(await world.during(client.venue.order(clientOrderId('web_1')))).toEqual({ ok: true, value: null });
    await world.clock.advance(DEAD_MS);
    expect(await world.during(client.venue.order(id))).toEqual({ ok: true, value: null });
  });

  it('is found by asking where the user stream is silent too', async () => {
    await begin();
    world.fault({ fault: 'silence', where: PLACE }, { fault: 'freeze', where: { channel: 'user-data' } });
    const order = submit({ quantity: quantity(1_000) });
    await world.clock.advance(30_000);
    await verifyOrders(world, client, order);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'filled']);
  });

  it('keeps its cancel waiting until it is known, then the cancel is sent', async () => {
    await begin();
    world.fault({ fault: 'silence', where: PLACE }, { fault: 'freeze', where: { channel: 'user-data' } });
    const order = submit(RESTING);
    client.venue.cancel(order.clientOrderId);
    await world.clock.advance(5_000);
    expect(client.events).toEqual([]);
    await world.clock.advance(30_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'canceled']);
    await verifyOrders(world, client, order);
  });
});

describe('an order that is refused for certain', () => {
  it.each([
    [
      'venue_limited',
      { fault: 'refuse', status: 429, code: -1003, message: 'Too many requests.', retryAfterS: 1, where: PLACE },
    ],
    ['market_closed', { fault: 'halt' }],
    ['insufficient_balance', null],
  ])('is rejected at once: %s', async (code, fault) => {
    await begin();
    if (fault !== null) world.fault(fault);
    const order = submit({ ...RESTING, quantity: quantity(code === 'insufficient_balance' ? 10_000_000 : 1_000) });
    await world.clock.advance(500);
    expect(client.events).toMatchObject([{ kind: 'order-rejected', code, clientOrderId: order.clientOrderId }]);
    await world.clock.advance(5_000);
    await verifyOrders(world, client, order);
  });

  it('by a filter that lets it pass here makes the rules doubtful', async () => {
    await begin();
    const refusal = { status: 400, code: -1013, message: 'Filter failure: LOT_SIZE' };
    world.fault({ fault: 'refuse', ...refusal, where: PLACE });
    submit(RESTING);
    await world.clock.advance(100);
    expect(client.events).toMatchObject([{ kind: 'order-rejected', code: 'filter_lot_size' }]);
    expect(world.doubts).toBe(1);
  });

  it('is not sent where a filter refuses it here', async () => {
    await begin();
    world.fault({ fault: 'delay', delayMs: 1, times: 'always', where: PLACE });
    const refused = [submit({ quantity: quantity(0) }), submit({ limitPrice: price(100), quantity: quantity(1) })];
    submit({ clientOrderId: clientOrderId('w-an id with spaces') });
    await world.clock.advance(500);
    expect(client.events.map((event) => (event.kind === 'order-rejected' ? event.code : event.kind))).toEqual([
      'filter_lot_size',
      'filter_notional',
      'order_id_malformed',
    ]);
    expect(refused).toHaveLength(2);
    expect(posted()).toBe(0);
  });

  it('is refused where too many requests wait, and so is its cancel', async () => {
    await begin({ requestsWaitingMax: 2 });
    const [first, second, third] = [submit(RESTING), submit(RESTING), submit(RESTING)];
    client.venue.cancel(first.clientOrderId);
    await world.clock.advance(100);
    for (const { clientOrderId: id } of [first, second]) expect(world.story(client, id)).toContain('accepted');
    expect(client.events).toContainEqual(
      expect.objectContaining({ kind: 'order-rejected', code: 'venue_busy', clientOrderId: third.clientOrderId }),
    );
    expect(client.events).toContainEqual(expect.objectContaining({ kind: 'cancel-rejected', code: 'venue_busy' }));
  });

  it('is accepted after all where only our clock was wrong', async () => {
    await begin();
    world.fault({ fault: 'clock-drift', driftMs: 20_000, when: { forMs: 600_000 } });
    const order = submit(RESTING);
    await world.clock.advance(1_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted']);
  });
});

describe('a cancel of which nobody answers', () => {
  it.each([
    ['the venue says 504 after it took the cancel', { fault: 'fail', where: CANCEL }],
    ['no answer ever comes', { fault: 'silence', where: CANCEL }],
  ])('is known by the order’s end: %s', async (_name, fault) => {
    await begin();
    const order = submit(RESTING);
    await world.clock.advance(100);
    world.fault(fault);
    client.venue.cancel(order.clientOrderId);
    await world.clock.advance(30_000);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'canceled']);
    await verifyOrders(world, client, order);
  });

  it('is rejected where it never arrived: the order stays', async () => {
    await begin();
    const order = submit(RESTING);
    await world.clock.advance(100);
    world.fault({ fault: 'silence', moment: 'before', where: CANCEL });
    client.venue.cancel(order.clientOrderId);
    await world.clock.advance(60_000);
    expect(client.events.at(-1)).toMatchObject({ kind: 'cancel-rejected', code: 'never_arrived' });
    await verifyOrders(world, client, order);
    client.venue.cancel(order.clientOrderId);
    await world.clock.advance(100);
    expect(world.story(client, order.clientOrderId)).toEqual(['accepted', 'cancel-rejected', 'canceled']);
  });
});

describe('a fill that overtakes a cancel', () => {
  it('is told before the end where some was left, and leaves the cancel rejected where nothing was', async () => {
    await begin();
    const [part, whole] = [submit(RESTING), submit({ ...RESTING, limitPrice: price(MID - 9_000) })];
    await world.clock.advance(100);
    world.fault({ fault: 'fill', percent: 40, where: CANCEL });
    client.venue.cancel(part.clientOrderId);
    await world.clock.advance(5_000);
    world.fault({ fault: 'fill', percent: 100, where: CANCEL });
    client.venue.cancel(whole.clientOrderId);
    await world.clock.advance(5_000);
    expect(world.story(client, part.clientOrderId)).toEqual(['accepted', 'filled', 'canceled']);
    expect(world.story(client, whole.clientOrderId).toSorted()).toEqual(['accepted', 'cancel-rejected', 'filled']);
    await verifyOrders(world, client, part, whole);
  });
});

describe('a replacement', () => {
  it.each([
    ['the venue says 504 after it was done', { fault: 'fail', where: REPLACE }, ['accepted', 'canceled'], ['accepted']],
    ['no answer ever comes', { fault: 'silence', where: REPLACE }, ['accepted', 'canceled'], ['accepted']],
    [
      'it never arrives',
      { fault: 'silence', moment: 'before', where: REPLACE },
      ['accepted', 'cancel-rejected'],
      ['rejected'],
    ],
  ])('of unknown outcome is told as it went: %s', async (_name, fault, ofOld, ofNew) => {
    await begin();
    const old = submit(RESTING);
    await world.clock.advance(100);
    world.fault(fault);
    const fresh = world.order({ ...RESTING, limitPrice: price(MID - 20_000) });
    client.venue.replace(old.clientOrderId, fresh);
    await world.clock.advance(90_000);
    expect(world.story(client, old.clientOrderId)).toEqual(ofOld);
    expect(world.story(client, fresh.clientOrderId)).toEqual(ofNew);
    await verifyOrders(world, client, old, fresh);
  });
});

describe('a list of orders', () => {
  it.each([
    ['is there, though the venue says 504', { fault: 'fail', where: LIST }, 'accepted'],
    ['is not there where it never arrived', { fault: 'silence', moment: 'before', where: LIST }, 'rejected'],
  ])('%s', async (_name, fault, told) => {
    await begin();
    world.fault(fault);
    const listId = clientOrderId('w-list');
    const pair = [
      world.order({ side: 'sell', type: 'limit_maker', limitPrice: price(MID + 10_000), listId }),
      world.order({ side: 'sell', type: 'stop_loss', stopPrice: price(MID - 10_000), listId }),
    ];
    client.venue.submitList({ listId, kind: 'oco', orders: pair });
    await world.clock.advance(60_000);
    for (const { clientOrderId: id } of pair) expect(world.story(client, id)).toEqual([told]);
    await verifyOrders(world, client, ...pair);
  });

  it('of an earlier run is canceled as a whole by its id, which only the venue knows', async () => {
    await begin();
    const listId = clientOrderId('w-list');
    const pair = [
      world.order({ side: 'sell', type: 'limit_maker', limitPrice: price(MID + 10_000), listId }),
      world.order({ side: 'sell', type: 'stop_loss', stopPrice: price(MID - 10_000), listId }),
    ];
    client.venue.submitList({ listId, kind: 'oco', orders: pair });
    await world.clock.advance(1_000);
    const later = await world.connect();
    later.venue.cancelList(clientOrderId('w-nobody'));
    later.venue.cancelList(listId);
    await world.clock.advance(5_000);
    expect(world.model.exchange.openOrders(world.ann.account, null)).toEqual([]);
    for (const { clientOrderId: id } of pair) expect(world.story(later, id)).toContain('canceled');
    const refused = later.events.filter(({ kind }) => kind === 'cancel-rejected');
    expect(refused).toMatchObject([{ clientOrderId: 'w-nobody', code: 'order_unknown' }]);
  });
});
