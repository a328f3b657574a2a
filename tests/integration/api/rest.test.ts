import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalSubjects, topics } from '@monsta/contracts';
import { clientOrderId, expectOk, price, quantity, usFromMs } from '@monsta/core';
import { sampleAccount, sampleDecision, sampleFill, sampleOrder, sampleState } from '@monsta/testkit';
import { describe, expect, it, vi } from 'vitest';
import { account, position } from './samples.test-support.ts';
import {
  answerCommands,
  BTC,
  call,
  expectDocumented,
  startWorld,
  T0,
  type Answer,
  type CallOptions,
  type World,
} from './world.test-support.ts';

/** Every JSON reply asked for here is held against the document. */
async function get(world: World, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await call(world, path, options);
  await expectDocumented(world, path, answer, options.method);
  return answer;
}

describe('the market', () => {
  it('is told as lists of exact decimals', async () => {
    const world = await startWorld();
    expect((await get(world, '/api/v1/instruments')).body).toMatchObject({
      items: [{ id: 'BTCUSDT', tickSize: '0.01', lotSize: '0.00001', notionalMin: '5' }],
      nextCursor: null,
    });
    expect((await get(world, '/api/v1/trades?instrument=BTCUSDT')).body).toEqual({
      items: [{ instrument: BTC, tradeId: 41, price: '60000.10', quantity: '0.00200', timeMs: T0, buyerIsMaker: true }],
      nextCursor: null,
    });
  });

  it('gives bars oldest first, and older ones by cursor until there are none, each once', async () => {
    const world = await startWorld();
    const openTimes: number[] = [];
    let path = '/api/v1/bars?instrument=BTCUSDT&interval=1m&limit=4';
    for (let page = 0; page < 4; page += 1) {
      const { body } = await get(world, path);
      const { items, nextCursor } = body as {
        items: { openTimeMs: number; open: string }[];
        nextCursor: string | null;
      };
      openTimes.unshift(...items.map((bar) => bar.openTimeMs));
      if (nextCursor === null) break;
      path = `/api/v1/bars?instrument=BTCUSDT&interval=1m&limit=4&cursor=${nextCursor}`;
    }
    expect(openTimes).toEqual(Array.from({ length: 10 }, (_, index) => T0 + index * 60_000));
    const before = await get(world, `/api/v1/bars?instrument=BTCUSDT&interval=1m&beforeMs=${T0 + 120_000}`);
    expect((before.body as { items: unknown[] }).items).toHaveLength(2);
  });

  it('has no book while it is not in step, and says so', async () => {
    const world = await startWorld();
    const absent = await get(world, '/api/v1/book?instrument=BTCUSDT');
    expect(absent.status).toBe(200);
    expect(absent.body).toMatchObject({ bids: null, asks: null, absence: { code: 'book_not_in_step' } });
    world.market.book_ = {
      kind: 'book-snapshot',
      instrument: BTC,
      lastUpdateId: 9,
      bids: [[price(6_000_000), quantity(5)]],
      asks: [[price(6_000_001), quantity(7)]],
      tsEventUs: usFromMs(T0),
      tsInitUs: usFromMs(T0),
    };
    expect((await get(world, '/api/v1/book?instrument=BTCUSDT&depth=1')).body).toEqual({
      instrument: BTC,
      lastUpdateId: 9,
      bids: [['60000.00', '0.00005']],
      asks: [['60000.01', '0.00007']],
      timeMs: T0,
      absence: null,
    });
  });

  it('says why a model says nothing', async () => {
    const world = await startWorld();
    expect((await get(world, '/api/v1/predictions?instrument=BTCUSDT')).body).toMatchObject({
      items: [
        { model: 'logistic-5m', probabilityUp: null, score: null, hasVote: false, absence: { code: 'training' } },
      ],
    });
  });

  it('that is being loaded is 503 not_ready', async () => {
    const world = await startWorld();
    world.market.ready = false;
    const answer = await get(world, '/api/v1/bars?instrument=BTCUSDT&interval=1m');
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'not_ready' } } });
  });
});

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

