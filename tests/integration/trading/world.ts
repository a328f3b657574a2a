import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAiTrading, type AiTradingOptions, type TradingRole } from '@monsta/ai-trading';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import {
  encodeBar,
  encodeBook,
  encodeFeed,
  encodeInstrument,
  encodeQuote,
  encodeTrade,
  internalSubjects,
  topics,
} from '@monsta/contracts';
import {
  accountId,
  assetId,
  expectOk,
  instrumentId,
  newTraceparent,
  ok,
  parseAmount,
  price,
  quantity,
  seededRandom,
  strategyId,
  timestampUs,
  type Bar,
  type Fault,
  type Instrument,
  type Result,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openFileJournal } from '@monsta/journal-file';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { ClockReading, EventStream, ExecutionVenue, Ledger, MarketHistory } from '@monsta/ports';
import { recordingTelemetry, VirtualClock, type RecordingTelemetry } from '@monsta/testkit';
import { defineStrategy, parseParameters, type ConfiguredStrategy, type TargetOptions } from '@monsta/trading';
import { createPaperVenue } from '@monsta/venue-paper';
import { paperVenueConfigSchema } from '@monsta/venue-paper/config';
import { Power, powered, poweredJournal, poweredVenue, type Cut, type Watch } from './power.ts';

export const ACCOUNT = accountId('paper:test');
/** 2024-08-08T00:00:00Z. */
const START_MS = 1_723_075_200_000;
const MINUTE = 60_000;

export const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: expectOk(parseAmount('5')),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};

/** A trade at a price, in ticks; of very much, or of so many lots. */
export type Traded = number | readonly [at: number, lots: number];

/** A target for a minute: a share, or a share at a limit price; null leaves things as they are. */
export type Wish = number | null | { readonly share: number; readonly limitPrice: number };

export function scripted(wishes: readonly Wish[], warmUpBars = 1, name = 'scripted'): ConfiguredStrategy {
  const definition = defineStrategy({
    name,
    parameters: {},
    intervals: () => ['1m'],
    warmUpBars: () => warmUpBars,
    onBar(context) {
      const wish = wishes[(context.bar.openTimeMs - START_MS) / MINUTE] ?? null;
      if (wish === null) return;
      const options: TargetOptions = typeof wish === 'number' ? {} : { limitPrice: wish.limitPrice };
      context.setTarget(typeof wish === 'number' ? wish : wish.share, options);
    },
  });
  return {
    id: strategyId(name),
    definition,
    parameters: expectOk(parseParameters(definition, null)),
    instruments: [BTC.id],
  };
}

/** What is kept of what is published. */
const TOLD = 'orders fills decisions positions account risk strategies trading.> internal.trading.replies'.split(' ');

/** A market that outlives every crash of the program: its bars, and what it published. */
export class Tape {
  readonly clock = new VirtualClock(START_MS * 1_000);
  readonly bars: Bar[] = [];
  /** What prices and quantities are counted in, and encoded with. */
  instrument: Instrument = BTC;
  quote: readonly [bid: number, ask: number] = [5_999_999, 6_000_000];
  #trades = 0;
  readonly #random = seededRandom(7);

  history(): MarketHistory {
    return {
      instruments: () => Promise.resolve(ok([this.instrument])),
      bars: ({ limit }) => Promise.resolve(ok(this.bars.slice(-limit))),
      trades: () => Promise.resolve(ok([])),
      book: () => Promise.resolve(ok(null)),
      feeds: () => {
        const now = this.clock.nowUs();
        return Promise.resolve(
          ok([
            {
              kind: 'feed' as const,
              instrument: BTC.id,
              status: 'live' as const,
              reason: null,
              tsEventUs: now,
              tsInitUs: now,
            },
          ]),
        );
      },
      venueTimeUs: () => Promise.resolve(ok(this.clock.nowUs())),
    };
  }

  /** The collector goes on in a tick of a tenth; `told`: and says so. */
  refine(stream: EventStream, told = true): void {
    const { tick, version } = this.instrument;
    this.instrument = { ...this.instrument, tick: { ...tick, scale: tick.scale + 1 }, version: version + 1 };
    const fine = (at: number) => price(at * 10);
    for (const [index, bar] of this.bars.entries()) {
      const { open, high, low, close } = bar;
      this.bars[index] = { ...bar, open: fine(open), high: fine(high), low: fine(low), close: fine(close) };
    }
    this.quote = [this.quote[0] * 10, this.quote[1] * 10];
    const tsEventUs = this.clock.nowUs();
    if (told) expectOk(stream.publish(internalSubjects.instruments, encodeInstrument(this.instrument), { tsEventUs }));
  }

