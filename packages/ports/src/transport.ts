import type { Result } from '@monsta/core';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The whole exchange must end within this time. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
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
