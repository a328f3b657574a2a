import type { WebSocketConnection, WebSocketHandlers } from '@monsta/ports';
import type { LookupFunction } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { certificateAdvice } from './trust.ts';
import { openTunnel } from './tunnel.ts';

const ABNORMAL = 1006;
const TEXT_ONLY = 1003;
/** A peer that does not answer our close within this time is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface WebSocketLimits {
  readonly messageBytesMax: number;
  /** Bytes the operating system has not taken yet; over it `send` refuses. */
  readonly sendBufferBytesMax: number;
}

/** How the other side is reached. */
export interface SocketRoute {
  readonly proxy: URL | null;
  readonly ca: string[] | undefined;
  readonly lookup: LookupFunction | undefined;
}

export interface OpenSocket extends WebSocketConnection {
  /** Ends the connection without a handshake. */
  terminate(): void;
}

function clientOptions(url: string, limits: WebSocketLimits, route: SocketRoute, opening: AbortSignal): ClientOptions {
  const { proxy, ca, lookup } = route;
  const options: ClientOptions & { lookup?: LookupFunction } = {
    perMessageDeflate: false,
    maxPayload: limits.messageBytesMax,
    ...(ca === undefined ? {} : { ca }),
    ...(lookup === undefined ? {} : { lookup }),
  };
  if (proxy === null) return options;
  const { hostname, port, protocol } = new URL(url);
  const isSecure = protocol === 'wss:';
  const tunnel = (_: unknown, settle: Parameters<typeof openTunnel>[1]): void => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const target = port === '' ? (isSecure ? 443 : 80) : Number(port);
    openTunnel({ proxy, host, port: target, isSecure, ca, signal: opening }, settle);
  };
  // Node calls it with a callback and lets it return nothing; the types of ws know the function of node:net only.
  return Object.assign(options, { createConnection: tunnel });
}

/** One connection over `ws`, which answers pings by itself. `onGone` runs after the handlers' `onClose`. */
export function openWebSocket(
  url: string,
  handlers: WebSocketHandlers,
  options: {
    readonly openTimeoutMs: number;
    readonly limits: WebSocketLimits;
    readonly route: SocketRoute;
    onGone(): void;
  },
): OpenSocket {
  let ended = false;
  let failure = '';
  let closeTimer: NodeJS.Timeout | undefined;
  const end = (code: number, reason: string): void => {
    if (ended) return;
    ended = true;
    opening.abort();
    clearTimeout(openTimer);
    clearTimeout(closeTimer);
    handlers.onClose(code, reason);
    options.onGone();
  };
  const opening = new AbortController();
  let socket: WebSocket | null = null;
  const openTimer = setTimeout(() => {
    failure = `not open within ${options.openTimeoutMs} ms`;
    socket?.terminate();
  }, options.openTimeoutMs);
  try {
    socket = new WebSocket(url, clientOptions(url, options.limits, options.route, opening.signal));
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
    if (failure !== '') return;
    const advice = certificateAdvice(error);
    failure = advice === null ? error.message : `${error.message}; ${advice}`;
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
