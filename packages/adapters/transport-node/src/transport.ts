import type { Logger, Transport } from '@monsta/ports';
import { Agent } from 'undici';
import { exchange } from './http-client.ts';
import { openWebSocket, type OpenSocket, type WebSocketLimits } from './web-socket-client.ts';

export interface TransportOptions {
  readonly logger?: Logger;
  /** Longest HTTP body that is read. */
  readonly responseBytesMax?: number;
  /** Longest WebSocket message; a longer one closes the connection with 1009. */
  readonly messageBytesMax?: number;
  readonly sendBufferBytesMax?: number;
  /** Kept-alive connections to one origin. */
  readonly connectionsPerOriginMax?: number;
}

const MEBIBYTE = 1_048_576;

/** HTTP over undici with kept-alive connections, WebSockets over ws. Redirects are not followed. */
export function createTransport(options: TransportOptions = {}): Transport {
  const { logger, responseBytesMax = 64 * MEBIBYTE, connectionsPerOriginMax = 8 } = options;
  const limits: WebSocketLimits = {
    messageBytesMax: options.messageBytesMax ?? 16 * MEBIBYTE,
    sendBufferBytesMax: options.sendBufferBytesMax ?? MEBIBYTE,
  };
  const agent = new Agent({ connections: connectionsPerOriginMax, pipelining: 1, connect: { timeout: 10_000 } });
  const closing = new AbortController();
  const sockets = new Set<OpenSocket>();
  return {
    request: (request) => exchange(agent, request, responseBytesMax, closing.signal),
    connect(url, handlers, { openTimeoutMs }) {
      const socket = openWebSocket(url, handlers, { openTimeoutMs, limits, onGone: () => sockets.delete(socket) });
      sockets.add(socket);
      if (closing.signal.aborted) socket.terminate();
      return socket;
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      for (const socket of sockets) socket.terminate();
      await agent.destroy();
      logger?.debug('transport closed');
    },
  };
}
