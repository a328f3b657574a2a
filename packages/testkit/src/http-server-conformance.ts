import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import type { HttpRoute, HttpServer, HttpServerOptions, RunningHttpServer } from '@monsta/ports';
import { afterEach, describe, expect, it } from 'vitest';
import { exchangeBytes, signal } from './http-server-clients.ts';
import { webSocketConformance } from './http-server-sockets-conformance.ts';

const BODY_BYTES_MAX = 1_000;
const LOOPBACK = '127.0.0.1';

/** Options that answer everything with what happened: `404 nothing at <path>`, `<code>|<message>`. */
const plainOptions: HttpServerOptions = {
  host: LOOPBACK,
  port: 0,
  bodyBytesMax: BODY_BYTES_MAX,
  routes: [],
  webSockets: [],
  notFound: ({ path }) => ({ status: 404, body: `nothing at ${path}` }),
  failure: (code, message) => ({
    status: code === 'internal' ? 500 : code === 'body_too_large' ? 413 : 400,
    body: `${code}|${message}`,
  }),
};

const echo: HttpRoute = { method: 'PUT', path: '/echo', handle: ({ body }) => ({ status: 200, body }) };

/** What every `HttpServer` must keep. */
export function httpServerConformance(name: string, make: () => HttpServer): void {
  const running: RunningHttpServer[] = [];
  const start = async (options: Partial<HttpServerOptions> = {}): Promise<RunningHttpServer> => {
    const server = expectOk(await make().listen({ ...plainOptions, ...options }));
    running.push(server);
    return server;
  };
  const stopAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((server) => server.close(200)));
  };

  describe(`${name} keeps the promises of an HTTP server to requests`, () => {
    afterEach(stopAll);

    it('gives handlers the request raw: only path parameters are decoded, header names in lower case', async () => {
      const { url } = await start({
        routes: [
          {
            method: 'POST',
            path: '/api/orders/:id/*',
            handle: ({ headers, ...request }) => ({
              status: 201,
              body: JSON.stringify({ ...request, signed: headers['x-signed'] }),
            }),
          },
        ],
      });
      const response = await fetch(`${url}/api/orders/a%20b/rest/of/it?symbol=BTC%55SDT&x=1&x=2`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'X-Signed': 'abc' },
        body: 'quantity=1%2E0&price={',
      });
      expect(response.status).toBe(201);
      expect(await response.json()).toEqual({
        method: 'POST',
        path: '/api/orders/a%20b/rest/of/it',
        params: { id: 'a b', '*': 'rest/of/it' },
        rawQuery: 'symbol=BTC%55SDT&x=1&x=2',
        signed: 'abc',
        body: 'quantity=1%2E0&price={',
        remoteAddress: LOOPBACK,
      });
    });

    it('takes a body whatever its content type says, and without one', async () => {
      const { port, url } = await start({ routes: [echo] });
      for (const type of ['application/json', 'text/plain', 'image/png']) {
        const headers = { 'content-type': type };
        expect(await (await fetch(`${url}/echo`, { method: 'PUT', headers, body: 'no {json 가' })).text()).toBe(
          'no {json 가',
        );
      }
      const bare = 'PUT /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\nbare';
      expect(await exchangeBytes(port, bare)).toMatch(/^HTTP\/1\.1 200 [^]*bare$/);
    });

    it('answers with text and with bytes, with the status and headers of the handler', async () => {
      const bytes = Uint8Array.from([0, 255, 128, 10]);
      const { url } = await start({
        routes: [
          {
            method: 'GET',
            path: '/text',
            handle: () => ({ status: 202, headers: { 'content-type': 'text/x-own', 'x-own': 'yes' }, body: '가격' }),
          },
          { method: 'GET', path: '/bytes', handle: () => Promise.resolve({ status: 200, body: bytes }) },
        ],
      });
      const text = await fetch(`${url}/text`);
      expect([text.status, text.headers.get('x-own'), await text.text()]).toEqual([202, 'yes', '가격']);
      expect(text.headers.get('content-type')).toContain('text/x-own');
      expect(await (await fetch(`${url}/bytes`)).bytes()).toEqual(bytes);
    });

    it('ends the connection without a byte where the answer is to be cut, and serves the next one', async () => {
      const { port, url } = await start({
        guard: ({ path }) => (path === '/guarded' ? { status: 200, body: 'unseen', cut: true } : null),
        routes: [
          { method: 'GET', path: '/sync', handle: () => ({ status: 200, body: 'unseen', cut: true }) },
          { method: 'GET', path: '/async', handle: () => Promise.resolve({ status: 200, body: 'unseen', cut: true }) },
          { ...echo, handle: () => ({ status: 200, body: 'seen', cut: false }) },
        ],
      });
      for (const path of ['/sync', '/async', '/guarded']) {
        expect([path, await exchangeBytes(port, `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)]).toEqual([path, '']);
        await expect(fetch(url + path)).rejects.toThrow('fetch failed');
      }
      expect(await (await fetch(`${url}/echo`, { method: 'PUT' })).text()).toBe('seen');
    });

    it('finds the route by method and path, and asks notFound for anything else', async () => {
      const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
      const { url } = await start({
        routes: methods.map((method) => ({
          method,
          path: method === 'DELETE' ? '/only' : '/thing',
          handle: (request) => ({ status: 200, body: `${method} ${request.method}` }),
        })),
      });
      const answers = await Promise.all(
        methods.map(async (method) => (await fetch(`${url}/thing`, { method })).text()),
      );
      expect(answers).toEqual(['GET GET', 'POST POST', 'PUT PUT', 'nothing at /thing']);
      const other = await fetch(`${url}/other?x=1`);
      expect([other.status, await other.text()]).toEqual([404, 'nothing at /other']);
    });

    it('refuses a body of more bytes than allowed, announced or not, and takes one of just as many', async () => {
      const { port, url } = await start({ routes: [echo] });
      const put = async (body: string): Promise<readonly [number, string]> => {
        const response = await fetch(`${url}/echo`, { method: 'PUT', body });
        return [response.status, (await response.text()).split('|')[0] ?? ''];
      };
      const full = 'x'.repeat(BODY_BYTES_MAX);
      expect(await put(full)).toEqual([200, full]);
      expect(await put(`${full}x`)).toEqual([413, 'body_too_large']);
      // 400 characters, 1,200 bytes.
      expect(await put('가'.repeat(400))).toEqual([413, 'body_too_large']);
      const chunk = `200\r\n${'x'.repeat(512)}\r\n`;
      const chunked = `PUT /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`;
      expect(await exchangeBytes(port, chunked)).toMatch(/^HTTP\/1\.1 413 [^]*body_too_large\|/);
    });

    it('calls a path with a broken escape, and bytes that are no HTTP, a bad request', async () => {
      const { port } = await start({ routes: [{ ...echo, path: '/echo/:id' }] });
      const path = 'PUT /echo/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
      expect(await exchangeBytes(port, path)).toMatch(/^HTTP\/1\.1 400 [^]*bad_request\|/);
      expect(await exchangeBytes(port, 'this is no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*bad_request\|/);
    });

    it('answers failure(internal) for a handler or guard that throws, and tells the client nothing of what it threw', async () => {
      const thrown = (): Error => Object.assign(new Error('secret detail'), { statusCode: 404, code: 'ENOENT' });
      const { url } = await start({
        guard: ({ path }) => {
          if (path === '/guarded') throw thrown();
          return null;
        },
        routes: [
          {
            method: 'GET',
            path: '/sync',
            handle: () => {
              throw thrown();
            },
          },
          { method: 'GET', path: '/async', handle: () => Promise.reject(thrown()) },
        ],
      });
      for (const path of ['/sync', '/async', '/guarded']) {
        const response = await fetch(url + path);
        const body = await response.text();
        expect([path, response.status, body.split('|')[0]]).toEqual([path, 500, 'internal']);
        expect(body).not.toContain('secret detail');
      }
    });

    it('lets the guard end a request before any route, and before notFound', async () => {
      let handled = 0;
      const { url } = await start({
        guard: ({ headers, path, rawQuery }) =>
          headers['x-blocked'] === undefined
            ? null
            : { status: 403, headers: { 'x-by': 'guard' }, body: `${path} ${rawQuery}` },
        routes: [
          {
            method: 'GET',
            path: '/here',
            handle: () => {
              handled += 1;
              return { status: 200, body: 'here' };
            },
          },
        ],
      });
      for (const path of ['/here', '/there']) {
        const response = await fetch(`${url}${path}?a=b`, { headers: { 'x-blocked': '1' } });
        expect([response.status, response.headers.get('x-by'), await response.text()]).toEqual([
          403,
          'guard',
          `${path} a=b`,
        ]);
      }
      expect(handled).toBe(0);
      expect(await (await fetch(`${url}/here`)).text()).toBe('here');
    });
  });

  describe(`${name} keeps the promises of an HTTP server to files`, () => {
    let root = '';
    afterEach(async () => {
      await stopAll();
      rmSync(root, { recursive: true, force: true });
    });
    const folder = (): string => {
      root = mkdtempSync(join(tmpdir(), 'monsta-files-'));
      mkdirSync(join(root, 'site/sub'), { recursive: true });
      writeFileSync(join(root, 'outside.txt'), 'SECRET');
      writeFileSync(join(root, 'site/index.html'), '<p>home');
      writeFileSync(join(root, 'site/sub/page.txt'), 'page');
      writeFileSync(join(root, 'site/.hidden'), 'SECRET');
      return join(root, 'site');
    };

    it.each(['/', '/docs'])('serves a folder at %s beside routes, with the headers asked for', async (prefix) => {
      const { url } = await start({
        files: [{ prefix, directory: folder(), headers: { 'x-policy': 'strict' } }],
        routes: [{ method: 'GET', path: '/api/*', handle: () => ({ status: 200, body: 'api' }) }],
      });
      const below = prefix === '/' ? '' : prefix;
      const home = await fetch(`${url}${below}/`);
      expect([home.status, await home.text(), home.headers.get('x-policy')]).toEqual([200, '<p>home', 'strict']);
      expect(home.headers.get('content-type')).toMatch(/^text\/html/);
      expect(await (await fetch(`${url}${below}/sub/page.txt`)).text()).toBe('page');
      expect(await (await fetch(`${url}/api/sub/page.txt`)).text()).toBe('api');
      const missing = await fetch(`${url}${below}/missing.txt`);
      expect([missing.status, await missing.text()]).toEqual([404, `nothing at ${below}/missing.txt`]);
    });

    it('gives nothing outside the folder and nothing hidden', async () => {
      const { port } = await start({ files: [{ prefix: '/', directory: folder() }] });
      const paths = [
        '/../outside.txt',
        '/%2e%2e/outside.txt',
        '/..%2foutside.txt',
        '/sub/..%2f..%2foutside.txt',
        '/.hidden',
        '/%00',
      ];
      for (const path of paths) {
        const answer = await exchangeBytes(port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
        expect([path, /^HTTP\/1\.1 (400|403|404) /.test(answer), answer.includes('SECRET')]).toEqual([
          path,
          true,
          false,
        ]);
      }
    });
  });

  describe(`${name} keeps the promises of an HTTP server to listen and to close`, () => {
    afterEach(stopAll);

    it('takes a free port where asked for none, and says which', async () => {
      const [first, second] = [await start(), await start()];
      expect(first.port).toBeGreaterThan(0);
      expect(first.port).not.toBe(second.port);
      expect(first.url).toBe(`http://${LOOPBACK}:${first.port}`);
    });

    it('answers port_in_use for a taken port, naming it and the way out', async () => {
      const { port } = await start();
      const second = await make().listen({ ...plainOptions, port });
      if (second.ok) {
        running.push(second.value);
        throw new Error('a taken port was taken twice');
      }
      expect(second.fault.code).toBe('port_in_use');
      expect(second.fault.message).toContain(String(port));
      expect(second.fault.message).toContain('another port');
    });

    it('answers listen_failed for an address that this machine has not, and for a folder that is not there', async () => {
      const address = await make().listen({ ...plainOptions, host: '192.0.2.1' });
      const missing = '/nowhere/at/all';
      const folder = await make().listen({ ...plainOptions, files: [{ prefix: '/', directory: missing }] });
      for (const result of [address, folder]) if (result.ok) running.push(result.value);
      expect(address).toMatchObject({ ok: false, fault: { code: 'listen_failed' } });
      expect(folder).toMatchObject({ ok: false, fault: { code: 'listen_failed' } });
      expect(address.ok ? '' : address.fault.message).toContain('192.0.2.1');
      expect(folder.ok ? '' : folder.fault.message).toContain(missing);
    });

    it('lets requests under way end when it closes, and takes no new connection', async () => {
      const answer = signal<string>();
      const inside = signal<null>();
      const server = await start({
        routes: [
          {
            method: 'GET',
            path: '/slow',
            handle: async () => {
              inside.give(null);
              return { status: 200, body: await answer.promise };
            },
          },
        ],
      });
      const slow = fetch(`${server.url}/slow`);
      await inside.promise;
      let closed = false;
      const closing = server.close(5_000).then(() => (closed = true));
      await expect(exchangeBytes(server.port, 'GET / HTTP/1.1\r\n\r\n')).rejects.toThrow('ECONNREFUSED');
      expect(closed).toBe(false);
      answer.give('done');
      expect(await (await slow).text()).toBe('done');
      await closing;
    });

    it('cuts what has not ended when the grace is over', async () => {
      const inside = signal<null>();
      const server = await start({
        routes: [
          {
            method: 'GET',
            path: '/never',
            handle: () => {
              inside.give(null);
              return new Promise(() => undefined);
            },
          },
        ],
      });
      const never = fetch(`${server.url}/never`).then(
        () => 'answered',
        () => 'cut',
      );
      await inside.promise;
      await server.close(50);
      expect(await never).toBe('cut');
    });

    it('is done at once where nothing is under way, closes twice, and leaves its port free', async () => {
      const server = await start({ routes: [echo] });
      // The client keeps this connection open for a next request.
      await (await fetch(`${server.url}/echo`, { method: 'PUT', body: 'x' })).text();
      const beganMs = performance.now();
      await Promise.all([server.close(8_000), server.close(8_000)]);
      await server.close(8_000);
      expect(performance.now() - beganMs).toBeLessThan(4_000);
      const again = await start({ port: server.port });
      expect(again.port).toBe(server.port);
    });
  });

  webSocketConformance(name, start, stopAll);
}
