import {
  err,
  MS_PER_MINUTE,
  sameSteps,
  type Bar,
  type BookSnapshot,
  type FeedStatus,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Gauge, InstrumentsRead, Logger, MarketDataSubscription, MarketDataVenue, Timer } from '@monsta/ports';
import {
  binanceMarketDataConfigSchema,
  type BinanceMarketDataConfig,
  type BinanceMarketDataSettings,
} from './config.ts';
import type { BinanceConnection } from './connection.ts';
import { feedMetrics, type FeedMetrics } from './feed-metrics.ts';
import { FrameDecoder } from './frames.ts';
import { InstrumentFeed, type LastTrade } from './instrument-feed.ts';
import { InstrumentWatch } from './instrument-watch.ts';
import { MarketRest } from './market-rest.ts';
import { StreamConnection } from './stream-connection.ts';
import type { VenueTime } from './venue-time.ts';

export interface BinanceMarketDataOptions {
  readonly connection: BinanceConnection;
  /** See `binanceMarketDataConfigSchema`; what is left out has its default. Throws where a value is not allowed. */
  readonly config?: BinanceMarketDataSettings;
}

export interface BinanceMarketData extends MarketDataVenue {
  /** Tells every feed that no more data will come (the end of a recording); status `ended`. */
  end(reason: string): void;
}

const CHECK_MS = 250;
const UNKNOWN_SYMBOLS_LISTED_MAX = 20;

const streamsOf = (instrument: InstrumentId, intervals: readonly Interval[]): readonly string[] => {
  const symbol = instrument.toLowerCase();
  return [
    `${symbol}@trade`,
    `${symbol}@bookTicker`,
    `${symbol}@depth@100ms`,
    ...intervals.map((interval) => `${symbol}@kline_${interval}`),
  ];
};

/** A connection and what it carries. */
interface Line {
  readonly instruments: readonly InstrumentId[];
  readonly decoder: FrameDecoder;
  connection: StreamConnection | null;
  openCount: number;
  up: boolean;
}

/** Market data of Binance, or of any server that speaks as it does: the exchange, its testnet, a replay, a simulation. */
export function createBinanceMarketData(options: BinanceMarketDataOptions): BinanceMarketData {
  return new MarketDataClient(options.connection, binanceMarketDataConfigSchema.parse(options.config ?? {}));
}

class MarketDataClient implements BinanceMarketData {
  readonly name: string;
  readonly #connection: BinanceConnection;
  readonly #config: BinanceMarketDataConfig;
  readonly #logger: Logger;
  readonly #time: VenueTime;
  readonly #rest: MarketRest;
  readonly #metrics: FeedMetrics;
  readonly #openConnections: Gauge;
  #instruments: readonly Instrument[] = [];
  readonly #feeds = new Map<InstrumentId, InstrumentFeed>();
  readonly #lines: Line[] = [];
  #watch: InstrumentWatch | null = null;
  #checkTimer: Timer | null = null;
  readonly #stop = new AbortController();
  #malformedLoggedMs = Number.NEGATIVE_INFINITY;
  #malformedSince = 0;
  #state: 'new' | 'started' | 'stopped' = 'new';

