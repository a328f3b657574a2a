import { expectOk } from '@monsta/core';
import type { HttpServerOptions, Logger, RunningHttpServer } from '@monsta/ports';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { createHttpServer } from './http-server.ts';

/** Warnings and errors logged in the running test. */
export const logged: string[] = [];
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => logged.push(message),
  error: (message) => logged.push(message),
  child: () => logger,
};

/** A server until the running test is over. */
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
  onTestFinished(async () => {
    logged.length = 0;
    await server.close(200);
  });
  return server;
}

export interface Client {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** A client that sees frames which the platform's own hides: pings, extensions. */
export function connect(server: RunningHttpServer, path: string): Client {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
  socket.on('error', () => undefined);
  return {
    socket,
    opened: new Promise((resolve) => socket.once('open', () => resolve())),
    closed: new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    ),
  };
}
