import type { WebSocketConnection, WebSocketHandlers } from '@monsta/ports';
import { WebSocket } from 'ws';

const ABNORMAL = 1006;
const TEXT_ONLY = 1003;
/** A peer that does not answer our close within this time is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface WebSocketLimits {
  readonly messageBytesMax: number;
  /** Bytes the operating system has not taken yet; over it `send` refuses. */
  readonly sendBufferBytesMax: number;
}

export interface OpenSocket extends WebSocketConnection {
  /** Ends the connection without a handshake. */
  terminate(): void;
}

/** One connection over `ws`, which answers pings by itself. `onGone` runs after the handlers' `onClose`. */
export function openWebSocket(
  url: string,
  handlers: WebSocketHandlers,
  options: { readonly openTimeoutMs: number; readonly limits: WebSocketLimits; onGone(): void },
): OpenSocket {
  let ended = false;
  let failure = '';
  let closeTimer: NodeJS.Timeout | undefined;
  const end = (code: number, reason: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(openTimer);
    clearTimeout(closeTimer);
    handlers.onClose(code, reason);
    options.onGone();
  };
  let socket: WebSocket | null = null;
  const openTimer = setTimeout(() => {
    failure = `not open within ${options.openTimeoutMs} ms`;
    socket?.terminate();
  }, options.openTimeoutMs);
  try {
    socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: options.limits.messageBytesMax });
  } catch (error) {
    // A URL that can't be read: told like every other connection that never opened.
    queueMicrotask(() => end(ABNORMAL, error instanceof Error ? error.message : String(error)));
  }
  const connected = socket;
  connected?.on('open', () => {
    clearTimeout(openTimer);
    handlers.onOpen();
  });
  connected?.on('message', (data: Buffer, isBinary: boolean) => {
    if (ended) return;
    if (isBinary) connected.close(TEXT_ONLY, 'text frames only');
    else handlers.onMessage(data.toString('utf8'));
  });
  connected?.on('ping', () => handlers.onPing?.());
  connected?.on('error', (error: Error) => {
    if (failure === '') failure = error.message;
  });
  connected?.on('close', (code: number, reason: Buffer) => end(code, reason.toString('utf8') || failure));
  return {
    send(text) {
      if (connected === null || connected.readyState !== WebSocket.OPEN) return false;
      if (connected.bufferedAmount > options.limits.sendBufferBytesMax) return false;
      connected.send(text);
      return true;
    },
    ping() {
      if (connected?.readyState === WebSocket.OPEN) connected.ping();
    },
    close(code = 1000, reason = '') {
      if (ended || connected === null) return;
      connected.close(code, reason);
      closeTimer ??= setTimeout(() => connected.terminate(), CLOSE_TIMEOUT_MS);
    },
    terminate() {
      connected?.terminate();
    },
  };
}