  trade(stream: EventStream, at: number, size = 1_000_000): void {
    this.#trades += 1;
    const now = this.clock.nowUs();
    const trade = {
      kind: 'trade' as const,
      instrument: BTC.id,
      tradeId: this.#trades,
      price: price(at),
      quantity: quantity(size),
      buyerIsMaker: true,
      tsEventUs: now,
      tsInitUs: now,
    };
    expectOk(stream.publish(topics.trades(BTC.id), encodeTrade(trade, this.instrument), { tsEventUs: now }));
  }

  publishQuote(stream: EventStream): void {
    const now = this.clock.nowUs();
    const [bid, ask] = this.quote;
    const quote = {
      kind: 'quote' as const,
      instrument: BTC.id,
      updateId: Math.round(now / 1_000),
      bidPrice: price(bid),
      bidQuantity: quantity(1_000_000),
      askPrice: price(ask),
      askQuantity: quantity(1_000_000),
      tsEventUs: now,
      tsInitUs: now,
    };
    expectOk(stream.publish(topics.quotes(BTC.id), encodeQuote(quote, this.instrument), { tsEventUs: now }));
  }

  /** A book of `[price, lots]`, best first. */
  publishBook(
    stream: EventStream,
    bids: readonly (readonly [number, number])[],
    asks: readonly (readonly [number, number])[],
  ): void {
    const now = this.clock.nowUs();
    const levels = (side: typeof bids) => side.map(([at, lots]) => [price(at), quantity(lots)] as const);
    const book = {
      kind: 'book-snapshot' as const,
      instrument: BTC.id,
      lastUpdateId: Math.round(now / 1_000),
      bids: levels(bids),
      asks: levels(asks),
      tsEventUs: now,
      tsInitUs: now,
    };
    expectOk(stream.publish(topics.book(BTC.id), encodeBook(book, this.instrument, 20), { tsEventUs: now }));
  }

  publishFeed(stream: EventStream, status: 'live' | 'stale'): void {
    const now = this.clock.nowUs();
    const feed = { kind: 'feed' as const, instrument: BTC.id, status, reason: null, tsEventUs: now, tsInitUs: now };
    expectOk(stream.publish(topics.feed(BTC.id), encodeFeed(feed), { tsEventUs: now }));
  }

  /** Closes the bar of the minute that ends now, at `close`; published where a stream is given. */
  closeBar(stream: EventStream | null, close: number): Bar {
    const closeUs = this.clock.nowUs();
    const bar: Bar = {
      kind: 'bar',
      instrument: BTC.id,
      interval: '1m',
      openTimeUs: timestampUs(closeUs - MINUTE * 1_000),
      closeTimeUs: closeUs,
      open: price(close),
      high: price(close),
      low: price(close),
      close: price(close),
      volume: 100_000_000n,
      quoteVolume: null,
      takerBuyVolume: null,
      takerBuyQuoteVolume: null,
      trades: 1,
      firstTradeId: null,
      lastTradeId: null,
      bookImbalance: null,
      closed: true,
      tsEventUs: closeUs,
      tsInitUs: closeUs,
    };
    this.bars.push(bar);
    if (stream !== null)
      expectOk(
        stream.publish(topics.bars(BTC.id, '1m'), encodeBar(bar, this.instrument), {
          tsEventUs: closeUs,
          traceparent: newTraceparent(this.#random),
        }),
      );
    return bar;
  }
}

/** One life of the trading program, over files that outlive it. */
export interface Life {
  readonly role: TradingRole;
  readonly stream: EventStream;
  readonly ledger: Ledger;
  readonly venue: ExecutionVenue;
  readonly power: Power;
  readonly telemetry: RecordingTelemetry;
  readonly fatal: readonly Fault[];
  /** What was published, by subject. */
  readonly published: ReadonlyMap<string, readonly unknown[]>;
  /** Closes files as the operating system does when a process dies; what the role still wants to do has no effect. */
  kill(): Promise<void>;
}

export class World {
  readonly tape: Tape;
  readonly directory = mkdtempSync(join(tmpdir(), 'monsta-trading-'));
  readonly #lives: Life[] = [];

  constructor(tape: Tape = new Tape()) {
    this.tape = tape;
  }

