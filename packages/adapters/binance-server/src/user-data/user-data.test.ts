import { describe, expect, it } from 'vitest';
import type { AccountCredentials } from '../trading/demo-accounts.ts';
import { connectApi } from '../socket-api/socket-world.test-support.ts';
import { makeTradingWorld, START_MS } from '../trading/trading-world.test-support.ts';
import { LIMIT, listening, short } from './user-data.test-support.ts';

describe('an execution report', () => {
  it('of a new order has every letter that the documentation names, and none of the conditional ones but W', async () => {
    const { act, told } = listening();
    await act('POST', 'order', { ...LIMIT, newClientOrderId: 'mine' });
    expect(await told()).toEqual([
      {
        e: 'executionReport',
        E: START_MS,
        s: 'BTCUSDT',
        c: 'mine',
        S: 'BUY',
        o: 'LIMIT',
        f: 'GTC',
        q: '0.10000000',
        p: '19000.00000000',
        P: '0.00000000',
        F: '0.00000000',
        g: -1,
        C: '',
        x: 'NEW',
        X: 'NEW',
        r: 'NONE',
        i: 5,
        l: '0.00000000',
        z: '0.00000000',
        L: '0.00000000',
        n: '0',
        N: null,
        T: START_MS,
        t: -1,
        I: expect.any(Number) as number,
        w: true,
        m: false,
        M: false,
        O: START_MS,
        Z: '0.00000000',
        Y: '0.00000000',
        Q: '0.00000000',
        V: 'EXPIRE_MAKER',
        W: START_MS,
      },
      {
        e: 'outboundAccountPosition',
        E: START_MS,
        u: START_MS,
        B: [{ a: 'USDT', f: '98100.00000000', l: '1900.00000000' }],
      },
    ]);
  });

  it('of a trade tells what was traded, for how much, and the fee', async () => {
    const { act, told, world } = listening();
    await world.clock.advance(7);
    await act('POST', 'order', { side: 'BUY', type: 'MARKET', quoteOrderQty: '12003' });
    const events = await told();
    expect(events.map(short)).toEqual(['5 NEW/NEW', '5 TRADE/PARTIALLY_FILLED', '5 TRADE/FILLED', 'position']);
    expect(events[1]).toMatchObject({
      l: '0.50000000',
      L: '20000.00000000',
      z: '0.50000000',
      Y: '10000.00000000',
      Z: '10000.00000000',
      n: '0.00050000',
      N: 'BTC',
      t: 2,
      m: false,
      M: true,
      Q: '12003.00000000',
      T: START_MS + 7,
      O: START_MS + 7,
      E: START_MS + 7,
    });
    expect(events[2]).toMatchObject({ l: '0.10009000', L: '20010.00000000', z: '0.60009000', t: 3 });
    expect(events[3]?.['B']).toEqual([
      { a: 'USDT', f: '87997.19910000', l: '0.00000000' },
      { a: 'BTC', f: '10.59948991', l: '0.00000000' },
    ]);
  });

  it('of a trade by others with an order that waited says that it was the maker', async () => {
    const { act, told, world } = listening();
    await act('POST', 'order', { ...LIMIT, price: '19995' });
    await told();
    await world.clock.advance(50);
    world.provide('BTCUSDT', { side: 'SELL', type: 'MARKET', quantity: '0.04' });
    const [trade, position] = await told();
    expect(trade).toMatchObject({
      x: 'TRADE',
      X: 'PARTIALLY_FILLED',
      m: true,
      w: true,
      l: '0.04000000',
      T: START_MS + 50,
      W: START_MS,
    });
    expect(position?.['B']).toEqual([
      { a: 'BTC', f: '10.03996000', l: '0.00000000' },
      { a: 'USDT', f: '98000.50000000', l: '1199.70000000' },
    ]);
  });

  it('of a cancel carries the id of the cancel, and the order in C', async () => {
    const { act, told } = listening();
    await act('POST', 'order', { ...LIMIT, newClientOrderId: 'mine' });
    await told();
    await act('DELETE', 'order', { origClientOrderId: 'mine', newClientOrderId: 'end' });
    const [canceled] = await told();
    expect(canceled).toMatchObject({ x: 'CANCELED', X: 'CANCELED', c: 'end', C: 'mine', w: false });
  });

  it('of an amended order says REPLACED', async () => {
    const { act, told } = listening();
    await act('POST', 'order', { ...LIMIT, newClientOrderId: 'mine' });
    await told();
    await act('PUT', 'order/amend/keepPriority', {
      origClientOrderId: 'mine',
      newQty: '0.05',
      newClientOrderId: 'less',
    });
    const [replaced] = await told();
    expect(replaced).toMatchObject({ x: 'REPLACED', X: 'NEW', q: '0.05000000', c: 'less', C: 'mine' });
  });

  it('of a trailing stop and of a strategy has their letters', async () => {
    const { act, told, world } = listening();
    await act('POST', 'order', {
      side: 'SELL',
      type: 'STOP_LOSS',
      quantity: '0.01',
      trailingDelta: 100,
      strategyId: 3,
      strategyType: 1_000_000,
    });
    const [placed] = await told();
    expect(placed).toMatchObject({ d: 100, j: 3, J: 1_000_000, w: false, P: '0.00000000' });
    // It follows the price, and works, only after it was accepted.
    for (const letter of ['D', 'W']) expect(placed).not.toHaveProperty(letter);
    await world.clock.advance(1_000);
    world.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '19700', quantity: '2' });
    world.provide('BTCUSDT', {
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: '19700',
      quantity: '1',
      selfTradePreventionMode: 'NONE',
    });
    const events = await told();
    expect(events.map(short).slice(0, 1)).toEqual(['5 NEW/NEW']);
    expect(events[0]).toMatchObject({ W: START_MS + 1_000, d: 100, D: START_MS });
  });

  it.each([
    [{ type: 'LIMIT', timeInForce: 'IOC', price: '20000', quantity: '1' }, 'UNFILLED_IOC_QUANTITY_EXPIRED', '0.5'],
    [{ type: 'LIMIT', timeInForce: 'FOK', price: '20000', quantity: '1' }, 'UNFILLED_FOK_ORDER_EXPIRED', '0.0'],
    [{ type: 'MARKET', quantity: '3' }, 'INSUFFICIENT_LIQUIDITY', '2.5'],
  ])('of an order that expired says why: %j', async (fields, eR, z) => {
    const { act, told } = listening();
    await act('POST', 'order', { side: 'BUY', ...fields });
    const expired = (await told()).filter(({ e }) => e === 'executionReport').at(-1);
    expect(expired).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', eR, z: expect.stringContaining(z) as string });
  });

  it('of a match that self-trade prevention stopped names both orders and what would have been', async () => {
    const { act, told } = listening();
    await act('POST', 'order', { ...LIMIT, price: '19995', quantity: '0.2' });
    await told();
    await act('POST', 'order', {
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: '19995',
      quantity: '0.3',
      selfTradePreventionMode: 'EXPIRE_TAKER',
    });
    const events = await told();
    expect(events.map(short)).toEqual(['6 NEW/NEW', '6 TRADE_PREVENTION/EXPIRED_IN_MATCH', 'position']);
    expect(events[1]).toMatchObject({
      v: 0,
      A: '0.30000000',
      B: '0.30000000',
      U: 5,
      Cs: 'BTCUSDT',
      pl: '0.20000000',
      pL: '19995.00000000',
      pY: '3999.00000000',
    });
    expect(events[1]).not.toHaveProperty('u');
  });

  it('tells times in microseconds on a connection that asks for it', async () => {
    const { act, told } = listening('timeUnit=MICROSECOND');
    await act('POST', 'order', LIMIT);
    const [report, position] = await told();
    const us = START_MS * 1_000;
    expect(report).toMatchObject({ E: us, T: us, O: us, W: us });
    expect(position).toMatchObject({ E: us, u: us });
  });
});

