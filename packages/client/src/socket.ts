import type { TopicData, TopicMessage } from '@monsta/contracts';
import { systemTimers, type TimersLike, type WebSocketConstructor, type WebSocketLike } from './environment.ts';
import { parseFrame, type Frame } from './frames.ts';
import { SequenceWatch, type Gap } from './sequence-watch.ts';

/**
 * `idle`: not started; `connecting`: a socket is being opened; `open`: connected; `waiting`: cut, the next attempt is scheduled;
 * `closed`: ended by `close`.
 */
export type SocketState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface SocketStateEvent {
  readonly state: SocketState;
  /** Why the last connection ended: the close code and reason; null before the first. */
  readonly lastClose: { readonly code: number; readonly reason: string } | null;
  /** Milliseconds until the next attempt; null unless `waiting`. */
  readonly retryInMs: number | null;
}

/** The server refused a subscription: nothing comes on `topic`. It is asked for again only at the next connection. */
export interface SocketRefusal {
  readonly topic: string;
  readonly code: string;
  readonly message: string;
}

export interface MonstaSocketOptions {
  /** `ws://127.0.0.1:8080/ws`. */
  readonly url: string;
  /** Default: the global `WebSocket`. */
  readonly WebSocket?: WebSocketConstructor;
  /** First and longest wait between attempts; the wait doubles and is drawn from its upper half. Default 500 and 15,000. */
  readonly backoffMinMs?: number;
  readonly backoffMaxMs?: number;
  /** Silence after which the server is asked for a sign of life. Default 10,000. */
  readonly heartbeatMs?: number;
  /** How long it, or a new connection, may take to answer before the connection counts as dead. Default 5,000. */
  readonly answerTimeoutMs?: number;
  readonly timers?: TimersLike;
  /** 0 ≤ x < 1, for the jitter. */
  readonly random?: () => number;
}

export type TopicHandler<T extends string> = (data: TopicData<T>, message: TopicMessage) => void;

const READY_OPEN = 1;
const CLOSE_NORMAL = 1000;
const TOPICS_PER_REQUEST = 100;

const field = (event: unknown, name: string): unknown =>
  typeof event === 'object' && event !== null ? Reflect.get(event, name) : undefined;

/**
 * Live topics over one WebSocket. Reconnects by itself with backoff and jitter, subscribes again, and reports where messages were lost
 * (`onGap`): whoever keeps a list then fetches it anew over REST. The first message of a topic after subscribing is the present state.
 */
export class MonstaSocket {
  readonly #url: string;
  readonly #WebSocket: WebSocketConstructor | undefined;
  readonly #backoffMinMs: number;
  readonly #backoffMaxMs: number;
  readonly #heartbeatMs: number;
  readonly #answerTimeoutMs: number;
  readonly #timers: TimersLike;
  readonly #random: () => number;

  readonly #handlers = new Map<string, Set<(data: unknown, message: TopicMessage) => void>>();
  readonly #stateListeners = new Set<(event: SocketStateEvent) => void>();
  readonly #gapListeners = new Set<(gap: Gap) => void>();
  readonly #refusalListeners = new Set<(refusal: SocketRefusal) => void>();
  readonly #requests = new Map<number, readonly string[]>();
  readonly #watch = new SequenceWatch();
  /** Topics to ask for or to give up at the next flush. */
  readonly #toAdd = new Set<string>();
  readonly #toRemove = new Set<string>();

  #socket: WebSocketLike | null = null;
  #state: SocketState = 'idle';
  #lastClose: SocketStateEvent['lastClose'] = null;
  #retryInMs: number | null = null;
  #attempts = 0;
  #nextId = 1;
  #flushQueued = false;
  #cancelRetry: () => void = () => undefined;
  #cancelHeartbeat: () => void = () => undefined;

