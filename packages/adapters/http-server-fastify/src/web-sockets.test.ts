import type { ServerSocket } from '@monsta/ports';
import { describe, expect, it } from 'vitest';
import { connect, exchange, logged, start } from './server.test-support.ts';

describe('WebSocket routes', () => {
  const silent = { onMessage: () => undefined, onClose: () => undefined };

  it('match exactly or by the longest prefix; anything else is refused before the upgrade', async () => {
    const accept = (name: string) => (socket: ServerSocket) => {
      socket.send(name);
      return silent;
    };
    const server = await start({
      webSockets: [
        { path: '/ws/*', messageBytesMax: 100, accept: accept('prefix') },
        { path: '/ws/special/*', messageBytesMax: 100, accept: accept('special') },
        { path: '/ws', messageBytesMax: 100, accept: accept('exact') },
        {
          path: '/members',
          messageBytesMax: 100,
          authorize: ({ rawQuery }) => (rawQuery === 'key=1' ? null : { status: 401, body: 'no' }),
          accept: accept('member'),
        },
      ],
      guard: ({ rawQuery }) =>
        rawQuery === 'bad' ? { status: 403, headers: { 'x-why': 'guard' }, body: 'refused' } : null,
    });
    for (const [path, name] of [
      ['/ws', 'exact'],
      ['/ws/btcusdt@trade', 'prefix'],
      ['/ws/special/1', 'special'],
      ['/members?key=1', 'member'],
    ] as const) {
      const client = connect(server, path);
      await client.message(1);
      expect(client.messages).toEqual([name]);
      client.socket.terminate();
    }
    for (const [path, status] of [
      ['/nothing', 404],
      ['/members', 401],
      ['/ws?bad', 403],
    ] as const) {
      const refused = await new Promise((resolve) => {
        const { socket } = connect(server, path);
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.once('open', () => resolve('opened'));
      });
      expect(refused).toBe(status);
    }
  });

  it('share one Uint8Array among many sockets, as text, without changing it', async () => {
    const frame = new TextEncoder().encode('{"price":"61737.63","name":"가격"}');
    const copy = Uint8Array.from(frame);
    const sockets: ServerSocket[] = [];
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 100,
          accept: (socket) => {
            sockets.push(socket);
            return silent;
          },
        },
      ],
    });
    const clients = Array.from({ length: 5 }, () => connect(server, '/ws'));
    await Promise.all(clients.map((client) => client.opened));
    for (let round = 0; round < 20; round += 1) for (const socket of sockets) socket.send(frame);
    await Promise.all(clients.map((client) => client.message(20)));
    for (const client of clients)
      expect(new Set(client.messages)).toEqual(new Set(['{"price":"61737.63","name":"가격"}']));
    expect(frame).toEqual(copy);
    expect(new Set(sockets.map(({ id }) => id)).size).toBe(5);
  });

  it('tell how much a client that does not read has left waiting', async () => {
    let peer: ServerSocket | null = null;
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 100,
          accept: (socket) => {
            peer = socket;
            return silent;
          },
        },
      ],
    });
    const client = connect(server, '/ws');
    await client.opened;
    client.socket.pause();
    const socket = peer as ServerSocket | null;
    if (socket === null) throw new Error('the server did not accept');
    expect(socket.bufferedBytes()).toBe(0);
    const chunk = new TextEncoder().encode('x'.repeat(1_000_000));
    for (let sent = 0; sent < 30; sent += 1) socket.send(chunk);
    expect(socket.bufferedBytes()).toBeGreaterThan(1_000_000);
    socket.terminate();
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });

  it('close with 1009 on a message that is too long, 1003 on a binary one, 1011 when a handler throws', async () => {
    const closes: number[] = [];
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 10,
          accept: () => ({
            onMessage(text) {
              if (text === 'throw') throw new Error('in the handler');
            },
            onClose: (code) => closes.push(code),
          }),
        },
        {
          path: '/refuses',
          messageBytesMax: 10,
          accept: () => {
            throw new Error('at the door');
          },
        },
      ],
    });
    const send = async (data: string | Buffer): Promise<number> => {
      const client = connect(server, '/ws');
      await client.opened;
      client.socket.send(data);
      return (await client.closed).code;
    };
    expect(await send('x'.repeat(11))).toBe(1009);
    expect(await send(Buffer.from('abc'))).toBe(1003);
    expect(await send('throw')).toBe(1011);
    expect((await connect(server, '/refuses').closed).code).toBe(1011);
    expect(closes).toHaveLength(3);
    expect(logged).toEqual(['WebSocket onMessage threw', 'WebSocket accept threw']);
  });

  it('pass pings and pongs, offer no compression, and close once with code and reason', async () => {
    const events: string[] = [];
    let done: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (done = resolve));
    const server = await start({
      webSockets: [
        {
          path: '/ws',
          messageBytesMax: 100,
          accept: (socket) => ({
            onMessage: (text) => (text === 'ping me' ? socket.ping('123') : socket.close(4000, '긴'.repeat(100))),
            onPong: () => events.push('pong'),
            onClose: (code, reason) => {
              events.push(`close ${code} ${reason}`);
              done();
            },
          }),
        },
      ],
    });
    const client = connect(server, '/ws');
    await client.opened;
    expect(client.socket.extensions).toBe('');
    const ping = new Promise<string>((resolve) => client.socket.once('ping', (data) => resolve(data.toString())));
    client.socket.send('ping me');
    expect(await ping).toBe('123');
    client.socket.send('close me');
    const { code, reason } = await client.closed;
    expect(code).toBe(4000);
    expect(reason).toBe('긴'.repeat(41));
    await ended;
    expect(events[0]).toBe('pong');
    expect(events).toHaveLength(2);
  });

  it('are the only upgrade: a request that offers h2c is answered as HTTP', async () => {
    const server = await start({
      routes: [{ method: 'GET', path: '/here', handle: () => ({ status: 200, body: 'here' }) }],
    });
    const answer = await exchange(
      server,
      'GET /here HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
