import { Client, type FanoutSink, type Group } from './client.ts';
import { encodeFrame, Message, TopicState, type TopicPolicy } from './messages.ts';

export interface FanoutOptions {
  /** Identifies this life of the server: sequences start at 1 in each. */
  readonly epoch: string;
  /** A batch leaves this long after its first message … */
  readonly batchDelayMs: number;
  /** … or at this many messages, whichever comes first. */
  readonly batchMessagesMax: number;
  /** A client with more bytes than this under way is slow: its messages wait, conflated. */
  readonly slowBytes: number;
  /** A client that is slow for longer is cut. */
  readonly slowMsMax: number;
  /** A client with more messages than this waiting is cut. */
  readonly pendingMessagesMax: number;
}

export interface Publication {
  readonly topic: string;
  readonly policy: TopicPolicy;
  /** Which older message of a conflated topic this one replaces; '' where the topic has one state. */
  readonly key: string;
  readonly data: unknown;
  /** Messages known to be missing before this one: the sequence skips as many, so that clients see it. */
  readonly lostBefore?: number;
}

export interface FanoutCounts {
  readonly clients: number;
  readonly slowClients: number;
  readonly topics: number;
  readonly framesSent: number;
  readonly framesEncoded: number;
  readonly bytesSent: number;
  readonly clientsCut: number;
}

/**
 * Who gets what, when and in how many writes. A broadcast costs one write a client and batch: clients with the same subscriptions share
 * one encoded frame, and a client that is slow costs nothing until it can take more. Time comes in with every call, in milliseconds of a
 * clock that never goes back.
 *
 * A client receives every message of its topics in order, with these exceptions: while it is slow, on conflated topics only the latest of
 * each key; once it is cut, nothing.
 */
export class Fanout {
  readonly #options: FanoutOptions;
  readonly #topics = new Map<string, TopicState>();
  readonly #clients = new Map<number, Client>();
  readonly #groups = new Map<string, Group>();
  readonly #groupsByTopic = new Map<TopicState, Set<Group>>();
  readonly #slow = new Set<Client>();
  #slowDueMs: number | null = null;
  #batch: Message[] = [];
  #batchDueMs: number | null = null;
  #framesSent = 0;
  #framesEncoded = 0;
  #bytesSent = 0;
  #clientsCut = 0;

  constructor(options: FanoutOptions) {
    this.#options = options;
  }

  addClient(id: number, sink: FanoutSink): void {
    if (this.#clients.has(id)) throw new RangeError(`fanout: client ${id} is there already`);
    this.#clients.set(id, new Client(id, sink));
  }

  removeClient(id: number): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    this.#clients.delete(id);
    this.#slow.delete(client);
    this.#leaveGroup(client);
  }

