import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import type { HttpResponse, Transport } from '@monsta/ports';
import type { Result } from '@monsta/core';
import { TEST_CERTIFICATE, TEST_KEY } from '@monsta/testkit';
import { createTransport, type TransportOptions } from './transport.ts';

export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the condition did not hold within 5 s');
    await new Promise<void>((resolve) => void setTimeout(resolve, 2));
  }
}

/** A transport that is closed at the end of the test. */
export function openTransport(options: TransportOptions = {}): Transport {
  const transport = createTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

/** Listens on a free port until the end of the test, which ends every connection. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

export interface Exchange {
  readonly port: number;
  /** `METHOD /path` of every request, in the order of arrival. */
  readonly requests: string[];
}

/** Answers `METHOD /path host`, and sends every WebSocket text back. */
export async function startExchange(options: {
  readonly isSecure: boolean;
  readonly host?: string;
}): Promise<Exchange> {
  const requests: string[] = [];
  const server: HttpServer = options.isSecure ? createHttps({ cert: TEST_CERTIFICATE, key: TEST_KEY }) : createHttp();
  server.on('request', (request, response) => {
    const line = `${request.method ?? ''} ${request.url ?? ''}`;
    requests.push(line);
    response.end(`${line} ${request.headers.host ?? ''}`);
  });
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (client) => client.on('message', (data: Buffer) => client.send(data.toString('utf8'))));
  return { port: await listen(server, options.host), requests };
}

export interface TestProxy {
  readonly url: string;
  /** `CONNECT host:port` or `METHOD url`, in the order of arrival. */
  readonly asked: string[];
  readonly open: () => number;
}

export interface ProxyTerms {
  /** `user:password` that it asks for. */
  readonly credentials?: string;
  /** Where every name leads: a port of this machine. */
  readonly to: number;
  /** Takes CONNECT and says nothing. */
  readonly isSilent?: boolean;
}

/** A proxy that knows CONNECT, and absolute addresses for plain HTTP. */
export async function startProxy(terms: ProxyTerms): Promise<TestProxy> {
  const asked: string[] = [];
  let open = 0;
  const isWelcome = (header: string | undefined): boolean =>
    terms.credentials === undefined || header === `Basic ${Buffer.from(terms.credentials).toString('base64')}`;
  const server = createHttp((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end('by the proxy');
  });
  server.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    open += 1;
    socket.on('close', () => (open -= 1));
    socket.on('error', () => undefined);
    if (terms.isSilent === true) {
      socket.on('end', () => socket.end()).resume();
      return;
    }
    if (!isWelcome(request.headers['proxy-authorization'])) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const onward = connect(terms.to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  const port = await listen(server);
  const userInfo = terms.credentials === undefined ? '' : `${terms.credentials}@`;
  return { url: `http://${userInfo}127.0.0.1:${port}`, asked, open: () => open };
}

/** Leads every name to these addresses. */
export const leadsTo =
  (...addresses: readonly string[]): LookupFunction =>
  (_, options, found) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const first = all[0] ?? { address: '127.0.0.1', family: 4 };
    if (options.all === true) found(null, all);
    else found(null, first.address, first.family);
  };

export const call = (transport: Transport, method: 'GET' | 'POST', url: string, timeoutMs = 5_000) =>
  transport.request({ method, url, timeoutMs, ...(method === 'POST' ? { body: 'a=1' } : {}) });

/** Code and class of a fault, or `ok` and the status. */
export const outcomeOf = (result: Result<HttpResponse>): readonly [string, string] =>
  result.ok ? ['ok', String(result.value.status)] : [result.fault.code, result.fault.retry];

export interface EchoOutcome {
  readonly texts: readonly string[];
  readonly closes: readonly (readonly [number, string])[];
}

/** Opens a WebSocket, sends `text` and waits for it to come back, or for the end. */
export async function echo(
  transport: Transport,
  url: string,
  text: string,
  openTimeoutMs = 5_000,
): Promise<EchoOutcome> {
  const texts: string[] = [];
  const closes: (readonly [number, string])[] = [];
  const connection = transport.connect(
    url,
    {
      onOpen: () => void connection.send(text),
      onMessage: (came) => void texts.push(came),
      onClose: (code, reason) => void closes.push([code, reason]),
    },
    { openTimeoutMs },
  );
  await until(() => texts.length + closes.length > 0);
  return { texts, closes };
}
