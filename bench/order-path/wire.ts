import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** What this thread's sockets saw: when bytes came last, and when the head of an order had been handed to a socket. */
export interface Wire {
  /** Of `performance.now()`: the newest bytes read from any socket. */
  readonly lastReadMs: number;
  /** Runs when the bytes of an order have been written. */
  onOrderWritten: ((atMs: number) => void) | null;
}

/** Some send an order in the query, some in the body. */
const ORDER = /^POST \/api\/v3\/order[? ]/;

const startsOrder = (chunk: unknown): boolean =>
  ORDER.test(Buffer.isBuffer(chunk) ? chunk.toString('latin1', 0, 30) : String(chunk));

/** Watches every client socket that this thread opens from now on. */
export function watchWire(): Wire {
  const wire = { lastReadMs: 0, onOrderWritten: null as Wire['onOrderWritten'] };
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: unknown };
    if (!(socket instanceof Socket)) return;
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown, ...rest) => {
      wire.lastReadMs = performance.now();
      return push(chunk, ...rest);
    };
    // What a stream calls to hand bytes on, one chunk or several; undici replaces `write` itself.
    const handed = (first: unknown): void => {
      if (startsOrder(first)) wire.onOrderWritten?.(performance.now());
    };
    const write = socket._write.bind(socket);
    socket._write = (chunk: unknown, ...rest) => {
      write(chunk, ...rest);
      handed(chunk);
    };
    const writeAll = socket._writev?.bind(socket);
    if (writeAll === undefined) return;
    socket._writev = (chunks, ...rest) => {
      writeAll(chunks, ...rest);
      handed(chunks[0]?.chunk);
    };
  });
  return wire;
}
