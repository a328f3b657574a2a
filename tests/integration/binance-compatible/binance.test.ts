import type { MainClient } from 'binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceRest, binanceStreams } from './other-clients.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';

const symbol = 'BTCUSDT';

describe('binance (the SDK of siebly) reads the simulated market', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: MainClient;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceRest(venue.served);
  });

  afterAll(() => venue.close());

  it('connectivity, the time and exchangeInfo', async () => {
    expect(await client.testConnectivity()).toEqual({});
    // Not by `getServerTime`, which asks the real exchange whatever address the client was given.
    const { serverTime } = (await client.get('api/v3/time')) as { readonly serverTime: number };
    expect(Math.abs(serverTime - Date.now())).toBeLessThan(1_000);
    const info = await client.getExchangeInfo({ symbols: [symbol, 'ETHUSDT'] });
    expect(info.symbols.map((one) => one.symbol).toSorted()).toEqual([symbol, 'ETHUSDT']);
    expect(info.rateLimits).toContainEqual({
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: 6_000,
    });
  });

  it('the book, trades and klines', async () => {
    const book = await client.getOrderBook({ symbol, limit: 10 });
    expect(book.bids).toHaveLength(10);
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    const trades = await client.getRecentTrades({ symbol, limit: 10 });
    const [first] = trades;
    const again = await client.getHistoricalTrades({ symbol, fromId: Number(first?.id), limit: 1 });
    expect(again[0]).toEqual(first);
    const aggregated = await client.getAggregateTrades({ symbol, limit: 10 });
    expect(aggregated).toHaveLength(10);
    const klines = await client.getKlines({ symbol, interval: '1h', limit: 5 });
    expect(klines.map((row) => row.length)).toEqual([12, 12, 12, 12, 12]);
    expect((await client.getUIKlines({ symbol, interval: '1d', limit: 3 })).length).toBe(3);
  });

  it('prices and tickers of one, some and all symbols', async () => {
    expect(await client.getAvgPrice({ symbol })).toMatchObject({ mins: 5 });
    expect(await client.get24hrChangeStatistics({ symbol })).toMatchObject({ symbol });
    expect(await client.getSymbolPriceTicker({ symbols: [symbol, 'ETHUSDT'] })).toHaveLength(2);
    const all = await client.getSymbolOrderBookTicker();
    expect(Array.isArray(all) ? all.length : 0).toBeGreaterThan(2);
  });

  it('errors with their code and text', async () => {
    await expect(client.getOrderBook({ symbol: 'NOPE' })).rejects.toMatchObject({
      code: -1121,
      message: 'Invalid symbol.',
    });
  });

  it('streams over one connection, subscribed after it is open', async () => {
    const streams = binanceStreams(venue.served);
    const wanted = new Set([
      'btcusdt@trade',
      'btcusdt@aggTrade',
      'btcusdt@depth@100ms',
      'btcusdt@bookTicker',
      'btcusdt@kline_1m',
      'btcusdt@miniTicker',
    ]);
    const all = new Promise<void>((resolve, reject) => {
      streams.on('message', (message) => {
        if ('streamName' in message) wanted.delete(String(message.streamName));
        if (wanted.size === 0) resolve();
      });
      streams.on('exception', reject);
    });
    await streams.subscribe([...wanted], 'main');
    await all;
    expect(wanted.size).toBe(0);
    streams.closeAll(true);
  });
});
