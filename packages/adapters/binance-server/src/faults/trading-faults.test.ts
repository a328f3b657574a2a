import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { connectApi, registerEd25519, signEd25519 } from '../socket-api/socket-world.test-support.ts';
import {
  makeTradingWorld,
  START_MS,
  type JsonResponse,
  type TradingWorld,
} from '../trading/trading-world.test-support.ts';
import { readFaultPlan } from './plan-reader.ts';

function worldWith(...rules: readonly object[]): TradingWorld {
  return makeTradingWorld({ faults: expectOk(readFaultPlan({ rules })) });
}
const notes = ({ server }: TradingWorld): readonly string[] => server.faults.log().map(({ note }) => note);

const PLACE = { channel: 'rest', method: 'POST', path: '/api/v3/order' };
const CANCEL = { channel: 'rest', method: 'DELETE', path: '/api/v3/order' };
const BID = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '90000' };
const NAMED = { ...BID, newClientOrderId: 'mine' };
const MINE = { symbol: 'BTCUSDT', origClientOrderId: 'mine' };

const place = (world: TradingWorld): Promise<JsonResponse> => world.signed(world.ann, 'POST', 'order', NAMED);
const find = async (world: TradingWorld): Promise<unknown> =>
  (await world.signed(world.ann, 'GET', 'order', MINE)).json;