  /** In the order they were made; empty for a client that is not there. */
  subscriptions(id: number): readonly string[] {
    return [...(this.#clients.get(id)?.topics ?? [])].map((topic) => topic.name);
  }

  subscriptionCount(id: number): number {
    return this.#clients.get(id)?.topics.size ?? 0;
  }

  hasState(topic: string): boolean {
    return this.#topics.get(topic)?.hasState ?? false;
  }

  /**
   * Adds topics and sends the present state of those that are new. What is in the running batch follows with it, so that state and
   * updates join without a gap or a repetition.
   */
  subscribe(
    id: number,
    topics: readonly { readonly name: string; readonly policy: TopicPolicy }[],
    nowMs: number,
  ): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    const state: Message[] = [];
    for (const { name, policy } of topics) {
      const topic = this.#topic(name, policy);
      if (client.topics.has(topic)) continue;
      client.topics.add(topic);
      state.push(...topic.state());
    }
    this.#regroup(client);
    if (state.length === 0) return;
    if (this.#isBehind(client)) this.#hold(client, state, nowMs);
    else this.#send(client, this.#encode(state.map((message) => message.snapshot)));
  }

  /** Names that are not subscribed are passed over. */
  unsubscribe(id: number, names: readonly string[]): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    for (const name of names) {
      const topic = this.#topics.get(name);
      if (topic === undefined || !client.topics.delete(topic)) continue;
      client.forgetPending(topic);
    }
    this.#regroup(client);
  }

  publish(publication: Publication, nowMs: number): void {
    const message = this.#message(publication);
    if (message.topic.policy.urgent) {
      message.topic.remember(message);
      this.#distribute([message], nowMs);
      return;
    }
    this.#batch.push(message);
    this.#batchDueMs ??= nowMs + this.#options.batchDelayMs;
    if (this.#batch.length >= this.#options.batchMessagesMax) this.flush(nowMs);
  }

  /** Gives a topic of which nothing was published yet a present state, by key, for those who subscribe from now on. */
  seed(name: string, policy: TopicPolicy, state: readonly { readonly key: string; readonly data: unknown }[]): void {
    if (this.#topic(name, policy).seq > 0) return;
    for (const { key, data } of state) {
      const message = this.#message({ topic: name, policy, key, data });
      message.topic.remember(message);
    }
  }

  /** When `advance` is next to be called; null while nothing waits. */
  nextDueMs(): number | null {
    if (this.#batchDueMs === null || this.#slowDueMs === null) return this.#batchDueMs ?? this.#slowDueMs;
    return Math.min(this.#batchDueMs, this.#slowDueMs);
  }

  /** Sends the batch when it is due, and looks after slow clients. */
  advance(nowMs: number): void {
    if (this.#batchDueMs !== null && nowMs >= this.#batchDueMs) this.flush(nowMs);
    if (this.#slowDueMs === null || nowMs < this.#slowDueMs) return;
    for (const client of [...this.#slow]) this.#retry(client, nowMs);
    // No event says that a slow client can take more: it is looked at again at the pace of batches.
    this.#slowDueMs = this.#slow.size === 0 ? null : nowMs + this.#options.batchDelayMs;
  }

  /** Sends the batch now. */
  flush(nowMs: number): void {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchDueMs = null;
    for (const message of batch) message.topic.remember(message);
    this.#distribute(batch, nowMs);
  }

  counts(): FanoutCounts {
    return {
      clients: this.#clients.size,
      slowClients: this.#slow.size,
      topics: this.#topics.size,
      framesSent: this.#framesSent,
      framesEncoded: this.#framesEncoded,
      bytesSent: this.#bytesSent,
      clientsCut: this.#clientsCut,
    };
  }

  #topic(name: string, policy: TopicPolicy): TopicState {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new TopicState(name, policy);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  #message({ topic: name, policy, key, data, lostBefore = 0 }: Publication): Message {
    const topic = this.#topic(name, policy);
    topic.seq += 1 + lostBefore;
    return new Message(topic, this.#options.epoch, topic.seq, key, data);
  }

  #distribute(batch: readonly Message[], nowMs: number): void {
    const touched = new Set<Group>();
    for (const message of batch) {
      for (const group of this.#groupsByTopic.get(message.topic) ?? []) {
        group.outgoing.push(message);
        touched.add(group);
      }
    }
    for (const group of touched) {
      const messages = group.outgoing.splice(0);
      let frame: Uint8Array | null = null;
      for (const client of [...group.clients]) {
        if (this.#isBehind(client)) {
          this.#hold(client, messages, nowMs);
          continue;
        }
        frame ??= this.#encode(messages.map((message) => message.live));
        this.#send(client, frame);
      }
    }
  }

  #isBehind(client: Client): boolean {
    return client.slowSinceMs !== null || client.sink.bufferedBytes() > this.#options.slowBytes;
  }

  #hold(client: Client, messages: readonly Message[], nowMs: number): void {
    if (client.slowSinceMs === null) {
      client.slowSinceMs = nowMs;
      this.#slow.add(client);
      this.#slowDueMs ??= nowMs + this.#options.batchDelayMs;
    }
    for (const message of messages) client.enqueue(message);
    if (client.pendingCount > this.#options.pendingMessagesMax)
      this.#cut(client, `more than ${this.#options.pendingMessagesMax} messages were waiting`);
  }

  #retry(client: Client, nowMs: number): void {
    const { slowBytes, slowMsMax } = this.#options;
    if (client.slowSinceMs === null) return;
    // Half the limit, so that a client at the limit does not go back and forth.
    if (client.sink.bufferedBytes() <= slowBytes / 2) {
      client.slowSinceMs = null;
      this.#slow.delete(client);
      const pieces = client.takePending().map((message) => message.live);
      if (pieces.length > 0) this.#send(client, this.#encode(pieces));
    } else if (nowMs - client.slowSinceMs >= slowMsMax) {
      this.#cut(client, `the connection took nothing more for ${slowMsMax} ms`);
    }
  }

  #cut(client: Client, reason: string): void {
    this.removeClient(client.id);
    this.#clientsCut += 1;
    client.sink.cut(reason);
  }

  #encode(pieces: readonly string[]): Uint8Array {
    this.#framesEncoded += 1;
    return encodeFrame(pieces);
  }

  #send(client: Client, frame: Uint8Array): void {
    this.#framesSent += 1;
    this.#bytesSent += frame.length;
    client.sink.send(frame);
  }

  #regroup(client: Client): void {
    this.#leaveGroup(client);
    if (client.topics.size === 0) return;
    const signature = [...client.topics]
      .map((topic) => topic.name)
      .sort()
      .join('\n');
    let group = this.#groups.get(signature);
    if (group === undefined) {
      group = { signature, topics: [...client.topics], clients: new Set(), outgoing: [] };
      this.#groups.set(signature, group);
      for (const topic of group.topics) {
        const groups = this.#groupsByTopic.get(topic) ?? new Set<Group>();
        groups.add(group);
        this.#groupsByTopic.set(topic, groups);
      }
    }
    group.clients.add(client);
    client.group = group;
  }

  #leaveGroup(client: Client): void {
    const { group } = client;
    client.group = null;
    if (group === null) return;
    group.clients.delete(client);
    if (group.clients.size > 0) return;
    this.#groups.delete(group.signature);
    for (const topic of group.topics) {
      const groups = this.#groupsByTopic.get(topic);
      groups?.delete(group);
      if (groups?.size === 0) this.#groupsByTopic.delete(topic);
    }
  }
}
