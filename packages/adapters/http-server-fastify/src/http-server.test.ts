import { once } from 'node:events';
import { connect } from 'node:net';
import { exchangeBytes } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { logged, start } from './server.test-support.ts';

describe('requests', () => {
  it('whose handler throws leave the reason in the log', async () => {
    const server = await start({
      routes: [
        {
          method: 'GET',
          path: '/sync',
          handle: () => {
            throw new Error('secret detail');
          },
        },
        { method: 'GET', path: '/async', handle: () => Promise.reject(new Error('secret detail')) },
      ],
    });
    for (const path of ['/sync', '/async']) expect((await fetch(server.url + path)).status).toBe(500);
    expect(logged).toEqual(['request handler threw', 'request handler threw']);
  });

  it('that are broken off by their client are no failure of the server', async () => {
    const server = await start({
      routes: [{ method: 'POST', path: '/here', handle: () => ({ status: 200, body: 'here' }) }],
    });
    const client = connect(server.port, '127.0.0.1');
    client.end('POST /here HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
    client.resume();
    await once(client, 'close');
    expect((await fetch(`${server.url}/here`, { method: 'POST', body: 'whole' })).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('that offer h2c are answered as HTTP: WebSocket is the only upgrade', async () => {
    const server = await start({
      routes: [{ method: 'GET', path: '/here', handle: () => ({ status: 200, body: 'here' }) }],
    });
    const answer = await exchangeBytes(
      server.port,
      'GET /here HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