  constructor(connection: BinanceConnection, config: BinanceMarketDataConfig) {
    const { logger, metrics, name, time } = connection;
    this.name = name;
    this.#connection = connection;
    this.#config = config;
    this.#logger = logger;
    this.#time = time;
    this.#rest = new MarketRest(connection, this.#stop.signal);
    this.#metrics = feedMetrics(metrics);
    this.#openConnections = metrics.gauge({
      name: 'monsta_binance_stream_open_count',
      help: 'WebSocket connections to the venue that are open',
    });
  }

  instruments(): readonly Instrument[] {
    return this.#instruments;
  }

  nowUs(): TimestampUs {
    return this.#time.nowUs();
  }

  async start(subscription: MarketDataSubscription): Promise<Result<readonly Instrument[]>> {
    if (this.#state !== 'new') return err('venue_protocol', `${this.name}: a market-data client starts once`);
    this.#state = 'started';
    const measured = await this.#connection.start();
    const instruments = measured.ok ? await this.#loadInstruments(subscription.instruments) : measured;
    if (!instruments.ok) {
      // A start that failed may be tried again.
      if (!this.#isStopped()) this.#state = 'new';
      return instruments;
    }
    if (this.#isStopped()) return err('venue_unreachable', `${this.name}: stopped while starting`);
    this.#instruments = instruments.value;
    for (const instrument of instruments.value) {
      this.#openFeed(instrument, null, subscription).check();
    }
    this.#connect(instruments.value, subscription.intervals);
    this.#scheduleCheck();
    this.#watch = this.#watchInstruments(subscription);
    this.#watch.start();
    return instruments;
  }

  history(
    instrument: InstrumentId,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<Result<readonly Bar[]>> {
    const known = this.#instruments.find((each) => each.id === instrument);
    return known === undefined
      ? Promise.resolve(this.#unknown(instrument))
      : this.#rest.klines(known, interval, fromUs, toUs);
  }

  tradesFrom(instrument: InstrumentId, fromId: number, limit: number): Promise<Result<readonly TradeTick[]>> {
    const known = this.#instruments.find((each) => each.id === instrument);
    return known === undefined
      ? Promise.resolve(this.#unknown(instrument))
      : this.#rest.tradesFrom(known, fromId, limit, null);
  }

  book(instrument: InstrumentId, depth: number): BookSnapshot | null {
    return this.#feeds.get(instrument)?.book(depth) ?? null;
  }

  end(reason: string): void {
    this.#time.end();
    this.#endFeeds(reason);
  }

  stop(): Promise<void> {
    this.#state = 'stopped';
    this.#checkTimer?.cancel();
    this.#watch?.stop();
    this.#endFeeds('collecting stopped');
    for (const { connection } of this.#lines) connection?.stop();
    // Nobody keeps the books in step any more, so that none is given out.
    this.#feeds.clear();
    this.#stop.abort();
    return Promise.resolve();
  }

  #endFeeds(reason: string): void {
    for (const feed of this.#feeds.values()) feed.end(reason);
  }

  rulesDoubted(reason: string): void {
    this.#watch?.doubt(reason);
  }

  #openFeed(instrument: Instrument, after: LastTrade | null, subscription: MarketDataSubscription): InstrumentFeed {
    let status: FeedStatus | null = null;
    const feed = new InstrumentFeed({
      instrument,
      after,
      rest: this.#rest,
      clock: this.#connection.clock,
      time: this.#time,
      random: this.#connection.random,
      logger: this.#logger,
      metrics: this.#metrics,
      config: this.#config,
      emit: (event) => {
        if (event.kind === 'feed') {
          // A market that has fallen silent may have been halted.
          if (event.status === 'stale' && status !== 'stale') this.rulesDoubted(`${instrument.id} is silent`);
          status = event.status;
        }
        subscription.onEvent(event);
      },
      renew: (why) =>
        this.#lines.find(({ instruments }) => instruments.includes(instrument.id))?.connection?.replace(why),
    });
    this.#feeds.set(instrument.id, feed);
    return feed;
  }

  #watchInstruments(subscription: MarketDataSubscription): InstrumentWatch {
    const { clock, metrics, random } = this.#connection;
    return new InstrumentWatch({
      clock,
      random,
      metrics,
      time: this.#time,
      logger: this.#logger,
      config: this.#config,
      read: () => this.#rest.listing(),
      current: () => this.#instruments,
      onRead: (read) => this.#onInstruments(read, subscription),
    });
  }

  /** Goes on in the new terms. Where the steps are others, a feed is opened anew: its book and what waits are counted in the old ones. */
  #onInstruments(read: InstrumentsRead, subscription: MarketDataSubscription): void {
    const changed = new Map(read.changed.map((instrument) => [instrument.id, instrument]));
    const restepped = this.#instruments.flatMap((before) => {
      const next = changed.get(before.id);
      return next === undefined || sameSteps(before, next) ? [] : [next];
    });
    const last = new Map(restepped.map(({ id }) => [id, this.#feeds.get(id)?.retire() ?? null]));
    this.#instruments = this.#instruments.map((before) => changed.get(before.id) ?? before);
    subscription.onInstruments?.(read);
    for (const instrument of restepped) {
      const line = this.#lines.find(({ instruments }) => instruments.includes(instrument.id));
      line?.decoder.use(instrument);
      const feed = this.#openFeed(instrument, last.get(instrument.id) ?? null, subscription);
      if (line?.up === true) feed.onUp();
      else feed.check();
    }
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #unknown(instrument: InstrumentId): Result<never> {
    return err('instrument_unknown', `${instrument} is not collected from ${this.name}`);
  }

  async #loadInstruments(wanted: readonly InstrumentId[]): Promise<Result<readonly Instrument[]>> {
    const all = await this.#rest.instruments(wanted);
    if (all.ok || all.fault.code !== 'instrument_unknown' || wanted.length > UNKNOWN_SYMBOLS_LISTED_MAX) return all;
    // The venue refuses the whole list for one unknown symbol without naming it: ask one by one.
    const unknown: string[] = [];
    for (const symbol of wanted) {
      const one = await this.#rest.instruments([symbol]);
      if (!one.ok && one.fault.code === 'instrument_unknown') unknown.push(symbol);
    }
    if (unknown.length === 0) return all;
    return err(
      'instrument_unknown',
      `${this.name} does not know ${unknown.join(', ')}; see its exchangeInfo for the symbols it has`,
    );
  }

  #connect(instruments: readonly Instrument[], intervals: readonly Interval[]): void {
    const { clock, metrics, random, transport, wsUrl } = this.#connection;
    const perInstrument = instruments.slice(0, 1).flatMap(({ id }) => streamsOf(id, intervals)).length;
    const perConnection = Math.max(1, Math.floor(this.#config.streamsPerConnectionMax / perInstrument));
    for (let from = 0; from < instruments.length; from += perConnection) {
      const group = instruments.slice(from, from + perConnection);
      const line: Line = {
        instruments: group.map(({ id }) => id),
        decoder: new FrameDecoder(group),
        connection: null,
        openCount: 0,
        up: false,
      };
      line.connection = new StreamConnection({
        url: `${wsUrl}/stream?streams=${line.instruments.flatMap((id) => streamsOf(id, intervals)).join('/')}`,
        transport,
        clock,
        random,
        metrics,
        logger: this.#logger,
        config: this.#config,
        frameSilenceMaxMs: this.#config.silenceMaxMs,
        onText: (text) => this.#onText(text, line),
        onUp: () => {
          line.up = true;
          for (const id of line.instruments) this.#feeds.get(id)?.onUp();
        },
        onDown: (reason) => {
          line.up = false;
          for (const id of line.instruments) this.#feeds.get(id)?.onDown(reason);
        },
        onOpenCount: (count) => {
          line.openCount = count;
          this.#openConnections.set(this.#lines.reduce((sum, each) => sum + each.openCount, 0));
        },
      });
      this.#lines.push(line);
    }
    for (const { connection } of this.#lines) connection?.start();
  }

  #onText(text: string, { decoder, connection }: Line): void {
    const decoded = decoder.decode(text, this.#time.nowUs());
    if (!decoded.ok) {
      // A bar may hold prices from before a change all day long.
      if (decoded.fault.code === 'off_grid' && !text.includes('@kline_')) this.rulesDoubted(decoded.fault.message);
      this.#malformed(decoded.fault.code, decoded.fault.message);
      return;
    }
    const frame = decoded.value;
    this.#metrics.frames.add(1, KIND_LABELS[frame.kind]);
    switch (frame.kind) {
      case 'quote':
        this.#feeds.get(frame.instrument)?.onQuote(frame);
        break;
      case 'trade':
        this.#feeds.get(frame.instrument)?.onTrade(frame);
        break;
      case 'book-delta':
        this.#feeds.get(frame.instrument)?.onDelta(frame);
        break;
      case 'bar':
        this.#feeds.get(frame.instrument)?.onExchangeBar(frame);
        break;
      case 'server-shutdown':
        connection?.replace('server-shutdown');
        break;
      case 'reply':
        break;
    }
  }

  /** Counts every malformed frame, logs the first at once and then one a minute with the number since. */
  #malformed(code: string, message: string): void {
    this.#metrics.malformed.add(1, { code });
    this.#malformedSince += 1;
    const nowMs = this.#connection.clock.monotonicMs();
    if (nowMs - this.#malformedLoggedMs < MS_PER_MINUTE) return;
    this.#logger.error('frames of the venue could not be read', {
      code,
      reason: message,
      frames: this.#malformedSince,
    });
    this.#malformedLoggedMs = nowMs;
    this.#malformedSince = 0;
  }

  #scheduleCheck(): void {
    this.#checkTimer = this.#connection.clock.setTimer(CHECK_MS, () => {
      if (this.#isStopped()) return;
      for (const feed of this.#feeds.values()) feed.check();
      this.#scheduleCheck();
    });
  }
}

/** Labels made once: a frame must not cost an object for being counted. */
const KIND_LABELS = {
  quote: { kind: 'quote' },
  trade: { kind: 'trade' },
  'book-delta': { kind: 'depth' },
  bar: { kind: 'kline' },
  'server-shutdown': { kind: 'server-shutdown' },
  reply: { kind: 'reply' },
} as const;
