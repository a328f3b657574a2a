import { isIP } from 'node:net';

export interface ProxyOptions {
  /** `http://` or `https://`, with user and password where the proxy asks for them. */
  readonly url: string;
  /** Hosts that are reached without it, as in NO_PROXY: `example.com` (with what is below it), `.example.com`, `host:port`, `*`. */
  readonly bypass: readonly string[];
}

const bare = (host: string): string =>
  host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();

/** This machine: nothing on it is ever reached through a proxy. */
function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost');
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'ws:': '80', 'https:': '443', 'wss:': '443' };

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const withPort = /^(\[[^\]]*\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = bare(withPort?.[1] ?? entry).replace(/^\*?\./, '');
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

/** Whether `target` is reached through the proxy. */
export function goesThrough(proxy: ProxyOptions, target: URL): boolean {
  const host = bare(target.hostname);
  const port = target.port === '' ? (DEFAULT_PORTS[target.protocol] ?? '') : target.port;
  return !isLoopback(host) && !proxy.bypass.some((entry) => covers(entry.trim(), host, port));
}

/** The value of Proxy-Authorization, or null. */
export function proxyAuthorization({ username, password }: URL): string | null {
  if (username === '') return null;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
