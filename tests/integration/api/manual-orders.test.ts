import {
  internalSubjects,
  topics,
  type AlertMessage,
  type StrategyMessage,
  type TradingAction,
  type TradingCommand,
  type TradingReply,
} from '@monsta/contracts';
import { MonstaClient, MonstaSocket, unwrap } from '@monsta/client';
import { expectOk } from '@monsta/core';
import { sampleAccount, sampleOrder } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BTC, call, expectDocumented, startWorld, T0, type World } from './world.test-support.ts';

const DONE: Omit<TradingReply, 'id'> = { error: null, state: null, orders: [], repeated: false, note: null };

/** Stands where the trading role does: gives one answer to every command, and keeps what was asked. */
function answering(world: World, answer = DONE): readonly TradingCommand[] {
  const asked: TradingCommand[] = [];
  expectOk(
    world.stream.subscribe({
      subject: internalSubjects.tradingCommands,
      queueMax: 100,
      overflow: 'end',
      onMessage({ payload }) {
        const command = payload as TradingCommand;
        asked.push(command);
        expectOk(
          world.stream.publish(internalSubjects.tradingReplies, { id: command.id, ...answer }, { tsEventUs: 1 }),
        );
      },
    }),
  );
  return asked;
}

const actions = (asked: readonly TradingCommand[]): readonly TradingAction[] => asked.map(({ action }) => action);