  constructor(options: MonstaSocketOptions) {
    this.#url = options.url;
    this.#WebSocket = options.WebSocket;
    this.#backoffMinMs = options.backoffMinMs ?? 500;
    this.#backoffMaxMs = options.backoffMaxMs ?? 15_000;
    this.#heartbeatMs = options.heartbeatMs ?? 10_000;
    this.#answerTimeoutMs = options.answerTimeoutMs ?? 5_000;
    this.#timers = options.timers ?? systemTimers;
    this.#random = options.random ?? Math.random;
  }

  get state(): SocketState {
    return this.#state;
  }

  /** The state with the reason of the last cut and the time until the next attempt. */
  get stateEvent(): SocketStateEvent {
    return { state: this.#state, lastClose: this.#lastClose, retryInMs: this.#retryInMs };
  }

  /** Opens the connection; without effect when it is open or opening. Works again after `close`. */
  connect(): void {
    if (this.#socket !== null) return;
    this.#cancelRetry();
    this.#retryInMs = null;
    const Constructor = this.#WebSocket ?? globalThis.WebSocket;
    const socket: WebSocketLike = new Constructor(this.#url);
    this.#socket = socket;
    const current = (): boolean => this.#socket === socket;
    socket.addEventListener('open', () => {
      if (current()) this.#opened();
    });
    socket.addEventListener('message', (event) => {
      if (current()) this.#received(field(event, 'data'));
    });
    socket.addEventListener('close', (event) => {
      const code = field(event, 'code');
      const reason = field(event, 'reason');
      if (current())
        this.#ended(typeof code === 'number' ? code : 1006, typeof reason === 'string' ? reason : 'connection lost');
    });
    // A close event follows every error event and carries all there is to know.
    socket.addEventListener('error', () => undefined);
    this.#setState('connecting');
    this.#cancelHeartbeat = this.#timers.after(this.#answerTimeoutMs, () => {
      if (current()) this.#abandon('the connection was not opened in time');
    });
  }

  /** Ends the connection for good; handlers stay, so that `connect` takes up where it was. */
  close(): void {
    this.#cancelRetry();
    this.#cancelHeartbeat();
    this.#retryInMs = null;
    this.#requests.clear();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(CLOSE_NORMAL, 'client closed');
    this.#setState('closed');
  }

  /** Calls `handler` for every message of `topic`. Returns the function that ends it. */
  subscribe<T extends string>(topic: T, handler: TopicHandler<T>): () => void {
    const entry = (data: unknown, message: TopicMessage): void => handler(data as TopicData<T>, message);
    let handlers = this.#handlers.get(topic);
    if (handlers === undefined) {
      handlers = new Set();
      this.#handlers.set(topic, handlers);
      this.#toRemove.delete(topic);
      this.#toAdd.add(topic);
      this.#queueFlush();
    }
    handlers.add(entry);
    return () => {
      const present = this.#handlers.get(topic);
      if (present?.delete(entry) !== true || present.size > 0) return;
      this.#handlers.delete(topic);
      this.#watch.forget(topic);
      this.#toAdd.delete(topic);
      this.#toRemove.add(topic);
      this.#queueFlush();
    };
  }

  /** Called at once with the present state, then at each change. */
  onState(listener: (event: SocketStateEvent) => void): () => void {
    this.#stateListeners.add(listener);
    listener(this.stateEvent);
    return () => this.#stateListeners.delete(listener);
  }

  /** Messages of a topic were lost: what was built from them must be fetched anew. */
  onGap(listener: (gap: Gap) => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  onRefusal(listener: (refusal: SocketRefusal) => void): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }

  #setState(state: SocketState): void {
    this.#state = state;
    const event = this.stateEvent;
    for (const listener of Array.from(this.#stateListeners)) listener(event);
  }

  #opened(): void {
    this.#watch.connected();
    this.#toRemove.clear();
    this.#toAdd.clear();
    for (const topic of this.#handlers.keys()) this.#toAdd.add(topic);
    this.#setState('open');
    this.#flush();
    this.#watchHeartbeat();
  }

  #ended(code: number, reason: string): void {
    this.#cancelHeartbeat();
    this.#requests.clear();
    this.#socket = null;
    this.#lastClose = { code, reason };
    const ceiling = Math.min(this.#backoffMaxMs, this.#backoffMinMs * 2 ** Math.min(this.#attempts, 20));
    const delayMs = Math.round(ceiling / 2 + (ceiling / 2) * this.#random());
    this.#attempts += 1;
    this.#retryInMs = delayMs;
    this.#cancelRetry = this.#timers.after(delayMs, () => this.connect());
    this.#setState('waiting');
  }

  /** Gives the socket up without waiting for its close handshake, which a dead peer never finishes. */
  #abandon(reason: string): void {
    const socket = this.#socket;
    this.#ended(1006, reason);
    socket?.close();
  }

  #received(data: unknown): void {
    this.#watchHeartbeat();
    // A connection that carries messages is a good one: the next cut starts with a short wait again.
    this.#attempts = 0;
    const frame = typeof data === 'string' ? parseFrame(data) : null;
    if (frame === null) return this.#abandon('the server sent a frame that is not in MONSTA’s form');
    this.#handle(frame);
  }

  #handle(frame: Frame): void {
    if (frame.kind === 'messages') {
      for (const message of frame.messages) this.#deliver(message);
      return;
    }
    const topics = frame.id === null ? undefined : this.#requests.get(frame.id);
    if (frame.id !== null) this.#requests.delete(frame.id);
    if (frame.kind === 'reply' || topics === undefined) return;
    const [only] = topics;
    if (topics.length > 1) {
      // One bad topic refuses the whole request: ask for each alone, so that the good ones come.
      for (const topic of topics) this.#send('SUBSCRIBE', [topic]);
    } else if (only !== undefined) {
      for (const listener of Array.from(this.#refusalListeners))
        listener({ topic: only, code: frame.code, message: frame.message });
    }
  }

  #deliver(message: TopicMessage): void {
    const handlers = this.#handlers.get(message.topic);
    if (handlers === undefined) return;
    const gap = this.#watch.observe(message);
    if (gap !== null) for (const listener of Array.from(this.#gapListeners)) listener(gap);
    for (const handler of Array.from(handlers)) handler(message.data, message);
  }

  #queueFlush(): void {
    if (this.#flushQueued) return;
    this.#flushQueued = true;
    queueMicrotask(() => {
      this.#flushQueued = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#state !== 'open') return;
    const send = (method: 'SUBSCRIBE' | 'UNSUBSCRIBE', topics: readonly string[]): void => {
      for (let start = 0; start < topics.length; start += TOPICS_PER_REQUEST)
        this.#send(method, topics.slice(start, start + TOPICS_PER_REQUEST));
    };
    send('UNSUBSCRIBE', [...this.#toRemove]);
    send('SUBSCRIBE', [...this.#toAdd]);
    this.#toRemove.clear();
    this.#toAdd.clear();
  }

  #send(method: 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'LIST_SUBSCRIPTIONS', topics: readonly string[]): void {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== READY_OPEN) return;
    const id = this.#nextId;
    this.#nextId += 1;
    if (method === 'SUBSCRIBE') this.#requests.set(id, topics);
    socket.send(JSON.stringify(method === 'LIST_SUBSCRIPTIONS' ? { method, id } : { method, params: topics, id }));
  }

  /** A browser can't see pings: after a silence the server is asked for its list, and no answer means a dead connection. */
  #watchHeartbeat(): void {
    this.#cancelHeartbeat();
    this.#cancelHeartbeat = this.#timers.after(this.#heartbeatMs, () => {
      this.#send('LIST_SUBSCRIPTIONS', []);
      this.#cancelHeartbeat = this.#timers.after(this.#answerTimeoutMs, () =>
        this.#abandon('the server gave no sign of life'),
      );
    });
  }
}
