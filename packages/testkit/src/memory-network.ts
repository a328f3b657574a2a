import { err, ok, type Random, type Result } from '@monsta/core';
import type {
  Clock,
  HttpRequest,
  HttpResponse,
  HttpServer,
  HttpServerOptions,
  IncomingRequest,
  Logger,
  OutgoingResponse,
  RunningHttpServer,
  Transport,
  WebSocketConnection,
  WebSocketHandlers,
} from '@monsta/ports';
import { bytesOfBody, pourInto, sinkOf } from './body-sink.ts';
import { MemoryLine, type LineConditions } from './memory-line.ts';
import { MemoryServer } from './memory-server.ts';
import { SocketEnd } from './memory-socket.ts';

/** What becomes of a connection that is asked for: it gets there, nobody takes it, or nothing is heard of it. */
export type Reach = 'reached' | 'refused' | 'lost';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** Time that a packet takes one way. */
  readonly latencyMs: number;
  /** What it takes more, drawn anew for each; the order of one connection stays. */
  readonly jitter?: { readonly maxMs: number; readonly random: Random };
  /** What one WebSocket carries each way; without it nothing ever waits. */
  readonly bytesPerMs?: number;
  /** Asked for every request and WebSocket; without it all are reached. */
  reach?(remoteAddress: string, url: URL): Reach;
  /** Hears of handlers that threw. */
  readonly logger?: Logger;
}

export interface MemoryTransportLimits {
  readonly responseBytesMax: number;
  readonly messageBytesMax: number;
  readonly sendBufferBytesMax: number;
}

/** Servers and clients of one process that reach each other without sockets, on any clock. */
export interface MemoryNetwork {
  /** Every host name may be listened on; no files are served. */
  readonly httpServer: HttpServer;
  /** A client at this address. */
  transport(remoteAddress: string, limits?: Partial<MemoryTransportLimits>): Transport;
}

const MEBIBYTE = 1_048_576;
const DEFAULT_LIMITS: MemoryTransportLimits = {
  responseBytesMax: 64 * MEBIBYTE,
  messageBytesMax: 16 * MEBIBYTE,
  sendBufferBytesMax: MEBIBYTE,
};
const FIRST_PORT = 40_001;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 };
const NORMAL = 1000;

const place = (host: string, port: number): string => `${host}:${port}`;
const placeOf = (url: URL): string =>
  place(url.hostname, url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port));

const NO_HEADERS: Readonly<Record<string, string>> = {};

function lowerCaseNames(headers: Readonly<Record<string, string>> = NO_HEADERS): Readonly<Record<string, string>> {
  const names = Object.keys(headers);
  if (names.every((name) => name === name.toLowerCase())) return headers;
  return Object.fromEntries(names.map((name) => [name.toLowerCase(), headers[name] ?? '']));
}

function incoming(url: URL, method: string, remoteAddress: string, request?: HttpRequest): IncomingRequest {
  return {
    method,
    path: url.pathname,
    params: {},
    rawQuery: url.search.slice(1),
    headers: { host: url.host, ...lowerCaseNames(request?.headers) },
    body: request?.body ?? '',
    remoteAddress,
  };
}

/** What all ends of one network share. */
interface Wire {
  readonly conditions: LineConditions;
  readonly servers: Map<string, MemoryServer>;
  reach(remoteAddress: string, url: URL): Reach;
}

class MemoryHttpServer implements HttpServer {
  readonly #wire: Wire;
  readonly #logger: Logger | null;
  #nextPort = FIRST_PORT;

  constructor(wire: Wire, logger: Logger | null) {
    this.#wire = wire;
    this.#logger = logger;
  }

  listen(options: HttpServerOptions): Promise<Result<RunningHttpServer>> {
    return Promise.resolve(this.#listen(options));
  }

  #listen(options: HttpServerOptions): Result<RunningHttpServer> {
    const { servers, conditions } = this.#wire;
    if ((options.files?.length ?? 0) > 0) return err('listen_failed', 'the memory network serves no files');
    const port = options.port === 0 ? this.#nextPort : options.port;
    if (options.port === 0) this.#nextPort += 1;
    const at = place(options.host, port);
    if (servers.has(at)) {
      return err('port_in_use', `port ${port} on ${options.host} is taken; choose another port (0 takes any free one)`);
    }
    const server = new MemoryServer(options, conditions.clock, this.#logger);
    servers.set(at, server);
    let closing: Promise<void> | null = null;
    return ok({
      url: `http://${at}`,
      port,
      close: (graceMs) => {
        if (closing === null) servers.delete(at);
        return (closing ??= server.close(graceMs));
      },
    });
  }
}

class MemoryTransport implements Transport {
  readonly #wire: Wire;
  readonly #remoteAddress: string;
  readonly #limits: MemoryTransportLimits;
  readonly #sockets = new Set<SocketEnd>();
  readonly #closing = new AbortController();

  constructor(wire: Wire, remoteAddress: string, limits: MemoryTransportLimits) {
    this.#wire = wire;
    this.#remoteAddress = remoteAddress;
    this.#limits = limits;
  }

