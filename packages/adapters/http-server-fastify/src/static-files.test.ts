import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { exchange, logger, start } from './server.test-support.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('static files', () => {
  function folder(): string {
    const root = mkdtempSync(join(tmpdir(), 'monsta-static-'));
    folders.push(root);
    mkdirSync(join(root, 'site/_next/static/chunks'), { recursive: true });
    mkdirSync(join(root, 'site/sub'));
    writeFileSync(join(root, 'outside.txt'), 'SECRET');
    writeFileSync(join(root, 'site/index.html'), '<p>home');
    writeFileSync(join(root, 'site/orders.html'), '<p>orders');
    writeFileSync(join(root, 'site/.hidden'), 'SECRET');
    writeFileSync(join(root, 'site/sub/index.html'), '<p>sub');
    writeFileSync(join(root, 'site/_next/static/chunks/main.js'), 'js');
    return join(root, 'site');
  }

  it('are served with index pages, types and cache headers, beside routes', async () => {
    const server = await start({
      files: [{ prefix: '/', directory: folder(), headers: { 'content-security-policy': "default-src 'self'" } }],
      routes: [{ method: 'GET', path: '/api/*', handle: () => ({ status: 200, body: 'api' }) }],
    });
    const home = await fetch(`${server.url}/`);
    expect(await home.text()).toBe('<p>home');
    expect(home.headers.get('content-type')).toMatch(/^text\/html/);
    expect(home.headers.get('cache-control')).toBe('no-cache');
    expect(home.headers.get('content-security-policy')).toBe("default-src 'self'");
    const again = await exchange(
      server,
      `GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nif-none-match: ${home.headers.get('etag') ?? ''}\r\n\r\n`,
    );
    expect(again).toMatch(/^HTTP\/1\.1 304 /);
    const script = await fetch(`${server.url}/_next/static/chunks/main.js`);
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(await (await fetch(`${server.url}/sub/`)).text()).toBe('<p>sub');
    expect(await (await fetch(`${server.url}/orders`)).text()).toBe('<p>orders');
    expect(await (await fetch(`${server.url}/api/v1`)).text()).toBe('api');
  });

  it('never leave their folder and never show hidden files', async () => {
    const server = await start({ files: [{ prefix: '/', directory: folder() }] });
    for (const path of [
      '/../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/sub/..%2f..%2foutside.txt',
      '/.hidden',
      '/%00',
    ]) {
      const answer = await exchange(server, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect({ path, refused: /^HTTP\/1\.1 (400|403|404) /.test(answer), leaked: answer.includes('SECRET') }).toEqual({
        path,
        refused: true,
        leaked: false,
      });
    }
    expect(await (await fetch(`${server.url}/missing.txt`)).text()).toBe('nothing at /missing.txt');
  });

  it('from a folder that is not there are a fault before anything listens', async () => {
    const result = await createHttpServer({ logger }).listen({
      host: '127.0.0.1',
      port: 0,
      bodyBytesMax: 10,
      routes: [],
      webSockets: [],
      files: [{ prefix: '/', directory: '/nowhere/at/all' }],
      notFound: () => ({ status: 404, body: '' }),
      failure: () => ({ status: 500, body: '' }),
    });
    if (result.ok) throw new Error('a missing folder was served');
    expect(result.fault.code).toBe('listen_failed');
    expect(result.fault.message).toContain('/nowhere/at/all');
  });
});