  async live(
    strategies: readonly ConfiguredStrategy[],
    options: {
      readonly cut?: Cut | Watch;
      readonly config?: object;
      readonly paper?: object;
      readonly history?: MarketHistory;
      /** Stands between the role and the paper venue: an account that others share, a line that loses or repeats. */
      readonly shared?: { wrap(venue: ExecutionVenue): ExecutionVenue };
      readonly watch?: AiTradingOptions['watch'];
      readonly cutOff?: AiTradingOptions['cutOff'];
      readonly life?: Partial<AiTradingOptions['life']>;
      readonly onStop?: AiTradingOptions['onStop'];
      readonly intervals?: AiTradingOptions['intervals'];
      /** How far the venue's clock is from ours; absent: it has none of its own. */
      readonly clock?: () => ClockReading | null;
    } = {},
  ): Promise<Life> {
    const { clock } = this.tape;
    const power = new Power(options.cut ?? null);
    const telemetry = recordingTelemetry();
    const { logger } = telemetry;
    const stream = createMemoryEventStream({ clock, logger, epoch: `life-${this.#lives.length}` });
    const file = (name: string): string => join(this.directory, name);
    const ledger = expectOk(await openSqliteLedger({ path: file('ledger.sqlite') }));
    const journal = expectOk(await openFileJournal({ directory: file('journal'), clock, logger }));
    const paperJournal = expectOk(await openFileJournal({ directory: file('paper'), clock, logger }));
    const paper = expectOk(
      await createPaperVenue({
        journal: poweredJournal(paperJournal, power),
        config: paperVenueConfigSchema.parse({ quoteAgeMsMax: 120_000, ...options.paper }),
        logger,
      }),
    );
    const inner = options.shared?.wrap(paper) ?? paper;
    const venue = poweredVenue(inner, power, options.clock ?? (() => null));
    const fatal: Fault[] = [];
    const published = new Map<string, unknown[]>();
    for (const subject of TOLD) {
      expectOk(
        stream.subscribe({
          subject,
          queueMax: 10_000,
          overflow: 'end',
          onMessage: (message) => {
            published.set(message.subject, [...(published.get(message.subject) ?? []), message.payload]);
          },
        }),
      );
    }
    const given: AiTradingOptions = {
      stream,
      ledger: powered(ledger, power),
      journal,
      venue,
      history: options.history ?? this.tape.history(),
      clock,
      random: seededRandom(1),
      telemetry,
      config: aiTradingConfigSchema.parse({ risk: { staleAfterMs: 120_000, lossCooldownMs: 0 }, ...options.config }),
      strategies,
      intervals: options.intervals ?? ['1m', '5m', '15m', '1h', '4h', '1d'],
      life: { version: 'test', sources: [], cutOff: null, ...options.life },
      ...(options.watch === undefined ? {} : { watch: options.watch }),
      ...(options.cutOff === undefined ? {} : { cutOff: options.cutOff }),
      accountId: ACCOUNT,
      origin: 'simulated',
      mode: 'paper',
      exposureMax: null,
      onStop: options.onStop ?? 'keep-all',
      onFatal: (fault) => fatal.push(fault),
    };
    const role = createAiTrading(given);
    const life: Life = {
      role,
      stream,
      ledger,
      venue: inner,
      power,
      telemetry,
      fatal,
      published,
      kill: async () => {
        power.off = true;
        await stream.close();
        await journal.close();
        await paperJournal.close();
        await ledger.close();
      },
    };
    this.#lives.push(life);
    return life;
  }

  /** Starts the role and waits until it is live, dead by the cut, or failed. */
  async start(life: Life): Promise<Result<null>> {
    const starting = life.role.start();
    await this.until(
      () => life.role.readiness().ready || life.power.off || life.fatal.length > 0,
      'the role to be live',
    );
    return life.power.off ? ok(null) : starting;
  }

  /** Lets real input and output go on, while virtual time goes on slowly, until `condition` holds. */
  async until(condition: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 20_000; turn += 1) {
      if (condition()) return;
      if (turn % 50 === 49) await this.tape.clock.advance(1);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    throw new Error(`waited in vain for ${what}`);
  }

  /** Waits until nothing is under way; virtual time stands still. */
  async quiet(life: Life): Promise<void> {
    for (let calm = 0, turn = 0; calm < 25; turn += 1) {
      // A disk that others use too takes its time.
      if (turn > 60_000) throw new Error('it never becomes quiet');
      await new Promise((resolve) => void (turn < 10_000 ? setImmediate(resolve) : setTimeout(resolve, 1)));
      calm = life.power.inFlight === 0 || life.power.off ? calm + 1 : 0;
    }
  }

  /** One minute: a quote and a trade near its end, then its bar. Published to the life where one is given and has power. */
  async minute(life: Life | null, close: number, trades: readonly Traded[] = [close]): Promise<void> {
    const { clock } = this.tape;
    const stream = life === null || life.power.off ? null : life.stream;
    const endUs = START_MS * 1_000 + (this.tape.bars.length + 1) * MINUTE * 1_000;
    await clock.advance((endUs - clock.nowUs()) / 1_000 - 1_000);
    this.tape.quote = [close - 1, close];
    if (stream !== null) {
      this.tape.publishQuote(stream);
      for (const each of trades) {
        const [at, lots] = typeof each === 'number' ? [each] : each;
        this.tape.trade(stream, at, lots);
      }
      if (life !== null) await this.quiet(life);
    }
    await clock.advance((endUs - clock.nowUs()) / 1_000);
    this.tape.closeBar(life !== null && !life.power.off ? stream : null, close);
    if (life !== null) await this.quiet(life);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
