import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type {
  HttpServerOptions,
  IncomingRequest,
  Logger,
  OutgoingResponse,
  ServerSocket,
  ServerSocketHandlers,
  WebSocketRoute,
} from '@monsta/ports';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { endWithResponse } from './raw-response.ts';
import { incomingRequest } from './requests.ts';

const CLOSE_GOING_AWAY = 1001;
const CLOSE_TEXT_ONLY = 1003;
const CLOSE_INTERNAL = 1011;
/** A close frame carries at most 125 bytes, two of them the code. */
const REASON_BYTES_MAX = 123;

const describeError = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function shortReason(reason: string): string {
  if (Buffer.byteLength(reason) <= REASON_BYTES_MAX) return reason;
  let short = reason.slice(0, REASON_BYTES_MAX);
  while (Buffer.byteLength(short) > REASON_BYTES_MAX) short = short.slice(0, -1);
  return short;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}

/** `ws` behind the port's `ServerSocket`. */
class WsServerSocket implements ServerSocket {
  readonly id: number;
  readonly remoteAddress: string;
  readonly #socket: WebSocket;

  constructor(id: number, remoteAddress: string, socket: WebSocket) {
    this.id = id;
    this.remoteAddress = remoteAddress;
    this.#socket = socket;
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: string | Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // A server's frames are not masked, so that shared bytes are written as they are, never changed.
    this.#socket.send(data, { binary: false, compress: false });
  }

  ping(payload = ''): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(payload);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, shortReason(reason));
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

interface BoundRoute {
  readonly route: WebSocketRoute;
  readonly server: WebSocketServer;
}

/** The upgrades of one listening server: routing, refusal, and the sockets that are open. */
export class WebSocketUpgrades {
  readonly #options: HttpServerOptions;
  readonly #logger: Logger;
  readonly #exact = new Map<string, BoundRoute>();
  readonly #prefixes: { readonly prefix: string; readonly bound: BoundRoute }[] = [];
  readonly #open = new Set<WebSocket>();
  #nextId = 1;
  #closing = false;

  constructor(options: HttpServerOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    for (const route of options.webSockets) {
      const server = new WebSocketServer({
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload: route.messageBytesMax,
      });
      const bound = { route, server };
      if (route.path.endsWith('/*')) this.#prefixes.push({ prefix: route.path.slice(0, -1), bound });
      else this.#exact.set(route.path, bound);
    }
    // The longest prefix wins, whatever the order of declaration.
    this.#prefixes.sort((left, right) => right.prefix.length - left.prefix.length);
  }

  #find(path: string): BoundRoute | undefined {
    return this.#exact.get(path) ?? this.#prefixes.find(({ prefix }) => path.startsWith(prefix))?.bound;
  }

  /** For the server's `upgrade` event. */
  handle(raw: IncomingMessage, socket: Duplex, head: Buffer): void {
    const request = incomingRequest(raw, {}, '');
    socket.once('error', (error) => this.#logger.debug('upgrade socket failed', { error: error.message }));
    let refusal: OutgoingResponse | null = null;
    let bound: BoundRoute | undefined;
    try {
      refusal = this.#closing ? { status: 503, body: '' } : (this.#options.guard?.(request) ?? null);
      if (refusal === null) {
        bound = this.#find(request.path);
        refusal = bound === undefined ? this.#options.notFound(request) : (bound.route.authorize?.(request) ?? null);
      }
    } catch (thrown) {
      this.#logger.error('upgrade handler threw', { path: request.path, error: describeError(thrown) });
      refusal = this.#options.failure('internal', 'the upgrade failed');
    }
    if (refusal !== null || bound === undefined) {
      endWithResponse(socket, refusal ?? this.#options.notFound(request));
      return;
    }
    const { route, server } = bound;
    server.handleUpgrade(raw, socket, head, (opened) => this.#accept(opened, route, request));
  }

  #accept(socket: WebSocket, route: WebSocketRoute, request: IncomingRequest): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#open.add(socket);
    let handlers: ServerSocketHandlers | null = null;
    const failed = (where: string, thrown: unknown): void => {
      this.#logger.error(`WebSocket ${where} threw`, { path: route.path, error: describeError(thrown) });
      socket.close(CLOSE_INTERNAL, 'internal error');
    };
    // `close` follows every error; what it was (a frame too long, a reset) is only of interest when looking for a fault.
    socket.on('error', (error) => this.#logger.debug('WebSocket failed', { path: route.path, error: error.message }));
    socket.on('close', (code, reason) => {
      this.#open.delete(socket);
      try {
        handlers?.onClose(code, reason.toString('utf8'));
      } catch (thrown) {
        failed('onClose', thrown);
      }
    });
    try {
      handlers = route.accept(new WsServerSocket(id, request.remoteAddress, socket), request);
    } catch (thrown) {
      failed('accept', thrown);
      return;
    }
    const bound = handlers;
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        socket.close(CLOSE_TEXT_ONLY, 'text frames only');
        return;
      }
      try {
        bound.onMessage(textOf(data));
      } catch (thrown) {
        failed('onMessage', thrown);
      }
    });
    socket.on('ping', () => {
      try {
        bound.onPing?.();
      } catch (thrown) {
        failed('onPing', thrown);
      }
    });
    socket.on('pong', (payload) => {
      try {
        bound.onPong?.(payload.toString('utf8'));
      } catch (thrown) {
        failed('onPong', thrown);
      }
    });
  }

  /** Says goodbye (1001) to every open socket and takes no more. */
  startClosing(): void {
    this.#closing = true;
    for (const socket of this.#open) socket.close(CLOSE_GOING_AWAY, 'server is stopping');
  }

  get openCount(): number {
    return this.#open.size;
  }

  terminateAll(): void {
    for (const socket of this.#open) socket.terminate();
  }
}