  request(request: HttpRequest): Promise<Result<HttpResponse>> {
    const what = `${request.method} ${request.url.split('?')[0] ?? ''}`;
    const retry = request.method === 'GET' ? 'retryable' : 'unknown_outcome';
    const signals = [this.#closing.signal, ...(request.signal === undefined ? [] : [request.signal])];
    const failed = (code: string, how: string, sent = true): Result<never> =>
      err(code, `${what} ${how}`, { retry: sent ? retry : 'retryable' });
    if (signals.some((signal) => signal.aborted))
      return Promise.resolve(failed('transport_aborted', 'was aborted before it was sent', false));
    const url = URL.parse(request.url);
    if (url === null) return Promise.resolve(failed('transport_failed', 'failed: the URL cannot be read', false));
    return new Promise((resolve) => {
      const finish = (result: Result<HttpResponse>): void => {
        deadline.cancel();
        for (const signal of signals) signal.removeEventListener('abort', abort);
        resolve(result);
      };
      const abort = (): void => finish(failed('transport_aborted', 'was aborted'));
      for (const signal of signals) signal.addEventListener('abort', abort);
      const deadline = this.#wire.conditions.clock.setTimer(request.timeoutMs, () =>
        finish(failed('transport_timeout', `was not answered within ${request.timeoutMs} ms`)),
      );
      void this.#exchange(url, request).then((response) => {
        if (response === null) finish(failed('transport_failed', 'failed: connection refused', false));
        else if (response.cut === true) finish(failed('transport_failed', 'failed: connection reset'));
        else void this.#read(request, what, response).then(finish);
      });
    });
  }

  /** Null where the connection is refused; never resolves where it is lost. */
  async #exchange(url: URL, request: HttpRequest): Promise<OutgoingResponse | null> {
    const reach = this.#wire.reach(this.#remoteAddress, url);
    if (reach === 'lost') return new Promise(() => undefined);
    await this.#way();
    const server = reach === 'refused' ? undefined : this.#wire.servers.get(placeOf(url));
    const response = (await server?.answer(incoming(url, request.method, this.#remoteAddress, request))) ?? null;
    await this.#way();
    return response;
  }

  #way(): Promise<void> {
    const { conditions } = this.#wire;
    return conditions.clock.sleep(conditions.delayMs());
  }

  async #read(request: HttpRequest, what: string, response: OutgoingResponse): Promise<Result<HttpResponse>> {
    const { status } = response;
    const headers = lowerCaseNames(response.headers);
    const bytes = bytesOfBody(response.body);
    const sink = sinkOf(request, status);
    if (sink !== null) {
      const poured = await pourInto(sink, bytes, what);
      return poured.ok ? ok({ status, headers, body: '' }) : poured;
    }
    const { responseBytesMax } = this.#limits;
    if (bytes.length > responseBytesMax)
      return err('transport_failed', `${what}: the answer is larger than ${responseBytesMax} bytes`, {
        retry: request.method === 'GET' ? 'permanent' : 'unknown_outcome',
      });
    return ok({ status, headers, body: new TextDecoder().decode(bytes) });
  }

  connect(url: string, handlers: WebSocketHandlers, options: { readonly openTimeoutMs: number }): WebSocketConnection {
    const line = new MemoryLine(this.#wire.conditions);
    const end: SocketEnd = new SocketEnd(line, this.#limits.messageBytesMax, {
      onOpen: () => {
        deadline.cancel();
        handlers.onOpen();
      },
      onText: (text) => handlers.onMessage(text),
      onPing: () => handlers.onPing?.(),
      onPong: () => undefined,
      onClose: (code, reason) => {
        deadline.cancel();
        this.#sockets.delete(end);
        handlers.onClose(code, reason);
      },
    });
    const deadline = this.#wire.conditions.clock.setTimer(options.openTimeoutMs, () =>
      end.fail(`not open within ${options.openTimeoutMs} ms`),
    );
    this.#sockets.add(end);
    this.#dial(URL.parse(url), end, line);
    return {
      send: (text) => {
        if (!end.isOpen || end.bufferedBytes > this.#limits.sendBufferBytesMax) return false;
        end.send(text);
        return true;
      },
      ping: () => end.ping(''),
      close: (code = NORMAL, reason = '') => end.close(code, reason),
    };
  }

  #dial(url: URL | null, end: SocketEnd, line: MemoryLine): void {
    if (url === null || this.#closing.signal.aborted) {
      end.fail(url === null ? 'the URL cannot be read' : 'the transport is closed');
      return;
    }
    const reach = this.#wire.reach(this.#remoteAddress, url);
    if (reach === 'lost') return;
    line.carry(0, () => {
      const server = reach === 'refused' ? undefined : this.#wire.servers.get(placeOf(url));
      if (server === undefined) {
        void this.#way().then(() => end.fail('connection refused'));
        return;
      }
      const back = new MemoryLine(this.#wire.conditions);
      const refusal = server.upgrade(incoming(url, 'GET', this.#remoteAddress), end, back);
      if (refusal === null) return;
      const how = refusal.cut === true ? 'connection reset' : `the server answered ${refusal.status}`;
      void this.#way().then(() => end.fail(how));
    });
  }

  close(): Promise<void> {
    this.#closing.abort();
    for (const socket of this.#sockets) socket.fail('transport closed');
    return Promise.resolve();
  }
}

/**
 * `HttpServer` and `Transport` joined in memory: what one sends the other gets after the latency, in order. Nothing leaves the process, and under a
 * virtual clock the same calls give the same run.
 */
export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, latencyMs, jitter, bytesPerMs = Infinity, logger = null } = options;
  const wire: Wire = {
    conditions: {
      clock,
      bytesPerMs,
      delayMs: () => latencyMs + (jitter === undefined ? 0 : jitter.random.next() * jitter.maxMs),
    },
    servers: new Map(),
    reach: (remoteAddress, url) => options.reach?.(remoteAddress, url) ?? 'reached',
  };
  return {
    httpServer: new MemoryHttpServer(wire, logger),
    transport: (remoteAddress, limits) => new MemoryTransport(wire, remoteAddress, { ...DEFAULT_LIMITS, ...limits }),
  };
}
