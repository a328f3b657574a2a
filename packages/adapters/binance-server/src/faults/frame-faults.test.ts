import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFaultWorld, type FaultWorld, type Peer } from './fault-world.test-support.ts';

const TRADES = { channel: 'stream', name: '*@trade' };
const trade = (t: number, symbol = 'BTCUSDT'): object => ({ e: 'trade', s: symbol, t });
const fill = (i: number, subscriptionId = 0): object => ({ subscriptionId, event: { e: 'executionReport', i } });

/** The trade ids or order ids of what the client heard since the last time. */
function heardIds(peer: Peer): readonly unknown[] {
  return peer.frames().map((frame) => {
    const { t, event, id } = frame as {
      readonly t?: number;
      readonly event?: { readonly i: number };
      readonly id?: number;
    };
    return t ?? event?.i ?? `answer ${id}`;
  });
}

/** Trades numbered 1 to `count`, one every `everyMs`. */
async function trades(world: FaultWorld, peer: Peer, count: number, everyMs = 100): Promise<void> {
  for (let t = 1; t <= count; t += 1) {
    peer.say(trade(t));
    await world.clock.advance(everyMs);
  }
}

describe('faults of frames', () => {
  it('drop: frames are lost, the connection goes on', async () => {
    const world = makeFaultWorld([{ fault: 'drop', where: TRADES, when: { after: 2 }, times: 3 }]);
    const peer = world.connect('/ws/btcusdt@trade');
    await trades(world, peer, 8);
    expect(heardIds(peer)).toEqual([1, 2, 6, 7, 8]);
    expect(world.desk.log()[0]).toEqual({
      atUs: 1_740_830_400_200_000,
      rule: 'drop-1',
      fault: 'drop',
      channel: 'stream',
      subject: 'btcusdt@trade',
      to: 'connection 1 of 10.0.0.1',
      note: 'lost',
    });
  });

  it('delay: the frame comes later, and everything behind it waits, in order', async () => {
    const world = makeFaultWorld([{ fault: 'delay', delayMs: 350, where: TRADES, when: { after: 1 } }]);
    const peer = world.connect('/ws/btcusdt@trade');
    await trades(world, peer, 3);
    expect(heardIds(peer)).toEqual([1]);
    await world.clock.advance(150);
    expect(heardIds(peer)).toEqual([2, 3]);
    peer.say(trade(4));
    expect(heardIds(peer)).toEqual([4]);
  });

  it('duplicate: the frame comes again, at once or as an echo of the past', async () => {
    const world = makeFaultWorld([
      { fault: 'duplicate', where: TRADES },
      { fault: 'duplicate', copies: 2, delayMs: 250, where: TRADES },
    ]);
    const peer = world.connect('/ws/btcusdt@trade');
    await trades(world, peer, 5);
    expect(heardIds(peer)).toEqual([1, 1, 2, 3, 4, 2, 2, 5]);
  });

  it('reorder: frames within a window change places, all of them come, none later than agreed', async () => {
    const world = makeFaultWorld([{ fault: 'reorder', window: 4, holdMs: 1_000, where: TRADES, times: 2 }]);
    const peer = world.connect('/ws/btcusdt@trade');
    await trades(world, peer, 6);
    const first = heardIds(peer);
    expect(first).not.toEqual([1, 2, 3, 4]);
    expect(first.toSorted((left, right) => Number(left) - Number(right))).toEqual([1, 2, 3, 4]);
    await world.clock.advance(800);
    expect(heardIds(peer).toSorted((left, right) => Number(left) - Number(right))).toEqual([5, 6]);
    peer.say(trade(7));
    expect(heardIds(peer)).toEqual([7]);
  });

  it('reorder: whatever the seed, no window leaves in the order in which it came', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 2, max: 6 }), (seed, window) => {
        const world = makeFaultWorld([{ fault: 'reorder', window, where: TRADES }], seed);
        const peer = world.connect('/ws/btcusdt@trade');
        const sent = Array.from({ length: window }, (_, index) => index + 1);
        for (const t of sent) peer.say(trade(t));
        const heard = heardIds(peer);
        expect(heard).not.toEqual(sent);
        expect(heard.toSorted((left, right) => Number(left) - Number(right))).toEqual(sent);
      }),
      { numRuns: 200 },
    );
  });

  it('cut: the connection ends on a frame, which is lost or still comes, with or without a close handshake', () => {
    const world = makeFaultWorld([
      { fault: 'cut', where: { ...TRADES, connection: 1 } },
      { fault: 'cut', where: { ...TRADES, connection: 2 }, moment: 'after', closeCode: 1_012, reason: 'restart' },
    ]);
    const [lost, kept, whole] = [1, 2, 3].map(() => world.connect('/ws/btcusdt@trade'));
    if (lost === undefined || kept === undefined || whole === undefined) throw new Error('not connected');
    for (const peer of [lost, kept, whole]) for (const t of [1, 2]) peer.say(trade(t));
    expect([lost, kept, whole].map(heardIds)).toEqual([[], [1], [1, 2]]);
    expect([lost.client.terminated, kept.client.closed, whole.client.terminated]).toEqual([
      true,
      { code: 1_012, reason: 'restart' },
      false,
    ]);
  });

  it('freeze: one stream falls silent while others go on, until the client subscribes to it anew', () => {
    const world = makeFaultWorld([{ fault: 'freeze', where: { channel: 'stream', name: 'btcusdt@trade' } }]);
    const peer = world.connect('/ws/btcusdt@trade/ethusdt@trade');
    peer.say(trade(1));
    peer.say(trade(2, 'ETHUSDT'));
    peer.say(trade(3));
    expect(heardIds(peer)).toEqual([2]);
    peer.client.say({ method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 1 });
    peer.client.say({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 2 });
    peer.say(trade(4));
    expect(heardIds(peer)).toEqual(['answer 1', 'answer 2', 4]);
    expect(world.notes()).toEqual(['btcusdt@trade silent from now on; frames are lost']);
  });

  it('freeze: nothing goes out for a time, pings are sent and pongs heard; then the kept frames come in order', async () => {
    const world = makeFaultWorld([{ fault: 'freeze', scope: 'connection', forMs: 400, frames: 'kept', where: TRADES }]);
    const peer = world.connect('/ws/btcusdt@trade');
    await trades(world, peer, 3);
    peer.client.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    expect(peer.heard).toHaveLength(1);
    expect(heardIds(peer)).toEqual([]);
    expect(peer.client.closed).toBeNull();
    await world.clock.advance(100);
    expect(heardIds(peer)).toEqual([1, 2, 3, 'answer 1']);
  });

  it('freeze: a user stream dies silently while its connection answers; a new subscription lives', () => {
    const world = makeFaultWorld([{ fault: 'freeze', where: { channel: 'user-data' }, when: { after: 1 } }]);
    const peer = world.connect('/ws-api/v3');
    for (const i of [1, 2, 3]) peer.say(fill(i));
    peer.client.say({ id: 7, method: 'ping' });
    peer.say(fill(4, 1));
    expect(heardIds(peer)).toEqual([1, 'answer 7', 4]);
  });

  it('strike user data by the type of its events', () => {
    const world = makeFaultWorld([
      { fault: 'drop', times: 'always', where: { channel: 'user-data', event: 'outbound*' } },
    ]);
    const peer = world.connect('/ws-api/v3');
    peer.say(fill(1));
    peer.say({ subscriptionId: 0, event: { e: 'outboundAccountPosition', i: 2 } });
    peer.say(fill(3));
    expect(heardIds(peer)).toEqual([1, 3]);
  });

  it('end the connection where a fault would hold back more than four megabytes', () => {
    const world = makeFaultWorld([{ fault: 'delay', delayMs: 1_000, where: TRADES }]);
    const peer = world.connect('/ws/btcusdt@trade');
    for (let t = 0; t < 3; t += 1) peer.say({ ...trade(t), filler: 'x'.repeat(1_500_000) });
    expect(peer.client.terminated).toBe(true);
  });

  it('are over when the rules are taken away: what was held comes, what was frozen goes on', async () => {
    const world = makeFaultWorld([
      { fault: 'freeze', frames: 'kept', where: { ...TRADES, connection: 1 } },
      { fault: 'delay', delayMs: 5_000, where: { ...TRADES, connection: 2 } },
      { fault: 'reorder', window: 9, holdMs: 9_000, where: { ...TRADES, connection: 3 } },
    ]);
    const peers = [1, 2, 3].map(() => world.connect('/ws/btcusdt@trade'));
    for (const peer of peers) for (const t of [1, 2, 3]) peer.say(trade(t));
    expect(peers.flatMap(heardIds)).toEqual([]);
    world.desk.clear();
    for (const peer of peers)
      expect(heardIds(peer).toSorted((left, right) => Number(left) - Number(right))).toEqual([1, 2, 3]);
    for (const peer of peers) peer.say(trade(4));
    expect(peers.map(heardIds)).toEqual([[4], [4], [4]]);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('faults of connections', () => {
  const connection = { channel: 'connection', path: '/ws/*' };

  it('refuse the upgrade', () => {
    const world = makeFaultWorld([{ fault: 'refuse', status: 503, where: connection }]);
    expect(() => world.connect('/ws/btcusdt@trade')).toThrow('refused with 503');
    expect(world.connect('/ws/btcusdt@trade').client.closed).toBeNull();
  });

  it('cut every connection that is open at a time, and those that open later so long after', async () => {
    const world = makeFaultWorld([
      { fault: 'cut', where: connection, when: { inMs: 1_000 } },
      { fault: 'cut', moment: 'open', afterOpenMs: 300, where: { channel: 'connection', path: '/ws-api/*' } },
    ]);
    const [one, other] = [world.connect('/ws/btcusdt@trade'), world.connect('/ws/ethusdt@trade')];
    const api = world.connect('/ws-api/v3');
    await world.clock.advance(299);
    expect(api.client.terminated).toBe(false);
    await world.clock.advance(1);
    expect(api.client.terminated).toBe(true);
    await world.clock.advance(699);
    expect(one.client.terminated).toBe(false);
    await world.clock.advance(1);
    expect([one.client.terminated, other.client.terminated]).toEqual([true, true]);
    expect(world.connect('/ws/btcusdt@trade').client.terminated).toBe(false);
    expect(world.desk.rules().map(({ strikes }) => strikes)).toEqual([2, 1]);
  });

  it('freeze a connection from its opening on, or from a time on', async () => {
    const world = makeFaultWorld([
      { fault: 'freeze', moment: 'open', where: { ...connection, connection: 1 } },
      { fault: 'freeze', where: { ...connection, connection: 2 }, when: { inMs: 500 } },
    ]);
    const [first, second] = [world.connect('/ws/btcusdt@trade'), world.connect('/ws/btcusdt@trade')];
    for (const peer of [first, second]) peer.say(trade(1));
    await world.clock.advance(500);
    for (const peer of [first, second]) peer.say(trade(2));
    expect([first, second].map(heardIds)).toEqual([[], [1]]);
  });
});
