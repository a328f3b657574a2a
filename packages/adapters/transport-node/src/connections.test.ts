import { createServer, type Socket } from 'node:net';
import { createServer as createHttp } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  call,
  echo,
  leadsTo,
  listen,
  openTransport,
  outcomeOf,
  startExchange,
  until,
} from './loopback.test-support.ts';

const REPLY = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Conversation {
  readonly port: number;
  /** Of each connection what it brought, in the order of arrival. */
  readonly brought: string[];
  readonly sockets: Socket[];
}

/** A server that hears bytes and answers what it likes. */
async function converse(onText: (socket: Socket, text: string, connection: number) => void): Promise<Conversation> {
  const brought: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    brought.push('');
    socket.on('data', (data: Buffer) => {
      const text = data.toString('utf8');
      brought[connection] += text;
      onText(socket, text, connection);
    });
  });
  return { port: await listen(server), brought, sockets };
}

const posts = (conversation: Conversation): number =>
  conversation.brought.reduce((sum, text) => sum + text.split('POST ').length - 1, 0);

describe('a connection kept alive that the server has closed', () => {
  it.each(['an end', 'a reset'])('with %s is not used again: a POST goes over a new one, once', async (how) => {
    const server = await converse((socket) => socket.write(REPLY));
    const transport = openTransport({ connectionsPerOriginMax: 1 });
    const url = `http://127.0.0.1:${server.port}/order`;
    expect(outcomeOf(await call(transport, 'GET', url))).toEqual(['ok', '200']);
    const first = server.sockets[0];
    let isGone = false;
    first?.once('close', () => (isGone = true));
    if (how === 'an end') first?.end();
    else first?.resetAndDestroy();
    await until(() => isGone);
    let outcome = outcomeOf(await call(transport, 'POST', url));
    // The end may still have been on its way: then nothing of the request has arrived, and that is what it says.
    if (outcome[1] === 'retryable') outcome = outcomeOf(await call(transport, 'POST', url));
    expect(outcome).toEqual(['ok', '200']);
    expect(server.sockets).toHaveLength(2);
    expect(posts(server)).toBe(1);
  });

  it('at the moment of a POST makes its outcome unknown or sends it over a new one, and never twice', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      // The answer and the end leave together, so that the end meets the next request on its way.
      const server = await converse((socket, _, connection) => {
        if (connection > 0) socket.write(REPLY);
        else if (round % 2 === 0) socket.end(REPLY);
        else socket.write(REPLY, () => socket.resetAndDestroy());
      });
      const transport = openTransport({ connectionsPerOriginMax: 1 });
      const url = `http://127.0.0.1:${server.port}/order`;
      await call(transport, 'GET', url);
      const outcome = outcomeOf(await call(transport, 'POST', url));
      outcomes.add(outcome.join(' '));
      expect(posts(server)).toBeLessThanOrEqual(1);
      if (outcome[0] === 'ok') expect(posts(server)).toBe(1);
    }
    for (const outcome of outcomes) expect(['ok 200', 'transport_failed unknown_outcome']).toContain(outcome);
  });
});

