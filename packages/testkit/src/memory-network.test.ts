import { expectOk, seededRandom } from '@monsta/core';
import type { HttpRoute, HttpServerOptions, ServerSocket, Transport, WebSocketRoute } from '@monsta/ports';
import { describe, expect, it } from 'vitest';
import { createMemoryNetwork, type MemoryNetworkOptions, type Reach } from './memory-network.ts';
import { recordingTelemetry } from './telemetry.ts';
import { TRANSPORT_BYTES, transportConformance } from './transport-conformance.ts';
import { VirtualClock } from './virtual-clock.ts';

const RESPONSE_BYTES_MAX = 1_000;
const HOST = 'somebody.test';
const ignored = { onMessage: () => undefined, onClose: () => undefined };

const plain: Omit<HttpServerOptions, 'routes' | 'webSockets'> = {
  host: HOST,
  port: 80,
  bodyBytesMax: 100,
  notFound: ({ path }) => ({ status: 404, body: `nothing at ${path}` }),
  failure: (code) => ({ status: code === 'internal' ? 500 : 400, body: code }),
};

const get = (path: string, handle: HttpRoute['handle']): HttpRoute => ({ method: 'GET', path, handle });
const socketRoute = (path: string, accept: (socket: ServerSocket) => void): WebSocketRoute => ({
  path,
  messageBytesMax: 100,
  accept: (socket) => {
    accept(socket);
    return ignored;
  },
});

transportConformance('transport of the memory network', async () => {
  const clock = new VirtualClock();
  const network = createMemoryNetwork({
    clock,
    latencyMs: 1,
    reach: (_from, url) => (url.protocol === 'ws:' && url.pathname === '/silence' ? 'lost' : 'reached'),
  });
  const server = await network.httpServer.listen({
    ...plain,
    routes: [
      get('/hello', () => ({ status: 200, headers: { 'X-Test': 'Yes' }, body: 'hello' })),
      get('/status/:code', ({ params }) => ({ status: Number(params['code']), body: '' })),
      get('/bytes', () => ({ status: 200, body: TRANSPORT_BYTES })),
      { method: 'POST', path: '/echo', handle: ({ body }) => ({ status: 200, body }) },
      ...(['GET', 'POST'] as const).flatMap((method): HttpRoute[] => [
        { method, path: '/large', handle: () => ({ status: 200, body: 'x'.repeat(RESPONSE_BYTES_MAX + 1) }) },
        { method, path: '/cut', handle: () => ({ status: 200, body: 'unseen', cut: true }) },
        { method, path: '/silence', handle: () => new Promise(() => undefined) },
      ]),
    ],
    webSockets: [
      {
        path: '/echo',
        messageBytesMax: 100,
        accept: (socket) => ({ onMessage: (text) => socket.send(text), onClose: () => undefined }),
      },
      socketRoute('/ping', (socket) => socket.ping('1720000000000')),
      socketRoute('/bye', (socket) => socket.close(4001, 'bye')),
      socketRoute('/cut', (socket) => socket.terminate()),
      { ...socketRoute('/refuse', () => undefined), authorize: () => ({ status: 403, body: '' }) },
    ],
  });
  const transport = network.transport('10.0.0.1', { responseBytesMax: RESPONSE_BYTES_MAX });
  return {
    transport,
    httpUrl: `http://${HOST}`,
    webSocketUrl: `ws://${HOST}`,
    refusedUrl: 'http://nobody.test',
    until: (condition) => clock.advanceUntil(condition, { stepMs: 1, timeoutMs: 10_000 }),
    stop: async () => {
      await transport.close();
      await expectOk(server).close(0);
    },
  };
});

/** A network with one server on it, and a client. */
async function joined(server: Partial<HttpServerOptions>, options: Partial<Omit<MemoryNetworkOptions, 'clock'>> = {}) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 1, logger: telemetry.logger, ...options });
  const listen = (more: Partial<HttpServerOptions> = {}) =>
    network.httpServer.listen({ ...plain, routes: [], webSockets: [], ...server, ...more });
  const running = expectOk(await listen());
  const transport = network.transport('10.0.0.1');
  const fetch = async (path: string, init: { method?: 'GET' | 'PUT'; body?: string } = {}): Promise<string> => {
    const asked = transport.request({ method: 'GET', url: `http://${HOST}${path}`, timeoutMs: 1_000, ...init });
    await clock.advance(2);
    const result = await asked;
    return result.ok ? `${result.value.status} ${result.value.body}` : result.fault.code;
  };
  return { clock, telemetry, network, listen, running, transport, fetch };
}

