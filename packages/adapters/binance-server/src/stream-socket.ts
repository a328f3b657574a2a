import type { ServerSocket } from '@monsta/ports';
import { parseSocketRequest, type RequestId, type SocketRequest } from './socket-requests.ts';
import type { StreamHub, Subscriber } from './stream-hub.ts';

export interface SocketLimits {
  /** Incoming messages a second; more end the connection. */
  readonly messagesPerSecond: number;
  readonly streamsPerConnection: number;
  readonly messageBytesMax: number;
  /** Bytes waiting for a client that doesn't read; more end the connection. */
  readonly bufferedBytesMax: number;
  readonly pingEveryMs: number;
  readonly pongWithinMs: number;
  /** After this time a connection is cut, as Binance does after a day. */
  readonly connectionMs: number;
  readonly connectionsMax: number;
}

export const DEFAULT_SOCKET_LIMITS: SocketLimits = {
  messagesPerSecond: 5,
  streamsPerConnection: 1_024,
  messageBytesMax: 65_536,
  bufferedBytesMax: 4_194_304,
  pingEveryMs: 20_000,
  pongWithinMs: 60_000,
  connectionMs: 86_400_000,
  connectionsMax: 10_000,
};

const POLICY_VIOLATION = 1008;
const NORMAL = 1000;
const SECOND_MS = 1_000;

/** One client of the streams: what it listens to, and the limits it is held to. */
export class StreamSocket implements Subscriber {
  readonly #socket: ServerSocket;
  readonly #hub: StreamHub;
  readonly #limits: SocketLimits;
  readonly #names = new Set<string>();
  readonly #openedMs: number;
  #combined: boolean;
  #lastPingMs: number;
  /** When the first ping that still waits for its pong was sent; null when none does. */
  #unansweredSinceMs: number | null = null;
  #windowMs: number;
  #messages = 0;
  #closed = false;

  constructor(socket: ServerSocket, hub: StreamHub, limits: SocketLimits, combined: boolean, nowMs: number) {
    this.#socket = socket;
    this.#hub = hub;
    this.#limits = limits;
    this.#combined = combined;
    this.#openedMs = nowMs;
    this.#lastPingMs = nowMs;
    this.#windowMs = nowMs;
  }

  get combined(): boolean {
    return this.#combined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Subscribes what the URL names. False, and the connection ends, when it names too many. */
  subscribe(names: readonly string[]): boolean {
    const wanted = new Set([...this.#names, ...names]);
    if (wanted.size > this.#limits.streamsPerConnection) {
      this.#end(POLICY_VIOLATION, `at most ${this.#limits.streamsPerConnection} streams a connection`);
      return false;
    }
    for (const name of names) {
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      this.#hub.subscribe(name, this);
    }
    return true;
  }

  deliver(frame: Uint8Array): void {
    if (this.#closed) return;
    if (this.#socket.bufferedBytes() + frame.byteLength > this.#limits.bufferedBytesMax) {
      // The client is too slow to be told anything, a close frame would wait behind all the rest.
      this.#leave();
      this.#socket.terminate();
      return;
    }
    this.#socket.send(frame);
  }

  receive(text: string, nowMs: number): void {
    if (this.#closed) return;
    if (nowMs - this.#windowMs >= SECOND_MS) {
      this.#windowMs = nowMs;
      this.#messages = 0;
    }
    this.#messages += 1;
    if (this.#messages > this.#limits.messagesPerSecond) {
      this.#end(POLICY_VIOLATION, 'Too many requests');
      return;
    }
    const parsed = parseSocketRequest(text);
    if ('error' in parsed) {
      const { code, msg, id } = parsed.error;
      this.#socket.send(JSON.stringify(id === undefined ? { error: { code, msg } } : { error: { code, msg }, id }));
      return;
    }
    this.#answer(parsed.request);
  }

  #answer(request: SocketRequest): void {
    switch (request.method) {
      case 'SUBSCRIBE':
        if (this.subscribe(request.streams)) this.#reply(null, request.id);
        return;
      case 'UNSUBSCRIBE':
        for (const name of request.streams) if (this.#names.delete(name)) this.#hub.unsubscribe(name, this);
        this.#reply(null, request.id);
        return;
      case 'LIST_SUBSCRIPTIONS':
        this.#reply([...this.#names], request.id);
        return;
      case 'SET_COMBINED':
        this.#combined = request.combined;
        this.#reply(null, request.id);
        return;
      case 'GET_COMBINED':
        this.#reply(this.#combined, request.id);
    }
  }

  #reply(result: null | boolean | readonly string[], id: RequestId): void {
    this.#socket.send(JSON.stringify({ result, id }));
  }

  pong(): void {
    this.#unansweredSinceMs = null;
  }

  /** Pings and cuts that are due. */
  tend(nowMs: number): void {
    if (this.#closed) return;
    if (nowMs - this.#openedMs >= this.#limits.connectionMs) {
      this.#end(NORMAL, 'the connection has reached its longest life');
      return;
    }
    if (this.#unansweredSinceMs !== null && nowMs - this.#unansweredSinceMs >= this.#limits.pongWithinMs) {
      this.#leave();
      this.#socket.terminate();
      return;
    }
    if (nowMs - this.#lastPingMs >= this.#limits.pingEveryMs) {
      this.#lastPingMs = nowMs;
      this.#unansweredSinceMs ??= nowMs;
      this.#socket.ping(String(nowMs));
    }
  }

  #end(code: number, reason: string): void {
    this.#leave();
    this.#socket.close(code, reason);
  }

  #leave(): void {
    this.#closed = true;
    for (const name of this.#names) this.#hub.unsubscribe(name, this);
    this.#names.clear();
  }

  /** The connection is gone. */
  left(): void {
    this.#leave();
  }

  /** Tells the client that the server is about to stop, in the form its frames have. */
  announceShutdown(eventMs: number): void {
    if (this.#closed) return;
    const data = { e: 'serverShutdown', E: eventMs };
    this.#socket.send(JSON.stringify(this.#combined ? { stream: '!serverShutdown', data } : data));
  }
}
