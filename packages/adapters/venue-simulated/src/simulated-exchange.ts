import {
  VenueTime,
  type AggregateTrade,
  type AggregateTradeQuery,
  type ExchangeModel,
  type ExchangeSymbol,
  type FeedEvent,
  type FeedKind,
  type FeedValues,
  type KlineQuery,
  type TradeQuery,
  type TradingModel,
} from '@monsta/binance-server';
import {
  err,
  InvariantError,
  msFromUs,
  ok,
  usFromMs,
  type Bar,
  type BookSnapshot,
  type InstrumentId,
  type Interval,
  type QuoteTick,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Clock, Logger, Timer } from '@monsta/ports';
import { DEFAULT_EDGE, simulationDisclosure } from './disclosure.ts';
import { openExchange, type ExchangeHub } from './exchange-hub.ts';
import { lastTradeIdBy } from './history-trades.ts';
import { LatentMarket, SEED_OFFSET } from './latent-market.ts';
import { PriceProcess } from './price-process.ts';
import { EPOCH_MS, SIMULATED_PROFILES, type MarketProfile } from './profiles.ts';
import { SimulatedBars } from './simulated-bars.ts';
import { SimulatedTrades } from './simulated-trades.ts';
import { SymbolSession } from './symbol-session.ts';

/** What a session that was kept from running (a machine asleep) makes up for; beyond it the exchange was closed meanwhile. */
const CATCH_UP_MS_MAX = 300_000;
/** Events run in one go by the timer; the next lot follows at once, so that others have their turn. */
const EVENTS_PER_PUMP_MAX = 2_000;
const PUMP_LEAST_MS = 4;
/** How often a market that nobody listens to is brought up to now. */
const IDLE_PUMP_MS = 1_000;
const PUBLISH_LAG_MS = 50;
export interface SimulatedOptions {
  /** The same seed is the same market, in every process and at every time, as long as no user trades on it. */
  readonly seed: number;
  /** Default: all that can be simulated (BTC, ETH, BNB, SOL and XRP against USDT). */
  readonly instruments?: readonly InstrumentId[];
  /** How much of an hour's standardized price shock carries over into the next hour's: from -0.5 to 0.5, 0 for nothing; default `DEFAULT_EDGE`. */
  readonly edge?: number;
  readonly clock: Clock;
  readonly logger?: Logger;
}

interface Market {
  readonly symbol: ExchangeSymbol;
  readonly session: SymbolSession;
  readonly bars: SimulatedBars;
  readonly trades: SimulatedTrades;
}

function profilesOf(instruments: readonly InstrumentId[] | undefined): readonly MarketProfile[] {
  if (instruments === undefined) return SIMULATED_PROFILES;
  return instruments.map((id) => {
    const profile = SIMULATED_PROFILES.find(({ symbol }) => symbol.instrument.id === id);
    if (profile === undefined) throw new RangeError(`createSimulatedExchange: ${id} can't be simulated`);
    return profile;
  });
}

class SimulatedExchange implements ExchangeModel {
  readonly origin = 'simulated';
  readonly disclosure: string;
  readonly publishLagMs = PUBLISH_LAG_MS;
  readonly trading: TradingModel;
  readonly #time: VenueTime;
  readonly #hub: ExchangeHub;
  readonly #markets: readonly Market[];
  readonly #logger: Logger | null;
  #running = false;
  #closed = false;
  #pump: Timer | null = null;