/** What a client is told, in order. */
function watch(transport: Transport, path: string) {
  const seen: string[] = [];
  const connection = transport.connect(
    `ws://${HOST}${path}`,
    {
      onOpen: () => seen.push('open'),
      onMessage: (text) => seen.push(text),
      onPing: () => seen.push('ping'),
      onClose: (code, reason) => seen.push(`close ${code} ${reason}`.trim()),
    },
    { openTimeoutMs: 1_000 },
  );
  return { seen, connection };
}

// The suite of `HttpServer` dials real ports with fetch and bare bytes; what of it is no matter of bytes is told here.
describe('HTTP of the memory network', () => {
  it('gives handlers the request raw, with names of headers in lower case and the address of the client', async () => {
    const { clock, transport } = await joined({
      routes: [
        {
          method: 'POST',
          path: '/api/orders/:id/*',
          handle: ({ headers, ...request }) => ({ status: 200, body: JSON.stringify({ ...request, headers }) }),
        },
      ],
    });
    const asked = transport.request({
      method: 'POST',
      url: `http://${HOST}/api/orders/a%20b/rest/of?symbol=BTC%55SDT&x=1`,
      headers: { 'X-Signed': 'abc' },
      body: 'price={',
      timeoutMs: 100,
    });
    await clock.advance(2);
    expect(JSON.parse(expectOk(await asked).body)).toEqual({
      method: 'POST',
      path: '/api/orders/a%20b/rest/of',
      params: { id: 'a b', '*': 'rest/of' },
      rawQuery: 'symbol=BTC%55SDT&x=1',
      headers: { host: HOST, 'x-signed': 'abc' },
      body: 'price={',
      remoteAddress: '10.0.0.1',
    });
  });

  it('takes the route that is spelled out before one with parameters, and that before a rest', async () => {
    const paths = ['/a/*', '/a/:one', '/a/b', '/:any/b', '/a/:one/c'];
    const { fetch } = await joined({ routes: paths.map((path) => get(path, () => ({ status: 200, body: path }))) });
    const answers: string[] = [];
    for (const path of ['/a/b', '/a/x', '/z/b', '/a/x/c', '/a/x/d', '/a/', '/a/%zz', '/none'])
      answers.push(await fetch(path));
    const found = ['/a/b', '/a/:one', '/:any/b', '/a/:one/c', '/a/*', '/a/*'].map((path) => `200 ${path}`);
    expect(answers).toEqual([...found, '400 bad_request', '404 nothing at /none']);
    expect(await fetch('/a/b', { method: 'PUT' })).toBe('404 nothing at /a/b');
  });

  it('asks the guard first, refuses large bodies, answers text for bytes and 500 for what was thrown', async () => {
    const thrown = (): never => {
      throw new Error('secret');
    };
    const { fetch, telemetry } = await joined({
      guard: ({ path }) => (path === '/guarded' ? { status: 403, body: 'guarded' } : null),
      routes: [
        { method: 'PUT', path: '/echo', handle: ({ body }) => ({ status: 200, body }) },
        get('/guarded', thrown),
        get('/bytes', () => ({ status: 200, body: new TextEncoder().encode('가격') })),
        get('/sync', thrown),
        get('/async', () => Promise.reject(new Error('secret'))),
      ],
    });
    expect(await fetch('/guarded')).toBe('403 guarded');
    expect(await fetch('/bytes')).toBe('200 가격');
    expect(await fetch('/echo', { method: 'PUT', body: 'x'.repeat(100) })).toBe(`200 ${'x'.repeat(100)}`);
    expect(await fetch('/echo', { method: 'PUT', body: '가'.repeat(40) })).toBe('400 body_too_large');
    expect([await fetch('/sync'), await fetch('/async')]).toEqual(['500 internal', '500 internal']);
    expect(telemetry.records.map(({ message }) => message)).toEqual(['request handler threw', 'request handler threw']);
  });

  it('handles a request whose client has given up: only the answer is lost', async () => {
    const handled: string[] = [];
    const { clock, transport } = await joined({
      routes: [get('/late', ({ path }) => (handled.push(path), { status: 200, body: '' }))],
    });
    const stop = new AbortController();
    const asked = transport.request({
      method: 'GET',
      url: `http://${HOST}/late`,
      timeoutMs: 100,
      signal: stop.signal,
    });
    stop.abort();
    await clock.advance(5);
    expect(await asked).toMatchObject({ ok: false, fault: { code: 'transport_aborted' } });
    expect(handled).toEqual(['/late']);
  });

  it('reaches nobody where the network says so: refused is certain, lost is known at the deadline', async () => {
    let reach: Reach = 'refused';
    const { clock, transport } = await joined({}, { reach: () => reach });
    const put = async () => {
      const asked = transport.request({ method: 'PUT', url: `http://${HOST}/`, timeoutMs: 50 });
      await clock.advance(50);
      return asked;
    };
    expect(await put()).toMatchObject({ fault: { code: 'transport_failed', retry: 'retryable' } });
    reach = 'lost';
    expect(await put()).toMatchObject({ fault: { code: 'transport_timeout', retry: 'unknown_outcome' } });
  });

  it('gives every server a place of its own, refuses a taken one and one with files, and frees it at the close', async () => {
    const { listen, running, fetch } = await joined({});
    expect(await listen()).toMatchObject({ fault: { code: 'port_in_use' } });
    expect(await listen({ files: [{ prefix: '/', directory: '/' }] })).toMatchObject({
      fault: { code: 'listen_failed' },
    });
    const [first, second] = [expectOk(await listen({ port: 0 })), expectOk(await listen({ port: 0 }))];
    expect(first.url).toBe(`http://${HOST}:${first.port}`);
    expect(second.port).not.toBe(first.port);
    await running.close(0);
    expect(await fetch('/')).toBe('transport_failed');
    expectOk(await listen());
  });
});