describe('a connection that breaks under a request', () => {
  it.each(['GET', 'POST'] as const)('after a %s has arrived is not tried again by itself', async (method) => {
    const server = await converse((socket, text) => {
      // The second request on the connection is taken and not answered.
      if (text.includes('/first')) socket.write(REPLY);
      else socket.resetAndDestroy();
    });
    const transport = openTransport({ connectionsPerOriginMax: 1 });
    const url = `http://127.0.0.1:${server.port}/order`;
    await call(transport, 'GET', `http://127.0.0.1:${server.port}/first`);
    const outcome = outcomeOf(await call(transport, method, url));
    expect(outcome).toEqual(['transport_failed', method === 'GET' ? 'retryable' : 'unknown_outcome']);
    expect(server.sockets).toHaveLength(1);
    expect(server.brought[0]?.match(/(GET|POST) /g)).toEqual(['GET ', `${method} `]);
  });

  it('half way through a body makes the outcome of a POST unknown', async () => {
    const server = await converse((socket) => {
      socket.pause();
      socket.resetAndDestroy();
    });
    const transport = openTransport();
    const body = 'x'.repeat(20_000_000);
    const url = `http://127.0.0.1:${server.port}/order`;
    const outcome = outcomeOf(await transport.request({ method: 'POST', url, body, timeoutMs: 5_000 }));
    expect(outcome).toEqual(['transport_failed', 'unknown_outcome']);
    expect(server.sockets).toHaveLength(1);
  });

  it('half way through the answer makes the outcome of a POST unknown', async () => {
    const server = await converse((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nha'));
    const transport = openTransport();
    expect(outcomeOf(await call(transport, 'POST', `http://127.0.0.1:${server.port}/order`))).toEqual([
      'transport_failed',
      'unknown_outcome',
    ]);
  });
});

describe('an answer over the limit', () => {
  it('is futile to ask for again, and leaves the outcome of a POST unknown', async () => {
    const server = await converse((socket) => socket.write(REPLY));
    const transport = openTransport({ responseBytesMax: 1 });
    const url = `http://127.0.0.1:${server.port}/order`;
    expect(outcomeOf(await call(transport, 'GET', url))).toEqual(['transport_failed', 'permanent']);
    expect(outcomeOf(await call(transport, 'POST', url))).toEqual(['transport_failed', 'unknown_outcome']);
  });
});

describe('the limit of connections to one origin', () => {
  it('is kept: a request beyond waits for one that is free', async () => {
    let open = 0;
    let most = 0;
    const server = createHttp((_, response) => void setImmediate(() => response.end('ok')));
    server.on('connection', (socket: Socket) => {
      open += 1;
      most = Math.max(most, open);
      socket.on('close', () => (open -= 1));
    });
    const url = `http://127.0.0.1:${await listen(server)}/`;
    const transport = openTransport({ connectionsPerOriginMax: 3 });
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => call(transport, 'GET', url)));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(most).toBe(3);
  });

  it('lets a POST that found none free by its deadline be sent again: it never left', async () => {
    const server = await converse(() => undefined);
    const transport = openTransport({ connectionsPerOriginMax: 1 });
    const url = `http://127.0.0.1:${server.port}/order`;
    const holding = call(transport, 'GET', url);
    await until(() => server.brought.length === 1);
    expect(outcomeOf(await call(transport, 'POST', url, 60))).toEqual(['transport_timeout', 'retryable']);
    // The one connection is free again, and goes to the request after.
    server.sockets[0]?.write(REPLY);
    expect(outcomeOf(await holding)).toEqual(['ok', '200']);
    const next = call(transport, 'GET', url);
    await until(() => server.brought.join('').split('GET ').length === 3);
    for (const socket of server.sockets) if (!socket.destroyed) socket.write(REPLY);
    expect(outcomeOf(await next)).toEqual(['ok', '200']);
    expect(posts(server)).toBe(0);
  });

  it('does not let requests pile up without end', async () => {
    const server = await converse(() => undefined);
    const transport = openTransport({ connectionsPerOriginMax: 1, requestsMax: 3 });
    const url = `http://127.0.0.1:${server.port}/order`;
    const waiting = Array.from({ length: 3 }, () => call(transport, 'GET', url));
    const refused = await call(transport, 'POST', url);
    expect(outcomeOf(refused)).toEqual(['transport_failed', 'retryable']);
    expect(refused.ok ? '' : refused.fault.message).toContain('limit');
    await transport.close();
    for (const request of waiting) expect(outcomeOf(await request)[0]).toBe('transport_aborted');
  });
});

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(0, '::1', () => probe.close(() => resolve(true)));
});

describe.skipIf(!hasIpv6)('over IPv6', () => {
  it('requests and WebSockets reach an address in brackets, with TLS and without', async () => {
    const { TEST_AUTHORITY } = await import('@monsta/testkit');
    const transport = openTransport({ certificates: [TEST_AUTHORITY] });
    for (const isSecure of [false, true]) {
      const exchange = await startExchange({ isSecure, host: '::1' });
      const end = isSecure ? 's' : '';
      const reply = await call(transport, 'POST', `http${end}://[::1]:${exchange.port}/order`);
      expect(reply).toMatchObject({ ok: true, value: { body: `POST /order [::1]:${exchange.port}` } });
      expect((await echo(transport, `ws${end}://[::1]:${exchange.port}/ws`, 'hello')).texts).toEqual(['hello']);
    }
  });

  it('a host whose IPv6 address is dead is reached over IPv4', async () => {
    const exchange = await startExchange({ isSecure: false });
    // Of the block for documentation, which leads nowhere, and this machine's own, where nobody listens.
    for (const dead of ['2001:db8::1', '::1']) {
      const transport = openTransport({ lookup: leadsTo(dead, '127.0.0.1') });
      expect(outcomeOf(await call(transport, 'POST', `http://exchange.test:${exchange.port}/order`))).toEqual([
        'ok',
        '200',
      ]);
      const { texts } = await echo(transport, `ws://exchange.test:${exchange.port}/ws`, 'hello');
      expect(texts).toEqual(['hello']);
    }
    expect(exchange.requests).toEqual(['POST /order', 'POST /order']);
  });
});
