import { expectOk } from '@monsta/core';
import {
  notifierConformance,
  portOfNobody,
  haltAlert,
  startHttpAlertServer,
  type NotifierRig,
  type OtherSide,
} from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { expect, it, onTestFinished } from 'vitest';
import { createTelegramNotifier } from './telegram-notifier.ts';

const TOKEN = '123456:AAE-a-token-of-nobody';

/** As the Bot API answers. */
function answer(how: OtherSide): { status: number; body: string } {
  const failed = (status: number, description: string, parameters?: object) => ({
    status,
    body: JSON.stringify({ ok: false, error_code: status, description, ...(parameters && { parameters }) }),
  });
  if (how === 'refuses') return failed(400, 'Bad Request: chat not found');
  // A server that sends back what it was sent must not put the token into our log.
  if (how === 'unauthorized') return failed(404, `Not Found: /bot${TOKEN}/sendMessage`);
  if (how === 'busy') return failed(502, 'Bad Gateway');
  if (how === 'limited') return failed(429, 'Too Many Requests: retry after 9', { retry_after: 9 });
  return { status: 200, body: JSON.stringify({ ok: true, result: { message_id: 1 } }) };
}

async function startBotApi(respond: typeof answer = answer) {
  const server = await startHttpAlertServer(respond);
  const transport = createTransport();
  const towards = (port: number) =>
    createTelegramNotifier({
      name: 'phone',
      baseUrl: `http://127.0.0.1:${port}/`,
      token: TOKEN,
      chatId: '-1001',
      transport,
    });
  const stop = async (): Promise<void> => {
    await transport.close();
    await server.stop();
  };
  return { server, towards, stop };
}

notifierConformance('a Telegram bot', async (): Promise<NotifierRig> => {
  const { server, towards, stop } = await startBotApi();
  return {
    notifier: towards(server.port),
    nobody: towards(await portOfNobody()),
    secret: TOKEN,
    limitedMs: 9_000,
    garbageIsUnknown: true,
    behave: (how) => server.behave(how),
    taken: () => server.taken.map(({ body }) => (JSON.parse(body) as { text: string }).text),
    stop,
  };
});

it('asks the bot of the token to write to the chat, silently where it is only information', async () => {
  const { server, towards, stop } = await startBotApi();
  onTestFinished(stop);
  expectOk(await towards(server.port).send(haltAlert(), 10_000));
  expectOk(await towards(server.port).send(haltAlert({ severity: 'info', text: '한'.repeat(9_000) }), 10_000));
  expect(server.taken.map(({ method, path }) => `${method} ${path}`)).toEqual(
    Array.from({ length: 2 }, () => `POST /bot${TOKEN}/sendMessage`),
  );
  const [first, second] = server.taken.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(first).toMatchObject({ chat_id: '-1001', disable_notification: false });
  expect(second).toMatchObject({ disable_notification: true });
  expect(String(second?.['text']).length).toBeLessThanOrEqual(4_096);
  expect(String(second?.['text'])).toMatch(/…$/);
});

it('does not take the page of somebody else for the Bot API', async () => {
  const { server, towards, stop } = await startBotApi(() => ({ status: 200, body: '<html>welcome</html>' }));
  onTestFinished(stop);
  expect(await towards(server.port).send(haltAlert(), 10_000)).toMatchObject({
    ok: false,
    fault: { code: 'notifier_protocol', retry: 'unknown_outcome' },
  });
});
