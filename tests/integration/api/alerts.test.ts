import { encodeAlert, topics } from '@monsta/contracts';
import { expectOk } from '@monsta/core';
import { createWebhookNotifier } from '@monsta/notifier-webhook';
import { portOfNobody, sampleAlert, startHttpAlertServer, VirtualClock } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { expect, it, onTestFinished, vi } from 'vitest';
import { call, expectDocumented, startWorld } from './world.test-support.ts';

/** A world with a channel `hook` to a server that takes messages, and `gone` to nobody. */
async function startAlertWorld() {
  const server = await startHttpAlertServer(() => ({ status: 200, body: '' }));
  const transport = createTransport();
  onTestFinished(async () => {
    await transport.close();
    await server.stop();
  });
  const channel = (name: string, port: number) => ({
    notifier: createWebhookNotifier({
      name,
      url: `http://127.0.0.1:${port}/in`,
      secret: null,
      transport,
      clock: new VirtualClock(),
    }),
    minSeverity: 'info' as const,
    kinds: null,
    perHourMax: 60,
    burstMax: 10,
  });
  const channels = [channel('hook', server.port), channel('gone', await portOfNobody())];
  return { server, world: await startWorld({ channels }) };
}

it('an alert is listed with what became of it on each channel', async () => {
  const { server, world } = await startAlertWorld();
  const alert = sampleAlert('halt#1', { kind: 'halt', severity: 'critical' });
  expectOk(world.stream.publish(topics.alerts, encodeAlert(alert), { tsEventUs: alert.tsUs }));
  await vi.waitFor(async () => {
    const answer = await call(world, '/api/v1/alerts');
    await expectDocumented(world, '/api/v1/alerts', answer);
    expect(answer.body).toMatchObject({
      items: [
        {
          id: 'halt#1',
          kind: 'halt',
          title: alert.title,
          deliveries: [
            { channel: 'hook', status: 'sent', reason: null },
            { channel: 'gone', status: 'queued' },
          ],
        },
      ],
      nextCursor: null,
    });
  });
  expect(server.taken).toHaveLength(1);
});

it('a test message is sent by who has the token, and each channel tells what became of it', async () => {
  const { server, world } = await startAlertWorld();
  const post = (body: unknown, token: string | null) =>
    call(world, '/api/v1/alerts/test', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  expect((await post({}, null)).status).toBe(401);
  expect(server.taken).toHaveLength(0);
  const answer = await post({}, world.token);
  await expectDocumented(world, '/api/v1/alerts/test', answer, 'POST');
  expect(answer).toMatchObject({
    status: 200,
    body: {
      items: [
        { channel: 'hook', error: null },
        { channel: 'gone', error: { code: 'notifier_unreachable' } },
      ],
    },
  });
  expect(server.taken.map(({ body }) => (JSON.parse(body) as { kind: string }).kind)).toEqual(['test']);
  expect(await post({ channel: 'fax' }, world.token)).toMatchObject({ status: 404 });
});
