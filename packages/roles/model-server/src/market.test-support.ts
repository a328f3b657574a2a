import {
  amount,
  assetId,
  err,
  expectOk,
  instrumentId,
  intervalUs,
  ok,
  parseStep,
  price,
  quantity,
  seededRandom,
  timestampUs,
  type Bar,
  type BookSnapshot,
  type FeedState,
  type Instrument,
  type Interval,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { encodeBar, topics, type FeedMessage, type PredictionMessage, type BarMessage } from '@monsta/contracts';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { BarQuery, MarketHistory } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { modelServerConfigSchema, type ModelServerConfig } from './config.ts';
import type { DeclaredSets } from './feature-sets.ts';
import { createModelServer } from './model-server.ts';
import { createMemoryShelf, type ModelShelf } from './model-shelf.ts';
import { createSteppedTrainer, type Trainer } from './trainer.ts';

const START_US = timestampUs(Date.UTC(2024, 0, 1) * 1_000);

export const BTCUSDT: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: expectOk(parseStep('0.01')),
  lot: expectOk(parseStep('0.00001')),
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: amount(0n),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: START_US,
};

export const ETHUSDT: Instrument = { ...BTCUSDT, id: instrumentId('ETHUSDT'), base: assetId('ETH') };

/** A closed bar of the hour `index`, in hundredths. */
function hourOf({ id }: Instrument, index: number, open: number, close: number, volume: number): Bar {
  const openTimeUs = timestampUs(START_US + index * intervalUs('1h'));
  const closeTimeUs = timestampUs(openTimeUs + intervalUs('1h'));
  return {
    ...{ kind: 'bar', instrument: id, interval: '1h', openTimeUs, closeTimeUs, closed: true },
    ...{ open: price(open), high: price(Math.max(open, close) + 500), low: price(Math.min(open, close) - 500) },
    ...{ close: price(close), volume: BigInt(volume), quoteVolume: null, takerBuyVolume: null },
    ...{ takerBuyQuoteVolume: null, trades: null, firstTradeId: null, lastTradeId: null, bookImbalance: null },
    ...{ tsEventUs: closeTimeUs, tsInitUs: closeTimeUs },
  };
}

/** Hours of two markets of which ETHUSDT leads: BTCUSDT does an hour later half of what it did, and something of its own. */
export function makePair(length: number, seed = 1): { readonly own: readonly Bar[]; readonly other: readonly Bar[] } {
  const random = seededRandom(seed);
  const pair = { own: [] as Bar[], other: [] as Bar[] };
  let [btc, eth, led] = [5_000_000, 300_000, 0];
  for (let index = 0; index < length; index += 1) {
    const move = 0.006 * random.gaussian();
    const [btcNow, ethNow] = [btc * Math.exp(0.5 * led + 0.003 * random.gaussian()), eth * Math.exp(move)].map(
      Math.round,
    );
    pair.own.push(hourOf(BTCUSDT, index, btc, btcNow ?? btc, 1e8 + random.integer(9e8)));
    pair.other.push(hourOf(ETHUSDT, index, eth, ethNow ?? eth, 1e8 + random.integer(9e8)));
    [btc, eth, led] = [btcNow ?? btc, ethNow ?? eth, move];
  }
  return pair;
}

/** Contiguous closed bars whose returns lean back against the last one by `lean`: 0 is a walk without memory. */
export function makeBars(length: number, lean: number, interval: Interval = '1h', seed = 1): readonly Bar[] {
  const random = seededRandom(seed);
  let move = 0;
  let close = 5_000_000;
  return Array.from({ length }, (_, index) => {
    move = -lean * move + 0.005 * random.gaussian();
    const open = close;
    close = Math.max(1_000, Math.round(close * Math.exp(move)));
    const openTimeUs = timestampUs(START_US + index * intervalUs(interval));
    const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
    return {
      kind: 'bar',
      instrument: BTCUSDT.id,
      interval,
      openTimeUs,
      closeTimeUs,
      open: price(open),
      high: price(Math.max(open, close) + random.integer(2_000)),
      low: price(Math.min(open, close) - random.integer(500)),
      close: price(close),
      volume: BigInt(100_000_000 + random.integer(900_000_000)),
      quoteVolume: null,
      takerBuyVolume: null,
      takerBuyQuoteVolume: null,
      trades: null,
      firstTradeId: null,
      lastTradeId: null,
      bookImbalance: null,
      closed: true,
      tsEventUs: closeTimeUs,
      tsInitUs: closeTimeUs,
    };
  });
}

