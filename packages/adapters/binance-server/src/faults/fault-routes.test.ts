import { expect, it } from 'vitest';
import {
  makeTradingWorld,
  START_MS,
  type JsonResponse,
  type TradingWorld,
} from '../trading/trading-world.test-support.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function post(
  world: TradingWorld,
  body: unknown,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Promise<JsonResponse> {
  return world.send('POST', '/sim/faults', { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
}
const state = async (world: TradingWorld): Promise<unknown> => (await world.send('GET', '/sim/faults')).json;
const refusePing = { fault: 'refuse', where: { channel: 'rest', path: '/api/v3/ping' } };

it('arms one rule after another, shows what they did, and takes all away', async () => {
  const world = makeTradingWorld();
  expect(await state(world)).toEqual({ seed: 1, rules: [], log: [], logForgotten: 0 });
  expect((await post(world, refusePing)).json).toEqual({ seed: 1, armed: ['refuse-1'] });
  const later = { ...refusePing, when: { inMs: 5_000, forMs: 1_000 } };
  expect((await post(world, later)).json).toEqual({ seed: 1, armed: ['refuse-2'] });
  expect((await world.send('GET', 'ping')).status).toBe(503);
  expect((await world.send('GET', 'ping')).status).toBe(200);
  expect(await state(world)).toEqual({
    seed: 1,
    rules: [
      { id: 'refuse-1', rule: refusePing, fromMs: START_MS, untilMs: null, matches: 1, strikes: 1 },
      { id: 'refuse-2', rule: later, fromMs: START_MS + 5_000, untilMs: START_MS + 6_000, matches: 0, strikes: 0 },
    ],
    log: [
      {
        atMs: START_MS,
        rule: 'refuse-1',
        fault: 'refuse',
        channel: 'rest',
        subject: 'GET /api/v3/ping',
        to: '127.0.0.1',
        note: 'not handled; answered 503 -1008',
      },
    ],
    logForgotten: 0,
  });
  expect((await world.send('DELETE', '/sim/faults')).json).toEqual({ seed: 1, armed: [] });
  expect(await state(world)).toMatchObject({ rules: [], log: [{ rule: 'refuse-1' }] });
});

it('replaces everything by a plan, with its seed', async () => {
  const world = makeTradingWorld();
  await post(world, refusePing);
  expect((await post(world, { seed: 7, rules: [{ ...refusePing, id: 'mine' }] })).json).toEqual({
    seed: 7,
    armed: ['mine'],
  });
  expect(await state(world)).toMatchObject({ seed: 7, rules: [{ id: 'mine' }], log: [] });
});

it('changes nothing where a plan is wrong, and says what is', async () => {
  const world = makeTradingWorld();
  await post(world, refusePing);
  const wrong = await post(world, { rules: [refusePing, { fault: 'drop', where: { channel: 'rest' } }] });
  expect([wrong.status, wrong.json]).toEqual([
    400,
    { error: 'rules[1].where.channel: drop can strike stream, user-data, not rest' },
  ]);
  const unknown = await post(world, { rules: [{ fault: 'halt', symbols: ['DOGEUSDT'] }] });
  expect([unknown.status, unknown.json]).toEqual([400, { error: "rule 'halt-1': DOGEUSDT is not traded here" }]);
  expect((await post(world, { ...refusePing, id: 'refuse-1' })).status).toBe(400);
  expect((await post(world, '{')).status).toBe(400);
  expect(await state(world)).toMatchObject({ rules: [{ id: 'refuse-1' }] });
});

it('serves the machine itself only, and no page of another site', async () => {
  const world = makeTradingWorld();
  expect((await post(world, refusePing, { 'content-type': 'text/plain' })).status).toBe(415);
  for (const method of ['GET', 'POST', 'DELETE']) {
    const far = await world.send(method, '/sim/faults', { address: '10.0.0.5', headers: JSON_TYPE, body: '{}' });
    expect([method, far.status]).toEqual([method, 403]);
  }
});

it('goes on serving while everything else is closed', async () => {
  const world = makeTradingWorld();
  await post(world, {
    rules: [
      { fault: 'maintenance', announceMs: 0 },
      { fault: 'refuse', where: { channel: 'rest' }, times: 'always' },
    ],
  });
  expect((await world.send('GET', 'time')).json).toMatchObject({ code: -1016 });
  await world.send('DELETE', '/sim/faults');
  expect((await world.send('GET', 'time')).status).toBe(200);
});
