import type { ExchangeModel } from './exchange-model.ts';
import { parseStreamName } from './stream-names.ts';
import { startSource } from './stream-sources.ts';
import { VenueTicks } from './venue-ticks.ts';

/** Who receives frames: a socket. */
export interface Subscriber {
  /** True: frames are wrapped in `{"stream","data"}`. */
  readonly combined: boolean;
  deliver(frame: Uint8Array): void;
}

interface Channel {
  readonly subscribers: Set<Subscriber>;
  readonly stop: () => void;
}

const encoder = new TextEncoder();

/** Streams by name. A stream runs while somebody listens; a frame is encoded once in each form and shared by all. */
export class StreamHub {
  readonly #model: ExchangeModel;
  readonly #ticks: VenueTicks;
  readonly #channels = new Map<string, Channel>();
  #framesEncoded = 0;

  constructor(model: ExchangeModel) {
    this.#model = model;
    this.#ticks = new VenueTicks(model);
  }

  /** Streams that run now. */
  get running(): number {
    return this.#channels.size;
  }

  get framesEncoded(): number {
    return this.#framesEncoded;
  }

  /** False for a name that no stream of this market has: Binance takes such a subscription too, and never sends anything on it. */
  subscribe(name: string, subscriber: Subscriber): boolean {
    const channel = this.#channels.get(name) ?? this.#open(name);
    channel?.subscribers.add(subscriber);
    return channel !== null;
  }

  unsubscribe(name: string, subscriber: Subscriber): void {
    const channel = this.#channels.get(name);
    if (channel === undefined || !channel.subscribers.delete(subscriber) || channel.subscribers.size > 0) return;
    channel.stop();
    this.#channels.delete(name);
  }

  #open(name: string): Channel | null {
    const parsed = parseStreamName(name);
    if (parsed === null) return null;
    const symbol = this.#model.symbols().find(({ instrument }) => instrument.id === parsed.instrument);
    if (symbol === undefined) return null;
    const subscribers = new Set<Subscriber>();
    const emit = (json: string): void => this.#publish(name, subscribers, json);
    const stop = startSource(
      { model: this.#model, ticks: this.#ticks, instrument: symbol.instrument, emit },
      parsed.stream,
    );
    const channel: Channel = { subscribers, stop };
    this.#channels.set(name, channel);
    return channel;
  }

  #publish(name: string, subscribers: ReadonlySet<Subscriber>, json: string): void {
    let raw: Uint8Array | null = null;
    let combined: Uint8Array | null = null;
    for (const subscriber of subscribers) {
      if (subscriber.combined) {
        combined ??= this.#encode(`{"stream":"${name}","data":${json}}`);
        subscriber.deliver(combined);
      } else {
        raw ??= this.#encode(json);
        subscriber.deliver(raw);
      }
    }
  }

  #encode(text: string): Uint8Array {
    this.#framesEncoded += 1;
    return encoder.encode(text);
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.stop();
    this.#channels.clear();
    this.#ticks.stop();
  }
}