/** What the price collector would hold: bars that the test puts in, and the venue's time. */
class ScriptedHistory implements MarketHistory {
  ready = true;
  held: readonly Bar[] = [];
  nowUs: TimestampUs | null = null;
  feedStates: readonly FeedState[] = [];
  listed: readonly Instrument[] = [BTCUSDT];
  /** The most bars that one answer holds. */
  limitMax = Number.POSITIVE_INFINITY;
  barQueries = 0;

  #answer<T>(value: T): Promise<Result<T>> {
    return Promise.resolve(
      this.ready ? ok(value) : err('not_ready', 'the backfill has not begun', { retry: 'retryable' }),
    );
  }
  instruments(): Promise<Result<readonly Instrument[]>> {
    return Promise.resolve(ok(this.listed));
  }
  bars({ instrument, interval, limit, beforeUs }: BarQuery): Promise<Result<readonly Bar[]>> {
    this.barQueries += 1;
    const found = this.held.filter(
      (bar) =>
        bar.instrument === instrument && bar.interval === interval && (beforeUs === null || bar.openTimeUs < beforeUs),
    );
    return this.#answer(found.slice(-Math.min(limit, this.limitMax)));
  }
  trades(): Promise<Result<readonly TradeTick[]>> {
    return this.#answer([]);
  }
  book(): Promise<Result<BookSnapshot | null>> {
    return this.#answer(null);
  }
  feeds(): Promise<Result<readonly FeedState[]>> {
    return this.#answer(this.feedStates);
  }
  venueTimeUs(): Promise<Result<TimestampUs | null>> {
    return Promise.resolve(ok(this.nowUs));
  }
}

export const LOGISTIC = { name: 'logistic-regression', parameters: {}, featureSet: null };

/** Of a training outside of a server. */
export const FIRST_LOOK = { look: { count: 1, of: '', fromMs: 0, toMs: 0, bars: 0 }, open: true };

/** A model server of one-hour bars on a scripted history, a real event stream and a virtual clock. */
export function scene(
  config: Partial<ModelServerConfig> = {},
  parts: {
    readonly shelf?: ModelShelf;
    readonly trainer?: (clock: VirtualClock) => Trainer;
    readonly featureSets?: DeclaredSets;
  } = {},
) {
  const clock = new VirtualClock(START_US);
  const telemetry = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'test' });
  const history = new ScriptedHistory();
  const published: PredictionMessage[] = [];
  expectOk(
    stream.subscribe({
      subject: topics.predictions(BTCUSDT.id),
      queueMax: 10_000,
      overflow: 'end',
      onMessage: ({ payload }) => void published.push(payload as PredictionMessage),
    }),
  );
  const server = createModelServer({
    history,
    stream,
    clock,
    logger: telemetry.logger,
    metrics: telemetry.metrics,
    random: seededRandom(1),
    config: {
      ...modelServerConfigSchema.parse({ intervals: ['1h'], executors: [LOGISTIC], resamples: 400 }),
      ...config,
    },
    trainer: (parts.trainer ?? createSteppedTrainer)(clock),
    shelf: parts.shelf ?? createMemoryShelf(),
    featureSets: parts.featureSets ?? {},
  });
  const sendBar = async (bar: Bar, change: Partial<BarMessage> = {}): Promise<void> => {
    history.nowUs = timestampUs(Math.max(bar.closeTimeUs, history.nowUs ?? 0));
    const message = { ...encodeBar(bar, BTCUSDT), ...change };
    expectOk(stream.publish(topics.bars(bar.instrument, bar.interval), message, { tsEventUs: bar.closeTimeUs }));
    await clock.settle();
  };
  const sendFeed = async (status: FeedMessage['status'], reason: string | null = null): Promise<void> => {
    const message: FeedMessage = { instrument: BTCUSDT.id, status, reason, timeMs: START_US / 1_000 };
    expectOk(stream.publish(topics.feed(BTCUSDT.id), message, { tsEventUs: START_US }));
    await clock.settle();
  };
  const latest = async () => {
    const found = expectOk(await server.latest(BTCUSDT.id));
    const [prediction] = found;
    if (prediction === undefined) throw new Error('there is no prediction');
    return prediction;
  };
  /** Starts with these bars in the history and waits for the first training. */
  const startWith = async (bars: readonly Bar[]): Promise<void> => {
    history.held = bars;
    history.nowUs = bars.at(-1)?.closeTimeUs ?? START_US;
    expectOk(await server.start());
    await clock.advanceUntil(() => server.readiness().ready);
  };
  return { clock, telemetry, stream, history, published, server, sendBar, sendFeed, latest, startWith };
}
