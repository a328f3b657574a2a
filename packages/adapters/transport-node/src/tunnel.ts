import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { proxyAuthorization } from './proxy.ts';

export interface TunnelOptions {
  readonly proxy: URL;
  readonly host: string;
  readonly port: number;
  /** TLS to the host itself, within the tunnel. */
  readonly isSecure: boolean;
  readonly ca: string[] | undefined;
  readonly signal: AbortSignal;
}

type Settle = (error: Error | null, socket?: Duplex) => void;

function throughTls(raw: Duplex, options: TunnelOptions, settle: Settle): void {
  const secure = connectTls({
    socket: raw,
    servername: isIP(options.host) === 0 ? options.host : '',
    host: options.host,
    ALPNProtocols: ['http/1.1'],
    ca: options.ca,
  });
  secure.once('error', settle);
  secure.once('secureConnect', () => {
    secure.off('error', settle);
    settle(null, secure);
  });
}

/** A connection to a host through a proxy that knows CONNECT. `settle` runs once. */
export function openTunnel(options: TunnelOptions, onSettled: Settle): void {
  const { proxy, signal } = options;
  let isSettled = false;
  const settle: Settle = (error, socket) => {
    if (isSettled) return;
    isSettled = true;
    onSettled(error, socket);
  };
  const target = `${isIP(options.host) === 6 ? `[${options.host}]` : options.host}:${options.port}`;
  const authorization = proxyAuthorization(proxy);
  const terms: RequestOptions = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port,
    path: target,
    headers: { host: target, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) },
    agent: false,
    signal,
  };
  const asking = proxy.protocol === 'https:' ? httpsRequest({ ...terms, ca: options.ca }) : httpRequest(terms);
  asking.once('error', settle);
  asking.once('connect', (response, raw, head) => {
    if (response.statusCode !== 200 || signal.aborted) {
      raw.destroy();
      settle(new Error(`the proxy ${proxy.host} answered ${response.statusCode ?? 0}`));
      return;
    }
    raw.on('error', settle);
    if (head.length > 0) raw.unshift(head);
    signal.addEventListener('abort', () => raw.destroy(), { once: true });
    if (options.isSecure) throughTls(raw, options, settle);
    else settle(null, raw);
  });
  asking.end();
}