const ask = (world: World, method: string, path: string, body?: object, token = world.token) =>
  call(world, path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const ORDER = { instrument: 'BTCUSDT', side: 'buy', type: 'market', quantity: '0.01' } as const;

describe('an order by hand', () => {
  it('goes to the trading role as it was meant, and is told back as the ledger has it', async () => {
    const world = await startWorld();
    expectOk(await world.ledger.commit({ accountId: sampleAccount, orders: [sampleOrder('m1-1')] }));
    const asked = answering(world, { ...DONE, orders: ['m1-1'] });
    const placed = await ask(world, 'POST', '/api/v1/orders', ORDER);
    expect(placed).toMatchObject({ status: 200, body: { orders: [{ clientOrderId: 'm1-1' }], repeated: false } });
    await expectDocumented(world, '/api/v1/orders', placed, 'POST');
    expect(asked).toMatchObject([
      { actor: 'admin', action: { kind: 'place-order', order: { ...ORDER, timeInForce: 'gtc', limitPrice: null } } },
    ]);
  });

  it.each([
    ['a type that there is not', { ...ORDER, type: 'fancy' }, 'type'],
    ['no quantity', { ...ORDER, quantity: undefined }, 'quantity'],
    ['a quantity of nothing', { ...ORDER, quantity: '0' }, 'quantity'],
    ['a number where text is exact', { ...ORDER, quantity: 0.01 }, 'quantity'],
    ['a field that nobody knows', { ...ORDER, leverage: 5 }, 'leverage'],
    ['an exit of nothing', { ...ORDER, exit: {} }, 'exit'],
    ['an id of signs', { ...ORDER, requestId: 'a b' }, 'requestId'],
  ])('with %s is 400, says what, and reaches nobody', async (_what, body, named) => {
    const world = await startWorld();
    const asked = answering(world);
    const answer = await ask(world, 'POST', '/api/v1/orders', body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'parameter_invalid' } } });
    expect(answer.text).toContain(named);
    await expectDocumented(world, '/api/v1/orders', answer, 'POST');
    expect(asked).toEqual([]);
  });

  it.each([
    ['order_denied', 422, { rule: 'position_max', limit: '0.1', actual: '0.25' }],
    ['order_invalid', 422, undefined],
    ['request_conflict', 409, undefined],
    ['instrument_unknown', 404, undefined],
  ])('that is refused with %s is %i, with what the trading role says', async (code, status, details) => {
    const world = await startWorld();
    answering(world, { ...DONE, error: { code, message: 'said so', ...(details === undefined ? {} : { details }) } });
    const answer = await ask(world, 'POST', '/api/v1/orders', ORDER);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      error: { code, message: 'said so', ...(details === undefined ? {} : { details }) },
    });
    await expectDocumented(world, '/api/v1/orders', answer, 'POST');
  });

  it('and everything else that changes trading needs the token', async () => {
    const world = await startWorld();
    const asked = answering(world);
    const routes = [
      ['POST', '/api/v1/orders', ORDER],
      ['DELETE', '/api/v1/orders/m1-1', undefined],
      ['DELETE', '/api/v1/orders', undefined],
      ['POST', '/api/v1/positions/close', { instrument: 'BTCUSDT' }],
      ['POST', '/api/v1/strategies/grid/state', { state: 'paused', reason: 'x' }],
      ['PUT', '/api/v1/strategies/grid/parameters', { parameters: {} }],
    ] as const;
    for (const [method, path, body] of routes)
      expect((await ask(world, method, path, body, 'monsta_admin_wrong')).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe('what the path and the query name', () => {
  it('reaches the trading role as it was written', async () => {
    const world = await startWorld();
    const asked = answering(world);
    const answers = [
      await ask(world, 'DELETE', '/api/v1/orders/m1%2Fa%20b'),
      await ask(world, 'DELETE', '/api/v1/orders?instrument=BTCUSDT&strategyId=grid&includeProtective=true'),
      await ask(world, 'DELETE', '/api/v1/orders'),
      await ask(world, 'POST', '/api/v1/positions/close', { instrument: 'BTCUSDT' }),
      await ask(world, 'POST', '/api/v1/strategies/my-grid/state', { state: 'paused', reason: 'news' }),
      await ask(world, 'PUT', '/api/v1/strategies/my-grid/parameters', { parameters: { fast: 12 } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(actions(asked)).toEqual([
      { kind: 'cancel-order', clientOrderId: 'm1/a b' },
      { kind: 'cancel-all', instrument: 'BTCUSDT', strategyId: 'grid', includeProtective: true },
      { kind: 'cancel-all', instrument: null, strategyId: null, includeProtective: false },
      { kind: 'close-position', strategyId: 'manual', instrument: 'BTCUSDT', reason: null },
      { kind: 'set-strategy', strategyId: 'my-grid', state: 'paused', reason: 'news' },
      { kind: 'set-parameters', strategyId: 'my-grid', parameters: { fast: 12 } },
    ]);
  });

  it('is refused where it is no such thing: in the body, the query, or for an order that has ended', async () => {
    const world = await startWorld();
    const filled = sampleOrder('done', { status: 'filled' });
    expectOk(await world.ledger.commit({ accountId: sampleAccount, orders: [filled] }));
    answering(world, { ...DONE, error: { code: 'order_unknown', message: 'no such order' } });
    const code = async (method: string, path: string, body?: object): Promise<unknown> => {
      const { status, body: said } = await ask(world, method, path, body);
      return [status, (said as { readonly error: { readonly code: string } }).error.code];
    };
    expect(await code('DELETE', '/api/v1/orders/nobody')).toEqual([404, 'order_unknown']);
    expect(await code('DELETE', '/api/v1/orders/done')).toEqual([409, 'order_final']);
    expect(await code('DELETE', '/api/v1/orders?includeProtective=perhaps')).toEqual([400, 'parameter_invalid']);
    expect(await code('POST', '/api/v1/strategies/grid/state', { state: 'asleep', reason: 'x' })).toEqual([
      400,
      'parameter_invalid',
    ]);
    expect(await code('PUT', '/api/v1/strategies/grid/parameters', { parameters: { fast: [1] } })).toEqual([
      400,
      'parameter_invalid',
    ]);
  });
});

const STRATEGY: StrategyMessage = {
  id: 'grid',
  name: 'grid',
  description: null,
  status: 'failed',
  reason: 'onBar had not returned after 2100 ms',
  failure: null,
  sinceMs: T0,
  instruments: [BTC],
  intervals: ['1m'],
  parameterSpecs: {},
  parameters: { step: 5 },
  warmUp: [],
  positions: null,
};
const ALERT: AlertMessage = {
  id: 'halt:1',
  timeMs: T0,
  kind: 'halt',
  severity: 'critical',
  title: 'Trading is halted',
  text: 'a person said so',
  details: {},
};

describe('strategies and alerts', () => {
  it('are null with a reason until the trading role reports them, then as reported', async () => {
    const world = await startWorld();
    const before = await call(world, '/api/v1/strategies');
    expect(before).toMatchObject({ status: 200, body: { items: null, absence: { code: 'not_reported' } } });
    await expectDocumented(world, '/api/v1/strategies', before);
    world.publish(topics.strategies, [STRATEGY]);
    expectOk(await world.stream.drain(1_000));
    const after = await call(world, '/api/v1/strategies');
    expect(after.body).toEqual({ items: [STRATEGY], nextCursor: null, absence: null });
    await expectDocumented(world, '/api/v1/strategies', after);
    expect(unwrap(await new MonstaClient({ baseUrl: world.url }).strategies()).items).toEqual([STRATEGY]);
  });

  it('come over the socket: the present list at once and every change of it, and alerts one by one', async () => {
    const world = await startWorld();
    world.publish(topics.strategies, [STRATEGY]);
    expectOk(await world.stream.drain(1_000));
    const socket = new MonstaSocket({ url: world.wsUrl, backoffMinMs: 10, backoffMaxMs: 20 });
    onTestFinished(() => socket.close());
    const lists: (readonly StrategyMessage[])[] = [];
    const alerts: string[] = [];
    socket.subscribe('strategies', (list) => lists.push(list));
    socket.subscribe('alerts', ({ id }) => alerts.push(id));
    socket.connect();
    await expect.poll(() => lists.at(-1)?.map(({ status }) => status)).toEqual(['failed']);
    world.publish(topics.strategies, [{ ...STRATEGY, status: 'running', reason: null, failure: null }]);
    await expect.poll(() => lists.at(-1)?.map(({ status }) => status)).toEqual(['running']);
    world.publish(topics.alerts, ALERT);
    world.publish(topics.alerts, { ...ALERT, id: 'halt:2' });
    await expect.poll(() => alerts).toEqual(['halt:1', 'halt:2']);
  });
});
