import { describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { connect, exchange, logged, logger, start } from './server.test-support.ts';

describe('requests', () => {
  it('reach the handler with raw query, raw body, decoded path parameters and lower-case headers', async () => {
    const server = await start({
      routes: [
        {
          method: 'POST',
          path: '/api/orders/:id/*',
          handle: (request) => ({
            status: 201,
            headers: { 'x-own': 'yes' },
            body: JSON.stringify({ ...request, headers: request.headers['x-signed'] }),
          }),
        },
      ],
    });
    const response = await fetch(`${server.url}/api/orders/a%20b/rest/of/it?symbol=BTC%55SDT&x=1&x=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'X-Signed': 'abc' },
      body: 'quantity=1%2E0&price={',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-own')).toBe('yes');
    expect(await response.json()).toEqual({
      method: 'POST',
      path: '/api/orders/a%20b/rest/of/it',
      params: { id: 'a b', '*': 'rest/of/it' },
      rawQuery: 'symbol=BTC%55SDT&x=1&x=2',
      headers: 'abc',
      body: 'quantity=1%2E0&price={',
      remoteAddress: '127.0.0.1',
    });
  });

  it('are taken whatever their content type says, and without one', async () => {
    const server = await start({
      routes: [{ method: 'PUT', path: '/echo', handle: ({ body }) => ({ status: 200, body }) }],
    });
    for (const type of ['application/json', 'text/plain', 'image/png']) {
      const response = await fetch(`${server.url}/echo`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body: 'not json',
      });
      expect(await response.text()).toBe('not json');
    }
    const bare = await exchange(
      server,
      'PUT /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbare',
    );
    expect(bare.startsWith('HTTP/1.1 200') && bare.endsWith('bare')).toBe(true);
  });

  it('with too long a body, a broken path or bytes that are no HTTP are refused by failure()', async () => {
    const server = await start({
      routes: [{ method: 'POST', path: '/echo/:id', handle: ({ body }) => ({ status: 200, body }) }],
    });
    const long = await fetch(`${server.url}/echo/1`, { method: 'POST', body: 'x'.repeat(1_001) });
    expect([long.status, (await long.text()).split('|')[0]]).toEqual([413, 'body_too_large']);
    const path = await exchange(
      server,
      'POST /echo/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
    );
    expect(path).toMatch(/^HTTP\/1\.1 400 [^]*bad_request\|/);
    expect(await exchange(server, 'this is no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*bad_request\|/);
  });

  it('whose handler throws get failure(internal), and the log the reason', async () => {
    const server = await start({
      routes: [
        {
          method: 'GET',
          path: '/sync',
          handle: () => {
            throw new Error('secret detail');
          },
        },
        {
          method: 'GET',
          path: '/async',
          handle: () => Promise.reject(Object.assign(new Error('secret detail'), { statusCode: 404 })),
        },
      ],
    });
    for (const path of ['/sync', '/async']) {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe('internal|the request could not be answered');
    }
    expect(logged).toEqual(['request handler threw', 'request handler threw']);
  });

  it('for no route go to notFound, after the guard', async () => {
    const server = await start({
      guard: ({ headers }) => (headers['x-blocked'] === undefined ? null : { status: 403, body: 'blocked' }),
      routes: [{ method: 'GET', path: '/here', handle: () => ({ status: 200, body: 'here' }) }],
    });
    expect(await (await fetch(`${server.url}/there?x=1`)).text()).toBe('nothing at /there');
    for (const path of ['/here', '/there']) {
      expect((await fetch(server.url + path, { headers: { 'x-blocked': '1' } })).status).toBe(403);
    }
  });
});

describe('listening', () => {
  it('on a taken port is port_in_use, naming the port and the way out', async () => {
    const first = await start();
    const second = await createHttpServer({ logger }).listen({
      host: '127.0.0.1',
      port: first.port,
      bodyBytesMax: 10,
      routes: [],
      webSockets: [],
      notFound: () => ({ status: 404, body: '' }),
      failure: () => ({ status: 500, body: '' }),
    });
    if (second.ok) throw new Error('a taken port was taken twice');
    expect(second.fault.code).toBe('port_in_use');
    expect(second.fault.message).toContain(String(first.port));
    expect(second.fault.message).toContain('another port');
  });

  it('ends: requests under way finish, sockets get 1001, new connections are refused', async () => {
    let release: (body: string) => void = () => undefined;
    const answer = new Promise<string>((resolve) => (release = resolve));
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const server = await start({
      routes: [
        {
          method: 'GET',
          path: '/slow',
          handle: async () => {
            entered();
            return { status: 200, body: await answer };
          },
        },
      ],
      webSockets: [
        { path: '/ws', messageBytesMax: 100, accept: () => ({ onMessage: () => undefined, onClose: () => undefined }) },
      ],
    });
    const client = connect(server, '/ws');
    await client.opened;
    const slow = fetch(`${server.url}/slow`);
    await inside;
    const closed = server.close(5_000);
    expect(await client.closed).toEqual({ code: 1001, reason: 'server is stopping' });
    await expect(fetch(`${server.url}/slow`)).rejects.toThrow('fetch failed');
    release('done');
    expect(await (await slow).text()).toBe('done');
    await closed;
  });

  it('cuts what has not ended when the grace is over', async () => {
    const server = await start({
      routes: [{ method: 'GET', path: '/never', handle: () => new Promise(() => undefined) }],
    });
    const never = fetch(`${server.url}/never`).catch(() => 'cut');
    await fetch(`${server.url}/other`);
    await server.close(50);
    expect(await never).toBe('cut');
  });
});
