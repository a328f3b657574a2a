import { describe, expect, it } from 'vitest';
import { TEST_AUTHORITY } from '@monsta/testkit';
import {
  call,
  echo,
  listen,
  openTransport,
  outcomeOf,
  startExchange,
  startProxy,
  until,
} from './loopback.test-support.ts';
import { goesThrough } from './proxy.ts';
import { createServer } from 'node:net';

const certificates = [TEST_AUTHORITY];
const NOWHERE = 1;

describe('through a proxy', () => {
  it('requests and WebSockets reach a host that only the proxy knows, with TLS to the host itself', async () => {
    const exchange = await startExchange({ isSecure: true });
    const proxy = await startProxy({ to: exchange.port, credentials: 'trader:p%40ss'.replace('%40', '@') });
    const url = proxy.url.replace('p@ss', 'p%40ss');
    const transport = openTransport({ proxy: { url, bypass: [] }, certificates });
    const reply = await call(transport, 'POST', 'https://exchange.test:9443/order');
    expect(reply).toMatchObject({ ok: true, value: { body: 'POST /order exchange.test:9443' } });
    expect((await echo(transport, 'wss://exchange.test:9443/ws', 'hello')).texts).toEqual(['hello']);
    await call(transport, 'GET', 'https://exchange.test/again');
    expect(proxy.asked).toEqual([
      'CONNECT exchange.test:9443',
      'CONNECT exchange.test:9443',
      'CONNECT exchange.test:443',
    ]);
    expect(exchange.requests).toEqual(['POST /order', 'GET /again']);
  });

  it('plain HTTP is asked of the proxy, and a plain WebSocket goes through a tunnel', async () => {
    const exchange = await startExchange({ isSecure: false });
    const proxy = await startProxy({ to: exchange.port });
    const transport = openTransport({ proxy: { url: proxy.url, bypass: [] } });
    expect(await call(transport, 'GET', 'http://exchange.test/time')).toMatchObject({
      value: { body: 'by the proxy' },
    });
    expect((await echo(transport, 'ws://exchange.test/ws', 'hello')).texts).toEqual(['hello']);
    expect(proxy.asked).toEqual(['GET http://exchange.test/time', 'CONNECT exchange.test:80']);
  });

  it('a certificate that the proxy signs anew is refused unless its authority is named', async () => {
    const exchange = await startExchange({ isSecure: true });
    const proxy = await startProxy({ to: exchange.port });
    const transport = openTransport({ proxy: { url: proxy.url, bypass: [] } });
    const refused = await call(transport, 'POST', 'https://exchange.test/order');
    expect(outcomeOf(refused)).toEqual(['transport_failed', 'permanent']);
    expect(refused.ok ? '' : refused.fault.message).toContain('transport.ca_file');
    const { closes } = await echo(transport, 'wss://exchange.test/ws', 'hello');
    expect(closes).toMatchObject([[1006, expect.stringContaining('transport.ca_file')]]);
    expect(exchange.requests).toEqual([]);
  });

  it('a kept-alive connection is one tunnel for many requests', async () => {
    const exchange = await startExchange({ isSecure: true });
    const proxy = await startProxy({ to: exchange.port });
    const transport = openTransport({
      proxy: { url: proxy.url, bypass: [] },
      certificates,
      connectionsPerOriginMax: 1,
    });
    for (let count = 0; count < 5; count += 1) await call(transport, 'GET', 'https://exchange.test/time');
    expect(exchange.requests).toHaveLength(5);
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('a proxy that lets nothing through', () => {
  it('leaves a POST unsent, so that it may be sent again', async () => {
    const proxy = await startProxy({ to: NOWHERE, credentials: 'trader:right' });
    const url = proxy.url.replace('right', 'wrong');
    const transport = openTransport({ proxy: { url, bypass: [] }, certificates });
    const refused = await call(transport, 'POST', 'https://exchange.test/order');
    expect(outcomeOf(refused)).toEqual(['transport_failed', 'retryable']);
    expect(refused.ok ? '' : refused.fault.message).toContain('407');
    expect(JSON.stringify(refused)).not.toContain('wrong');
    const { closes } = await echo(transport, 'wss://exchange.test/ws', 'hello');
    expect(closes).toMatchObject([[1006, expect.stringContaining('407')]]);
  });

  it('is told from an exchange that is down', async () => {
    const transport = openTransport({ proxy: { url: 'http://127.0.0.1:1', bypass: [] } });
    expect(outcomeOf(await call(transport, 'POST', 'https://exchange.test/order'))).toEqual([
      'transport_failed',
      'retryable',
    ]);
    const { closes } = await echo(transport, 'wss://exchange.test/ws', 'hello');
    expect(closes).toMatchObject([[1006, expect.stringContaining('127.0.0.1:1')]]);
  });

  it('ends a POST at its deadline as unsent, and a WebSocket at its own without leaving a connection', async () => {
    const proxy = await startProxy({ to: NOWHERE, isSilent: true });
    const transport = openTransport({ proxy: { url: proxy.url, bypass: [] }, certificates });
    const post = await call(transport, 'POST', 'https://exchange.test/order', 60);
    expect(outcomeOf(post)).toEqual(['transport_timeout', 'retryable']);
    const { closes } = await echo(transport, 'wss://exchange.test/ws', 'hello', 60);
    expect(closes).toEqual([[1006, 'not open within 60 ms']]);
    await transport.close();
    await until(() => proxy.open() === 0);
  });

  it('that closes at once, or answers what is no HTTP, ends requests and WebSockets', async () => {
    for (const answer of ['', 'SSH-2.0-whatever\r\n']) {
      const port = await listen(createServer((socket) => socket.end(answer)));
      const transport = openTransport({ proxy: { url: `http://127.0.0.1:${port}`, bypass: [] } });
      expect(outcomeOf(await call(transport, 'POST', 'https://exchange.test/order'))).toEqual([
        'transport_failed',
        'retryable',
      ]);
      expect((await echo(transport, 'wss://exchange.test/ws', 'hello')).closes).toMatchObject([
        [1006, expect.any(String)],
      ]);
    }
  });
});

describe('what is reached directly', () => {
  const proxy = {
    url: 'http://proxy.test:3128',
    bypass: ['plain.test', '.below.test', 'port.test:8443', ' [2001:db8::1] ', '*.star.test'],
  };
  it.each([
    ['https://api.binance.com/', true],
    ['https://plain.test/', false],
    ['wss://api.plain.test/', false],
    ['https://notplain.test/', true],
    ['https://x.below.test/', false],
    ['https://port.test:8443/', false],
    ['https://port.test/', true],
    ['https://[2001:db8::1]/', false],
    ['https://[2001:db8::2]/', true],
    ['https://a.star.test/', false],
    ['http://127.0.0.1:8090/', false],
    ['http://localhost:8090/', false],
    ['ws://[::1]:8090/', false],
    ['https://127.example.com/', true],
  ])('%s goes through the proxy: %s', (url, expected) => {
    expect(goesThrough(proxy, new URL(url))).toBe(expected);
  });

  it('is everything when the list says so', () => {
    expect(goesThrough({ ...proxy, bypass: ['*'] }, new URL('https://api.binance.com/'))).toBe(false);
    expect(goesThrough({ ...proxy, bypass: [''] }, new URL('https://api.binance.com/'))).toBe(true);
  });

  it('is what is on this machine, also with a proxy', async () => {
    const exchange = await startExchange({ isSecure: false });
    const transport = openTransport({ proxy: { url: 'http://127.0.0.1:1', bypass: [] } });
    expect(outcomeOf(await call(transport, 'GET', `http://127.0.0.1:${exchange.port}/time`))).toEqual(['ok', '200']);
    expect((await echo(transport, `ws://127.0.0.1:${exchange.port}/ws`, 'hello')).texts).toEqual(['hello']);
  });
});
