import type { Message, TopicState } from './messages.ts';

/** A client's socket as the engine sees it. */
export interface FanoutSink {
  /** Bytes given to `send` that the network has not taken yet. */
  bufferedBytes(): number;
  /** UTF-8 text; the bytes are shared with other clients and must not be changed. */
  send(frame: Uint8Array): void;
  /** The client can't follow: end its connection. It is no client of the engine any more. */
  cut(reason: string): void;
}

/** One client: what it subscribes to, and what waits for it while it is slow. */
export class Client {
  readonly id: number;
  readonly sink: FanoutSink;
  readonly topics = new Set<TopicState>();
  group: Group | null = null;
  /** When it fell behind; null while it keeps up. */
  slowSinceMs: number | null = null;
  readonly #pending = new Map<string, Message>();

  constructor(id: number, sink: FanoutSink) {
    this.id = id;
    this.sink = sink;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** A newer message takes the place of an older one of its key; on other topics everything is kept. */
  enqueue(message: Message): void {
    const { name, policy } = message.topic;
    const slot = policy.conflated ? `${name}\n${message.key}` : `${name}\n#${message.seq}`;
    // Deleted first, so that each topic stays in the order of its sequence.
    this.#pending.delete(slot);
    this.#pending.set(slot, message);
  }

  takePending(): readonly Message[] {
    const messages = [...this.#pending.values()];
    this.#pending.clear();
    return messages;
  }

  forgetPending(topic: TopicState): void {
    for (const [slot, message] of this.#pending) if (message.topic === topic) this.#pending.delete(slot);
  }
}

/** Clients with the same subscriptions: they get the same frames, encoded once. */
export interface Group {
  readonly signature: string;
  readonly topics: readonly TopicState[];
  readonly clients: Set<Client>;
  /** What the running flush has for this group. */
  readonly outgoing: Message[];
}
