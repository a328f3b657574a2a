import type { TimestampUs } from '@monsta/core';
import type { ServerSocket } from '@monsta/ports';
import { parseSocketRequest, type RequestId, type SocketRequest } from './socket-requests.ts';
import type { StreamHub, Subscriber } from './stream-hub.ts';
import { SocketUpkeep, type UpkeepLimits } from './socket-upkeep.ts';
import { wireTime, type TimeUnit } from './wire.ts';

export interface SocketLimits extends UpkeepLimits {
  /** Incoming messages a second, pings and pongs among them; more end the connection. */
  readonly messagesPerSecond: number;
  readonly streamsPerConnection: number;
  readonly messageBytesMax: number;
  /** Bytes waiting for a client that doesn't read; more end the connection. */
  readonly bufferedBytesMax: number;
  readonly connectionsMax: number;
  /** Events of accounts that may wait for the end of what is going on; whoever would have heard a further one is cut off. */
  readonly userEventsWaitingMax: number;
}

export const DEFAULT_SOCKET_LIMITS: SocketLimits = {
  messagesPerSecond: 5,
  streamsPerConnection: 1_024,
  messageBytesMax: 65_536,
  bufferedBytesMax: 4_194_304,
  pingEveryMs: 20_000,
  pongWithinMs: 60_000,
  connectionMs: 86_400_000,
  shutdownNoticeMs: 600_000,
  connectionsMax: 10_000,
  userEventsWaitingMax: 65_536,
};

const POLICY_VIOLATION = 1008;
const NORMAL = 1000;
const SECOND_MS = 1_000;

export interface StreamSocketOptions {
  readonly socket: ServerSocket;
  readonly hub: StreamHub;
  readonly limits: SocketLimits;
  /** Whether frames are wrapped; clients may change it. */
  readonly combined: boolean;
  readonly unit: TimeUnit;
  /** On the monotonic clock. */
  readonly nowMs: number;
}

/** One client of the streams: what it listens to, and the limits it is held to. */
export class StreamSocket implements Subscriber {
  readonly #socket: ServerSocket;
  readonly #hub: StreamHub;
  readonly #limits: SocketLimits;
  readonly #names = new Set<string>();
  readonly unit: TimeUnit;
  readonly #upkeep: SocketUpkeep;
  #combined: boolean;
  #noticed = false;
  #windowMs: number;
  #messages = 0;
  #closed = false;

  constructor({ socket, hub, limits, combined, unit, nowMs }: StreamSocketOptions) {
    this.#socket = socket;
    this.#hub = hub;
    this.#limits = limits;
    this.#combined = combined;
    this.unit = unit;
    this.#upkeep = new SocketUpkeep(socket, limits, nowMs);
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

  /** Counts an incoming message. False, and the connection ends, when there are too many. */
  #count(nowMs: number): boolean {
    if (nowMs - this.#windowMs >= SECOND_MS) {
      this.#windowMs = nowMs;
      this.#messages = 0;
    }
    this.#messages += 1;
    if (this.#messages <= this.#limits.messagesPerSecond) return true;
    this.#end(POLICY_VIOLATION, 'Too many requests');
    return false;
  }

  receive(text: string, nowMs: number): void {
    if (this.#closed || !this.#count(nowMs)) return;
    const parsed = parseSocketRequest(text);
    if ('error' in parsed) {
      const { code, msg, id } = parsed.error;
      const error = JSON.stringify({ code, msg });
      this.#socket.send(id === undefined ? `{"error":${error}}` : `{"error":${error},"id":${id}}`);
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
    this.#socket.send(`{"result":${JSON.stringify(result)},"id":${id}}`);
  }

  /** The client's own ping: the socket has answered it, here it is only counted. */
  ping(nowMs: number): void {
    if (!this.#closed) this.#count(nowMs);
  }

  /** A pong counts as a message; only one that carries a ping's payload keeps the connection. */
  pong(payload: string, nowMs: number): void {
    if (this.#closed || !this.#count(nowMs)) return;
    this.#upkeep.pong(payload);
  }

  /** Pings and cuts that are due; `venueUs` is the market's time. */
  tend(nowMs: number, venueUs: TimestampUs): void {
    if (this.#closed) return;
    switch (this.#upkeep.tend(nowMs)) {
      case 'expired':
        this.#end(NORMAL, 'the connection has reached its longest life');
        return;
      case 'unanswered':
        this.#leave();
        this.#socket.terminate();
        return;
      case 'notice':
        this.announceShutdown(venueUs);
        return;
      case null:
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

  /** Tells the client, once, that its connection is about to end, in the form its frames have. */
  announceShutdown(venueUs: TimestampUs): void {
    if (this.#closed || this.#noticed) return;
    this.#noticed = true;
    const data = { e: 'serverShutdown', E: wireTime(venueUs, this.unit) };
    this.#socket.send(JSON.stringify(this.#combined ? { stream: '!serverShutdown', data } : data));
  }
}
