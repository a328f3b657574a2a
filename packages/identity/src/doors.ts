type Headers = Readonly<Record<string, string>>;

/** The host and port an origin names, or null for `null` (sandboxed pages, files) and what is no origin. */
function originHost(origin: string): string | null {
  const match = /^https?:\/\/([^/?#@\s]+)$/i.exec(origin);
  return match?.[1]?.toLowerCase() ?? null;
}

/**
 * Whether a page may call. Browsers always send `Origin` with WebSocket handshakes and changing calls, and a page can't forge it; who
 * sends none is no browser. The page's own origin may, and those listed.
 */
export function isOriginAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const { origin } = headers;
  if (origin === undefined) return true;
  const host = originHost(origin);
  if (host === null) return false;
  return host === headers['host']?.toLowerCase() || allowed.some((each) => each.toLowerCase() === origin.toLowerCase());
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Whether the `Host` a request names is one of ours. A page that rebinds its own name to our address still sends that name, so that
 * names nobody listed are refused. Names are without port; loopback names are always ours.
 */
export function isHostAllowed(headers: Headers, allowed: readonly string[]): boolean {
  const { host } = headers;
  const name = host === undefined ? null : /^(\[[0-9a-f:.]+\]|[^:\s]+)(:\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
  if (name === null || name === undefined) return false;
  return LOOPBACK.test(name) || allowed.some((each) => each.toLowerCase() === name);
}

/** The token of `Authorization: Bearer …`; null where there is none. */
export function bearerToken(headers: Headers): string | null {
  return /^Bearer +([^\s]+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? null;
}
