import type { BacktestSpecInput } from '@monsta/contracts';
import { describe, expect, it } from 'vitest';
import type { FetchLike, RequestInitLike, ResponseLike } from './environment.ts';
import { MonstaClient } from './rest.ts';
import { MonstaError, unwrap } from './unwrap.ts';

interface Call {
  readonly url: string;
  readonly init: RequestInitLike;
}

function answering(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  const calls: Call[] = [];
  const reply: ResponseLike = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => headers[name] ?? null },
    text: () => Promise.resolve(body),
  };
  const fetch: FetchLike = (url, init) => {
    calls.push({ url, init });
    return Promise.resolve(reply);
  };
  return { calls, fetch };
}

const halt = { state: 'HALTED', reason: 'enough', flatten: false } as const;
const fault = (code: string, details?: unknown): string =>
  JSON.stringify({ error: { code, message: 'said so', ...(details === undefined ? {} : { details }) } });

describe('the REST client', () => {
  it('asks for what it is told, leaving out what it is not', async () => {
    const { calls, fetch } = answering(200, '{"items":[],"nextCursor":null}');
    const client = new MonstaClient({ baseUrl: 'http://host:1/', fetch });
    expect(unwrap(await client.bars({ instrument: 'A&B', interval: '1m', limit: 5 }))).toEqual({
      items: [],
      nextCursor: null,
    });
    await client.orders();
    await client.fills({ instrument: 'BTCUSDT', cursor: 'a b' });
    await client.performance({ fromMs: 0, strategy: 'ema cross' });
    await client.roundTrips({ limit: 2 });
    await client.alerts();
    await client.testAlerts();
    expect(calls.map(({ url }) => url)).toEqual([
      'http://host:1/api/v1/bars?instrument=A%26B&interval=1m&limit=5',
      'http://host:1/api/v1/orders',
      'http://host:1/api/v1/fills?instrument=BTCUSDT&cursor=a%20b',
      'http://host:1/api/v1/performance?fromMs=0&strategy=ema%20cross',
      'http://host:1/api/v1/round-trips?limit=2',
      'http://host:1/api/v1/alerts',
      'http://host:1/api/v1/alerts/test',
    ]);
    expect(calls.at(-1)?.init).toMatchObject({ method: 'POST', body: '{"channel":null}' });
  });

  it('asks for backtests, and has them run, canceled and removed', async () => {
    const { calls, fetch } = answering(200, '{}');
    const client = new MonstaClient({ fetch });
    await client.backtests({ limit: 5, cursor: 'a b' });
    await client.backtestChoices();
    await client.backtestStatistics('ko');
    await client.backtest('a/b');
    await client.backtestTrades('a', { limit: 2 });
    await client.backtestEquity('a', { points: 50 });
    await client.backtestPrices('a', { instrument: 'BTCUSDT' });
    await client.runBacktest({ strategy: 'ema-cross', data: { kind: 'collected' }, instruments: ['BTCUSDT'] });
    await client.cancelBacktest('a');
    await client.removeBacktest('a');
    expect(calls.map(({ url, init }) => `${init.method} ${url}`)).toEqual([
      'GET /api/v1/backtests?limit=5&cursor=a%20b',
      'GET /api/v1/backtests/choices',
      'GET /api/v1/backtests/statistics?language=ko',
      'GET /api/v1/backtests/a%2Fb',
      'GET /api/v1/backtests/a/trades?limit=2',
      'GET /api/v1/backtests/a/equity?points=50',
      'GET /api/v1/backtests/a/prices?instrument=BTCUSDT',
      'POST /api/v1/backtests',
      'POST /api/v1/backtests/a/cancel',
      'DELETE /api/v1/backtests/a',
    ]);
    expect(calls[7]?.init.body).toBe('{"strategy":"ema-cross","data":{"kind":"collected"},"instruments":["BTCUSDT"]}');
  });

  it('asks for optimisations, and has them run, canceled and removed', async () => {
    const { calls, fetch } = answering(200, '{}');
    const client = new MonstaClient({ fetch });
    await client.optimizations({ limit: 5, cursor: 'a b' });
    await client.optimization('a/b');
    const backtest: BacktestSpecInput = {
      strategy: 'ema-cross',
      data: { kind: 'collected' },
      instruments: ['BTCUSDT'],
    };
    await client.runOptimization({ backtest, trials: 5 });
    await client.cancelOptimization('a');
    await client.removeOptimization('a');
    expect(calls.map(({ url, init }) => `${init.method} ${url}`)).toEqual([
      'GET /api/v1/optimizations?limit=5&cursor=a%20b',
      'GET /api/v1/optimizations/a%2Fb',
      'POST /api/v1/optimizations',
      'POST /api/v1/optimizations/a/cancel',
      'DELETE /api/v1/optimizations/a',
    ]);
    expect(JSON.parse(String(calls[2]?.init.body))).toEqual({ backtest, trials: 5 });
  });

  it('sends the token with changes only, and none once it is forgotten', async () => {
    const { calls, fetch } = answering(200, '{}');
    const client = new MonstaClient({ token: 'secret', fetch });
    await client.status();
    await client.setTradingState(halt);
    client.setToken(null);
    await client.setTradingState(halt);
    expect(calls.map(({ init }) => init.headers['authorization'])).toEqual([undefined, 'Bearer secret', undefined]);
    expect(calls[1]?.init).toMatchObject({ method: 'POST', body: JSON.stringify(halt) });
    expect(client.hasToken).toBe(false);
  });

  it('gives the server’s own code, message and details', async () => {
    const { fetch } = answering(400, fault('parameter_invalid', { faults: [1] }));
    const result = await new MonstaClient({ fetch }).instruments();
    expect(result).toMatchObject({
      ok: false,
      fault: {
        code: 'parameter_invalid',
        message: 'said so',
        retry: 'permanent',
        details: { status: 400, details: { faults: [1] } },
      },
    });
    expect(() => unwrap(result)).toThrow(MonstaError);
  });

  it.each([
    [
      429,
      fault('too_many_requests'),
      { 'retry-after': '3' },
      { code: 'too_many_requests', retry: 'retryable', retryAfterMs: 3_000 },
    ],
    [503, fault('not_ready'), {}, { code: 'not_ready', retry: 'retryable' }],
    [502, '<html>proxy</html>', {}, { code: 'http_502', retry: 'retryable' }],
    [404, 'null', {}, { code: 'http_404', retry: 'permanent' }],
  ])('makes of %i what can be done about it', async (status, body, headers, expected) => {
    const { fetch } = answering(status, body, headers);
    expect(await new MonstaClient({ fetch }).status()).toMatchObject({ ok: false, fault: expected });
  });

  it('knows when it can’t know whether a change was made', async () => {
    const unsure = { ok: false, fault: { retry: 'unknown_outcome' } };
    for (const [status, body] of [
      [502, 'proxy'],
      [504, fault('outcome_unknown')],
    ] as const) {
      const { fetch } = answering(status, body);
      expect(await new MonstaClient({ fetch }).setTradingState(halt)).toMatchObject(unsure);
    }
    const cut: FetchLike = () => Promise.reject(new TypeError('socket hang up'));
    expect(await new MonstaClient({ fetch: cut }).setTradingState(halt)).toMatchObject(unsure);
    expect(await new MonstaClient({ fetch: cut }).status()).toMatchObject({
      fault: { code: 'network_failed', retry: 'retryable' },
    });
  });

  it('ends by its own deadline and by the caller’s signal', async () => {
    const never: FetchLike = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        const stop = (): void => reject(new Error('aborted'));
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      });
    const client = new MonstaClient({ fetch: never, timeoutMs: 5 });
    expect(await client.status()).toMatchObject({ fault: { code: 'request_timeout' } });
    expect(await client.status({ signal: AbortSignal.abort() })).toMatchObject({ fault: { code: 'request_aborted' } });
  });

  it('refuses a reply that is no JSON', async () => {
    const { fetch } = answering(200, '<html>');
    expect(await new MonstaClient({ fetch }).status()).toMatchObject({ fault: { code: 'reply_malformed' } });
  });
});
