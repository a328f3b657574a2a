import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@monsta/contracts';
import { expectOk, price, quantity, usFromMs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, call, get, startWorld, T0 } from './world.test-support.ts';

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
    ['/api/v1/bars?instrument=BTCUSDT&interval=7m', 400, 'interval_unknown', '1m'],
    ['/api/v1/bars?instrument=BTCUSDT&interval=1M', 400, 'interval_unknown', 'months differ in length'],
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
    const { body } = await get(world, '/api/v1/bars?interval=7m&limit=-1&x=1');
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
        ...['', '/{id}'].map((name) => `GET /api/v1/models${name}`),
        ...['promote', 'retire'].map((name) => `POST /api/v1/models/{id}/${name}`),
        'POST /api/v1/alerts/test',
        ...['GET', 'POST', 'DELETE'].map((method) => `${method} /api/v1/exchange-keys`),
        ...['', '/choices', '/statistics', '/{id}', '/{id}/trades', '/{id}/equity', '/{id}/prices', '/{id}/report'].map(
          (name) => `GET /api/v1/backtests${name}`,
        ),
        ...['', '/{id}', '/{id}/report'].map((name) => `GET /api/v1/optimizations${name}`),
        ...['', '/description', '/report'].map((name) => `GET /api/v1/data${name}`),
        ...['backtests', 'optimizations'].flatMap((name) => [
          `POST /api/v1/${name}`,
          `POST /api/v1/${name}/{id}/cancel`,
          `DELETE /api/v1/${name}/{id}`,
        ]),
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
