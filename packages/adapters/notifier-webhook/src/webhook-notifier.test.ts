import { createHmac } from 'node:crypto';
import { expectOk } from '@monsta/core';
import {
  notifierConformance,
  portOfNobody,
  haltAlert,
  startHttpAlertServer,
  VirtualClock,
  type NotifierRig,
  type OtherSide,
} from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import { createWebhookNotifier, signatureOf } from './webhook-notifier.ts';

const SECRET = 'webhook-secret-3141';
const STATUS: Partial<Record<OtherSide, number>> = { refuses: 400, busy: 503, limited: 429, unauthorized: 401 };

async function startWebhook() {
  const server = await startHttpAlertServer((how) => ({
    status: STATUS[how] ?? 204,
    headers: how === 'limited' ? { 'retry-after': '7' } : {},
    body: '',
  }));
  const transport = createTransport();
  const clock = new VirtualClock(1_700_000_000_000_000);
  const towards = (port: number) =>
    createWebhookNotifier({
      name: 'hook',
      url: `http://127.0.0.1:${port}/in/${SECRET}?key=${SECRET}`,
      secret: SECRET,
      transport,
      clock,
    });
  return { server, transport, towards };
}

notifierConformance('a webhook', async (): Promise<NotifierRig> => {
  const { server, transport, towards } = await startWebhook();
  return {
    notifier: towards(server.port),
    nobody: towards(await portOfNobody()),
    secret: SECRET,
    limitedMs: 7_000,
    garbageIsUnknown: true,
    behave: (how) => server.behave(how),
    taken: () => server.taken.map(({ body }) => body),
    stop: async () => {
      await transport.close();
      await server.stop();
    },
  };
});

it('a receiver that knows the secret can tell that time and body are ours', async () => {
  const { server, transport, towards } = await startWebhook();
  onTestFinished(async () => {
    await transport.close();
    await server.stop();
  });
  expectOk(await towards(server.port).send(haltAlert(), 10_000));
  const [request] = server.taken;
  if (request === undefined) throw new Error('nothing came');
  const timestamp = String(request.headers['x-monsta-timestamp']);
  expect(timestamp).toBe('1700000000');
  const expected = createHmac('sha256', SECRET).update(`${timestamp}.${request.body}`).digest('hex');
  expect(request.headers['x-monsta-signature']).toBe(`sha256=${expected}`);
  expect(JSON.parse(request.body)).toEqual({
    id: 'halt#1700000000000',
    kind: 'halt',
    severity: 'critical',
    timeMs: 1_700_000_000_000,
    title: 'Trading is halted',
    text: haltAlert().text,
    details: { accountId: 'paper:simulated', state: 'HALTED', equity: '8000' },
  });
});

it('a signature hangs on secret, time and body', () => {
  const usual = signatureOf('s', 1, 'b');
  // echo -n 1.b | openssl dgst -sha256 -hmac s
  expect(usual).toHaveLength(64);
  expect(new Set([usual, signatureOf('t', 1, 'b'), signatureOf('s', 2, 'b'), signatureOf('s', 1, 'c')]).size).toBe(4);
});
