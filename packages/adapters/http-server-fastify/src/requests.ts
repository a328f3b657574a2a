import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { IncomingRequest } from '@monsta/ports';

function flatHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

/** An IPv4 client of a dual-stack socket shows as itself: `::ffff:10.0.0.1` → `10.0.0.1`. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** The path of a request target, as it was sent (not decoded), and what follows the first `?`. */
function splitTarget(target: string): { readonly path: string; readonly rawQuery: string } {
  const mark = target.indexOf('?');
  return mark === -1
    ? { path: target, rawQuery: '' }
    : { path: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
}

/** The port's view of a Node request; `headers` is built only when it is looked at. */
export function incomingRequest(
  raw: IncomingMessage,
  params: Readonly<Record<string, string>>,
  body: string,
): IncomingRequest {
  const { path, rawQuery } = splitTarget(raw.url ?? '/');
  let headers: Readonly<Record<string, string>> | null = null;
  return {
    method: raw.method ?? 'GET',
    path,
    params,
    rawQuery,
    get headers() {
      headers ??= flatHeaders(raw.headers);
      return headers;
    },
    body,
    remoteAddress: plainAddress(raw.socket.remoteAddress),
  };
}
