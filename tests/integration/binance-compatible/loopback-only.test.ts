import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { guardLoopback, type LoopbackGuard } from './loopback-only.test-support.ts';

/** A documentation address (RFC 5737): were the guard not there, the attempt would end in a time-out of the test. */
const ELSEWHERE = '192.0.2.1';

describe('while connections are held to this machine', () => {
  let guard: LoopbackGuard;

  beforeEach(() => {
    guard = guardLoopback();
  });
  afterEach(() => guard.restore());

  it('every way to another machine fails at once and is remembered', async () => {
    await expect(fetch(`http://${ELSEWHERE}/fetch`)).rejects.toThrow('fetch failed');
    await expect(once(get({ host: ELSEWHERE, path: '/get' }), 'response')).rejects.toThrow('no test may reach it');
    await expect(once(new WebSocket(`ws://${ELSEWHERE}/ws`), 'open')).rejects.toThrow('no test may reach it');
    await expect(once(connect(80, ELSEWHERE), 'connect')).rejects.toThrow('no test may reach it');
    await expect(once(connectTls({ port: 443, host: 'exchange.invalid' }), 'secureConnect')).rejects.toThrow(
      'exchange.invalid',
    );
    expect(guard.refused).toEqual([ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, 'exchange.invalid']);
  });

  it('this machine is reached as ever', async () => {
    const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
    expect(guard.refused).toEqual([]);
    server.closeAllConnections();
    server.close();
  });
});
