import type {
  Clock,
  HttpServerOptions,
  IncomingRequest,
  Logger,
  OutgoingResponse,
  ServerSocketHandlers,
  WebSocketRoute,
} from '@monsta/ports';
import type { MemoryLine } from './memory-line.ts';
import { RouteFinder } from './memory-routes.ts';
import { SocketEnd } from './memory-socket.ts';

const CLOSE_GOING_AWAY = 1001;
const CLOSE_INTERNAL = 1011;

const CUT: OutgoingResponse = { status: 503, body: '', cut: true };

const describeError = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** A server that listens on the memory network. */
export class MemoryServer {
  readonly #options: HttpServerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger | null;
  readonly #routes: RouteFinder;
  readonly #sockets = new Set<SocketEnd>();
  /** What ends each request that is under way. */
  readonly #requests = new Set<(response: OutgoingResponse) => void>();
  #nextSocketId = 1;
  #idle: (() => void) | null = null;

  constructor(options: HttpServerOptions, clock: Clock, logger: Logger | null) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
    this.#routes = new RouteFinder(options.routes, options.webSockets);
  }

  /** Answers a request that has arrived. */
  answer(request: IncomingRequest): Promise<OutgoingResponse> {
    return new Promise((resolve) => {
      const end = (response: OutgoingResponse): void => {
        this.#requests.delete(end);
        resolve(response);
        this.#tellIdle();
      };
      this.#requests.add(end);
      void this.#handle(request).then(end);
    });
  }

  async #handle(request: IncomingRequest): Promise<OutgoingResponse> {
    try {
      const refusal = this.#options.guard?.(request) ?? null;
      if (refusal !== null) return refusal;
      if (Buffer.byteLength(request.body) > this.#options.bodyBytesMax)
        return this.#options.failure('body_too_large', 'the body of the request is too large');
      const found = this.#routes.http(request.method, request.path);
      if (found === null) return this.#options.notFound(request);
      return await found.route.handle({ ...request, params: found.params });
    } catch (thrown) {
      if (thrown instanceof URIError) return this.#options.failure('bad_request', 'the path has a broken escape');
      this.#threw('request handler', request.path, thrown);
      return this.#options.failure('internal', 'the request could not be answered');
    }
  }

  /** Decides about an upgrade that has arrived: null, and both sides are joined, or the answer that refuses it. */
  upgrade(request: IncomingRequest, client: SocketEnd, line: MemoryLine): OutgoingResponse | null {
    try {
      const refusal = this.#options.guard?.(request) ?? null;
      if (refusal !== null) return refusal;
      const route = this.#routes.webSocket(request.path);
      if (route === null) return this.#options.notFound(request);
      const refused = route.authorize?.(request) ?? null;
      if (refused !== null) return refused;
      this.#accept(route, request, client, line);
      return null;
    } catch (thrown) {
      this.#threw('upgrade handler', request.path, thrown);
      return this.#options.failure('internal', 'the upgrade failed');
    }
  }

  #accept(route: WebSocketRoute, request: IncomingRequest, client: SocketEnd, line: MemoryLine): void {
    let handlers: ServerSocketHandlers | null = null;
    const guarded = (where: string, act: () => void): void => {
      try {
        act();
      } catch (thrown) {
        this.#threw(`WebSocket ${where}`, route.path, thrown);
        end.close(CLOSE_INTERNAL, 'internal error');
      }
    };
    const end: SocketEnd = new SocketEnd(line, route.messageBytesMax, {
      onOpen: () => undefined,
      onText: (text) => guarded('onMessage', () => handlers?.onMessage(text)),
      onPing: () => guarded('onPing', () => handlers?.onPing?.()),
      onPong: (payload) => guarded('onPong', () => handlers?.onPong?.(payload)),
      onClose: (code, reason) => {
        this.#sockets.delete(end);
        guarded('onClose', () => handlers?.onClose(code, reason));
        this.#tellIdle();
      },
    });
    const id = this.#nextSocketId;
    this.#nextSocketId += 1;
    this.#sockets.add(end);
    end.accept(client);
    guarded('accept', () => {
      handlers = route.accept(
        {
          id,
          remoteAddress: request.remoteAddress,
          bufferedBytes: () => end.bufferedBytes,
          send: (data) => end.send(data),
          ping: (payload = '') => end.ping(payload),
          close: (code, reason) => end.close(code, reason),
          terminate: () => end.fail(''),
        },
        request,
      );
    });
  }

  /** Says goodbye to every socket, lets what is under way end within `graceMs` of the clock, then cuts. */
  async close(graceMs: number): Promise<void> {
    for (const socket of this.#sockets) socket.close(CLOSE_GOING_AWAY, 'server is stopping');
    if (graceMs > 0 && this.#busy) {
      const over = new AbortController();
      this.#idle = () => over.abort();
      await this.#clock.sleep(graceMs, over.signal);
    }
    for (const end of this.#requests) end(CUT);
    for (const socket of this.#sockets) socket.fail('');
  }

  get #busy(): boolean {
    return this.#requests.size > 0 || this.#sockets.size > 0;
  }

  #tellIdle(): void {
    if (!this.#busy) this.#idle?.();
  }

  #threw(what: string, path: string, thrown: unknown): void {
    this.#logger?.error(`${what} threw`, { path, error: describeError(thrown) });
  }
}
