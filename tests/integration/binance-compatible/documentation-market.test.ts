import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MARKET_SHAPES, STREAM_SHAPES } from './documented-shapes.test-support.ts';
import { PlainClient } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { shapeProblems, type Shape } from './shape.test-support.ts';

const symbol = 'BTCUSDT';

describe('a client written from the documentation alone reads the market', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: PlainClient;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = new PlainClient(venue.served);
  });
  afterAll(() => venue.close());

  it.each<readonly [string, Record<string, string | number>, Shape]>([
    ['time', {}, MARKET_SHAPES.time],
    ['exchangeInfo', {}, MARKET_SHAPES.exchangeInfo],
    ['depth', { symbol, limit: 10 }, MARKET_SHAPES.depth],
    ['trades', { symbol, limit: 10 }, [MARKET_SHAPES.trade]],
    ['historicalTrades', { symbol, limit: 10 }, [MARKET_SHAPES.trade]],
    ['aggTrades', { symbol, limit: 10 }, [MARKET_SHAPES.aggTrade]],
    ['klines', { symbol, interval: '1m', limit: 10 }, [MARKET_SHAPES.kline]],
    ['klines', { symbol, interval: '1s', limit: 10 }, [MARKET_SHAPES.kline]],
    ['klines', { symbol, interval: '1M', limit: 3 }, [MARKET_SHAPES.kline]],
    ['uiKlines', { symbol, interval: '3d', limit: 3, timeZone: '+08:00' }, [MARKET_SHAPES.kline]],
    ['avgPrice', { symbol }, MARKET_SHAPES.avgPrice],
    ['ticker/24hr', { symbol }, MARKET_SHAPES.dayTicker],
    ['ticker/24hr', {}, [MARKET_SHAPES.dayTicker]],
    ['ticker/24hr', { symbol, type: 'MINI' }, MARKET_SHAPES.miniTicker],
    ['ticker/tradingDay', { symbol }, MARKET_SHAPES.windowTicker],
    ['ticker/tradingDay', { symbols: '["BTCUSDT","ETHUSDT"]', type: 'MINI' }, [MARKET_SHAPES.miniTicker]],
    ['ticker', { symbol }, MARKET_SHAPES.windowTicker],
    ['ticker', { symbol, windowSize: '4h', type: 'MINI' }, MARKET_SHAPES.miniTicker],
    ['ticker/price', { symbol }, MARKET_SHAPES.price],
    ['ticker/price', {}, [MARKET_SHAPES.price]],
    ['ticker/bookTicker', { symbol }, MARKET_SHAPES.bookTicker],
    ['ticker/bookTicker', { symbols: '["BTCUSDT"]' }, [MARKET_SHAPES.bookTicker]],
  ])('%s %j has the documented fields', async (path, values, shape) => {
    const { status, body, headers } = await client.ask(path, values);
    expect({ status, body: status === 200 ? null : body }).toEqual({ status: 200, body: null });
    expect(shapeProblems(body, shape)).toEqual([]);
    expect(Number(headers.get('x-mbx-used-weight-1m'))).toBeGreaterThan(0);
  });

  it('times are in microseconds for who asks for them', async () => {
    const headers = { 'X-MBX-TIME-UNIT': 'MICROSECOND' };
    const { body } = await client.ask('time', {}, { headers });
    expect(shapeProblems(body, { fields: { serverTime: 'microseconds' } })).toEqual([]);
    const trades = await client.ask('trades', { symbol, limit: 1 }, { headers });
    expect(shapeProblems(trades.body, [{ fields: { ...MARKET_SHAPES.trade.fields, time: 'microseconds' } }])).toEqual(
      [],
    );
  });

  it('every stream has the documented fields', async () => {
    const socket = await client.open(
      '/stream?streams=btcusdt@trade/btcusdt@aggTrade/btcusdt@kline_1m/btcusdt@kline_1h@+08:00',
    );
    const answer = await socket.ask('SUBSCRIBE', [
      'btcusdt@miniTicker',
      'btcusdt@ticker',
      'btcusdt@ticker_1h',
      'btcusdt@bookTicker',
      'btcusdt@avgPrice',
      'btcusdt@depth5',
      'btcusdt@depth20@100ms',
      'btcusdt@depth',
      'btcusdt@depth@100ms',
      '!miniTicker@arr',
      '!ticker_4h@arr',
    ]);
    expect(answer).toMatchObject({ result: null });
    const wanted: readonly (readonly [string, Shape])[] = [
      ['btcusdt@trade', STREAM_SHAPES.trade],
      ['btcusdt@aggTrade', STREAM_SHAPES.aggTrade],
      ['btcusdt@kline_1m', STREAM_SHAPES.kline],
      ['btcusdt@kline_1h@+08:00', STREAM_SHAPES.kline],
      ['btcusdt@miniTicker', STREAM_SHAPES.miniTicker],
      ['btcusdt@ticker', STREAM_SHAPES.ticker],
      ['btcusdt@ticker_1h', STREAM_SHAPES.rollingTicker],
      ['btcusdt@bookTicker', STREAM_SHAPES.bookTicker],
      ['btcusdt@avgPrice', STREAM_SHAPES.avgPrice],
      ['btcusdt@depth5', STREAM_SHAPES.partialDepth],
      ['btcusdt@depth20@100ms', STREAM_SHAPES.partialDepth],
      ['btcusdt@depth', STREAM_SHAPES.depth],
      ['btcusdt@depth@100ms', STREAM_SHAPES.depth],
      ['!miniTicker@arr', [STREAM_SHAPES.miniTicker]],
      ['!ticker_4h@arr', [STREAM_SHAPES.rollingTicker]],
    ];
    const problems = await Promise.all(
      wanted.map(async ([stream, shape]) => {
        const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 8_000));
        const frame = await Promise.race([socket.next((heard) => heard['stream'] === stream), late]);
        return frame === null ? [`${stream} says nothing`] : shapeProblems(frame['data'], shape, stream);
      }),
    );
    expect(problems.flat()).toEqual([]);
    await socket.close();
  });
});