  constructor({ instruments, clock, logger, ...options }: SimulatedOptions) {
    if (!Number.isSafeInteger(options.seed)) {
      throw new RangeError(`createSimulatedExchange: the seed must be a whole number, not ${options.seed}`);
    }
    const seed = options.seed + SEED_OFFSET;
    const edge = options.edge ?? DEFAULT_EDGE;
    this.disclosure = simulationDisclosure(edge);
    this.#logger = logger ?? null;
    this.#time = new VenueTime(clock, 0, 0, 1);
    const startMs = Math.max(EPOCH_MS, this.#nowMs());
    const market = new LatentMarket(seed, edge);
    const opened = profilesOf(instruments).map((profile) => {
      const process = new PriceProcess(market, profile);
      return { process, lastTradeId: lastTradeIdBy(process, startMs) };
    });
    this.#hub = openExchange(opened, startMs, () => this.nowUs());
    const { exchange } = this.#hub;
    this.#markets = opened.map(({ process, lastTradeId }) => {
      const { symbol } = process.profile;
      const session = new SymbolSession(exchange, seed, process, startMs, lastTradeId, this.#logger);
      this.#hub.sessions.set(symbol.instrument.id, session);
      return {
        symbol,
        session,
        bars: new SimulatedBars(process, session.minutes, startMs),
        trades: new SimulatedTrades(process, session.trades),
      };
    });
    if (startMs <= this.#nowMs()) for (const { session } of this.#markets) session.open();
    this.trading = {
      exchange,
      advance: () => this.#advance(),
      listen: (listener) => {
        const stop = this.#hub.listen(listener);
        this.#arm();
        return stop;
      },
    };
    this.#arm();
  }

  nowUs(): TimestampUs {
    return this.#time.nowUs();
  }

  #nowMs(): number {
    return msFromUs(this.nowUs());
  }

  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#time.setTimer(atUs, task);
  }

  symbols(): readonly ExchangeSymbol[] {
    return this.#markets.map(({ symbol }) => symbol);
  }

  #market(instrument: InstrumentId): Market {
    const market = this.#markets.find(({ symbol }) => symbol.instrument.id === instrument);
    if (market === undefined) throw new InvariantError(`${instrument} is not simulated here`);
    return market;
  }

  /** The market of an instrument, brought up to now. */
  #marketNow(instrument: InstrumentId): Market {
    this.#advance();
    return this.#market(instrument);
  }

  #advance(): void {
    this.#run(Number.POSITIVE_INFINITY);
  }

  /** Lets happen what was due until now, in the order of time, but no more than `most` events; false where some are left. */
  #run(most: number): boolean {
    // Whoever is told of something may ask questions: the answer is what holds at that moment.
    if (this.#running || this.#closed) return true;
    const nowMs = this.#nowMs();
    this.#running = true;
    try {
      this.#passOver(nowMs);
      for (let count = 0; count < most; count += 1) {
        const next = this.#next();
        if (next.atMs > nowMs) return true;
        next.session?.runNext();
      }
      return false;
    } finally {
      this.#running = false;
    }
  }

  /** Whose turn it is, the first listed of those at the same time. */
  #next(): { readonly session: SymbolSession | null; readonly atMs: number } {
    let atMs = Number.POSITIVE_INFINITY;
    let session: SymbolSession | null = null;
    for (const market of this.#markets) {
      const nextMs = market.session.nextMs();
      if (nextMs >= atMs) continue;
      atMs = nextMs;
      session = market.session;
    }
    return { session, atMs };
  }

  /** Where more time has passed than can be made up for, the exchange was closed in it. */
  #passOver(nowMs: number): void {
    const { atMs } = this.#next();
    if (nowMs - atMs <= CATCH_UP_MS_MAX) return;
    this.#logger?.warn('the simulated exchange was closed while this process did not run', { closedMs: nowMs - atMs });
    for (const { session } of this.#markets) session.skipTo(nowMs);
  }

  /** Sets the timer for what is due next: at once when somebody listens, else now and then. */
  #arm(): void {
    this.#pump?.cancel();
    this.#pump = null;
    if (this.#closed || this.#markets.length === 0) return;
    const heard = this.#hub.listeners > 0 || this.#markets.some(({ session }) => session.feeds.count > 0);
    const { atMs } = this.#next();
    const dueMs = heard ? atMs : Math.max(atMs, this.#nowMs() + IDLE_PUMP_MS);
    this.#pump = this.#time.setTimer(
      usFromMs(dueMs),
      () => {
        this.#run(EVENTS_PER_PUMP_MAX);
        this.#arm();
      },
      PUMP_LEAST_MS,
    );
  }

  #notBegun(): boolean {
    return this.#nowMs() < EPOCH_MS;
  }

  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    const { session } = this.#marketNow(instrument);
    if (this.#notBegun()) {
      return err('book_unknown', 'the simulated market begins on 2025-01-01; the clock is before it');
    }
    return ok(session.book(depth, this.nowUs()));
  }

  quote(instrument: InstrumentId): QuoteTick | null {
    const { session } = this.#marketNow(instrument);
    return this.#notBegun() ? null : session.quote(this.nowUs());
  }

  klines(instrument: InstrumentId, interval: Interval, query: KlineQuery): readonly Bar[] {
    return this.#marketNow(instrument).bars.query(interval, query, this.nowUs());
  }

  trades(instrument: InstrumentId, query: TradeQuery): readonly TradeTick[] {
    return this.#marketNow(instrument).trades.query(query);
  }

  aggregateTrades(instrument: InstrumentId, query: AggregateTradeQuery): readonly AggregateTrade[] {
    return this.#marketNow(instrument).trades.aggregates(query);
  }

  listen<K extends FeedKind>(
    kind: K,
    instrument: InstrumentId,
    listener: (event: FeedEvent<FeedValues[K]>) => void,
  ): () => void {
    // What nobody heard until now is over: it begins with what comes after this moment.
    const { session } = this.#marketNow(instrument);
    if (kind === 'depth') session.beginDepth();
    const stop = session.feeds.listen(kind, listener);
    this.#arm();
    return stop;
  }

  ended(): boolean {
    return false;
  }

  close(): void {
    this.#closed = true;
    this.#time.cancelAll();
    this.#pump = null;
    this.#hub.clear();
    for (const { session } of this.#markets) session.feeds.clear();
  }
}

/**
 * An exchange of its own with a market made of a seed: what was before it was opened follows from the seed alone, from 2025-01-01 on; from then on agents trade on a real
 * book, and whoever has an account with them. A model for the Binance-compatible server. Throws `RangeError` for an instrument that can't be simulated (see
 * `SIMULATED_PROFILES`).
 */
export function createSimulatedExchange(options: SimulatedOptions): ExchangeModel {
  return new SimulatedExchange(options);
}
