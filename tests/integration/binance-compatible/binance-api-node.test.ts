import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceApiNode, type BinanceApiNode } from './binance-api-node.test-support.ts';
import { firstOf } from './first-of.test-support.ts';

import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';

describe('binance-api-node reads the simulated market', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: BinanceApiNode;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceApiNode(venue.served);
  });

  afterAll(() => venue.close());

  it('ping, the time and exchangeInfo', async () => {
    expect(await client.ping()).toBe(true);
    expect(Math.abs((await client.time()) - Date.now())).toBeLessThan(1_000);
    const { symbols, timezone } = await client.exchangeInfo({ symbol: 'BTCUSDT' });
    expect(timezone).toBe('UTC');
    expect(symbols).toHaveLength(1);
    expect(symbols[0]).toMatchObject({ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' });
    expect(symbols[0]?.['filters']).toContainEqual(expect.objectContaining({ filterType: 'LOT_SIZE' }));
  });

  it('the book, trades, aggregate trades and candles', async () => {
    const book = await client.book({ symbol: 'BTCUSDT', limit: 10 });
    expect(book.bids).toHaveLength(10);
    expect(Number(book.bids[0]?.price)).toBeLessThan(Number(book.asks[0]?.price));
    const trades = await client.trades({ symbol: 'BTCUSDT', limit: 20 });
    expect(trades).toHaveLength(20);
    for (const { price, qty, quoteQty } of trades) {
      expect(Number(quoteQty)).toBeCloseTo(Number(price) * Number(qty), 6);
    }
    const aggregated = await client.aggTrades({ symbol: 'BTCUSDT', limit: 20 });
    expect(aggregated.map(({ aggId }) => aggId)).toEqual(
      aggregated.map((_trade, at) => Number(aggregated[0]?.['aggId']) + at),
    );
    const candles = await client.candles({ symbol: 'BTCUSDT', interval: '1m', limit: 5 });
    expect(candles).toHaveLength(5);
    for (const { high, low, open, close, closeTime, openTime } of candles) {
      expect(Number(closeTime) - Number(openTime)).toBe(59_999);
      expect(Number(high)).toBeGreaterThanOrEqual(Math.max(Number(open), Number(close)));
      expect(Number(low)).toBeLessThanOrEqual(Math.min(Number(open), Number(close)));
    }
  });

  it('prices and tickers', async () => {
    const prices = await client.prices();
    expect(Number(prices['BTCUSDT'])).toBeGreaterThan(0);
    expect(Number((await client.avgPrice({ symbol: 'BTCUSDT' }))['price'])).toBeGreaterThan(0);
    const day = await client.dailyStats({ symbol: 'BTCUSDT' });
    expect(Number(day['highPrice'])).toBeGreaterThanOrEqual(Number(day['lowPrice']));
    const tickers = await client.allBookTickers();
    expect(Object.keys(tickers).length).toBeGreaterThan(1);
  });

  it('every stream, in its own words', async () => {
    const { ws } = client;
    const symbol = 'BTCUSDT';
    const heard = await Promise.all([
      firstOf((hear) => ws.trades(symbol, hear)),
      firstOf((hear) => ws.aggTrades(symbol, hear)),
      firstOf((hear) => ws.candles(symbol, '1m', hear)),
      firstOf((hear) => ws.depth(symbol, hear)),
      firstOf((hear) => ws.ticker(symbol, hear)),
      firstOf((hear) => ws.miniTicker(symbol, hear)),
      firstOf((hear) => ws.bookTicker(symbol, hear)),
      firstOf((hear) => ws.partialDepth({ symbol, level: 5 }, hear)),
    ]);
    expect(heard).toMatchObject([
      { eventType: 'trade', symbol },
      { eventType: 'aggTrade', symbol },
      { eventType: 'kline', symbol, interval: '1m' },
      { eventType: 'depthUpdate', symbol },
      { eventType: '24hrTicker', symbol },
      { eventType: '24hrMiniTicker', symbol },
      { symbol },
      { symbol, level: 5 },
    ]);
  });

  it('errors with their code and text', async () => {
    await expect(client.book({ symbol: 'NOPE' })).rejects.toMatchObject({ code: -1121, message: 'Invalid symbol.' });
    await expect(client.candles({ symbol: 'BTCUSDT', interval: '7m' })).rejects.toMatchObject({ code: -1120 });
  });
});
