import { readFaultRule } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { barSchema, encodeBar, topics, type BarMessage } from '@monsta/contracts';
import {
  expectOk,
  msFromUs,
  seededRandom,
  US_PER_MS,
  usFromMs,
  type BookSnapshot,
  type FeedState,
  type MarketEvent,
  type Random,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { MarketDataVenue } from '@monsta/ports';
import { createPriceCollector } from '@monsta/price-collector';
import { recordingTelemetry, type RecordingTelemetry } from '@monsta/testkit';
import { createBinanceConnection, createBinanceMarketData } from '@monsta/venue-binance';
import { FAULTS, TABLE, type Cell, type FaultName, type Moment } from './cells.ts';
import { CollectorWitness } from './collector-witness.ts';
import { ADDRESS, BTC, openExchange, REST_URL, WS_URL, type ExchangeRig } from './exchange-rig.ts';
import { faultRule, type Targets } from './rules.ts';

const LOOK_EVERY_MS = 500;
const STREAMS = ['btcusdt@trade', 'btcusdt@depth*', 'btcusdt@bookTicker', 'btcusdt@kline*', '*'] as const;
const MAIN = 'main';
const REQUEST_FAULTS: ReadonlySet<FaultName> = new Set(['refuse', 'fail', 'silence', 'cut']);
/** A bar that closed this long ago has been told of. */
const BAR_SETTLED_MS = 5_000;
/** Longer than missing trades are asked for. */
const LASTING_MS = 180_000;
/** Bars that live ones did not wait for are there by then. */
const LATE_BARS_WITHIN_MS = 300_000;
/** A case whose fault has not struck by then has missed its cell. */
const STRIKE_WITHIN_MS = 120_000;
/** What was struck is whole again within this time after the faults are gone. */
const HEALED_WITHIN_MS = 400_000;

export interface CaseOutcome {
  readonly violations: readonly string[];
  readonly transcript: readonly string[];
  /** Books or fills that were compared. */
  readonly compared: number;
  /** What the exchange did, in its words. */
  readonly faultLog: readonly string[];
}

/** Makes a client wrong on purpose, so that the witness can be tried. */
export interface Mutation {
  /** What becomes of an event that the client tells: nothing, itself, or others. */
  readonly events?: (event: MarketEvent) => readonly MarketEvent[];
  readonly book?: (book: BookSnapshot | null) => BookSnapshot | null;
}

/** Stands between the client and who uses it, and sees what it tells. */
function overheard(venue: MarketDataVenue, mutation: Mutation, hear: (event: MarketEvent) => void): MarketDataVenue {
  return new Proxy(venue, {
    get(target, name) {
      if (name === 'start')
        return (subscription: Parameters<MarketDataVenue['start']>[0]) =>
          target.start({
            instruments: subscription.instruments,
            intervals: subscription.intervals,
            onEvent: (told) => {
              for (const event of mutation.events?.(told) ?? [told]) {
                hear(event);
                subscription.onEvent(event);
              }
            },
          });
      if (name === 'book' && mutation.book !== undefined) {
        const { book } = mutation;
        return (...asked: Parameters<MarketDataVenue['book']>) => book(target.book(...asked));
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

class CollectorCase {
  readonly #rig: ExchangeRig;
  readonly #fault: FaultName;
  readonly #moment: Moment;
  readonly #witness: CollectorWitness;
  readonly #venue: MarketDataVenue;
  readonly #collector: ReturnType<typeof createPriceCollector>;
  /** Closed minutes as they were published. */
  readonly #bars = new Map<number, string>();
  readonly #violations: string[] = [];
  readonly #onFeed: ((feed: FeedState) => void)[] = [];
  readonly #stopConnection: () => void;
  readonly #telemetry: RecordingTelemetry;
  #armed = false;
  #started = false;

  constructor(rig: ExchangeRig, { fault, moment }: Cell, mutation: Mutation) {
    const { clock, transport, truth, random } = rig;
    this.#rig = rig;
    this.#fault = fault;
    this.#moment = moment;
    this.#witness = new CollectorWitness(truth);
    const telemetry = recordingTelemetry();
    this.#telemetry = telemetry;
    const connection = createBinanceConnection({
      restUrl: REST_URL,
      wsUrl: WS_URL,
      wsApiUrl: null,
      clock,
      transport,
      ...telemetry,
      random: seededRandom(random.integer(1_000_000)),
      cache: createMemoryCache({ clock }),
    });
    this.#stopConnection = () => connection.stop();
    const client = createBinanceMarketData({ connection });
    this.#venue = overheard(client, mutation, (event) => {
      this.#witness.take(event);
      if (event.kind === 'feed') for (const hear of this.#onFeed) hear(event);
    });
    const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'case' });
    expectOk(
      stream.subscribe({
        subject: topics.bars(BTC, '1m'),
        queueMax: 10_000,
        overflow: 'end',
        onMessage: ({ payload }) => this.#heardBar(payload),
      }),
    );
    const historyBars = { '1m': 5, '5m': 2, '15m': 2, '1h': 2, '4h': 2, '1d': 2 };
    this.#collector = createPriceCollector({
      venue: this.#venue,
      listings: null,
      catalog: null,
      stream,
      clock,
      ...telemetry,
      random: seededRandom(random.integer(1_000_000)),
      config: { instruments: [BTC], historyBars, startTimeoutMs: 600_000 },
    });
  }

  #heardBar(payload: unknown): void {
    const bar = barSchema.parse(payload);
    if (!bar.closed) return;
    if (this.#bars.has(bar.openTimeMs)) this.#violations.push(`the bar of ${bar.openTimeMs} was told twice`);
    this.#bars.set(bar.openTimeMs, textOf(bar));
  }

  get #faults() {
    return this.#rig.served.server.faults;
  }

  #add(rule: Readonly<Record<string, unknown>>): void {
    expectOk(this.#faults.add(expectOk(readFaultRule(rule, this.#faults.rules().length + 1))));
  }

  #targets(moment: Moment): Targets {
    const { random } = this.#rig;
    return {
      requests: { channel: 'rest', path: pathAt(moment, random) },
      frames: { channel: 'stream', name: STREAMS[random.integer(STREAMS.length)] },
      connections: { channel: 'connection', path: '/stream*' },
      address: ADDRESS,
    };
  }

  /** Lets the fault of the cell loose; once. */
  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    const { clock, random, way } = this.#rig;
    const rule = faultRule(this.#fault, this.#moment, this.#targets(this.#moment), random);
    if (rule !== null) {
      // Some repairs are hindered for longer than they are tried: a gap remains, and has to be said.
      const lasts = this.#moment === 'repair' && REQUEST_FAULTS.has(this.#fault) && random.integer(2) === 0;
      this.#add({ ...rule, ...(lasts ? { times: 'always', when: { forMs: LASTING_MS } } : {}), id: MAIN });
    }
    if (rule === null) way.reach = this.#fault === 'network-lost' ? 'lost' : 'refused';
    if (random.integer(2) === 0) clock.setTimer(random.integer(15_000), () => this.#addAnother());
  }

  /** Another fault on top, whatever it may be. */
  #addAnother(): void {
    const { random } = this.#rig;
    const others = FAULTS.filter((fault) => TABLE[fault].collector.length > 0);
    const rule = faultRule(others[random.integer(others.length)] ?? 'drop', 'calm', this.#targets('open'), random);
    if (rule !== null) this.#add({ ...rule, id: 'another' });
  }

  get #struck(): boolean {
    return this.#rig.way.hindered > 0 || this.#faults.log().some(({ rule }) => rule === MAIN);
  }

  /** Brings about the moment at which the fault is to strike. */
  #disturb(): void {
    const { clock, random, served } = this.#rig;
    switch (this.#moment) {
      case 'reconnect':
        this.#add({ fault: 'cut', where: { channel: 'connection', path: '/stream*' }, id: 'cause' });
        break;
      case 'repair':
        this.#onFeed.push(({ reason }) => {
          if (reason?.startsWith('fetching trades') === true) this.#arm();
        });
        this.#add({
          fault: 'drop',
          where: { channel: 'stream', name: 'btcusdt@trade' },
          times: 1 + random.integer(5),
          id: 'cause',
        });
        this.#add({
          fault: 'delay',
          where: { channel: 'rest', path: '/api/v3/historicalTrades' },
          delayMs: 300 + random.integer(3_000),
          moment: 'before',
          id: 'slow',
        });
        return;
      case 'hand-over': {
        // What strikes the new connection is there before it is asked for; the rest at some time while both deliver.
        const early = this.#fault.endsWith('-connection') || this.#fault.startsWith('network-');
        if (early || random.integer(2) === 0) this.#arm();
        else clock.setTimer(random.integer(3_000), () => this.#arm());
        served.server.announceShutdown();
        return;
      }
      default:
    }
    this.#arm();
  }

  async run(): Promise<CaseOutcome> {
    const { clock, random, served, exchangeLog, way } = this.#rig;
    this.#look();
    if (this.#moment === 'open') this.#arm();
    void this.#collector.start().then((started) => {
      this.#started = started.ok;
      if (!started.ok) this.#violations.push(`the collector did not start: ${started.fault.message}`);
    });
    if (this.#moment !== 'open') {
      await this.#until('live at the start', () => this.#started && this.#witness.live, 60_000);
      await clock.advance(2_000 + random.integer(6_000));
      this.#disturb();
    }
    await this.#until('struck', () => this.#struck, STRIKE_WITHIN_MS);
    await clock.advance(20_000 + random.integer(20_000));
    way.reach = 'reached';
    // Nothing is lifted: what lasts as long as its connection has to be found out.
    await this.#until('live again', () => this.#started && this.#witness.live, HEALED_WITHIN_MS);
    await clock.advance(20_000);
    this.#faults.clear();
    await clock.advance(5_000);
    await this.#until('live to the end', () => this.#witness.live, HEALED_WITHIN_MS);
    await this.#until('told of a bar', () => this.#bars.size > 0, 70_000);
    await clock.advance(2_000);
    this.#witness.finish(clock.nowUs() - 1_500 * US_PER_MS);
    await this.#checkBars();
    for (const { level, message } of exchangeLog.records)
      if (level === 'error') this.#violations.push(`the exchange logged: ${message}`);
    await this.#collector.stop();
    this.#stopConnection();
    await served.close(0);
    const { violations, transcript, booksCompared } = this.#witness;
    const faultLog = this.#faults.log().map(({ atUs, rule, subject, note }) => `${atUs} ${rule} ${subject}: ${note}`);
    return { violations: [...violations, ...this.#violations], transcript, compared: booksCompared, faultLog };
  }

  async #until(what: string, condition: () => boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#rig;
    const endMs = clock.monotonicMs() + timeoutMs;
    while (!condition() && clock.monotonicMs() < endMs) await clock.advance(100);
    if (!condition()) this.#violations.push(`not ${what} within ${timeoutMs} ms: ${this.#witness.feed?.reason ?? ''}`);
  }

  #look(): void {
    const { clock, model } = this.#rig;
    clock.setTimer(LOOK_EVERY_MS, () => {
      this.#witness.look(model.nowUs(), this.#venue.book(BTC, 20));
      this.#look();
    });
  }

  /** True where the collector has gone on without a bar, and said so. */
  #isSaidMissing(openTimeUs: number): boolean {
    return this.#telemetry.records.some(
      ({ message, fields }) =>
        message === 'missing bars did not come in time' &&
        fields['interval'] === '1m' &&
        Number(fields['fromUs']) <= openTimeUs &&
        openTimeUs < Number(fields['toUs']),
    );
  }

  /** The bars that are kept now, by open time. */
  async #keptBars(): Promise<ReadonlyMap<number, string>> {
    const kept = await this.#collector.bars({ instrument: BTC, interval: '1m', limit: 100, beforeUs: null });
    const [symbol] = this.#rig.model.symbols();
    if (!kept.ok || symbol === undefined) return new Map();
    return new Map(kept.value.map((bar) => [bar.openTimeUs, textOf(encodeBar(bar, symbol.instrument))]));
  }

  /** Every minute that closed since the first one told of was told, or is kept where it came too late for that, and is as the exchange has it. */
  async #checkBars(): Promise<void> {
    const { model } = this.#rig;
    const [symbol] = model.symbols();
    const [firstMs] = this.#bars.keys();
    if (symbol === undefined || firstMs === undefined) {
      this.#violations.push('no bar was told of');
      return;
    }
    const query = { fromUs: usFromMs(firstMs), toUs: null, limit: 100 };
    const settledUs = model.nowUs() - BAR_SETTLED_MS * US_PER_MS;
    const late: (readonly [number, string])[] = [];
    for (const bar of model.klines(BTC, '1m', query)) {
      if (!bar.closed || bar.closeTimeUs > settledUs) continue;
      const real = textOf(encodeBar(bar, symbol.instrument));
      const told = this.#bars.get(msFromUs(bar.openTimeUs));
      if (told === undefined && this.#isSaidMissing(bar.openTimeUs)) late.push([bar.openTimeUs, real]);
      else if (told !== real) this.#violations.push(`a bar was told as ${told ?? 'nothing'} and is ${real}`);
    }
    if (late.length === 0) return;
    let kept = await this.#keptBars();
    for (let waitedMs = 0; waitedMs < LATE_BARS_WITHIN_MS; waitedMs += 1_000) {
      if (late.every(([openUs]) => kept.has(openUs))) break;
      await this.#rig.clock.advance(1_000);
      kept = await this.#keptBars();
    }
    for (const [openUs, real] of late) {
      const bar = kept.get(openUs);
      if (bar !== real) this.#violations.push(`a bar that came late is kept as ${bar ?? 'nothing'} and is ${real}`);
    }
  }
}

/** A bar that REST gave has no ids of trades, and an exchange's bars say nothing of the book. */
const textOf = (bar: BarMessage): string =>
  JSON.stringify({ ...bar, firstTradeId: null, lastTradeId: null, bookImbalance: null });

const pathAt = (moment: Moment, random: Random): string => {
  if (moment === 'reconnect') return '/api/v3/depth';
  if (moment === 'repair') return '/api/v3/historicalTrades';
  if (moment !== 'open') return '/api/v3/time';
  const paths = ['*', '/api/v3/exchangeInfo', '/api/v3/time', '/api/v3/depth', '/api/v3/klines'];
  return paths[random.integer(paths.length)] ?? '*';
};

/** Runs a case of the collector. */
export async function runCollectorCase(seed: number, cell: Cell, mutation: Mutation = {}): Promise<CaseOutcome> {
  return new CollectorCase(await openExchange(seed), cell, mutation).run();
}
