import type { Spot } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceSpot } from './other-clients.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';

const symbol = 'BTCUSDT';

describe('@binance/spot (the official connector) reads the simulated market', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: Spot;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceSpot(venue.served);
  });

  afterAll(() => venue.close());

  it('the time and exchangeInfo', async () => {
    const { serverTime } = await (await client.restAPI.time()).data();
    expect(Math.abs(Number(serverTime) - Date.now())).toBeLessThan(1_000);
    const info = await (await client.restAPI.exchangeInfo({ symbol })).data();
    expect(info.symbols?.[0]).toMatchObject({ symbol, status: 'TRADING', isSpotTradingAllowed: true });
  });

  it('the book, trades, klines and tickers, with the weight used', async () => {
    const response = await client.restAPI.depth({ symbol, limit: 5 });
    expect(response.rateLimits?.some(({ rateLimitType }) => rateLimitType === 'REQUEST_WEIGHT')).toBe(true);
    const book = await response.data();
    expect(book.bids).toHaveLength(5);
    expect(await (await client.restAPI.getTrades({ symbol, limit: 5 })).data()).toHaveLength(5);
    expect(await (await client.restAPI.aggTrades({ symbol, limit: 5 })).data()).toHaveLength(5);
    const klines = await (await client.restAPI.klines({ symbol, interval: '1m' as never, limit: 2 })).data();
    expect(klines).toHaveLength(2);
    expect(await (await client.restAPI.avgPrice({ symbol })).data()).toMatchObject({ mins: 5 });
    expect(await (await client.restAPI.ticker24hr({ symbol })).data()).toMatchObject({ symbol });
    expect(await (await client.restAPI.tickerPrice({ symbol })).data()).toMatchObject({ symbol });
    expect(await (await client.restAPI.tickerBookTicker({ symbol })).data()).toMatchObject({ symbol });
  });

  it('errors with their code and text', async () => {
    await expect(client.restAPI.depth({ symbol: 'NOPE' })).rejects.toMatchObject({
      code: -1121,
      message: 'Invalid symbol.',
    });
  });

  it('streams', async () => {
    // Two connections: each subscription is a message, and the exchange takes five of them a second.
    const one = await client.websocketStreams.connect();
    const other = await client.websocketStreams.connect();
    const heard = await Promise.all([
      new Promise((resolve) => one.trade({ symbol }).on('message', resolve)),
      new Promise((resolve) => one.aggTrade({ symbol }).on('message', resolve)),
      new Promise((resolve) => one.kline({ symbol, interval: '1m' as never }).on('message', resolve)),
      new Promise((resolve) => other.miniTicker({ symbol }).on('message', resolve)),
      new Promise((resolve) => other.bookTicker({ symbol }).on('message', resolve)),
      new Promise((resolve) => other.diffBookDepth({ symbol }).on('message', resolve)),
      new Promise((resolve) => other.partialBookDepth({ symbol, levels: '5' as never }).on('message', resolve)),
    ]);
    expect(Object.keys(heard.at(-1) as object).toSorted()).toEqual(['asks', 'bids', 'lastUpdateId']);
    expect(heard).toMatchObject([
      { e: 'trade', s: symbol },
      { e: 'aggTrade', s: symbol },
      { e: 'kline', s: symbol },
      { e: '24hrMiniTicker', s: symbol },
      { s: symbol },
      { e: 'depthUpdate', s: symbol },
      {},
    ]);
    await Promise.all([one.disconnect(), other.disconnect()]);
  });
});
