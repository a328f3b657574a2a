import { internalSubjects, topics } from '@monsta/contracts';
import { clientOrderId, expectOk, quantity, usFromMs } from '@monsta/core';
import { sampleAccount, sampleDecision, sampleFill, sampleOrder, sampleState } from '@monsta/testkit';
import { describe, expect, it, vi } from 'vitest';
import { account, position } from './samples.test-support.ts';
import { answerCommands, call, get, startWorld, T0, type World } from './world.test-support.ts';

describe('the account', () => {
  it('is null with a reason until the trading role reports it, then as reported', async () => {
    const world = await startWorld();
    expect((await get(world, '/api/v1/account')).body).toMatchObject({
      equity: null,
      balances: null,
      absence: { code: 'not_reported' },
    });
    expect((await get(world, '/api/v1/positions')).body).toMatchObject({
      items: null,
      absence: { code: 'not_reported' },
    });
    expect((await get(world, '/api/v1/performance')).body).toMatchObject({ slippage: null });
    world.publish(topics.account, account);
    world.publish(topics.positions, [position]);
    expectOk(await world.stream.drain(1_000));
    expect((await get(world, '/api/v1/account')).body).toEqual({ ...account, absence: null });
    expect((await get(world, '/api/v1/performance')).body).toMatchObject({ slippage: account.slippage });
    expect((await get(world, '/api/v1/performance?strategy=other')).body).toMatchObject({ slippage: [] });
    expect((await get(world, '/api/v1/positions')).body).toEqual({
      items: [position],
      nextCursor: null,
      absence: null,
    });
  });

  it('is not taken from a message out of form', async () => {
    const world = await startWorld();
    world.publish(topics.account, { ...account, equity: 10_000 });
    await world.stream.drain(1_000);
    expect((await get(world, '/api/v1/account')).body).toMatchObject({ equity: null });
    expect(world.telemetry.records.some(({ message }) => message === 'a message is not in its form')).toBe(true);
  });

  it('of a MONSTA without trading says just that', async () => {
    const world = await startWorld();
    world.status.tradingMode = 'off';
    expect((await get(world, '/api/v1/account')).body).toMatchObject({ absence: { code: 'trading_off' } });
    expect((await get(world, '/api/v1/trading/state')).body).toMatchObject({ mode: 'off', state: 'HALTED' });
    const answer = await call(world, '/api/v1/trading/state', {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}` },
      body: '{"state":"ACTIVE","reason":"go"}',
    });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'trading_off' } } });
    expect(world.telemetry.records).toContainEqual(
      expect.objectContaining({
        message: 'a command was not carried out',
        fields: expect.objectContaining({ code: 'trading_off', command: 'set-state', actor: 'admin' }) as object,
      }),
    );
  });

  it('has its orders, fills and decisions from the ledger, newest first and paged', async () => {
    const world = await startWorld();
    const ids = ['order-1', 'order-2', 'order-3'];
    expectOk(
      await world.ledger.commit({
        accountId: sampleAccount,
        orders: ids.map((id, index) =>
          sampleOrder(id, {
            status: 'filled',
            filledQuantity: quantity(2_000),
            filledNotional: sampleOrder(id).filledNotional,
            createdUs: usFromMs(T0 + index),
            updatedUs: usFromMs(T0 + index),
          }),
        ),
        fills: [sampleFill('fill-1', { clientOrderId: clientOrderId('order-1') })],
        decisions: [sampleDecision('ema-cross:BTCUSDT:1m:1')],
      }),
    );
    const first = await get(world, '/api/v1/orders?limit=2');
    const { items, nextCursor } = first.body as { items: { clientOrderId: string }[]; nextCursor: string };
    expect(items.map((order) => order.clientOrderId)).toEqual(['order-3', 'order-2']);
    const second = await get(world, `/api/v1/orders?limit=2&cursor=${encodeURIComponent(nextCursor)}`);
    expect(second.body).toMatchObject({ items: [{ clientOrderId: 'order-1', quantity: '0.02000' }], nextCursor: null });
    expect((await get(world, '/api/v1/fills?instrument=BTCUSDT')).body).toMatchObject({
      items: [{ fillId: 'fill-1', price: '61737.63', quantity: '0.01000', fee: '0.6173763', feeAsset: 'USDT' }],
    });
    expect((await get(world, '/api/v1/decisions')).body).toMatchObject({
      items: [{ action: 'hold', wanted: { fast: '61737.1' }, risk: null }],
    });
    expect(await get(world, '/api/v1/orders?cursor=nonsense')).toMatchObject({
      status: 400,
      body: { error: { code: 'cursor_invalid' } },
    });
    expect((await get(world, '/api/v1/fills?instrument=NOPE')).status).toBe(404);
  });
});

describe('the kill switch', () => {
  const halt = (world: World, body: unknown = { state: 'HALTED', reason: 'enough' }, token = world.token) =>
    get(world, '/api/v1/trading/state', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it('goes to the trading role and answers when the change is durable', async () => {
    const world = await startWorld();
    answerCommands(world.stream, world.ledger);
    const answer = await halt(world);
    expect(answer).toMatchObject({ status: 200, body: { state: 'HALTED', reason: 'enough', by: 'user' } });
    expect(expectOk(await world.ledger.account(sampleAccount))).toMatchObject({ tradingState: 'HALTED' });
    await world.stream.drain(1_000);
    expect((await get(world, '/api/v1/trading/state')).body).toMatchObject({ state: 'HALTED', reason: 'enough' });
  });

  it('says who asked and whether to flatten', async () => {
    const world = await startWorld({ http: { commandTimeoutMs: 10 } });
    const commands: unknown[] = [];
    expectOk(
      world.stream.subscribe({
        subject: internalSubjects.tradingCommands,
        queueMax: 10,
        overflow: 'end',
        onMessage: ({ payload }) => void commands.push(payload),
      }),
    );
    await halt(world, { state: 'HALTED', reason: 'enough', flatten: true });
    await halt(world);
    expect(commands).toMatchObject([
      { actor: 'admin', action: { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: true } },
      { action: { flatten: false } },
    ]);
    expect(new Set(commands.map((command) => (command as { id: string }).id)).size).toBe(2);
  });

  it('says that the outcome is unknown when no answer comes', async () => {
    const world = await startWorld({ http: { commandTimeoutMs: 20 } });
    const answer = await halt(world);
    expect(answer).toMatchObject({ status: 504, body: { error: { code: 'outcome_unknown' } } });
    expect(answer.text).toContain('may or may not');
  });

  it('passes on why the trading role refuses', async () => {
    const world = await startWorld();
    answerCommands(world.stream, world.ledger, { code: 'state_conflict', message: 'halted by risk' });
    expect(await halt(world)).toMatchObject({ status: 409, body: { error: { code: 'state_conflict' } } });
  });

  it('shows the state of the ledger until the trading role speaks', async () => {
    const world = await startWorld();
    expect((await get(world, '/api/v1/trading/state')).body).toMatchObject({ state: 'HALTED', by: 'system' });
    const account = sampleState({ tradingState: 'REDUCING', tradingStateReason: 'daily loss', tradingStateBy: 'risk' });
    expectOk(await world.ledger.commit({ accountId: sampleAccount, account }));
    expect((await get(world, '/api/v1/trading/state')).body).toMatchObject({ state: 'REDUCING', by: 'risk' });
  });

  it('takes no call without the token, and nothing reaches the trading role then', async () => {
    const world = await startWorld();
    const reached = vi.fn<() => void>();
    expectOk(
      world.stream.subscribe({
        subject: internalSubjects.tradingCommands,
        queueMax: 10,
        overflow: 'end',
        onMessage: reached,
      }),
    );
    const path = '/api/v1/trading/state';
    const body = '{"state":"HALTED","reason":"x"}';
    const bare = await get(world, path, { method: 'POST', body });
    expect(bare).toMatchObject({ status: 401, body: { error: { code: 'token_missing' } } });
    expect(bare.headers['www-authenticate']).toContain('Bearer');
    const changed = world.token.slice(0, -8) + (world.token.at(-8) === 'A' ? 'B' : 'A') + world.token.slice(-7);
    expect(await halt(world, body, changed)).toMatchObject({ status: 401, body: { error: { code: 'token_invalid' } } });
    const foreign = await get(world, path, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${world.token}`, origin: 'https://evil.example' },
    });
    expect(foreign).toMatchObject({ status: 403, body: { error: { code: 'origin_forbidden' } } });
    await world.stream.drain(1_000);
    expect(reached).not.toHaveBeenCalled();
  });

  it('slows down who guesses, but never the holder of the right token', async () => {
    const world = await startWorld({ http: { wrongTokensMax: 3, wrongTokensPerMinute: 6 } });
    answerCommands(world.stream, world.ledger);
    for (let guess = 0; guess < 3; guess += 1) expect((await halt(world, undefined, `guess${guess}`)).status).toBe(401);
    const slowed = await halt(world, undefined, 'guess');
    expect(slowed).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThanOrEqual(9);
    expect((await halt(world)).status).toBe(200);
  });

  it.each([
    ['no JSON', '{"state":', 400, 'message_malformed'],
    ['nothing', '', 400, 'message_malformed'],
    ['a list', '[]', 400, 'parameter_invalid'],
    ['an unknown state', '{"state":"STOP","reason":"x"}', 400, 'parameter_invalid'],
    ['no reason', '{"state":"HALTED"}', 400, 'parameter_invalid'],
    ['an empty reason', '{"state":"HALTED","reason":""}', 400, 'parameter_invalid'],
    ['an unknown key', '{"state":"HALTED","reason":"x","force":true}', 400, 'parameter_invalid'],
    ['too much', `{"state":"HALTED","reason":"${'x'.repeat(1_000)}"}`, 413, 'body_too_large'],
  ])('refuses a body that is %s', async (_, body, status, code) => {
    const world = await startWorld({ http: { bodyBytesMax: 500 } });
    expect(await halt(world, body)).toMatchObject({ status, body: { error: { code } } });
  });

  it('names every fault of a body at once', async () => {
    const world = await startWorld();
    const answer = await halt(world, { state: 'STOP', force: 1, flatten: 'yes' });
    for (const name of ['body.state', 'body.reason', 'body.force', 'body.flatten']) expect(answer.text).toContain(name);
  });
});
