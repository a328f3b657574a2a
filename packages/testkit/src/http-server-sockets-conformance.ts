import type {
  HttpServerOptions,
  IncomingRequest,
  RunningHttpServer,
  ServerSocket,
  ServerSocketHandlers,
  WebSocketRoute,
} from '@monsta/ports';
import { afterEach, describe, expect, it } from 'vitest';
import {
  deafClient,
  exchangeBytes,
  ListeningClient,
  pingFrame,
  signal,
  textFrame,
  upgradeRequest,
} from './http-server-clients.ts';

const MESSAGE_BYTES_MAX = 100;

/** The server's end of a socket, and what it was told. */
class Accepted implements ServerSocketHandlers {
  readonly socket: ServerSocket;
  readonly request: IncomingRequest;
  readonly texts: string[] = [];
  readonly closes: (readonly [number, string])[] = [];
  readonly closed = signal<null>();
  readonly pinged = signal<null>();
  readonly ponged = signal<string>();
  readonly heard = signal<null>();

  constructor(socket: ServerSocket, request: IncomingRequest) {
    this.socket = socket;
    this.request = request;
  }
  onMessage(text: string): void {
    this.texts.push(text);
    this.heard.give(null);
  }
  onPing(): void {
    this.pinged.give(null);
  }
  onPong(payload: string): void {
    this.ponged.give(payload);
  }
  onClose(code: number, reason: string): void {
    this.closes.push([code, reason]);
    this.closed.give(null);
  }
}

/** A route that keeps whom it accepted. */
function keeping(path: string): { readonly route: WebSocketRoute; readonly accepted: Accepted[]; first(): Accepted } {
  const accepted: Accepted[] = [];
  return {
    accepted,
    first() {
      const [first] = accepted;
      if (first === undefined) throw new Error('nobody was accepted');
      return first;
    },
    route: {
      path,
      messageBytesMax: MESSAGE_BYTES_MAX,
      accept(socket, request) {
        const handlers = new Accepted(socket, request);
        accepted.push(handlers);
        return handlers;
      },
    },
  };
}

