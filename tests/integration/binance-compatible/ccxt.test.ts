import { existsSync } from 'node:fs';
import { serveExchange, type ExchangeModel, type ServedExchange } from '@monsta/binance-server';
import { systemClock } from '@monsta/clock-system';
import { expectOk, timestampUs } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccxtFor } from './ccxt.test-support.ts';

const RECORDING = '../shared/data/binance-spot-btcusdt-20240808.ndjson.gz';
const HISTORY = '../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz';
const { logger } = silentTelemetry();
const clock = systemClock();

const serve = async (model: ExchangeModel): Promise<ServedExchange> =>
  expectOk(
    await serveExchange({ model, clock, logger, httpServer: createHttpServer({ logger }), host: '127.0.0.1', port: 0 }),
  );

interface Venue {
  readonly name: string;
  readonly present: boolean;
  readonly start: () => Promise<ServedExchange>;
}

const venues: readonly Venue[] = [
  {
    name: 'the simulated market',
    present: true,
    start: () => serve(createSimulatedExchange({ seed: 1, clock })),
  },
  {
    name: `a replay (skipped where ${RECORDING} is absent)`,
    present: existsSync(RECORDING) && existsSync(HISTORY),
    start: async () => {
      const recording = expectOk(await openRecording([RECORDING], { historyPath: HISTORY }));
      const sessionStartUs = timestampUs(clock.nowUs() - 60_000_000);
      return serve(createReplayExchange({ recording, clock, logger, sessionStartUs, speed: 1 }));
    },
  },
];

describe.each(venues)('ccxt reads $name', { timeout: 60_000 }, ({ present, start }) => {
  let served: ServedExchange;
  let client: Awaited<ReturnType<typeof ccxtFor>>;

  beforeAll(async () => {
    if (!present) return;
    served = await start();
    client = await ccxtFor(served);
  }, 60_000);

  afterAll(async () => {
    if (!present) return;
    await client.close();
    await served.close(500);
  });

  it.skipIf(!present)('markets with their steps and limits', async () => {
    const markets = await client.loadMarkets();
    expect(markets['BTC/USDT']).toMatchObject({
      id: 'BTCUSDT',
      active: true,
      spot: true,
      precision: { price: 0.01, amount: 0.00001 },
      limits: { cost: { min: 5, max: 9_000_000 }, amount: { min: 0.00001, max: 9_000 } },
    });
  });

  it.skipIf(!present)('klines, newest last, the one before the newest closed', async () => {
    const minutes = await client.fetchOHLCV('BTC/USDT', '1m', undefined, 2);
    expect(minutes.length).toBeGreaterThan(0);
    const hours = await client.fetchOHLCV('BTC/USDT', '1h', Date.UTC(2025, 1, 1), 5);
    for (const [open, o = 0, high = 0, low = 0, close = 0, volume = 0] of [...minutes, ...hours]) {
      expect(Number(open) % 60_000).toBe(0);
      expect(Math.max(o, close)).toBeLessThanOrEqual(high);
      expect(Math.min(o, close)).toBeGreaterThanOrEqual(low);
      expect(volume).toBeGreaterThan(0);
    }
  });

  it.skipIf(!present)('the order book, trades, tickers and the time over REST', async () => {
    const book = await client.fetchOrderBook('BTC/USDT', 20);
    expect(book.bids).toHaveLength(20);
    expect(book.asks).toHaveLength(20);
    expect(book.bids[0]?.[0] ?? 0).toBeLessThan(book.asks[0]?.[0] ?? 0);
    const trades = await client.fetchTrades('BTC/USDT', undefined, 50);
    expect(trades).toHaveLength(50);
    expect(trades.every(({ price, amount }) => (price ?? 0) > 0 && (amount ?? 0) > 0)).toBe(true);
    const ticker = await client.fetchTicker('BTC/USDT');
    expect(ticker.last).toBeGreaterThan(0);
    expect(ticker.bid).toBeLessThan(ticker.ask ?? 0);
    const time = await client.fetchTime();
    expect(trades.at(-1)?.timestamp ?? 0).toBeLessThanOrEqual(time ?? 0);
  });

  it.skipIf(!present)('trades, klines, tickers and a book kept in step over WebSocket', async () => {
    const trades = await client.watchTrades('BTC/USDT');
    expect(trades[0]?.price).toBeGreaterThan(0);
    const bars = await client.watchOHLCV('BTC/USDT', '1m');
    expect(bars.at(-1)?.[4]).toBeGreaterThan(0);
    const ticker = await client.watchTicker('BTC/USDT');
    expect(ticker.last).toBeGreaterThan(0);
    let nonce = 0;
    for (let update = 0; update < 10; update += 1) {
      const book = await client.watchOrderBook('BTC/USDT');
      expect(book.bids[0]?.[0] ?? 0).toBeLessThan(book.asks[0]?.[0] ?? 0);
      expect(book.nonce ?? 0).toBeGreaterThanOrEqual(nonce);
      nonce = book.nonce ?? 0;
    }
    expect(nonce).toBeGreaterThan(0);
  });

  it.skipIf(!present)('errors as the exchange words them', async () => {
    await expect(client.publicGetKlines({ symbol: 'NOPE', interval: '1m' })).rejects.toThrow(
      '"code":-1121,"msg":"Invalid symbol."',
    );
    await expect(client.publicGetKlines({ symbol: 'BTCUSDT', interval: '7m' })).rejects.toThrow(
      '"code":-1120,"msg":"Invalid interval."',
    );
  });
});
