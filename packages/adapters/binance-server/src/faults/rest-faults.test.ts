import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { makeTradingWorld, type JsonResponse, type TradingWorld } from '../trading/trading-world.test-support.ts';
import { requestTo } from './fault-world.test-support.ts';
import { readFaultPlan } from './plan-reader.ts';

/** A world whose server has these rules from the start. */
function worldWith(...rules: readonly object[]): TradingWorld {
  return makeTradingWorld({ faults: expectOk(readFaultPlan({ rules })) });
}

const PING = { channel: 'rest', path: '/api/v3/ping' };

const ping = (world: TradingWorld): Promise<JsonResponse> => world.send('GET', 'ping');

/** The answer if there is one by now. */
async function soFar<T>(world: TradingWorld, pending: Promise<T>): Promise<T | 'waiting'> {
  let answer: T | 'waiting' = 'waiting';
  void pending.then((value) => (answer = value));
  await world.clock.settle();
  return answer;
}

describe('faults of REST', () => {
  it('refuse a request without handling it, in the words asked for', async () => {
    const world = worldWith(
      { fault: 'refuse', where: PING },
      { fault: 'refuse', where: PING, status: 429, code: -1003, message: 'Too many requests queued.', retryAfterS: 7 },
      { fault: 'refuse', where: PING, status: 502, body: 'html' },
    );
    const busy = await ping(world);
    expect([busy.status, busy.json]).toEqual([
      503,
      { code: -1008, msg: expect.stringContaining('overloaded') as string },
    ]);
    expect(busy.headers).toMatchObject({ 'x-monsta-fault': 'refuse-1', 'x-monsta-simulated': 'true' });
    expect(busy.headers?.['x-mbx-used-weight']).toBeUndefined();
  });

  it('of several rules for one request, the first that ends it counts; each has its own count', async () => {
    const world = worldWith(
      { id: 'a', fault: 'refuse', where: PING, status: 503 },
      { id: 'b', fault: 'refuse', where: PING, status: 500, times: 2 },
    );
    const statuses: number[] = [];
    for (let request = 0; request < 3; request += 1) statuses.push((await ping(world)).status);
    expect(statuses).toEqual([503, 500, 200]);
    expect(world.server.faults.log().map(({ rule, note }) => [rule, note])).toEqual([
      ['a', 'not handled; answered 503 -1008'],
      ['b', 'nothing: a has ended the request'],
      ['b', 'not handled; answered 500 -1008'],
    ]);
  });

  it('count matches before they strike, and strike by venue time', async () => {
    const world = worldWith({
      fault: 'refuse',
      where: PING,
      when: { inMs: 1_000, forMs: 5_000, after: 1 },
      times: 'always',
    });
    const heard: number[] = [];
    for (let second = 0; second < 8; second += 1) {
      heard.push((await ping(world)).status);
      await world.clock.advance(1_000);
    }
    expect(heard).toEqual([200, 200, 503, 503, 503, 503, 200, 200]);
    expect(world.server.faults.rules()).toMatchObject([{ id: 'refuse-1', matches: 5, strikes: 4 }]);
  });

  it('leave other methods and paths alone', async () => {
    const world = worldWith({ fault: 'refuse', where: { ...PING, method: 'POST' }, times: 'always' });
    expect((await ping(world)).status).toBe(200);
    expect((await world.send('GET', 'time')).status).toBe(200);
    expect(world.server.faults.log()).toEqual([]);
  });

  it('cut the connection, before or after handling', async () => {
    const world = worldWith(
      { fault: 'cut', where: PING, moment: 'before' },
      { fault: 'cut', where: PING, when: { after: 1 } },
    );
    for (const note of ['not handled; connection cut', 'handled; connection cut']) {
      const route = world.server.routes.find(({ path }) => path === '/api/v3/ping');
      const answer = await route?.handle(requestTo('/api/v3/ping'));
      expect(answer?.cut).toBe(true);
      expect(world.server.faults.log().at(-1)?.note).toBe(note);
    }
  });

  it('never answer, and end the connection when the client has not given up in time', async () => {
    const world = worldWith({ fault: 'silence', where: PING, forMs: 30_000 });
    const pending = world.server.routes.find(({ path }) => path === '/api/v3/ping')?.handle(requestTo('/api/v3/ping'));
    const answered = Promise.resolve(pending);
    await world.clock.advance(29_999);
    expect(await soFar(world, answered)).toBe('waiting');
    await world.clock.advance(1);
    expect((await answered)?.cut).toBe(true);
  });

  it('are over when the rules are taken away: what waits is answered, what was never to be answered is cut', async () => {
    const world = worldWith(
      { fault: 'delay', delayMs: 60_000, where: { channel: 'rest', path: '/api/v3/time' } },
      { fault: 'silence', where: PING },
    );
    const late = world.send('GET', 'time');
    const route = world.server.routes.find(({ path }) => path === '/api/v3/ping');
    const never = Promise.resolve(route?.handle(requestTo('/api/v3/ping')));
    await world.clock.settle();
    world.server.faults.clear();
    expect((await late).status).toBe(200);
    expect((await never)?.cut).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('delay the handling or the answer, by so much and a drawn part', async () => {
    const world = worldWith(
      {
        id: 'handled',
        fault: 'delay',
        where: { channel: 'rest', path: '/api/v3/time' },
        moment: 'before',
        delayMs: 700,
      },
      { id: 'answered', fault: 'delay', where: PING, delayMs: 100, jitterMs: 400, times: 'always' },
    );
    const time = world.send('GET', 'time');
    expect(await soFar(world, time)).toBe('waiting');
    await world.clock.advance(700);
    expect((await time).json).toEqual({ serverTime: world.clock.nowUs() / 1_000 });
    const waits: number[] = [];
    for (let request = 0; request < 5; request += 1) {
      const beganMs = world.clock.monotonicMs();
      const answer = ping(world);
      await world.clock.advance(500);
      await answer;
      expect(world.clock.monotonicMs() - beganMs).toBe(500);
      waits.push(Number(/answered (\d+) ms later/.exec(world.server.faults.log().at(-1)?.note ?? '')?.[1]));
    }
    expect(new Set(waits).size).toBeGreaterThan(1);
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(100);
  });
});