/** What every `HttpServer` must keep of WebSockets. */
export function webSocketConformance(
  name: string,
  start: (options: Partial<HttpServerOptions>) => Promise<RunningHttpServer>,
  stopAll: () => Promise<void>,
): void {
  describe(`${name} keeps the promises of an HTTP server to WebSockets`, () => {
    afterEach(stopAll);

    /** A server with one route at `/ws`, a client on it, and the server's end of it. */
    const opened = async () => {
      const kept = keeping('/ws');
      const server = await start({ webSockets: [kept.route] });
      const client = new ListeningClient(server.port, '/ws');
      await client.opened;
      return { server, client, kept, peer: kept.first() };
    };

    it('finds the route by its exact path or longest prefix, and passes the request on', async () => {
      const names = ['/ws/*', '/ws/special/*', '/ws'];
      const requests: IncomingRequest[] = [];
      const { port } = await start({
        webSockets: names.map((path) => ({
          path,
          messageBytesMax: MESSAGE_BYTES_MAX,
          accept: (socket, request) => {
            requests.push(request);
            socket.send(path);
            return { onMessage: () => undefined, onClose: () => undefined };
          },
        })),
      });
      for (const [path, route] of [
        ['/ws', '/ws'],
        ['/ws/btcusdt@trade', '/ws/*'],
        ['/ws/special/1?a=%20b', '/ws/special/*'],
      ] as const) {
        const client = new ListeningClient(port, path);
        await client.heard(1);
        expect([path, client.messages]).toEqual([path, [route]]);
        client.socket.close();
      }
      expect(requests.at(-1)).toMatchObject({ path: '/ws/special/1', rawQuery: 'a=%20b', remoteAddress: '127.0.0.1' });
    });

    it('refuses before the upgrade where no route, the guard or authorize says so, with their answer', async () => {
      const kept = keeping('/members');
      const { port } = await start({
        webSockets: [
          {
            ...kept.route,
            authorize: ({ rawQuery }) => {
              if (rawQuery === 'throw') throw new Error('secret detail');
              if (rawQuery === 'cut') return { status: 503, body: 'unseen', cut: true };
              return rawQuery === 'key=1' ? null : { status: 401, headers: { 'x-why': 'no key' }, body: 'who are you' };
            },
          },
        ],
        guard: ({ rawQuery }) => (rawQuery === 'bad' ? { status: 403, body: 'refused' } : null),
      });
      const answer = (path: string): Promise<string> => exchangeBytes(port, upgradeRequest(path));
      expect(await answer('/nothing')).toMatch(/^HTTP\/1\.1 404 [^]*nothing at \/nothing$/);
      expect(await answer('/members')).toMatch(/^HTTP\/1\.1 401 [^]*x-why: no key\r\n[^]*who are you$/);
      expect(await answer('/members?bad')).toMatch(/^HTTP\/1\.1 403 [^]*refused$/);
      expect(await answer('/members?cut')).toBe('');
      const thrown = await answer('/members?throw');
      expect(thrown).toMatch(/^HTTP\/1\.1 500 [^]*internal\|/);
      expect(thrown).not.toContain('secret detail');
      expect(kept.accepted).toHaveLength(0);
      const member = new ListeningClient(port, '/members?key=1');
      await member.opened;
      expect(kept.accepted).toHaveLength(1);
    });

    it('carries text both ways in order', async () => {
      const { client, peer } = await opened();
      const texts = Array.from({ length: 50 }, (_, index) => `메시지 ${index}`);
      for (const text of texts) client.socket.send(text);
      for (const text of texts) peer.socket.send(text);
      await client.heard(50);
      expect(client.messages).toEqual(texts);
      client.socket.close(4_000);
      await peer.closed.promise;
      expect(peer.texts).toEqual(texts);
    });

    it('hears a message that comes in the same breath as the handshake', async () => {
      const kept = keeping('/ws');
      const { port } = await start({ webSockets: [kept.route] });
      const client = await deafClient(port, '/ws', textFrame('first words'));
      await kept.first().heard.promise;
      expect(kept.first().texts).toEqual(['first words']);
      client.destroy();
    });

    it('sends bytes encoded once to many sockets, as text, without changing them', async () => {
      const frame = new TextEncoder().encode('{"price":"61737.63","name":"가격"}');
      const before = Uint8Array.from(frame);
      const kept = keeping('/ws');
      const { port } = await start({ webSockets: [kept.route] });
      const clients = Array.from({ length: 5 }, () => new ListeningClient(port, '/ws'));
      await Promise.all(clients.map((client) => client.opened));
      for (let round = 0; round < 20; round += 1) for (const { socket } of kept.accepted) socket.send(frame);
      await Promise.all(clients.map((client) => client.heard(20)));
      for (const { messages } of clients)
        expect(new Set(messages)).toEqual(new Set(['{"price":"61737.63","name":"가격"}']));
      expect(frame).toEqual(before);
      expect(new Set(kept.accepted.map(({ socket }) => socket.id)).size).toBe(5);
    });

    it('closes with 1009 on a message of more bytes than allowed, and takes one of just as many', async () => {
      const { client, peer } = await opened();
      const full = 'x'.repeat(MESSAGE_BYTES_MAX);
      client.socket.send(full);
      // 40 characters, 120 bytes.
      client.socket.send('가'.repeat(40));
      expect((await client.closed).code).toBe(1_009);
      await peer.closed.promise;
      expect(peer.texts).toEqual([full]);
      expect(peer.closes).toHaveLength(1);
    });

    it('pings, and tells of the pong with its payload', async () => {
      const { client, peer } = await opened();
      peer.socket.ping('123');
      expect(await peer.ponged.promise).toBe('123');
      client.socket.close();
    });

    it('tells of a client’s own ping', async () => {
      const kept = keeping('/ws');
      const { port } = await start({ webSockets: [kept.route] });
      const client = await deafClient(port, '/ws', pingFrame());
      await kept.first().pinged.promise;
      client.destroy();
    });

    it('closes with our code and reason, and tells of the end once', async () => {
      const { client, peer } = await opened();
      peer.socket.close(4_002, 'done');
      expect(await client.closed).toEqual({ code: 4_002, reason: 'done' });
      await peer.closed.promise;
      expect(peer.closes).toHaveLength(1);
      expect(peer.closes[0]?.[0]).toBe(4_002);
    });

    it('tells the code and reason of a client’s close once, and is silent to one that has gone', async () => {
      const { client, peer } = await opened();
      client.socket.close(4_001, 'bye');
      await peer.closed.promise;
      peer.socket.send('too late');
      peer.socket.ping();
      peer.socket.close(4_003, 'too late');
      peer.socket.terminate();
      await client.closed;
      expect(peer.closes).toEqual([[4_001, 'bye']]);
      expect(client.messages).toEqual([]);
    });

    it('terminates without a handshake: 1006 on both sides', async () => {
      const { client, peer } = await opened();
      peer.socket.terminate();
      expect((await client.closed).code).toBe(1_006);
      await peer.closed.promise;
      expect(peer.closes.map(([code]) => code)).toEqual([1_006]);
    });

    it('tells of a client that vanished as 1006, once', async () => {
      const kept = keeping('/ws');
      const { port } = await start({ webSockets: [kept.route] });
      const client = await deafClient(port, '/ws');
      client.destroy();
      await kept.first().closed.promise;
      expect(kept.first().closes.map(([code]) => code)).toEqual([1_006]);
    });

    it('tells how much a client that does not read has left waiting', async () => {
      const kept = keeping('/ws');
      const { port } = await start({ webSockets: [kept.route] });
      const client = await deafClient(port, '/ws');
      const { socket, closed } = kept.first();
      expect(socket.bufferedBytes()).toBe(0);
      const chunk = new TextEncoder().encode('x'.repeat(1_000_000));
      for (let sent = 0; sent < 30; sent += 1) socket.send(chunk);
      expect(socket.bufferedBytes()).toBeGreaterThan(1_000_000);
      socket.terminate();
      await closed.promise;
      client.destroy();
    });

    it('says goodbye to every socket when it closes, and cuts those that do not answer when the grace is over', async () => {
      const { server, client, kept } = await opened();
      const deaf = await deafClient(server.port, '/ws');
      await server.close(100);
      expect((await client.closed).code).toBe(1_001);
      await Promise.all(kept.accepted.map(({ closed }) => closed.promise));
      expect(kept.accepted.map(({ closes }) => closes.length)).toEqual([1, 1]);
      deaf.destroy();
      await expect(deafClient(server.port, '/ws')).rejects.toThrow('ECONNREFUSED');
    });
  });
}
