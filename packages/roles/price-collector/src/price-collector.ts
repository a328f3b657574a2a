import {
  err,
  ok,
  type BookSnapshot,
  type FeedState,
  type Instrument,
  type InstrumentId,
  type MarketEvent,
  type Result,
  type TimestampUs,
  type TradeTick,
  type Bar,
} from '@monsta/core';
import type {
  BarQuery,
  Clock,
  EventStream,
  Logger,
  MarketDataVenue,
  MarketHistory,
  Metrics,
  Readiness,
  Role,
  Timer,
} from '@monsta/ports';
import { Backfill } from './backfill.ts';
import type { PriceCollectorConfig } from './config.ts';
import { InstrumentDesk } from './instrument-desk.ts';

export interface PriceCollectorOptions {
  readonly venue: MarketDataVenue;
  readonly instruments: readonly InstrumentId[];
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: PriceCollectorConfig;
}

/** How often it is looked what is due to be published. */
const TICK_MS = 50;
const EARLY_EVENTS_MAX = 100_000;

class PriceCollector implements Role, MarketHistory {
  readonly name = 'price-collector';
  readonly #options: PriceCollectorOptions;
  readonly #desks = new Map<InstrumentId, InstrumentDesk>();
  /** Events that came before the instruments were known. */
  #early: MarketEvent[] | null = [];
  #backfill: Backfill | null = null;
  #ticker: Timer | null = null;
  #stopped = false;

  constructor(options: PriceCollectorOptions) {
    this.#options = options;
  }

  async start(): Promise<Result<null>> {
    const { venue, instruments, config, stream, clock, logger, metrics } = this.#options;
    const started = await venue.start({ instruments, onEvent: (event) => this.#onEvent(event) });
    if (!started.ok) return started;
    for (const instrument of started.value) {
      this.#desks.set(instrument.id, new InstrumentDesk({ instrument, config, venue, stream, clock, logger, metrics }));
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of early) this.#onEvent(event);
    this.#backfill = new Backfill([...this.#desks.values()], config, venue, clock, logger);
    void this.#backfill.run();
    this.#tick();
    return ok(null);
  }

  readiness(): Readiness {
    const waitingFor: string[] = [...(this.#backfill?.missing ?? ['the venue'])];
    for (const { feed } of this.#desks.values()) {
      if (feed.status === 'connecting') waitingFor.push(`data of ${feed.instrument}`);
    }
    return { ready: waitingFor.length === 0, waitingFor };
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#backfill?.stop();
    this.#ticker?.cancel();
    await this.#options.venue.stop();
  }

  #onEvent(event: MarketEvent): void {
    if (this.#early === null) {
      this.#desks.get(event.instrument)?.onEvent(event);
      return;
    }
    if (this.#early.length < EARLY_EVENTS_MAX) this.#early.push(event);
  }

  #tick(): void {
    this.#ticker = this.#options.clock.setTimer(TICK_MS, () => {
      if (this.#stopped) return;
      const nowMs = this.#options.clock.monotonicMs();
      for (const desk of this.#desks.values()) desk.tick(nowMs);
      this.#tick();
    });
  }

  #desk(instrument: InstrumentId): Result<InstrumentDesk> {
    if (this.#early !== null)
      return err('not_ready', 'the market is not connected yet; try again shortly', {
        retry: 'retryable',
        retryAfterMs: 1_000,
      });
    const desk = this.#desks.get(instrument);
    return desk === undefined
      ? err(
          'instrument_unknown',
          `instrument '${instrument}' is not collected here; GET /api/v1/instruments lists those that are`,
        )
      : ok(desk);
  }

  instruments(): Promise<Result<readonly Instrument[]>> {
    return Promise.resolve(ok([...this.#desks.values()].map((desk) => desk.instrument)));
  }

  bars({ instrument, interval, limit, beforeUs }: BarQuery): Promise<Result<readonly Bar[]>> {
    const desk = this.#desk(instrument);
    return Promise.resolve(desk.ok ? ok(desk.value.bars(interval, limit, beforeUs)) : desk);
  }

  trades(instrument: InstrumentId, limit: number): Promise<Result<readonly TradeTick[]>> {
    const desk = this.#desk(instrument);
    return Promise.resolve(desk.ok ? ok(desk.value.trades(limit)) : desk);
  }

  book(instrument: InstrumentId, depth: number): Promise<Result<BookSnapshot | null>> {
    const desk = this.#desk(instrument);
    return Promise.resolve(desk.ok ? ok(this.#options.venue.book(instrument, depth)) : desk);
  }

  feeds(): Promise<Result<readonly FeedState[]>> {
    return Promise.resolve(ok([...this.#desks.values()].map((desk) => desk.feed)));
  }

  venueTimeUs(): Promise<Result<TimestampUs | null>> {
    return Promise.resolve(ok(this.#early === null ? this.#options.venue.nowUs() : null));
  }
}

/** The role that turns a venue's market data into gap-free bars, trades, quotes and books on the event stream, and holds them for whoever asks. */
export function createPriceCollector(options: PriceCollectorOptions): Role & MarketHistory {
  return new PriceCollector(options);
}
