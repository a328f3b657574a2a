import type { ScriptedReply } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import type { RestCall } from './rest-client.ts';
import { DOCUMENTED_KEY, makeRestWorld, ORDER, READ, venueError } from './rest-world.test-support.ts';

const CANCEL: RestCall = { ...ORDER, method: 'DELETE', orders: 0 };
const REPLACE: RestCall = { ...ORDER, path: '/api/v3/order/cancelReplace' };

/** What the venue, or the way to it, does; and what becomes of a read and of a change by that. */
interface Case {
  readonly when: string;
  readonly reply: ScriptedReply;
  readonly read: { readonly code: string; readonly retry: string; readonly attempts: number };
  readonly change: { readonly code: string; readonly retry: string };
  readonly details?: Readonly<Record<string, unknown>>;
}

const unreachable = { code: 'venue_unreachable', retry: 'retryable', attempts: 4 };
const unknown = { code: 'outcome_unknown', retry: 'unknown_outcome' };
const limited = { code: 'venue_limited', retry: 'retryable' };
const final = (code: string) => ({
  read: { code, retry: 'permanent', attempts: 1 },
  change: { code, retry: 'permanent' },
});

const CASES: readonly Case[] = [
  {
    when: 'nobody takes the connection',
    reply: { fail: 'refused' },
    read: unreachable,
    change: { code: 'venue_unreachable', retry: 'retryable' },
  },
  {
    when: 'the certificate is not trusted',
    reply: { fail: 'untrusted' },
    read: unreachable,
    change: { code: 'venue_unreachable', retry: 'retryable' },
  },
  { when: 'the connection is cut after sending', reply: { fail: 'cut' }, read: unreachable, change: unknown },
  { when: 'nothing is answered', reply: { fail: 'silence' }, read: unreachable, change: unknown },
  { when: 'the answer comes too late', reply: { status: 200, delayMs: 10_000 }, read: unreachable, change: unknown },
  { when: 'the venue fails', reply: { status: 502, body: '<html>' }, read: unreachable, change: unknown },
  {
    when: 'the venue says −1007',
    reply: venueError(408, -1007, 'Timeout waiting for response from backend server.'),
    read: unreachable,
    change: unknown,
    details: { status: 408, venueCode: -1007 },
  },
  {
    when: 'the venue says −1006',
    reply: venueError(400, -1006, 'An unexpected response was received from the message bus.'),
    read: unreachable,
    change: unknown,
  },
  {
    when: 'the venue refuses the request',
    reply: venueError(400, -2010, 'Account has insufficient balance for requested action.'),
    ...final('venue_rejected'),
    details: {
      status: 400,
      venueCode: -2010,
      venueMessage: 'Account has insufficient balance for requested action.',
      venueData: null,
    },
  },
  {
    when: 'the path is unknown',
    reply: { status: 404, body: '' },
    ...final('venue_rejected'),
    details: { status: 404 },
  },
  { when: 'the answer leads elsewhere', reply: { status: 301 }, ...final('venue_protocol') },
  { when: 'the location is not served', reply: { status: 451 }, ...final('venue_unreachable') },
  ...[
    { status: 401, code: -2014 },
    { status: 401, code: -2015 },
    { status: 400, code: -1022 },
    { status: 401, code: -1002 },
    { status: 403, code: -2015 },
  ].map(({ status, code }) => ({
    when: `the venue refuses the key (${status}, ${code})`,
    reply: venueError(status, code, 'no'),
    ...final('venue_key'),
  })),
  {
    when: 'the address is banned',
    reply: venueError(418, -1003, 'IP banned.', { 'Retry-After': '180' }),
    read: { ...limited, attempts: 1 },
    change: limited,
  },
  {
    when: 'the address is over its limit for longer than a trading call may wait',
    reply: venueError(429, -1003, 'Too much request weight used.', { 'Retry-After': '30' }),
    read: { ...limited, attempts: 1 },
    change: limited,
  },
  {
    when: 'the firewall refuses',
    reply: { status: 403, body: '<html>' },
    read: { ...limited, attempts: 1 },
    change: limited,
  },
];