describe('bad input', () => {
  const bars = '/api/v1/bars?instrument=BTCUSDT&interval=1m';
  it.each([
    [`${bars}&limit=-1`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=0`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=5001`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=1.5`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=1e3`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=0x10`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=9007199254740993`, 400, 'parameter_invalid', 'query.limit'],
    [`${bars}&limit=5&limit=6`, 400, 'parameter_invalid', 'more than once'],
    [`${bars}&beforeMs=-1`, 400, 'parameter_invalid', 'query.beforeMs'],
    [`${bars}&beforeMs=1&cursor=1`, 400, 'parameter_invalid', 'not both'],
    [`${bars}&cursor=abc`, 400, 'cursor_invalid', 'nextCursor'],
    [`${bars}&symbol=X`, 400, 'parameter_invalid', 'query.symbol: unknown; known are instrument'],
    ['/api/v1/bars?instrument=BTCUSDT&interval=3m', 400, 'interval_unknown', '1m'],
    ['/api/v1/bars', 400, 'parameter_invalid', 'query.interval'],
    ['/api/v1/bars?instrument=NOPE&interval=1m', 404, 'instrument_unknown', 'NOPE'],
    ['/api/v1/bars?instrument=btcusdt&interval=1m', 404, 'instrument_unknown', 'btcusdt'],
    ['/api/v1/bars?instrument=%F0%9F%92%A3&interval=1m', 404, 'instrument_unknown', 'instrument'],
    ['/api/v1/book?instrument=BTCUSDT&depth=1001', 400, 'parameter_invalid', 'query.depth'],
    ['/api/v1/trades?instrument=NOPE', 404, 'instrument_unknown', 'NOPE'],
    ['/api/v1/predictions', 400, 'parameter_invalid', 'query.instrument'],
    ['/api/v1/status?verbose=1', 400, 'parameter_invalid', 'none is taken here'],
  ])('%s is %i %s', async (path, status, code, said) => {
    const world = await startWorld();
    const answer = await get(world, path);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.text).toContain(said);
  });

  it('has all its faults named together', async () => {
    const world = await startWorld();
    const { body } = await get(world, '/api/v1/bars?interval=3m&limit=-1&x=1');
    const { error } = body as { error: { code: string; details: { faults: { where: string; code: string }[] } } };
    expect(error.code).toBe('parameter_invalid');
    expect(error.details.faults.map(({ where, code }) => `${where} ${code}`).sort()).toEqual([
      'query.instrument parameter_invalid',
      'query.interval interval_unknown',
      'query.limit parameter_invalid',
      'query.x parameter_invalid',
    ]);
  });

  it('on unknown paths is 404, with another method 405 and the right one named', async () => {
    const world = await startWorld();
    expect(await call(world, '/api/v1/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const wrong = await call(world, '/api/v1/trading/state', { method: 'DELETE' });
    expect(wrong).toMatchObject({ status: 405, body: { error: { code: 'method_not_allowed' } } });
    expect(wrong.headers['allow']).toBe('GET, POST');
  });

  it('under a name that is not ours is refused, for pages, data and sockets alike', async () => {
    const world = await startWorld();
    for (const path of ['/', '/api/v1/status', '/ws', '/nothing'])
      expect(await call(world, path, { headers: { host: 'evil.example:8080' } })).toMatchObject({
        status: 403,
        body: { error: { code: 'host_forbidden' } },
      });
    const named = await startWorld({ http: { hostsAllowed: ['monsta.lan'] } });
    expect((await call(named, '/healthz', { headers: { host: 'monsta.lan:8080' } })).status).toBe(200);
  });
});

describe('the program', () => {
  it('tells its status with the feeds and the trading state', async () => {
    const world = await startWorld();
    expect((await get(world, '/api/v1/status')).body).toMatchObject({
      venue: 'simulated',
      origin: 'simulated',
      disclosure: 'a made-up market',
      venueTimeMs: T0,
      feeds: [{ instrument: BTC, status: 'live' }],
      trading: { state: 'HALTED' },
    });
    world.market.ready = false;
    expect((await get(world, '/api/v1/status')).body).toMatchObject({ venueTimeMs: null, feeds: [] });
  });

  it('is ready when every role is, and says what is missing until then', async () => {
    const world = await startWorld();
    expect((await get(world, '/readyz')).status).toBe(200);
    world.status.roles = [{ name: 'price-collector', ready: false, waitingFor: ['history of BTCUSDT'] }];
    const waiting = await get(world, '/readyz');
    expect(waiting).toMatchObject({ status: 503, body: { ready: false } });
    expect(waiting.text).toContain('history of BTCUSDT');
    expect((await get(world, '/healthz')).body).toEqual({ status: 'alive' });
    world.status.roles = [];
    expect((await get(world, '/readyz')).status).toBe(503);
    world.status.roles = [{ name: 'api-gateway', ready: true, waitingFor: [] }];
    await world.gateway.drain();
    expect((await get(world, '/readyz')).text).toContain('stopping');
  });

  it('counts requests by route, never by path', async () => {
    const world = await startWorld();
    await call(world, '/healthz');
    await call(world, '/api/v1/bars?limit=-1');
    const { text } = await get(world, '/metrics');
    expect(text).toContain('monsta_http_requests_total{method="GET",route="/api/v1/bars",status="400"} 1');
    expect(text).toContain('monsta_http_duration_seconds_count{route="/healthz"} 1');
  });

  it('publishes its status for live pages', async () => {
    const world = await startWorld({ http: { statusIntervalMs: 100 } });
    const first = await new Promise((resolve) => {
      expectOk(
        world.stream.subscribe({
          subject: topics.status,
          queueMax: 10,
          overflow: 'end',
          onMessage: ({ payload }) => resolve(payload),
        }),
      );
    });
    expect(first).toMatchObject({ venue: 'simulated', trading: { mode: 'paper' } });
  });

  it('documents every route and every page of its own, offline', async () => {
    const world = await startWorld();
    const { body } = await get(world, '/openapi.json');
    const document = body as { paths: Record<string, Record<string, { operationId: string }>> };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const market = ['instruments', 'bars', 'trades', 'book', 'predictions'];
    const own = [
      'status',
      'decisions',
      'orders',
      'fills',
      'positions',
      'account',
      'alerts',
      'trading/state',
      'strategies',
      'risk',
      'performance',
      'round-trips',
      'export/fills.csv',
      'export/round-trips.csv',
    ];
    expect(operations.sort()).toEqual(
      [
        ...[...market, ...own].map((name) => `GET /api/v1/${name}`),
        'POST /api/v1/trading/state',
        ...['POST /api/v1/orders', 'DELETE /api/v1/orders', 'DELETE /api/v1/orders/{id}'],
        'POST /api/v1/positions/close',
        ...['POST /api/v1/strategies/{id}/state', 'PUT /api/v1/strategies/{id}/parameters'],
        'POST /api/v1/alerts/test',
        ...['GET', 'POST', 'DELETE'].map((method) => `${method} /api/v1/exchange-keys`),
        ...['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'].map((path) => `GET ${path}`),
      ].sort(),
    );
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const docs = await get(world, '/docs');
    for (const path of Object.keys(document.paths)) expect(docs.text).toContain(path);
    expect(docs.text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('serves the dashboard with a policy that lets nothing foreign in, and says so when it is not built', async () => {
    const unbuilt = await startWorld();
    expect(await call(unbuilt, '/')).toMatchObject({ status: 503 });
    expect((await call(unbuilt, '/')).text).toContain('npm run build');
    const files = mkdtempSync(join(tmpdir(), 'monsta-page-'));
    writeFileSync(join(files, 'index.html'), '<!doctype html><title>page</title>');
    const built = await startWorld({ files });
    const page = await call(built, '/');
    rmSync(files, { recursive: true });
    expect(page).toMatchObject({ status: 200, text: '<!doctype html><title>page</title>' });
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect((await call(built, '/api/v1/nothing')).status).toBe(404);
    expect((await call(built, '/healthz')).headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
  });
});
