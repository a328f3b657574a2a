import { describe, expect, it } from 'vitest';
import { makeFaultWorld, type Peer } from './fault-world.test-support.ts';

const PLACE = { channel: 'ws-api', method: 'order.place' };
const place = (peer: Peer, id: unknown = 'p'): void =>
  peer.client.say({ id, method: 'order.place', params: { symbol: 'BTCUSDT' } });
const placed = (id: unknown = 'p'): object => ({ id, status: 200, result: { done: 'order.place' }, rateLimits: [] });

const unknownOutcome = {
  code: -1007,
  msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
};

describe('faults of requests on the WebSocket API', () => {
  it('refuse: the server never hears of it, the answer says no and when to come again', () => {
    const world = makeFaultWorld([
      { fault: 'refuse', where: PLACE },
      { fault: 'refuse', where: PLACE, status: 418, code: -1003, message: 'banned', retryAfterS: 60 },
    ]);
    const peer = world.connect('/ws-api/v3');
    // The second rule sees the first request too, and has struck it: the first ends it.
    place(peer);
    expect(peer.frames()).toMatchObject([{ id: 'p', status: 503, error: { code: -1008 } }]);
    expect(peer.heard).toEqual([]);
    place(peer);
    expect(peer.frames()).toEqual([placed()]);
    expect(world.notes()).toEqual(['not handled; answered 503 -1008', 'nothing: refuse-1 has ended the request']);
  });

  it('refuse with a time to wait: as a limit is told, in ms of the venue', () => {
    const world = makeFaultWorld([
      { fault: 'refuse', where: PLACE, status: 418, code: -1003, message: 'banned', retryAfterS: 60 },
    ]);
    const peer = world.connect('/ws-api/v3');
    place(peer, null);
    expect(peer.frames()).toEqual([
      {
        id: null,
        status: 418,
        error: {
          code: -1003,
          msg: 'banned',
          data: { serverTime: 1_740_830_400_000, retryAfter: 1_740_830_460_000 },
        },
      },
    ]);
  });

  it('fail: the server has done it, the answer says that nobody knows; the next request is answered', () => {
    const world = makeFaultWorld([{ fault: 'fail', where: PLACE }]);
    const peer = world.connect('/ws-api/v3');
    place(peer);
    expect(peer.heard).toHaveLength(1);
    expect(peer.frames()).toEqual([{ id: 'p', status: 504, error: unknownOutcome, rateLimits: [] }]);
    place(peer, 2);
    expect(peer.frames()).toEqual([placed(2)]);
  });

  it('silence: never answered, whether the server has done it or not', () => {
    const world = makeFaultWorld([
      { fault: 'silence', moment: 'before', where: PLACE },
      { fault: 'silence', where: PLACE, when: { after: 1 } },
    ]);
    const peer = world.connect('/ws-api/v3');
    place(peer, 1);
    place(peer, 2);
    place(peer, 3);
    expect(peer.frames()).toEqual([placed(3)]);
    expect(peer.heard.map((text) => (JSON.parse(text) as { readonly id: number }).id)).toEqual([2, 3]);
  });

  it('cut: the connection ends before or after the server has done it', () => {
    const world = makeFaultWorld([
      { fault: 'cut', moment: 'before', where: { ...PLACE, connection: 1 } },
      { fault: 'cut', where: { ...PLACE, connection: 2 } },
    ]);
    const peers = [1, 2].map(() => world.connect('/ws-api/v3'));
    for (const peer of peers) place(peer);
    expect(peers.map((peer) => [peer.client.terminated, peer.heard.length, peer.frames()])).toEqual([
      [true, 0, []],
      [true, 1, []],
    ]);
  });

  it('delay: events overtake a late answer, later requests a late request', async () => {
    const world = makeFaultWorld([
      { fault: 'delay', delayMs: 200, where: PLACE },
      { fault: 'delay', delayMs: 300, moment: 'before', where: PLACE, when: { after: 1 } },
    ]);
    const peer = world.connect('/ws-api/v3');
    place(peer, 1);
    peer.say({ subscriptionId: 0, event: { e: 'executionReport' } });
    expect(peer.frames()).toEqual([{ subscriptionId: 0, event: { e: 'executionReport' } }]);
    await world.clock.advance(200);
    expect(peer.frames()).toEqual([placed(1)]);
    place(peer, 2);
    place(peer, 3);
    expect(peer.frames()).toEqual([placed(3)]);
    await world.clock.advance(300);
    expect(peer.frames()).toEqual([placed(2)]);
  });

  it('duplicate: the answer comes twice', () => {
    const world = makeFaultWorld([{ fault: 'duplicate', where: PLACE }]);
    const peer = world.connect('/ws-api/v3');
    place(peer);
    expect(peer.frames()).toEqual([placed(), placed()]);
    expect(peer.heard).toHaveLength(1);
  });

  it('leave other methods and what is no request alone', () => {
    const world = makeFaultWorld([{ fault: 'silence', where: PLACE, times: 'always' }]);
    const peer = world.connect('/ws-api/v3');
    peer.client.say({ id: 1, method: 'order.status' });
    peer.client.say('{"id":2}');
    expect(peer.heard).toEqual(['{"id":1,"method":"order.status"}', '{"id":2}']);
    expect(peer.frames()).toHaveLength(2);
  });
});

describe('faults of subscriptions', () => {
  it('refuse, lose or repeat the answer to SUBSCRIBE, in the form of the stream sockets', () => {
    const world = makeFaultWorld([
      { fault: 'refuse', where: { channel: 'subscription', method: 'SUBSCRIBE' } },
      { fault: 'silence', where: { channel: 'subscription', method: 'SUBSCRIBE' }, when: { after: 1 } },
    ]);
    const peer = world.connect('/ws/btcusdt@trade');
    const subscribe = (id: number): void => peer.client.say({ method: 'SUBSCRIBE', params: ['ethusdt@trade'], id });
    subscribe(1);
    expect(peer.frames()).toMatchObject([{ error: { code: -1008 }, id: 1 }]);
    expect(peer.heard).toHaveLength(0);
    subscribe(2);
    expect(peer.frames()).toEqual([]);
    expect(peer.heard).toHaveLength(1);
    subscribe(3);
    expect(peer.frames()).toHaveLength(1);
  });
});