describe('the events of every order type', () => {
  const above = { stopPrice: '20100' };
  it.each([
    ['LIMIT that waits', { ...LIMIT }, ['NEW/NEW']],
    ['LIMIT that takes', { ...LIMIT, price: '20000' }, ['NEW/NEW', 'TRADE/FILLED']],
    ['MARKET', { side: 'SELL', type: 'MARKET', quantity: '0.5' }, ['NEW/NEW', 'TRADE/FILLED']],
    ['LIMIT_MAKER', { side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.1', price: '19000' }, ['NEW/NEW']],
    ['STOP_LOSS', { side: 'BUY', type: 'STOP_LOSS', quantity: '0.1', ...above }, ['NEW/NEW']],
    ['STOP_LOSS_LIMIT', { ...LIMIT, type: 'STOP_LOSS_LIMIT', ...above }, ['NEW/NEW']],
    ['TAKE_PROFIT', { side: 'SELL', type: 'TAKE_PROFIT', quantity: '0.1', ...above }, ['NEW/NEW']],
    ['TAKE_PROFIT_LIMIT', { ...LIMIT, side: 'SELL', type: 'TAKE_PROFIT_LIMIT', ...above }, ['NEW/NEW']],
    ['iceberg', { ...LIMIT, icebergQty: '0.02' }, ['NEW/NEW']],
  ])('%s', async (_name, fields, expected) => {
    const { act, told } = listening();
    await act('POST', 'order', fields);
    expect((await told()).map(short)).toEqual([...expected.map((each) => `5 ${each}`), 'position']);
  });

  it('a stop that is triggered says NEW again, now working, and what became of it', async () => {
    const { act, told, world } = listening();
    await act('POST', 'order', { side: 'BUY', type: 'STOP_LOSS', quantity: '0.1', stopPrice: '20010' });
    const [waiting] = await told();
    expect(waiting).toMatchObject({ w: false, o: 'STOP_LOSS', P: '20010.00000000' });
    world.provide('BTCUSDT', {
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      price: '20010',
      quantity: '0.6',
      selfTradePreventionMode: 'NONE',
    });
    const events = await told();
    expect(events.map(short)).toEqual(['5 NEW/NEW', '5 TRADE/FILLED', 'position']);
    expect(events[0]).toMatchObject({ w: true, W: START_MS });
  });

  it('cancel-replace tells the cancel and then the new order', async () => {
    const { act, told } = listening();
    await act('POST', 'order', LIMIT);
    await told();
    await act('POST', 'order/cancelReplace', {
      ...LIMIT,
      price: '18000',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: 5,
    });
    expect((await told()).map(short)).toEqual(['5 CANCELED/CANCELED', '6 NEW/NEW', 'position']);
  });

  it('cancel-replace whose new order is refused tells the cancel, and the rejection with its reason', async () => {
    const { act, told, world } = listening();
    await act('POST', 'order', LIMIT);
    await told();
    const replacing = { cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 5 };
    const { status } = await world.signed(world.ann, 'POST', 'order/cancelReplace', {
      symbol: 'BTCUSDT',
      ...LIMIT,
      ...replacing,
      quantity: '100',
    });
    expect(status).toBe(409);
    const events = await told();
    expect(events.map(short)).toEqual(['5 CANCELED/CANCELED', '6 REJECTED/REJECTED', 'position']);
    expect(events[1]).toMatchObject({ r: 'INSUFFICIENT_BALANCES', w: false });
  });
});

describe('money from outside', () => {
  it.each([
    ['deposit', '12.5', '100012.50000000', '12.50000000'],
    ['withdraw', '12.5', '99987.50000000', '-12.50000000'],
  ])('a %s is a balanceUpdate after the new balance', async (action, amount, free, d) => {
    const { world, told } = listening();
    const response = await world.send('POST', `/sim/${action}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account: 'ann', asset: 'USDT', amount }),
    });
    expect(response.status).toBe(200);
    expect(await told()).toEqual([
      { e: 'outboundAccountPosition', E: START_MS, u: START_MS, B: [{ a: 'USDT', f: free, l: '0.00000000' }] },
      { e: 'balanceUpdate', E: START_MS, a: 'USDT', d, T: START_MS },
    ]);
  });
});

describe('who hears what', () => {
  it('accounts hear of themselves only, on every connection that listens to them', async () => {
    const { world, client, act } = listening();
    const both = connectApi(world);
    both.signed(world.ben, 'userDataStream.subscribe.signature');
    both.signed(world.ann, 'userDataStream.subscribe.signature');
    await act('POST', 'order', LIMIT);
    const heard = await client.events();
    expect(heard.map(({ subscriptionId }) => subscriptionId)).toEqual([0, 0]);
    expect(await both.events()).toEqual(heard.map(({ event }) => ({ subscriptionId: 1, event })));
  });

  it('nobody hears of a command before whoever gave it has its answer', async () => {
    const { world, client } = listening();
    const answer = client.signed(world.ann, 'order.place', { symbol: 'BTCUSDT', ...LIMIT });
    expect(answer.status).toBe(200);
    // `signed` has taken all that had come until then.
    expect(await client.events()).toHaveLength(2);
  });

  it('a refused order is no event', async () => {
    const { world, told } = listening();
    const { status } = await world.signed(world.ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      ...LIMIT,
      quantity: '8000',
    });
    expect(status).toBe(400);
    expect(await told()).toEqual([]);
  });

  it('a client that does not read is cut, and the others hear everything', async () => {
    const world = makeTradingWorld({ socketLimits: { bufferedBytesMax: 2_000 } });
    const [slow, fine] = [connectApi(world), connectApi(world)];
    for (const client of [slow, fine]) client.signed(world.ann, 'userDataStream.subscribe.signature');
    slow.socket.buffered = 1_900;
    await world.signed(world.ann, 'POST', 'order', { symbol: 'BTCUSDT', ...LIMIT });
    expect(await fine.events()).toHaveLength(2);
    expect(slow.socket.terminated).toBe(true);
    expect(slow.heard()).toEqual([]);
  });

  it('more at once than can be kept for whoever hears it ends the connection, instead of telling a part', async () => {
    const world = makeTradingWorld({ socketLimits: { userEventsWaitingMax: 20 } });
    const [client, other] = [connectApi(world), connectApi(world)];
    client.signed(world.ann, 'userDataStream.subscribe.signature');
    other.signed(world.ben, 'userDataStream.subscribe.signature');
    const place = async (who: AccountCredentials, many: number): Promise<void> => {
      const orders = Array.from({ length: many }, () =>
        world.signed(who, 'POST', 'order', { symbol: 'BTCUSDT', ...LIMIT, quantity: '0.001' }),
      );
      expect((await Promise.all(orders)).every(({ status }) => status === 200)).toBe(true);
    };
    // Ten orders bring twenty events.
    await place(world.ann, 10);
    expect(await client.events()).toHaveLength(20);
    await place(world.ann, 11);
    expect(client.socket.terminated).toBe(true);
    expect(await client.events()).toEqual([]);
    await place(world.ben, 1);
    expect(await other.events()).toHaveLength(2);
    expect(other.socket.terminated).toBe(false);
  });

  it('a closed connection hears nothing more', async () => {
    const { world, client, act } = listening();
    client.socket.handlers?.onClose(1000, '');
    await act('POST', 'order', LIMIT);
    expect(await client.events()).toEqual([]);
    expect(world.server.stats().connections).toBe(0);
  });
});
