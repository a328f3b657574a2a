import { expectOk } from '@monsta/core';
import type { HttpRoute, OutgoingResponse, ServerSocket } from '@monsta/ports';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TestSocket } from '../server.test-support.ts';
import { makeFaultWorld, requestTo } from './fault-world.test-support.ts';
import { readFaultPlan } from './plan-reader.ts';
import { trafficRules } from './random-plan.test-support.ts';

/** One thing that happens on the way between clients and a server. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('trade' as const), peer: fc.nat(2), symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT') }),
  fc.record({
    kind: fc.constant('event' as const),
    peer: fc.nat(2),
    type: fc.constantFrom('executionReport', 'balanceUpdate'),
  }),
  fc.record({
    kind: fc.constant('ask' as const),
    peer: fc.nat(2),
    method: fc.constantFrom('ping', 'order.place', 'SUBSCRIBE'),
  }),
  fc.record({ kind: fc.constant('rest' as const), method: fc.constantFrom('GET' as const, 'POST' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const TARGETS = ['/ws/btcusdt@trade/ethusdt@trade', '/ws-api/v3', '/ws/btcusdt@trade'] as const;

/** Everything that clients see when this traffic meets these rules, and the log. */
async function run(rules: readonly object[], seed: number, steps: readonly Step[]): Promise<unknown> {
  const world = makeFaultWorld(rules, seed);
  const seen: unknown[] = [];
  const peers = TARGETS.map((target) => {
    try {
      return world.connect(target);
    } catch (refused) {
      seen.push(String(refused));
      return null;
    }
  });
  let answers = 0;
  const route = (method: 'GET' | 'POST'): HttpRoute =>
    world.desk.wrapRoute({ method, path: '/api/v3/x', handle: () => ({ status: 200, body: String((answers += 1)) }) });
  for (const [index, now] of steps.entries()) {
    const peer = 'peer' in now ? peers[now.peer] : null;
    if (now.kind === 'wait') await world.clock.advance(now.ms);
    if (now.kind === 'trade') peer?.say({ e: 'trade', s: now.symbol, t: index });
    if (now.kind === 'event') peer?.say({ subscriptionId: 0, event: { e: now.type, i: index } });
    if (now.kind === 'ask') peer?.client.say({ id: index, method: now.method, params: [] });
    if (now.kind === 'rest') {
      const request = { ...requestTo('/api/v3/x'), method: now.method };
      void Promise.resolve(route(now.method).handle(request)).then((answer) => seen.push([index, answer]));
    }
    await world.clock.settle();
    for (const each of peers)
      seen.push([index, each?.client.sent.splice(0), each?.client.closed, each?.client.terminated]);
  }
  await world.clock.advance(200_000);
  for (const each of peers) seen.push(each?.client.sent.splice(0));
  world.desk.clear();
  return { seen, log: world.desk.log(), left: world.clock.pendingTimers };
}

it('the same rules, seed and traffic bring the same faults, and nothing is left running', async () => {
  await fc.assert(
    fc.asyncProperty(trafficRules, fc.nat(1_000_000), fc.array(step, { maxLength: 25 }), async (rules, seed, steps) => {
      const first = await run(rules, seed, steps);
      expect(await run(rules, seed, steps)).toEqual(first);
      expect(first).toMatchObject({ left: 0 });
    }),
    { numRuns: 150 },
  );
});

it('another seed brings other faults, and a rule more leaves those of the others as they were', () => {
  const struck = (seed: number, more: readonly object[]): readonly boolean[] => {
    const drop = {
      id: 'drop',
      fault: 'drop',
      where: { channel: 'stream' },
      when: { probability: 0.5 },
      times: 'always',
    };
    const world = makeFaultWorld([...more, drop], seed);
    const peer = world.connect('/ws/btcusdt@trade');
    return Array.from({ length: 40 }, (_, t) => {
      peer.say({ e: 'trade', s: 'BTCUSDT', t });
      return peer.client.sent.splice(0).length === 0;
    });
  };
  const delay = { fault: 'duplicate', where: { channel: 'user-data' }, when: { probability: 0.5 } };
  expect(struck(1, [])).not.toEqual(struck(2, []));
  expect(struck(1, [])).toEqual(struck(1, [delay]));
  const dropped = struck(1, []).filter(Boolean).length;
  expect(dropped).toBeGreaterThan(10);
  expect(dropped).toBeLessThan(30);
});

/** Rules that never strike: of another place, of another time, or used up. */
const idleRules = [
  [],
  [{ fault: 'drop', where: { channel: 'stream', name: 'nobody@trade' }, times: 'always' }],
  [{ fault: 'drop', where: { channel: 'stream' }, when: { inMs: 1_000_000 }, times: 'always' }],
  [
    { fault: 'silence', where: { channel: 'rest', path: '/elsewhere' } },
    { fault: 'silence', where: { channel: 'ws-api', method: 'nothing' } },
    { fault: 'clock-drift', driftMs: 5 },
  ],
];

it('without a rule that strikes, frames, messages, pings, closes and answers pass as they are', () => {
  const frame = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...idleRules),
      fc.constantFrom('/ws/btcusdt@trade', '/ws-api/v3', '/stream?streams=a'),
      fc.array(frame),
      fc.array(
        fc.oneof(
          fc.string(),
          frame.filter((value) => typeof value === 'string'),
        ),
      ),
      (rules, target, frames, messages) => {
        const { desk, clock } = makeFaultWorld([]);
        expectOk(desk.load(expectOk(readFaultPlan({ rules }))));
        const heard: unknown[] = [];
        let server: ServerSocket | null = null;
        const wrapped = desk.wrapSocket({
          path: '/ws',
          messageBytesMax: 7,
          accept(socket, request) {
            server = socket;
            heard.push(request.path);
            return {
              onMessage: (text) => heard.push(text),
              onPing: () => heard.push('ping'),
              onPong: (payload) => heard.push(`pong ${payload}`),
              onClose: (code, reason) => heard.push(`${code} ${reason}`),
            };
          },
        });
        const request = requestTo(target);
        expect([wrapped.path, wrapped.messageBytesMax, wrapped.authorize?.(request)]).toEqual(['/ws', 7, null]);
        const client = new TestSocket();
        const handlers = wrapped.accept(client, request);
        const socket = server as ServerSocket | null;
        if (socket === null) throw new Error('not accepted');
        for (const each of frames) socket.send(each);
        for (const each of messages) handlers.onMessage(each);
        handlers.onPing?.();
        handlers.onPong?.('p');
        socket.ping('x');
        socket.close(1_000, 'bye');
        handlers.onClose(1_000, 'bye');
        expect(client.sent).toHaveLength(frames.length);
        for (const [index, each] of frames.entries()) expect(client.sent[index]).toBe(each);
        expect(heard).toEqual([request.path, ...messages, 'ping', 'pong p', '1000 bye']);
        expect([client.pings, client.closed]).toEqual([['x'], { code: 1_000, reason: 'bye' }]);
        const answer: OutgoingResponse = { status: 200, body: 'x' };
        expect(desk.wrapRoute({ method: 'GET', path: '/x', handle: () => answer }).handle(request)).toBe(answer);
        expect(clock.pendingTimers).toBe(0);
        const { traffic } = { traffic: desk.log().filter(({ channel }) => channel !== 'venue') };
        expect(traffic).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});
