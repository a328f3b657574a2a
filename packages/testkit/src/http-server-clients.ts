import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What comes back for bytes written on a bare connection, until the server ends it. Rejects where nobody listens. */
export function exchangeBytes(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('utf8')));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

/** A request for a WebSocket, as bytes. */
export function upgradeRequest(path: string): string {
  const key = randomBytes(16).toString('base64');
  return `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`;
}

/** A client's frame of at most 125 bytes of text, masked with nothing. */
export function textFrame(text: string): Uint8Array {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** A client's ping of its own. */
export const pingFrame = (): Uint8Array => Uint8Array.from([0x89, 0x80, 0, 0, 0, 0]);

/**
 * A client that opens a WebSocket, writes `then` in the same breath, and reads nothing more: it neither answers pings nor closes.
 * Resolves when the server has accepted, rejects when it has refused.
 */
export function deafClient(port: number, path: string, then: Uint8Array = new Uint8Array()): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(Buffer.concat([Buffer.from(upgradeRequest(path)), then])),
    );
    // Being cut off is what happens to such clients; the tests look at the server's side of it.
    socket.on('error', reject);
    socket.once('data', (data) => {
      socket.pause();
      const status = data.toString('latin1').split('\r\n')[0] ?? '';
      if (status.startsWith('HTTP/1.1 101 ')) resolve(socket);
      else reject(new Error(`the upgrade of ${path} was refused: ${status}`));
    });
  });
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** An ordinary WebSocket client that keeps what it hears. */
export class ListeningClient {
  readonly socket: WebSocket;
  readonly messages: string[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<Closed>;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(port: number, path: string) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    this.opened = new Promise((resolve) => this.socket.addEventListener('open', () => resolve()));
    this.closed = new Promise((resolve) =>
      this.socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
    );
    this.socket.addEventListener('message', (event) => {
      const data: unknown = event.data;
      this.messages.push(typeof data === 'string' ? data : '(not text)');
      for (const { count, resolve } of this.#waiting) if (this.messages.length >= count) resolve();
    });
  }

  /** Resolves when so many messages have come. */
  heard(count: number): Promise<void> {
    if (this.messages.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** A promise, and what resolves it. */
export interface Signal<T> {
  readonly promise: Promise<T>;
  give(value: T): void;
}

export function signal<T>(): Signal<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, give: resolve };
}
