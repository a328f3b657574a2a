import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '@monsta/core';
import type { HttpServer, HttpServerOptions, Logger, OutgoingResponse, RunningHttpServer } from '@monsta/ports';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { endWithResponse } from './raw-response.ts';
import { incomingRequest } from './requests.ts';
import { registerStaticFiles, staticFilesProblem } from './static-files.ts';
import { WebSocketUpgrades } from './web-sockets.ts';

/** A request, headers and body together, must have come in within this time. */
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const POLL_MS = 10;

const NO_PARAMS: Readonly<Record<string, string>> = {};

function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const { params } = request;
  if (typeof params !== 'object' || params === null) return NO_PARAMS;
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) if (typeof value === 'string') result[name] = value;
  return result;
}

function send(reply: FastifyReply, response: OutgoingResponse): FastifyReply {
  if (response.cut === true) {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  reply.code(response.status);
  if (response.headers !== undefined) reply.headers(response.headers);
  return reply.send(response.body);
}

/** Which of the port's failure codes an error of Fastify's own is. */
function failureOf(error: FastifyError): { readonly code: string; readonly message: string } {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return { code: 'body_too_large', message: 'the body of the request is too large' };
  const status = error.statusCode ?? 500;
  // Fastify's own refusals carry a 4xx status; a handler that throws carries none, whatever it threw.
  if (typeof error.code === 'string' && error.code.startsWith('FST_') && status >= 400 && status < 500)
    return {
      code: 'bad_request',
      // What the static files forbid comes without a reason.
      message: status === 403 ? 'this path leads out of what is served here' : error.message,
    };
  return { code: 'internal', message: 'the request could not be answered' };
}

function refuseMalformed(options: HttpServerOptions, error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  endWithResponse(socket, options.failure('bad_request', 'this is no HTTP request that the server can read'));
}

async function build(options: HttpServerOptions, logger: Logger): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    bodyLimit: options.bodyBytesMax,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { querystringParser: () => ({}), maxParamLength: 500 },
    // Clients that offer h2c get an ordinary HTTP/1.1 answer; only WebSocket is an upgrade.
    http: { shouldUpgradeCallback: (raw) => raw.headers.upgrade?.toLowerCase() === 'websocket' },
    clientErrorHandler: (error, socket) => refuseMalformed(options, error, socket),
    frameworkErrors: (error, request, reply) => {
      const { code, message } = failureOf(error);
      logger.debug('request refused', { path: request.raw.url, error: error.message });
      send(reply, options.failure(code, message));
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    // A client that leaves in the middle of its own request: nobody hears the answer, and nothing here has failed.
    if (request.raw.readableAborted) return send(reply, options.failure('bad_request', 'the request was broken off'));
    const { code, message } = failureOf(error);
    if (code === 'internal')
      logger.error('request handler threw', { path: request.raw.url, error: error.message, stack: error.stack });
    return send(reply, options.failure(code, message));
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, options.notFound(incomingRequest(request.raw, NO_PARAMS, ''))),
  );
  if (options.guard !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      const response = options.guard?.(incomingRequest(request.raw, NO_PARAMS, '')) ?? null;
      if (response === null) done();
      else send(reply, response);
    });
  }
  for (const route of options.routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const body = typeof request.body === 'string' ? request.body : '';
        return send(reply, await route.handle(incomingRequest(request.raw, paramsOf(request), body)));
      },
    });
  }
  for (const files of options.files ?? []) await registerStaticFiles(app, files);
  return app;
}

function publicUrl(host: string, port: number): string {
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

function listenFault(options: HttpServerOptions, thrown: unknown): Result<never> {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = 'code' in cause ? String(cause.code) : '';
  const where = `${options.host}:${options.port}`;
  if (code === 'EADDRINUSE') {
    return err(
      'port_in_use',
      `port ${options.port} on ${options.host} is taken by another program; stop it, or choose another port (0 takes any free one)`,
      { cause, details: { host: options.host, port: options.port } },
    );
  }
  const advice =
    code === 'EACCES'
      ? '; ports below 1024 need privileges: choose a higher one'
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? '; this machine has no such address: choose 127.0.0.1 or one of its own'
        : '';
  return err('listen_failed', `can't listen on ${where}: ${cause.message}${advice}`, { cause });
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function closeWithin(app: FastifyInstance, upgrades: WebSocketUpgrades, graceMs: number): Promise<void> {
  upgrades.startClosing();
  const closed = app.close();
  const deadline = performance.now() + graceMs;
  let ended = false;
  void closed.then(
    () => (ended = true),
    () => (ended = true),
  );
  while (performance.now() < deadline) {
    // Keep-alive connections whose request has just ended would hold the server open until their time-out.
    app.server.closeIdleConnections();
    await pause(POLL_MS);
    if (ended && upgrades.openCount === 0) break;
  }
  upgrades.terminateAll();
  app.server.closeAllConnections();
  await closed;
}

async function listen(options: HttpServerOptions, logger: Logger): Promise<Result<RunningHttpServer>> {
  for (const files of options.files ?? []) {
    const problem = staticFilesProblem(files);
    if (problem !== null) return err('listen_failed', problem);
  }
  const app = await build(options, logger);
  const upgrades = new WebSocketUpgrades(options, logger);
  app.server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => upgrades.handle(raw, socket, head));
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (thrown) {
    await app.close();
    return listenFault(options, thrown);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  let closing: Promise<void> | null = null;
  return ok({
    url: publicUrl(options.host, port),
    port,
    close: (graceMs) => (closing ??= closeWithin(app, upgrades, graceMs)),
  });
}

/**
 * The port `HttpServer` on Fastify and ws. Bodies reach handlers as text, whatever their content type; queries are not parsed.
 * Incoming binary WebSocket frames close with 1003, a handler that throws with 1011 (its message goes to the log, not to the client).
 */
export function createHttpServer({ logger }: { readonly logger: Logger }): HttpServer {
  return { listen: (options) => listen(options, logger) };
}
