import type { Result } from '@monsta/core';

/** Takes a body in pieces, as it comes: what is too long for memory, or no text. */
export interface BodySink {
  /** Longest body that is taken; a longer one ends the exchange with `transport_failed`, permanent. */
  readonly bytesMax: number;
  /** The exchange ends with `transport_timeout` when nothing of the answer comes for so long. */
  readonly stallMs: number;
  /** The next piece is read when this has resolved. What it throws ends the exchange with `transport_failed`, permanent. */
  take(piece: Uint8Array): Promise<void> | void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The whole exchange must end within this time. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Where a body of status 200 or 206 goes; of any other status it is text as ever. Pieces that were taken stay taken when the exchange fails after them. */
  readonly into?: BodySink;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where it went into the request's sink. */
  readonly body: string;
}

export interface WebSocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** A ping arrived; the transport has answered it with a pong of the same payload. */
  onPing?(): void;
  /** Called exactly once, also when the connection never opened. `code` 1006 for an abnormal end. */
  onClose(code: number, reason: string): void;
}

export interface WebSocketConnection {
  /** False when the socket is not open or its send buffer is over the transport's limit. */
  send(text: string): boolean;
  ping(): void;
  close(code?: number, reason?: string): void;
}

/**
 * HTTP and WebSocket out. Any HTTP status is a value; faults are `transport_timeout`, `transport_failed`, `transport_aborted`. Their class is `unknown_outcome` for a
 * POST, PUT or DELETE of which a byte may have left, `permanent` where the same call fails again (an answer over the limit, a certificate that is not trusted), else
 * `retryable`: a GET may be repeated, and of another request nothing was sent. No request is sent twice.
 */
export interface Transport {
  request(request: HttpRequest): Promise<Result<HttpResponse>>;
  connect(url: string, handlers: WebSocketHandlers, options: { readonly openTimeoutMs: number }): WebSocketConnection;
  close(): Promise<void>;
}
