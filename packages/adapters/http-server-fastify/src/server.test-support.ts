import { createConnection } from 'node:net';
import { expectOk } from '@monsta/core';
import type { HttpServerOptions, Logger, RunningHttpServer } from '@monsta/ports';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { createHttpServer } from './http-server.ts';

/** Warnings and errors logged in the running test. */
export const logged: string[] = [];
export const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => logged.push(message),
  error: (message) => logged.push(message),
  child: () => logger,
};

const servers: RunningHttpServer[] = [];
afterEach(async () => {
  logged.length = 0;
  await Promise.all(servers.splice(0).map((server) => server.close(200)));
});

export async function start(options: Partial<HttpServerOptions> = {}): Promise<RunningHttpServer> {
  const server = expectOk(
    await createHttpServer({ logger }).listen({
      host: '127.0.0.1',
      port: 0,
      bodyBytesMax: 1_000,
      routes: [],
      webSockets: [],
      notFound: ({ path }) => ({ status: 404, body: `nothing at ${path}` }),
      failure: (code, message) => ({
        status: code === 'internal' ? 500 : code === 'body_too_large' ? 413 : 400,
        body: `${code}|${message}`,
      }),
      ...options,
    }),
  );
  servers.push(server);
  return server;
}

export interface Client {
  readonly socket: WebSocket;
  readonly messages: string[];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  message(count: number): Promise<void>;
}

export function connect(server: RunningHttpServer, path: string): Client {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
  const messages: string[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  socket.on('message', (data: Buffer) => {
    messages.push(data.toString('utf8'));
    for (const wait of waiting) if (messages.length >= wait.count) wait.resolve();
  });
  socket.on('error', () => undefined);
  return {
    socket,
    messages,
    opened: new Promise((resolve) => socket.once('open', () => resolve())),
    closed: new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    ),
    message: (count) =>
      messages.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

/** What comes back for bytes written on a bare socket, until the server ends it. */
export function exchange(server: RunningHttpServer, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(server.port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('utf8')));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
