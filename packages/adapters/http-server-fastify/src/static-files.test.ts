import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeBytes } from '@monsta/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { start } from './server.test-support.ts';

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
    writeFileSync(join(root, 'site/index.html'), '<p>home');
    writeFileSync(join(root, 'site/orders.html'), '<p>orders');
    writeFileSync(join(root, 'site/sub/index.html'), '<p>sub');
    writeFileSync(join(root, 'site/_next/static/chunks/main.js'), 'js');
    return join(root, 'site');
  }

  it('are served with index pages and cache headers', async () => {
    const server = await start({ files: [{ prefix: '/', directory: folder() }] });
    const home = await fetch(`${server.url}/`);
    expect(home.headers.get('cache-control')).toBe('no-cache');
    const again = await exchangeBytes(
      server.port,
      `GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nif-none-match: ${home.headers.get('etag') ?? ''}\r\n\r\n`,
    );
    expect(again).toMatch(/^HTTP\/1\.1 304 /);
    const script = await fetch(`${server.url}/_next/static/chunks/main.js`);
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(await (await fetch(`${server.url}/sub/`)).text()).toBe('<p>sub');
    expect(await (await fetch(`${server.url}/orders`)).text()).toBe('<p>orders');
  });

  it('say of a path that leads out of them what is wrong with it', async () => {
    const server = await start({ files: [{ prefix: '/', directory: folder() }] });
    for (const path of ['//etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/%00']) {
      const answer = await exchangeBytes(server.port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect([path, answer]).toEqual([path, expect.stringContaining('this path leads out of what is served here')]);
    }
  });
});