describe('order entry under faults', () => {
  it('a 5xx after the order was accepted: the order is there', async () => {
    const world = worldWith({ fault: 'fail', where: PLACE });
    const answer = await place(world);
    expect([answer.status, answer.json]).toEqual([
      504,
      {
        code: -1007,
        msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      },
    ]);
    expect(await find(world)).toMatchObject({ status: 'NEW', clientOrderId: 'mine' });
    // Who sends it again blindly is told that it has been sent, or has it twice.
    expect((await place(world)).json).toMatchObject({ code: -2010, msg: 'Duplicate order sent.' });
  });

  it('a request that never reached the engine: there is no order', async () => {
    const world = worldWith({
      fault: 'refuse',
      status: 500,
      code: -1001,
      message: 'Internal error; unable to process your request. Please try again.',
      where: PLACE,
    });
    expect((await place(world)).status).toBe(500);
    expect(await find(world)).toMatchObject({ code: -2013 });
  });

  it('a time-out of unknown outcome: no answer, and the order there or not', async () => {
    for (const [moment, outcome] of [
      ['before', { code: -2013 }],
      ['after', { status: 'NEW' }],
    ] as const) {
      const world = worldWith({ fault: 'silence', moment, where: PLACE });
      let answered = false;
      void place(world)
        .finally(() => (answered = true))
        .catch(() => undefined);
      await world.clock.advance(60_000);
      expect(answered).toBe(false);
      expect(await find(world)).toMatchObject(outcome);
    }
  });

  it('a fill right before the cancel: the cancel finds it partly filled, or gone', async () => {
    const partly = worldWith({ fault: 'fill', percent: 30, where: CANCEL });
    await place(partly);
    expect((await partly.signed(partly.ann, 'DELETE', 'order', MINE)).json).toMatchObject({
      status: 'CANCELED',
      executedQty: '0.00300000',
    });
    const wholly = worldWith({ fault: 'fill', percent: 100, where: CANCEL });
    await place(wholly);
    expect((await wholly.signed(wholly.ann, 'DELETE', 'order', MINE)).json).toMatchObject({ code: -2011 });
    expect(await find(wholly)).toMatchObject({ status: 'FILLED', executedQty: '0.01000000' });
  });

  it('a fill right before a cancel-replace and before an amendment', async () => {
    const replaced = worldWith({
      fault: 'fill',
      percent: 100,
      where: { ...PLACE, path: '/api/v3/order/cancelReplace' },
    });
    await place(replaced);
    const again = { ...BID, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrigClientOrderId: 'mine' };
    expect((await replaced.signed(replaced.ann, 'POST', 'order/cancelReplace', again)).json).toMatchObject({
      code: -2022,
      data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED' },
    });
    const amended = worldWith({
      fault: 'fill',
      percent: 50,
      where: { channel: 'rest', method: 'PUT', path: '/api/v3/order/amend/keepPriority' },
    });
    await place(amended);
    const smaller = { ...MINE, newQty: '0.00400' };
    expect((await amended.signed(amended.ann, 'PUT', 'order/amend/keepPriority', smaller)).json).toMatchObject({
      code: expect.any(Number) as number,
    });
    expect(await find(amended)).toMatchObject({ status: 'PARTIALLY_FILLED', executedQty: '0.00500000' });
    expect(notes(amended)[0]).toMatch(/^order \d+ traded 500 of 1000 lots$/);
  });

  it('a fill between the accepting of an order and its answer, which says NEW', async () => {
    const world = worldWith({ fault: 'fill', moment: 'after', percent: 100, where: PLACE });
    expect((await place(world)).json).toMatchObject({ status: 'NEW', executedQty: '0.00000000' });
    expect(await find(world)).toMatchObject({ status: 'FILLED' });
  });

  it('a fill right before a request that names no order: the oldest order of the one who asks', async () => {
    const world = worldWith(
      { fault: 'fill', percent: 100, where: { channel: 'rest', path: '/api/v3/openOrders', method: 'DELETE' } },
      { fault: 'fill', percent: 20, where: { channel: 'rest', path: '/api/v3/account' }, times: 2 },
    );
    await world.signed(world.ben, 'POST', 'order', { ...BID, price: '89000' });
    await place(world);
    await world.signed(world.ann, 'POST', 'order', { ...NAMED, newClientOrderId: 'second' });
    expect((await world.signed(world.ann, 'DELETE', 'openOrders', { symbol: 'BTCUSDT' })).json).toMatchObject([
      { origClientOrderId: 'second', status: 'CANCELED' },
    ]);
    expect(await find(world)).toMatchObject({ status: 'FILLED' });
    await world.signed(world.ben, 'GET', 'account');
    expect((await world.signed(world.ben, 'GET', 'openOrders')).json).toMatchObject([{ executedQty: '0.00200000' }]);
    await world.signed(world.ann, 'GET', 'account');
    expect(notes(world).slice(1)).toEqual([
      expect.stringMatching(/^order \d+ traded 200 of 1000 lots$/),
      'not applicable: the caller has no order in the book',
    ]);
  });

  it('faults of several kinds on one request: filled, and the answer to the cancel lost', async () => {
    const world = worldWith({ fault: 'fill', percent: 100, where: CANCEL }, { fault: 'fail', where: CANCEL });
    await place(world);
    expect((await world.signed(world.ann, 'DELETE', 'order', MINE)).status).toBe(504);
    expect(await find(world)).toMatchObject({ status: 'FILLED' });
  });

  it('a halt: orders are refused, cancels are not', async () => {
    const world = worldWith({ fault: 'halt', symbols: ['BTCUSDT'], when: { inMs: 1_000 } });
    await place(world);
    await world.clock.advance(1_000);
    expect((await world.signed(world.ann, 'POST', 'order', BID)).json).toMatchObject({ msg: 'Market is closed.' });
    expect((await world.signed(world.ann, 'DELETE', 'order', MINE)).json).toMatchObject({ status: 'CANCELED' });
  });
});

describe('an account under a drifting clock', () => {
  it('finds the timestamps of a right clock too old or too early, and orders keep the true time', async () => {
    const world = worldWith(
      { fault: 'clock-drift', driftMs: 6_000, when: { inMs: 1_000, forMs: 1_000 } },
      { fault: 'clock-drift', driftMs: -1_500, when: { inMs: 2_000, forMs: 1_000 } },
    );
    const seen: unknown[] = [];
    for (let second = 0; second < 4; second += 1) {
      const { json } = await world.signed(world.ann, 'GET', 'account');
      const { code, msg } = json as { readonly code?: number; readonly msg?: string };
      seen.push(code === -1021 ? msg : 'in time');
      await world.clock.advance(1_000);
    }
    expect(seen).toEqual([
      'in time',
      'Timestamp for this request is outside of the recvWindow.',
      "Timestamp for this request was 1000ms ahead of the server's time.",
      'in time',
    ]);
    world.server.faults.load(expectOk(readFaultPlan({ rules: [{ fault: 'clock-drift', driftMs: 900 }] })));
    expect((await place(world)).json).toMatchObject({ transactTime: START_MS + 4_000 });
  });
});

