import { err } from '@monsta/core';
import type { Logger, Transport } from '@monsta/ports';
import type { LookupFunction } from 'node:net';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { exchange } from './http-client.ts';
import { goesThrough, type ProxyOptions } from './proxy.ts';
import { trustedWith } from './trust.ts';
import { openWebSocket, type OpenSocket, type SocketRoute, type WebSocketLimits } from './web-socket-client.ts';

export interface TransportOptions {
  readonly logger?: Logger;
  /** Longest HTTP body that is read. */
  readonly responseBytesMax?: number;
  /** Longest WebSocket message; a longer one closes the connection with 1009. */
  readonly messageBytesMax?: number;
  readonly sendBufferBytesMax?: number;
  /** Connections to one origin; a request beyond waits for one. Default 8. */
  readonly connectionsPerOriginMax?: number;
  /** Requests under way or waiting, over all origins; one more is refused. Default 1,000. */
  readonly requestsMax?: number;
  /** A connection has to be there within this time; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** By which proxy what is not on this machine is reached. Default null: directly. */
  readonly proxy?: ProxyOptions | null;
  /** Certificates in PEM of authorities that are trusted beside those of Node. */
  readonly certificates?: readonly string[];
  /** Finds the addresses of a host, of both families; default: the system's. */
  readonly lookup?: LookupFunction;
}

const MEBIBYTE = 1_048_576;
const ORIGINS_MAX = 100;

interface Agents {
  readonly direct: Agent;
  readonly proxied: ProxyAgent | null;
}

/** HTTP/1.1 only: what became of a request on a connection that breaks can be told for it. */
function createAgents(options: TransportOptions, ca: string[] | undefined): Agents {
  const { connectionsPerOriginMax = 8, connectTimeoutMs = 10_000, proxy = null, lookup } = options;
  const pool = { connections: connectionsPerOriginMax, pipelining: 1, maxOrigins: ORIGINS_MAX, allowH2: false };
  const trust = ca === undefined ? {} : { ca };
  const direct = new Agent({
    ...pool,
    connect: { timeout: connectTimeoutMs, allowH2: false, ...trust, ...(lookup === undefined ? {} : { lookup }) },
  });
  if (proxy === null) return { direct, proxied: null };
  const tls = { allowH2: false, timeout: connectTimeoutMs, ...trust };
  return { direct, proxied: new ProxyAgent({ ...pool, uri: proxy.url, requestTls: tls, proxyTls: tls }) };
}

/**
 * HTTP over undici with kept-alive connections, WebSockets over ws; certificates are always verified. Redirects are not followed. Of the addresses of a host, of
 * IPv6 and IPv4, the next is tried when one does not answer within a quarter of a second.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const { logger, responseBytesMax = 64 * MEBIBYTE, requestsMax = 1_000, proxy = null } = options;
  const limits: WebSocketLimits = {
    messageBytesMax: options.messageBytesMax ?? 16 * MEBIBYTE,
    sendBufferBytesMax: options.sendBufferBytesMax ?? MEBIBYTE,
  };
  const ca = trustedWith(options.certificates ?? []);
  const { direct, proxied } = createAgents(options, ca);
  const through = (url: string): boolean => proxy !== null && URL.canParse(url) && goesThrough(proxy, new URL(url));
  const dispatcherTo = (url: string): Dispatcher => (proxied !== null && through(url) ? proxied : direct);
  const closing = new AbortController();
  const sockets = new Set<OpenSocket>();
  let requests = 0;
  return {
    async request(request) {
      if (requests >= requestsMax) {
        return err('transport_failed', `${requests} requests are under way, which is the limit`, {
          retry: 'retryable',
        });
      }
      requests += 1;
      return exchange(request, {
        dispatcher: dispatcherTo(request.url),
        bytesMax: responseBytesMax,
        closing: closing.signal,
        onReleased: () => (requests -= 1),
      });
    },
    connect(url, handlers, { openTimeoutMs }) {
      const route: SocketRoute = {
        proxy: proxy !== null && through(url) ? new URL(proxy.url) : null,
        ca,
        lookup: options.lookup,
      };
      const socket = openWebSocket(url, handlers, {
        openTimeoutMs,
        limits,
        route,
        onGone: () => sockets.delete(socket),
      });
      sockets.add(socket);
      if (closing.signal.aborted) socket.terminate();
      return socket;
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      for (const socket of sockets) socket.terminate();
      await Promise.all([direct.destroy(), proxied?.destroy()]);
      logger?.debug('transport closed');
    },
  };
}