describe('closing a server of the memory network', () => {
  const slow = async () => {
    const answer = Promise.withResolvers<string>();
    const sockets: string[] = [];
    const world = await joined({
      routes: [get('/slow', async () => ({ status: 200, body: await answer.promise }))],
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 100,
          accept: () => ({ onMessage: () => undefined, onClose: (code) => sockets.push(String(code)) }),
        },
      ],
    });
    const asked = world.transport.request({ method: 'GET', url: `http://${HOST}/slow`, timeoutMs: 10_000 });
    const watched = watch(world.transport, '/ws');
    await world.clock.advance(2);
    return { ...world, answer, sockets, asked, watched };
  };

  it('lets requests end and says goodbye to sockets', async () => {
    const { clock, running, answer, asked, watched, sockets } = await slow();
    let closed = false;
    void running.close(1_000).then(() => (closed = true));
    await clock.advance(500);
    expect(closed).toBe(false);
    answer.resolve('done');
    await clock.advance(1);
    expect(closed).toBe(true);
    expect(expectOk(await asked).body).toBe('done');
    expect(watched.seen).toEqual(['open', 'close 1001 server is stopping']);
    expect(sockets).toEqual(['1001']);
  });

  it('cuts what has not ended when the grace is over', async () => {
    const { clock, running, asked, watched } = await slow();
    const closing = running.close(100);
    await clock.advance(101);
    await closing;
    expect(await asked).toMatchObject({ fault: { code: 'transport_failed' } });
    expect(watched.seen.at(-1)).toBe('close 1001 server is stopping');
  });
});