describe('a REST call to Binance', () => {
  it('is the request of the documentation’s sample', async () => {
    const world = makeRestWorld({ latencyMs: 0 });
    expect(await world.call(ORDER)).toMatchObject({ ok: true, value: { body: '{}' } });
    expect(world.sent()).toMatchObject([
      {
        method: 'POST',
        url:
          'https://api.binance.com/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1' +
          '&recvWindow=5000&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
        headers: { 'X-MBX-APIKEY': DOCUMENTED_KEY.apiKey },
      },
    ]);
    expect(world.sent()[0]?.body).toBeUndefined();
  });

  it('carries neither key nor signature where it is public, and no signature where a key is enough', async () => {
    const world = makeRestWorld();
    const read = { ...READ, path: '/api/v3/depth', parameters: { symbol: 'BNBBTC', limit: 100 } };
    await world.call({ ...read, security: 'public' });
    await world.call({ ...read, path: '/api/v3/ping', parameters: {}, security: 'public' });
    await world.call({ ...read, security: 'key' });
    const url = 'https://api.binance.com/api/v3/depth?symbol=BNBBTC&limit=100';
    expect(world.sent().map((request) => [request.url, request.headers ?? null])).toEqual([
      [url, null],
      ['https://api.binance.com/api/v3/ping', null],
      [url, { 'X-MBX-APIKEY': DOCUMENTED_KEY.apiKey }],
    ]);
  });

  it('that needs a key is not sent without one', async () => {
    const world = makeRestWorld();
    const result = await world.call(READ, world.connection.publicClient);
    expect(result).toMatchObject({ ok: false, fault: { code: 'venue_key', retry: 'permanent' } });
    expect(world.transport.requests).toEqual([]);
  });

  it.each(CASES)('that reads is repeated where that helps, when $when', async ({ reply, read, details }) => {
    const world = makeRestWorld();
    world.state.answer = () => reply;
    const { attempts, ...fault } = read;
    expect(await world.call(READ)).toMatchObject({ ok: false, fault });
    expect(world.sent()).toHaveLength(attempts);
    const again = await world.call(READ);
    if (details !== undefined) expect(again).toMatchObject({ ok: false, fault: { details } });
  });

  it.each(CASES)('that changes something is sent once, when $when', async ({ reply, change, details }) => {
    for (const call of [ORDER, CANCEL, REPLACE]) {
      const world = makeRestWorld();
      world.state.answer = () => reply;
      const result = await world.call(call);
      expect(result).toMatchObject({ ok: false, fault: change });
      if (details !== undefined) expect(result).toMatchObject({ fault: { details } });
      await world.clock.advance(120_000);
      expect(world.sent()).toHaveLength(1);
    }
  });

  it('says for how long the venue is not to be called', async () => {
    const world = makeRestWorld();
    world.state.answer = () => venueError(418, -1003, 'IP banned.', { 'Retry-After': '180' });
    expect(await world.call(ORDER)).toMatchObject({ fault: { code: 'venue_limited', retryAfterMs: 180_000 } });
    const held = await world.call(ORDER);
    expect(held).toMatchObject({
      fault: { code: 'venue_limited', message: expect.stringContaining('banned') as string },
    });
    expect(world.sent()).toHaveLength(1);
    expect(world.telemetry.value('monsta_binance_budget_blocks_total')).toBe(1);
  });

  it('waits out a short block and is repeated if it reads', async () => {
    const world = makeRestWorld();
    let refusals = 0;
    world.state.answer = () =>
      (refusals += 1) === 1
        ? venueError(429, -1003, 'Too much request weight used.', { 'Retry-After': '2' })
        : { status: 200, body: 'done' };
    const begunMs = world.clock.monotonicMs();
    expect(await world.call(READ)).toMatchObject({ ok: true, value: { body: 'done' } });
    expect(world.clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(2_000);
    expect(world.sent()).toHaveLength(2);
  });

  it('tells that the account has placed too many orders, and lets its other calls go on', async () => {
    const world = makeRestWorld({ startMs: 1_700_000_105_000 });
    world.state.answer = ({ method }) =>
      method === 'POST'
        ? venueError(429, -1015, 'Too many new orders; current limit is 100 orders per 10 SECOND.')
        : { status: 200, body: '[]' };
    const refused = await world.call(ORDER);
    expect(refused).toMatchObject({ ok: false, fault: { code: 'venue_limited', retry: 'retryable' } });
    expect(await world.call(ORDER)).toMatchObject({ ok: false, fault: { code: 'venue_limited' } });
    expect(world.sent()).toHaveLength(1);
    expect((await world.call(READ)).ok).toBe(true);
    await world.clock.advance(6_000);
    await world.call(ORDER);
    expect(world.sent()).toHaveLength(3);
  });

  it('follows the counts that the venue gives with its answers', async () => {
    const world = makeRestWorld({ startMs: 1_700_000_105_000 });
    world.state.answer = () => ({
      status: 200,
      body: '{}',
      headers: { 'X-MBX-USED-WEIGHT-1M': '5399', 'X-MBX-ORDER-COUNT-10S': '90', 'X-MBX-ORDER-COUNT-1D': '90' },
    });
    expect((await world.call(ORDER)).ok).toBe(true);
    expect(world.connection.budget.usedWeight).toEqual({ used: 5_399, limit: 6_000 });
    expect(await world.call(ORDER)).toMatchObject({ fault: { code: 'venue_limited' } });
    expect(await world.call(READ)).toMatchObject({ fault: { code: 'venue_limited' } });
    expect((await world.call({ ...READ, weight: 1 })).ok).toBe(true);
  });

  it('hands over what a half-done replacement came to', async () => {
    const world = makeRestWorld();
    const data = { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', cancelResponse: {}, newOrderResponse: {} };
    world.state.answer = () => ({
      status: 409,
      body: JSON.stringify({ code: -2021, msg: 'Order cancel-replace partially failed.', data }),
    });
    expect(await world.call(REPLACE)).toMatchObject({
      ok: false,
      fault: { code: 'venue_rejected', details: { status: 409, venueCode: -2021, venueData: data } },
    });
  });

  it('that was given up before it was sent never arrived; after that a change may have', async () => {
    const world = makeRestWorld();
    expect(await world.call({ ...ORDER, signal: AbortSignal.abort() })).toMatchObject({
      fault: { code: 'venue_unreachable', retry: 'retryable' },
    });
    expect(world.sent()).toEqual([]);
    for (const [call, code] of [
      [ORDER, 'outcome_unknown'],
      [READ, 'venue_unreachable'],
    ] as const) {
      const stop = new AbortController();
      world.state.answer = () => {
        stop.abort();
        return { fail: 'silence' };
      };
      const before = world.sent().length;
      expect(await world.call({ ...call, signal: stop.signal })).toMatchObject({ fault: { code } });
      expect(world.sent()).toHaveLength(before + 1);
    }
  });

  it('fails at once when the connection was stopped', async () => {
    const world = makeRestWorld();
    await world.call(READ);
    world.connection.stop();
    expect(await world.call(READ)).toMatchObject({ fault: { code: 'venue_unreachable' } });
    expect(world.sent()).toHaveLength(1);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('the time of signed calls', () => {
  it('is the venue’s, measured before the first of them', async () => {
    const world = makeRestWorld({ offsetMs: 40_000 });
    await world.call(READ);
    const sentAtMs = world.connection.time.measuredNowUs() / 1_000 - 2 * 5;
    const timestamp = Number(new URL(world.sent()[0]?.url ?? '').searchParams.get('timestamp'));
    expect(Math.abs(timestamp - sentAtMs)).toBeLessThanOrEqual(5);
    expect(world.connection.clockOffsetMs()).toBe(40_000);
    expect(world.telemetry.value('monsta_binance_clock_offset_seconds', { venue: 'binance' })).toBe(40);
  });

  it('is measured again when the venue refuses it, and the call is sent once more, also a change', async () => {
    const world = makeRestWorld();
    world.state.answer = ({ url }) => {
      const timestamp = Number(new URL(url).searchParams.get('timestamp'));
      const behindMs = world.clock.nowUs() / 1_000 + world.state.offsetMs - timestamp;
      return behindMs > 5_000
        ? venueError(400, -1021, 'Timestamp for this request is outside of the recvWindow.')
        : { status: 200, body: 'placed' };
    };
    await world.call(READ);
    world.state.offsetMs = 20_000;
    expect(await world.call(ORDER)).toMatchObject({ ok: true, value: { body: 'placed' } });
    expect(world.sent()).toHaveLength(3);
    expect(world.connection.clockOffsetMs()).toBe(20_000);
  });

  it('that is refused a second time is a fault of its own', async () => {
    const world = makeRestWorld();
    world.state.answer = () =>
      venueError(400, -1021, 'Timestamp for this request was 1000ms ahead of the server’s time.');
    for (const call of [ORDER, READ]) {
      const before = world.sent().length;
      expect(await world.call(call)).toMatchObject({ ok: false, fault: { code: 'venue_clock', retry: 'permanent' } });
      expect(world.sent()).toHaveLength(before + 2);
    }
  });

  it('that can’t be measured keeps the call from being sent', async () => {
    const world = makeRestWorld();
    world.state.time = () => ({ fail: 'refused' });
    expect(await world.call(ORDER)).toMatchObject({ fault: { code: 'venue_unreachable', retry: 'retryable' } });
    expect(world.sent()).toEqual([]);
  });
});

describe('a venue that fails again and again', () => {
  it('is left alone for 60 s, then tried by five questions after the time, and only then sent orders', async () => {
    const world = makeRestWorld({ settings: { breakerFailuresMax: 4 } });
    await world.call(READ);
    world.state.answer = () => ({ status: 503 });
    world.state.time = () => ({ status: 503 });
    expect((await world.call(READ)).ok).toBe(false);
    const sent = world.sent().length;
    const asked = world.timesAsked();
    expect(await world.call(ORDER)).toMatchObject({
      ok: false,
      fault: { code: 'venue_unreachable', retry: 'retryable', message: expect.stringContaining('not sent') as string },
    });
    expect(await world.call(READ)).toMatchObject({ fault: { code: 'venue_unreachable' } });
    await world.clock.advance(59_000);
    expect(world.sent()).toHaveLength(sent);
    expect(world.timesAsked()).toBe(asked);
    // The first probe fails: another minute.
    await world.clock.advance(2_000);
    expect(world.timesAsked()).toBe(asked + 1);
    world.state.answer = () => ({ status: 200, body: 'placed' });
    world.state.time = null;
    await world.clock.advance(57_000);
    expect((await world.call(ORDER)).ok).toBe(false);
    await world.clock.advance(3_000);
    expect(world.timesAsked()).toBe(asked + 1 + 6);
    expect(await world.call(ORDER)).toMatchObject({ ok: true, value: { body: 'placed' } });
    expect(world.sent()).toHaveLength(sent + 1);
  });

  it('answers reads of trading as probes too', async () => {
    const world = makeRestWorld({ settings: { breakerFailuresMax: 4, breakerProbes: 2, clockSamples: 1 } });
    await world.call(READ);
    world.state.answer = () => ({ status: 503 });
    expect((await world.call(READ)).ok).toBe(false);
    world.state.answer = () => ({ status: 200 });
    world.state.time = () => ({ fail: 'silence' });
    await world.clock.advance(60_000);
    expect((await world.call(READ)).ok).toBe(true);
    expect((await world.call(ORDER)).ok).toBe(false);
  });
});
