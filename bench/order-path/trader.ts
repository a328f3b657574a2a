import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createAiTrading } from '@monsta/ai-trading';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import { encodeBar, encodeFeed, encodeQuote, encodeTrade, topics } from '@monsta/contracts';
import {
  accountId,
  expectOk,
  instrumentId,
  ok,
  seededRandom,
  strategyId,
  timestampUs,
  usFromMs,
  type Bar,
  type Instrument,
  type Interval,
  type MarketEvent,
  type Price,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { openFileJournal } from '@monsta/journal-file';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { EventStream, MarketHistory } from '@monsta/ports';
import { createTelemetry } from '@monsta/telemetry-node';
import { defineStrategy, isKernelOrderId, parseParameters } from '@monsta/trading';
import { createTransport } from '@monsta/transport-node';
import {
  createBinanceConnection,
  createBinanceCredentials,
  createBinanceExecution,
  createBinanceMarketData,
  readExchangeListing,
  type BinanceConnection,
} from '@monsta/venue-binance';
import { PassageRecorder, type Passage } from './passage.ts';
import type { ServedTo } from './served.ts';
import type { Wire } from './wire.ts';

const SYMBOL = instrumentId('BTCUSDT');
const MINUTE_US = 60_000_000;
/** What the program collects by default. */
const INTERVALS_HEARD: readonly Interval[] = ['1m', '5m', '15m', '1h', '4h', '1d'];
const UNLIMITED = {
  usePercent: 100,
  weightPerMinuteMax: 1_000_000,
  ordersPerTenSecondsMax: 100_000,
  rawRequestsPerFiveMinutesMax: 10_000_000,
};

/** All or nothing in turn: each bar is an order. */
const inAndOut = defineStrategy({
  name: 'in-and-out',
  parameters: {},
  intervals: () => ['1m'],
  onBar: (context) => context.setTarget(context.position.quantity === 0 ? 1 : 0),
});

/** A bar of the minute before `closeUs`: closed when the benchmark says so, not with the clock's minute. */
function barUntil(closeUs: number, price: Price): Bar {
  const closeTimeUs = timestampUs(Math.floor(closeUs / 1_000) * 1_000);
  const openTimeUs = timestampUs(closeTimeUs - MINUTE_US);
  const ohlc = { open: price, high: price, low: price, close: price };
  const sums = { volume: 0n, quoteVolume: null, takerBuyVolume: null, takerBuyQuoteVolume: null };
  const trades = { trades: null, firstTradeId: null, lastTradeId: null, bookImbalance: null };
  const times = { openTimeUs, closeTimeUs, tsEventUs: closeTimeUs, tsInitUs: closeTimeUs };
  return { kind: 'bar', instrument: SYMBOL, interval: '1m', ...times, ...ohlc, ...sums, ...trades, closed: true };
}

async function listedRules(connection: BinanceConnection) {
  const asked = {
    method: 'GET',
    path: '/api/v3/exchangeInfo',
    security: 'public',
    weight: 20,
    priority: 'data',
  } as const;
  const { body } = expectOk(await connection.publicClient.call(asked));
  const listed = readExchangeListing(JSON.parse(body), timestampUs(0)).symbols.get(SYMBOL);
  if (listed === undefined) throw new Error(`the exchange does not list ${SYMBOL}`);
  return listed;
}

/** What the price collector tells the stream of an event. */
function tell(stream: EventStream, event: MarketEvent, instrument: Instrument): void {
  const options = { tsEventUs: event.tsEventUs };
  if (event.kind === 'trade') stream.publish(topics.trades(SYMBOL), encodeTrade(event, instrument), options);
  else if (event.kind === 'quote') stream.publish(topics.quotes(SYMBOL), encodeQuote(event, instrument), options);
  else if (event.kind === 'feed') stream.publish(topics.feed(SYMBOL), encodeFeed(event), options);
  else if (event.kind === 'bar') stream.publish(topics.bars(SYMBOL, '1m'), encodeBar(event, instrument), options);
}

export interface Trader {
  /** The next trade or quote closes a bar, of which an order is made; resolves when it is filled and all of it is durable. */
  order(): Promise<Passage>;
  /** Whether passages say how much the intent made the ledger's log longer. */
  lookAtLog(look: boolean): void;
  stop(): Promise<void>;
}

/** The trading role as in the program, with its ledger and journal in `directory`, at the exchange. */
export async function startTrader(served: ServedTo, directory: string, wire: Wire): Promise<Trader> {
  const clock = systemClock();
  const recorder = new PassageRecorder(wire);
  const telemetry = createTelemetry({ level: 'error', service: 'bench', processMetrics: false });
  const { logger } = telemetry;
  const metrics = recorder.metrics(telemetry.metrics);
  const transport = recorder.transport(createTransport({ logger }));
  const { restUrl, wsUrl, monsta } = served;
  const cache = createMemoryCache({ clock });
  const random = seededRandom(1);
  const addresses = { restUrl, wsUrl, wsApiUrl: wsUrl };
  const connection = createBinanceConnection({
    ...addresses,
    clock,
    transport,
    logger,
    metrics,
    random,
    cache,
    config: UNLIMITED,
  });
  const { instrument, rules } = await listedRules(connection);
  const stream = createMemoryEventStream({ clock, logger, epoch: 'bench' });
  let lastPrice: Price | null = null;
  let begin: (() => void) | null = null;
  const marketData = createBinanceMarketData({ connection });
  const onEvent = (event: MarketEvent): void => {
    // Bars are the benchmark's own.
    if (event.kind !== 'bar') tell(stream, event, instrument);
    if (event.kind === 'trade') lastPrice = event.price;
    if ((event.kind !== 'trade' && event.kind !== 'quote') || lastPrice === null || begin === null) return;
    begin();
    begin = null;
    tell(stream, barUntil(event.tsInitUs, lastPrice), instrument);
  };
  const until = async (what: string, test: () => boolean): Promise<void> => {
    for (let waitedMs = 0; !test(); waitedMs += 10) {
      if (waitedMs > 30_000) throw new Error(`waited in vain for ${what}`);
      await clock.sleep(10);
    }
  };
  expectOk(await marketData.start({ instruments: [SYMBOL], intervals: INTERVALS_HEARD, onEvent }));
  await until('a trade', () => lastPrice !== null);
  const credentials = expectOk(
    createBinanceCredentials({ apiKey: monsta.apiKey, kind: 'hmac', secret: monsta.apiSecret }),
  );
  const venue = expectOk(
    await createBinanceExecution({
      connection,
      account: { name: 'bench', credentials },
      symbols: [SYMBOL],
      rulesOf: (symbol) => (symbol === SYMBOL ? rules : null),
      isOurs: isKernelOrderId,
    }),
  );
  const path = join(directory, 'ledger.sqlite');
  const ledger = expectOk(await openSqliteLedger({ path }));
  const journal = expectOk(await openFileJournal({ directory: join(directory, 'journal'), clock, logger }));
  const feedUs = clock.nowUs();
  const feed = {
    kind: 'feed',
    instrument: SYMBOL,
    status: 'live',
    reason: null,
    tsEventUs: feedUs,
    tsInitUs: feedUs,
  } as const;
  const history: MarketHistory = {
    instruments: () => Promise.resolve(ok([instrument])),
    bars: () => Promise.resolve(ok(lastPrice === null ? [] : [barUntil(clock.nowUs() - MINUTE_US, lastPrice)])),
    trades: () => Promise.resolve(ok([])),
    book: () => Promise.resolve(ok(null)),
    feeds: () => Promise.resolve(ok([feed])),
    venueTimeUs: () => Promise.resolve(ok(usFromMs(Math.floor(marketData.nowUs() / 1_000)))),
  };
  const role = createAiTrading({
    stream,
    ledger: recorder.ledger(ledger),
    journal,
    venue,
    history,
    clock,
    random,
    telemetry: { logger, metrics },
    config: aiTradingConfigSchema.parse({
      allocationPpm: 500,
      risk: { dailyLossPpmMax: 1_000_000, drawdownPpmMax: 1_000_000 },
    }),
    intervals: INTERVALS_HEARD,
    strategies: [
      {
        id: strategyId(inAndOut.name),
        definition: inAndOut,
        parameters: expectOk(parseParameters(inAndOut, null)),
        instruments: [SYMBOL],
      },
    ],
    accountId: accountId('bench'),
    origin: 'simulated',
    mode: 'live',
    exposureMax: null,
    onStop: 'keep-all',
    onFatal: ({ code, message }) => recorder.fail(`${code}: ${message}`),
  });
  expectOk(await role.start());
  await until('the trading role', () => role.readiness().ready);
  return {
    lookAtLog: (look) => (recorder.logBytes = look ? () => statSync(`${path}-wal`).size : null),
    order: () =>
      new Promise((resolve, reject) => {
        const late = clock.setTimer(30_000, () => recorder.fail('an order took longer than 30 s'));
        begin = () =>
          void recorder
            .begin()
            .then(resolve, reject)
            .finally(() => late.cancel());
      }),
    async stop() {
      await role.stop();
      await venue.close();
      await marketData.stop();
      connection.stop();
      await stream.close();
      await journal.close();
      await ledger.close();
      await transport.close();
      await cache.close();
    },
  };
}
