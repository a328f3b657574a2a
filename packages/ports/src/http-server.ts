import type { Result } from '@monsta/core';

/** One request as it came in; nothing is decoded that a handler might need raw (signatures are made over raw text). */
export interface IncomingRequest {
  readonly method: string;
  readonly path: string;
  /** Path parameters of the route, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Without the leading `?`. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly remoteAddress: string;
}

export interface OutgoingResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** True: the connection ends without an answer. Nothing of status, headers and body is sent. */
  readonly cut?: boolean;
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/api/v1/bars` or `/api/v1/orders/:id`; `*` at the end takes the rest. */
  readonly path: string;
  handle(request: IncomingRequest): OutgoingResponse | Promise<OutgoingResponse>;
}

/** A client's socket, seen from the server. */
export interface ServerSocket {
  readonly id: number;
  readonly remoteAddress: string;
  /** Bytes accepted by `send` that the operating system has not taken yet. */
  bufferedBytes(): number;
  /** Text frame. A `Uint8Array` is UTF-8 text encoded once and shared by many sockets. */
  send(data: string | Uint8Array): void;
  ping(payload?: string): void;
  close(code: number, reason: string): void;
  /** Ends the connection without a close handshake. */
  terminate(): void;
}

export interface ServerSocketHandlers {
  onMessage(text: string): void;
  /** A client's own ping; it has been answered already. */
  onPing?(): void;
  /** A client's pong, asked for or not, with the payload it carries. */
  onPong?(payload: string): void;
  onClose(code: number, reason: string): void;
}

export interface WebSocketRoute {
  /** Exact path, or a prefix ending in `/*`. */
  readonly path: string;
  /** Longest incoming message in bytes; a longer one closes with 1009. */
  readonly messageBytesMax: number;
  /** Called before the upgrade: a response refuses it. */
  authorize?(request: IncomingRequest): OutgoingResponse | null;
  accept(socket: ServerSocket, request: IncomingRequest): ServerSocketHandlers;
}

/** Files below a directory, served at a prefix; unknown paths fall to `notFound`. */
export interface StaticFiles {
  readonly prefix: string;
  readonly directory: string;
  /** Added to every file's response, e.g. `content-security-policy`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly bodyBytesMax: number;
  readonly routes: readonly HttpRoute[];
  readonly webSockets: readonly WebSocketRoute[];
  readonly files?: readonly StaticFiles[];
  /** Seen before every route and upgrade: a response ends the request there (Host allowlist, limits). */
  guard?(request: IncomingRequest): OutgoingResponse | null;
  /** For a path no route has. */
  notFound(request: IncomingRequest): OutgoingResponse;
  /** For a handler that threw, a body that is too large or can't be read. `code`: `internal`, `body_too_large`, `bad_request`. */
  failure(code: string, message: string): OutgoingResponse;
}

export interface RunningHttpServer {
  /** `http://127.0.0.1:8080`, with the port really taken. */
  readonly url: string;
  readonly port: number;
  /** Stops taking connections, lets requests end within `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
}

/** HTTP and WebSocket in. Faults of `listen`: `port_in_use`, `listen_failed`. */
export interface HttpServer {
  listen(options: HttpServerOptions): Promise<Result<RunningHttpServer>>;
}
