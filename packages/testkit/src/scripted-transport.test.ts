import { expect, it } from 'vitest';
import { ScriptedTransport, type ScriptedReply } from './scripted-transport.ts';
import { TRANSPORT_BYTES, transportConformance } from './transport-conformance.ts';
import { VirtualClock } from './virtual-clock.ts';

transportConformance('scripted transport', () => {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport({
    clock,
    responseBytesMax: 1_000,
    server: {
      handle(request): ScriptedReply {
        const url = new URL(request.url);
        if (url.hostname === 'nobody.test') return { fail: 'refused' };
        if (url.pathname === '/hello') return { status: 200, body: 'hello', headers: { 'X-Test': 'Yes' } };
        if (url.pathname === '/bytes') return { status: 200, body: TRANSPORT_BYTES };
        if (url.pathname === '/status/418') return { status: 418 };
        if (url.pathname === '/echo') return { status: 200, body: request.body ?? '' };
        if (url.pathname === '/cut') return { fail: 'cut' };
        if (url.pathname === '/large') return { status: 200, body: 'x'.repeat(2_000) };
        return { fail: 'silence' };
      },
      welcome(socket) {
        const path = new URL(socket.url).pathname;
        socket.onText = (text) => socket.send(text);
        socket.onOpened = () => {
          if (path === '/ping') socket.ping();
          if (path === '/bye') socket.close(4001, 'bye');
          if (path === '/cut') socket.cut();
        };
        if (path === '/silence') return 'silence';
        return path === '/refuse' ? 'refuse' : 'open';
      },
    },
  });
  return Promise.resolve({
    transport,
    httpUrl: 'http://somebody.test',
    webSocketUrl: 'ws://somebody.test',
    refusedUrl: 'http://nobody.test',
    until: (condition) => clock.advanceUntil(condition, { stepMs: 1, timeoutMs: 10_000 }),
    stop: () => transport.close(),
  });
});

it('loses the frames under way when the connection is cut', async () => {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport({ clock, latencyMs: 5, server: { handle: () => ({ fail: 'silence' }) } });
  const seen: string[] = [];
  const handlers = {
    onOpen: () => seen.push('open'),
    onMessage: (text: string) => seen.push(text),
    onClose: (code: number) => seen.push(`close ${code}`),
  };
  transport.connect('ws://somebody.test/', handlers, { openTimeoutMs: 100 });
  await clock.advance(5);
  transport.lastSocket.send('arrives');
  await clock.advance(5);
  transport.lastSocket.send('lost');
  transport.lastSocket.cut();
  await clock.advance(50);
  expect(seen).toEqual(['open', 'arrives', 'close 1006']);
});
