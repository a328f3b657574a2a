import { expectOk, instrumentId } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { makeWorld } from '../server.test-support.ts';
import { makeTradingWorld, START_MS, type TradingWorld } from '../trading/trading-world.test-support.ts';
import { readFaultPlan, readFaultRule } from './plan-reader.ts';

function worldWith(...rules: readonly object[]): TradingWorld {
  return makeTradingWorld({ faults: expectOk(readFaultPlan({ rules })) });
}
const notes = ({ server }: TradingWorld): readonly string[] => server.faults.log().map(({ note }) => note);

describe('a drifting clock', () => {
  it('is told for its time, and the log says when', async () => {
    const world = worldWith(
      { fault: 'clock-drift', driftMs: 6_000, when: { inMs: 1_000, forMs: 1_000 } },
      { fault: 'clock-drift', driftMs: -1_500, when: { inMs: 2_000, forMs: 1_000 } },
    );
    const seen: unknown[] = [];
    for (let second = 0; second < 4; second += 1) {
      const time = (await world.send('GET', 'time')).json as { readonly serverTime: number };
      seen.push(time.serverTime - START_MS - second * 1_000);
      await world.clock.advance(1_000);
    }
    expect(seen).toEqual([0, 6_000, -1_500, 0]);
    expect(notes(world)).toEqual([
      'the clock is 6000 ms off',
      'the clock is right again',
      'the clock is -1500 ms off',
      'the clock is right again',
    ]);
  });
});

describe('a halt', () => {
  const statusOf = (world: TradingWorld, symbol: string): unknown =>
    world.model.exchange.rules(instrumentId(symbol))?.status;

  it('gives symbols another status for its time, overlapping halts until the last is over', async () => {
    const world = worldWith(
      { fault: 'halt', symbols: ['BTCUSDT'], status: 'HALT', when: { inMs: 1_000, forMs: 2_000 } },
      { fault: 'halt', when: { inMs: 2_000, forMs: 2_000 } },
    );
    const seen: unknown[] = [];
    for (let second = 0; second < 5; second += 1) {
      seen.push([statusOf(world, 'BTCUSDT'), statusOf(world, 'ETHUSDT')]);
      await world.clock.advance(1_000);
    }
    expect(seen).toEqual([
      ['TRADING', 'TRADING'],
      ['HALT', 'TRADING'],
      ['BREAK', 'BREAK'],
      ['BREAK', 'BREAK'],
      ['TRADING', 'TRADING'],
    ]);
  });

  it('of a symbol that is not traded is refused, and is over when the rules are taken away', () => {
    const world = worldWith({ fault: 'halt', symbols: ['BTCUSDT'] });
    const wrong = world.server.faults.add(expectOk(readFaultRule({ fault: 'halt', symbols: ['DOGEUSDT'] }, 2)));
    expect(wrong).toMatchObject({ ok: false, fault: { code: 'fault_plan_invalid' } });
    expect(statusOf(world, 'BTCUSDT')).toBe('BREAK');
    world.server.faults.clear();
    expect(statusOf(world, 'BTCUSDT')).toBe('TRADING');
  });
});

describe('a ban', () => {
  it('answers 418 to its address until its end, and refuses its connections', async () => {
    const world = worldWith({ fault: 'ban', address: '10.9.8.7', when: { inMs: 1_000, forMs: 120_000 } });
    const ping = (address: string) => world.send('GET', 'ping', { address });
    expect((await ping('10.9.8.7')).status).toBe(200);
    await world.clock.advance(1_000);
    const banned = await ping('10.9.8.7');
    expect([banned.status, banned.json, banned.headers?.['retry-after']]).toEqual([
      418,
      {
        code: -1003,
        msg: `Way too much request weight used; IP banned until ${START_MS + 121_000}. Please use WebSocket Streams for live updates to avoid bans.`,
      },
      '120',
    ]);
    expect((await ping('10.9.8.6')).status).toBe(200);
    await world.clock.advance(120_000);
    expect((await ping('10.9.8.7')).status).toBe(200);
  });

  it('is lifted with the rules', async () => {
    const world = worldWith({ fault: 'ban', address: '10.9.8.7', when: { forMs: 120_000 } });
    world.server.faults.clear();
    expect((await world.send('GET', 'ping', { address: '10.9.8.7' })).status).toBe(200);
  });
});

describe('maintenance', () => {
  it('is announced to every connection, closes all doors, and is over', async () => {
    const rules = [{ fault: 'maintenance', announceMs: 2_000, when: { inMs: 1_000, forMs: 6_000 } }];
    const { clock, connect, get, server } = makeWorld({ faults: expectOk(readFaultPlan({ rules })) });
    const raw = connect('/ws/xrpusdt@ticker');
    const combined = connect('/stream');
    await clock.advance(1_000);
    expect(raw.heard()).toContainEqual({ e: 'serverShutdown', E: START_MS + 1_000 });
    expect(combined.heard()).toEqual([
      { stream: '!serverShutdown', data: { e: 'serverShutdown', E: START_MS + 1_000 } },
    ]);
    await clock.advance(1_999);
    expect([raw.closed, (await get('/api/v3/ping')).status]).toEqual([null, 200]);
    await clock.advance(1);
    expect([raw.closed, combined.closed]).toEqual([
      { code: 1_001, reason: 'maintenance' },
      { code: 1_001, reason: 'maintenance' },
    ]);
    const closed = await get('/api/v3/ping');
    expect([closed.status, closed.json]).toEqual([503, { code: -1016, msg: 'This service is no longer available.' }]);
    expect(closed.headers).toMatchObject({ 'x-monsta-simulated': 'true' });
    expect(() => connect('/ws')).toThrow('refused with 503');
    await clock.advance(4_000);
    expect((await get('/api/v3/ping')).status).toBe(200);
    expect(connect('/ws').closed).toBeNull();
    expect(server.faults.log().map(({ note }) => note)).toEqual(['announced, 2000 ms ahead', 'closed', 'open again']);
  });
});
