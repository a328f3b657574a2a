import type { ExchangeModel } from './exchange-model.ts';
import { parseStreamName } from './stream-names.ts';
import { startMarketSource, startSource } from './stream-sources.ts';
import { TickerBoard } from './ticker-events.ts';
import { VenueTicks } from './venue-ticks.ts';
import type { TimeUnit } from './wire.ts';

/** Who receives frames: a socket. */
export interface Subscriber {
  /** True: frames are wrapped in `{"stream","data"}`. */
  readonly combined: boolean;
  /** How times in its frames are written. */
  readonly unit: TimeUnit;
  deliver(frame: Uint8Array): void;
}

interface Channel {
  readonly subscribers: Set<Subscriber>;
  readonly stop: () => void;
}

const encoder = new TextEncoder();
const channelKey = (name: string, unit: TimeUnit): string => `${unit}:${name}`;

/** Streams by name. A stream runs while somebody listens; a frame is encoded once in each form and shared by all. */
export class StreamHub {
  readonly #model: ExchangeModel;
  readonly #ticks: VenueTicks;
  readonly #board: TickerBoard;
  readonly #channels = new Map<string, Channel>();
  #framesEncoded = 0;

  constructor(model: ExchangeModel) {
    this.#model = model;
    this.#ticks = new VenueTicks(model);
    this.#board = new TickerBoard(model);
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
    const channel = this.#channels.get(channelKey(name, subscriber.unit)) ?? this.#open(name, subscriber.unit);
    channel?.subscribers.add(subscriber);
    return channel !== null;
  }

  unsubscribe(name: string, subscriber: Subscriber): void {
    const key = channelKey(name, subscriber.unit);
    const channel = this.#channels.get(key);
    if (channel === undefined || !channel.subscribers.delete(subscriber) || channel.subscribers.size > 0) return;
    channel.stop();
    this.#channels.delete(key);
  }

  #open(name: string, unit: TimeUnit): Channel | null {
    const subscribers = new Set<Subscriber>();
    const emit = (json: string): void => this.#publish(name, subscribers, json);
    const stop = this.#start(name, unit, emit);
    if (stop === null) return null;
    const channel: Channel = { subscribers, stop };
    this.#channels.set(channelKey(name, unit), channel);
    return channel;
  }

  #start(name: string, unit: TimeUnit, emit: (json: string) => void): (() => void) | null {
    const parsed = parseStreamName(name);
    if (parsed === null) return null;
    const parts = { model: this.#model, ticks: this.#ticks, board: this.#board, unit, emit };
    if (parsed.instrument === null) return startMarketSource(parts, parsed.stream);
    const symbol = this.#model.symbols().find(({ instrument }) => instrument.id === parsed.instrument);
    return symbol === undefined ? null : startSource({ ...parts, instrument: symbol.instrument }, parsed.stream);
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