describe('WebSockets of the memory network', () => {
  /** A server with one socket route, and what it was told. */
  async function talk(options: Partial<Omit<MemoryNetworkOptions, 'clock'>> = {}, accept?: (s: ServerSocket) => void) {
    const told: string[] = [];
    const sockets: ServerSocket[] = [];
    const world = await joined(
      {
        webSockets: [
          {
            path: '/ws/*',
            messageBytesMax: 100,
            authorize: ({ rawQuery }) => (rawQuery === 'cut' ? { status: 503, body: '', cut: true } : null),
            accept: (socket) => {
              sockets.push(socket);
              accept?.(socket);
              return {
                onMessage: (text) => {
                  if (text === 'throw') throw new Error('secret');
                  told.push(text);
                },
                onPing: () => told.push('ping'),
                onPong: (payload) => told.push(`pong ${payload}`),
                onClose: (code, reason) => told.push(`close ${code} ${reason}`.trim()),
              };
            },
          },
        ],
      },
      options,
    );
    return { ...world, told, sockets };
  }

  it('carry text, pings and pongs both ways, in order, however long each is under way', async () => {
    const random = seededRandom(1);
    const { clock, transport, told } = await talk({ jitter: { maxMs: 50, random } }, (socket) => {
      for (let index = 0; index < 20; index += 1) socket.send(new TextEncoder().encode(`가 ${index}`));
      socket.ping('7');
    });
    const { seen, connection } = watch(transport, '/ws/a');
    await clock.advance(500);
    for (let index = 0; index < 20; index += 1) expect(connection.send(String(index))).toBe(true);
    connection.ping();
    await clock.advance(500);
    expect(seen).toEqual(['open', ...Array.from({ length: 20 }, (_, index) => `가 ${index}`), 'ping']);
    expect(told).toEqual(['pong 7', ...Array.from({ length: 20 }, (_, index) => String(index)), 'ping']);
  });

  it('close with the code of the client on both sides, and what was sent before still arrives', async () => {
    const { clock, transport, told, sockets } = await talk();
    const { seen, connection } = watch(transport, '/ws/a');
    await clock.advance(2);
    connection.send('last words');
    connection.close(4_001, 'bye');
    expect(connection.send('too late')).toBe(false);
    await clock.advance(2);
    expect(told).toEqual(['last words', 'close 4001 bye']);
    expect(seen).toEqual(['open', 'close 4001 bye']);
    sockets[0]?.send('too late');
    sockets[0]?.close(4_002, 'too late');
    sockets[0]?.terminate();
    await clock.advance(2);
    expect([seen, told].map(({ length }) => length)).toEqual([2, 2]);
  });

  it('end as 1006 on both sides where one is terminated or vanishes', async () => {
    const { clock, transport, told, sockets } = await talk();
    const first = watch(transport, '/ws/a');
    await clock.advance(2);
    sockets[0]?.terminate();
    await clock.advance(2);
    expect(first.seen).toEqual(['open', 'close 1006 connection reset']);
    const second = watch(transport, '/ws/a');
    await clock.advance(2);
    await transport.close();
    await clock.advance(2);
    expect(second.seen).toEqual(['open', 'close 1006 transport closed']);
    expect(told).toEqual(['close 1006', 'close 1006 connection reset']);
  });

  it('that a client leaves before they are open are told to the server as accepted and gone', async () => {
    const { clock, transport, told, sockets } = await talk({ latencyMs: 5 });
    const { seen, connection } = watch(transport, '/ws/a');
    connection.close();
    await clock.advance(20);
    expect(sockets).toHaveLength(1);
    expect(told).toEqual(['close 1006 connection reset']);
    expect(seen).toEqual(['close 1006 closed before it was open']);
  });

  it('close with 1009 on a longer message than allowed, and with 1011 where a handler throws', async () => {
    const { clock, transport, telemetry } = await talk();
    const long = watch(transport, '/ws/a');
    const thrown = watch(transport, '/ws/a');
    await clock.advance(2);
    long.connection.send('x'.repeat(100));
    long.connection.send('가'.repeat(40));
    thrown.connection.send('throw');
    await clock.advance(4);
    expect(long.seen).toEqual(['open', 'close 1009']);
    expect(thrown.seen).toEqual(['open', 'close 1011 internal error']);
    expect(telemetry.records.map(({ message }) => message)).toEqual(['WebSocket onMessage threw']);
  });

  it('never open where the upgrade is refused, cut, or nobody has the path', async () => {
    const { clock, transport, sockets } = await talk();
    const cut = watch(transport, '/ws/a?cut');
    const nowhere = watch(transport, '/nowhere');
    await clock.advance(4);
    expect(cut.seen).toEqual(['close 1006 connection reset']);
    expect(nowhere.seen).toEqual(['close 1006 the server answered 404']);
    expect(sockets).toEqual([]);
  });

  it('let what is sent wait for a slow line, and tell how much that is', async () => {
    const { clock, network, sockets } = await talk({ bytesPerMs: 1 });
    const transport = network.transport('10.0.0.2', { sendBufferBytesMax: 50 });
    const { seen, connection } = watch(transport, '/ws/a');
    await clock.advance(2);
    const [socket] = sockets;
    for (const letter of ['a', 'b', 'c']) socket?.send(letter.repeat(100));
    expect(socket?.bufferedBytes()).toBe(300);
    await clock.advance(101);
    expect([socket?.bufferedBytes(), seen.length]).toEqual([199, 2]);
    socket?.terminate();
    await clock.advance(400);
    expect(seen.map((text) => text.slice(0, 5))).toEqual(['open', 'aaaaa', 'close']);
    expect(connection.send('x')).toBe(false);
    const sender = watch(transport, '/ws/a').connection;
    await clock.advance(2);
    const sent = Array.from({ length: 3 }, () => sender.send('x'.repeat(40)));
    expect(sent).toEqual([true, true, false]);
  });
});