describe('the WebSocket API under faults', () => {
  const API_PLACE = { channel: 'ws-api', method: 'order.place' };

  it('a user stream that dies silently: its connection answers, a new subscription is told everything', async () => {
    const world = worldWith({ fault: 'freeze', where: { channel: 'user-data' }, when: { inMs: 1_000 } });
    const client = connectApi(world);
    client.signed(world.ann, 'userDataStream.subscribe.signature');
    await place(world);
    expect((await client.events()).map(({ event }) => event['e'])).toEqual([
      'executionReport',
      'outboundAccountPosition',
    ]);
    await world.clock.advance(1_000);
    await world.signed(world.ann, 'DELETE', 'order', MINE);
    expect(await client.events()).toEqual([]);
    expect(client.ask('ping').status).toBe(200);
    client.signed(world.ben, 'userDataStream.subscribe.signature');
    await world.signed(world.ben, 'POST', 'order', BID);
    expect((await client.events()).map(({ subscriptionId }) => subscriptionId)).toEqual([1, 1]);
  });

  it('a failure after the order was accepted, and a fill before a cancel, through this door', async () => {
    const world = worldWith(
      { fault: 'fail', where: API_PLACE },
      { fault: 'fill', percent: 100, where: { channel: 'ws-api', method: 'order.cancel' } },
    );
    const client = connectApi(world);
    const answer = client.signed(world.ann, 'order.place', NAMED);
    expect(answer).toMatchObject({ status: 504, error: { code: -1007 } });
    expect(answer.result).toBeUndefined();
    expect(answer.rateLimits?.length).toBeGreaterThan(0);
    expect(await find(world)).toMatchObject({ status: 'NEW' });
    expect(client.signed(world.ann, 'order.cancel', MINE)).toMatchObject({ error: { code: -2011 } });
    expect(await find(world)).toMatchObject({ status: 'FILLED' });
  });

  it('a fill between the accepting of an order and its answer', async () => {
    const world = worldWith({ fault: 'fill', moment: 'after', percent: 50, where: API_PLACE });
    const client = connectApi(world);
    expect(client.signed(world.ann, 'order.place', NAMED).result).toMatchObject({ status: 'NEW' });
    expect(await find(world)).toMatchObject({ status: 'PARTIALLY_FILLED' });
  });

  it('a fill right before a request on a session that has logged on', async () => {
    const world = worldWith({
      fault: 'fill',
      percent: 100,
      where: { channel: 'ws-api', method: 'openOrders.cancelAll' },
    });
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann);
    expect(client.ask('session.logon', signEd25519(key, { timestamp: client.now() })).status).toBe(200);
    await place(world);
    expect(client.ask('openOrders.cancelAll', { symbol: 'BTCUSDT', timestamp: client.now() })).toMatchObject({
      error: { code: -2011 },
    });
    expect(await find(world)).toMatchObject({ status: 'FILLED' });
  });

  it('a drifting clock, a ban and maintenance hold here too', async () => {
    const world = worldWith(
      { fault: 'clock-drift', driftMs: 7_000, when: { forMs: 1_000 } },
      { fault: 'ban', address: '127.0.0.1', when: { inMs: 1_000, forMs: 1_000 } },
      { fault: 'maintenance', announceMs: 1_000, when: { inMs: 2_000 } },
    );
    const client = connectApi(world);
    expect(client.signed(world.ann, 'account.status')).toMatchObject({ status: 400, error: { code: -1021 } });
    await world.clock.advance(1_000);
    const other = connectApi(world, '', '10.0.0.2');
    expect(client.ask('ping')).toMatchObject({ status: 418, error: { code: -1003 } });
    expect(() => connectApi(world, '', '127.0.0.1')).toThrow('refused with 429');
    await world.clock.advance(1_000);
    expect(JSON.stringify(other.heard())).toContain('serverShutdown');
    expect(other.ask('ping').status).toBe(200);
    await world.clock.advance(1_000);
    expect(other.socket.closed).toEqual({ code: 1_001, reason: 'maintenance' });
  });
});
