import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OutgoingResponse } from '@monsta/ports';

/** Writes a whole response on a bare socket and ends it: for refused upgrades and for requests that could not be parsed. */
export function endWithResponse(socket: Duplex, response: OutgoingResponse): void {
  if (!socket.writable || response.cut === true) {
    socket.destroy();
    return;
  }
  const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body;
  const headers = {
    ...response.headers,
    connection: 'close',
    'content-length': String(body.byteLength),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(
    `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? 'Unknown'}\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  socket.end(body, () => socket.destroy());
}
