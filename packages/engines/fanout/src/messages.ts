import type { TopicMessage } from '@monsta/contracts';

/** How messages of a topic may be treated on their way to a client. */
export interface TopicPolicy {
  /** True when an older message is worthless once a newer one of the same key is there. */
  readonly conflated: boolean;
  /** True for what leaves at once instead of waiting for a batch. */
  readonly urgent: boolean;
  /** True when the present state of the topic is the latest message of each key, not just the latest. */
  readonly stateByKey: boolean;
}

/** A message of a topic; its JSON is written once, whoever receives it, and not at all when nobody does. */
export class Message {
  readonly topic: TopicState;
  readonly seq: number;
  readonly key: string;
  readonly #epoch: string;
  readonly #data: unknown;
  #dataJson: string | null = null;
  #live: string | null = null;

  constructor(topic: TopicState, epoch: string, seq: number, key: string, data: unknown) {
    this.topic = topic;
    this.seq = seq;
    this.key = key;
    this.#epoch = epoch;
    this.#data = data;
  }

  #head(): string {
    const { topic, epoch, seq }: Omit<TopicMessage, 'data'> = {
      topic: this.topic.name,
      epoch: this.#epoch,
      seq: this.seq,
    };
    return `{"topic":${JSON.stringify(topic)},"epoch":${JSON.stringify(epoch)},"seq":${seq},`;
  }

  get #json(): string {
    this.#dataJson ??= JSON.stringify(this.#data);
    return this.#dataJson;
  }

  /** As it goes out in a batch. */
  get live(): string {
    this.#live ??= `${this.#head()}"data":${this.#json}}`;
    return this.#live;
  }

  /** As it goes out right after subscribing. */
  get snapshot(): string {
    return `${this.#head()}"snapshot":true,"data":${this.#json}}`;
  }
}

/** More keys than this a topic's state does not hold: the oldest goes. */
const STATE_KEYS_MAX = 64;

/** What a topic remembers: its sequence and its present state. */
export class TopicState {
  readonly name: string;
  readonly policy: TopicPolicy;
  /** The last sequence given; 0 before the first message. */
  seq = 0;
  readonly #state = new Map<string, Message>();

  constructor(name: string, policy: TopicPolicy) {
    this.name = name;
    this.policy = policy;
  }

  remember(message: Message): void {
    const key = this.policy.stateByKey ? message.key : '';
    // Deleted first, so that the state stays in the order of the sequence.
    this.#state.delete(key);
    this.#state.set(key, message);
    if (this.#state.size <= STATE_KEYS_MAX) return;
    const [oldest] = this.#state.keys();
    if (oldest !== undefined) this.#state.delete(oldest);
  }

  get hasState(): boolean {
    return this.#state.size > 0;
  }

  /** In the order of their sequence. */
  state(): IterableIterator<Message> {
    return this.#state.values();
  }
}

const encoder = new TextEncoder();

/** A frame of the contract: an array of messages, as UTF-8. */
export function encodeFrame(pieces: readonly string[]): Uint8Array {
  return encoder.encode(`[${pieces.join(',')}]`);
}
