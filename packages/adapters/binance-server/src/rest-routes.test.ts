import { describe, expect, it } from 'vitest';
import { makeWorld, START_MS } from './server.test-support.ts';

describe('the REST endpoints', () => {
  it('all answer in JSON, with the weight used so far, and say that the market is simulated', async () => {
    const { get } = makeWorld();
    let used = 0;
    for (const [target, weight] of [
      ['ping', 1],
      ['time', 1],
      ['exchangeInfo', 20],
      ['exchangeInfo?symbols=["BTCUSDT","XRPUSDT"]', 20],
      ['depth?symbol=BTCUSDT', 5],
      ['depth?symbol=BTCUSDT&limit=500', 25],
      ['depth?symbol=BTCUSDT&limit=1000', 50],
      ['depth?symbol=BTCUSDT&limit=5000', 250],
      ['klines?symbol=BTCUSDT&interval=1h', 2],
      ['uiKlines?symbol=BTCUSDT&interval=1h&limit=5', 2],
      ['trades?symbol=BTCUSDT&limit=5', 25],
      ['historicalTrades?symbol=BTCUSDT&fromId=1&limit=5', 25],
      ['aggTrades?symbol=BTCUSDT', 4],
      ['avgPrice?symbol=BTCUSDT', 2],
      ['ticker/price', 4],
      ['ticker/price?symbol=BTCUSDT', 2],
      ['ticker/bookTicker', 4],
      ['ticker/24hr?symbol=BTCUSDT', 2],
      ['ticker/24hr?symbols=["BTCUSDT","ETHUSDT"]&type=MINI', 2],
      ['ticker/24hr', 80],
    ] as const) {
      used += weight;
      const response = await get(`/api/v3/${target}`);
      expect({ target, status: response.status, used: response.headers?.['x-mbx-used-weight-1m'] }).toEqual({
        target,
        status: 200,
        used: String(used),
      });
      expect(response.headers).toMatchObject({ 'x-monsta-simulated': 'true', 'x-monsta-origin': 'simulated' });
      expect(JSON.stringify(response.json)).not.toContain('NaN');
    }
  });

  it('give klines of twelve elements that close a millisecond before the next opens', async () => {
    const { get } = makeWorld();
    const rows = (
      await get(`/api/v3/klines?symbol=BTCUSDT&interval=5m&startTime=${START_MS - 3_600_000}&endTime=${START_MS - 1}`)
    ).json as unknown[][];
    expect(rows).toHaveLength(12);
    rows.forEach((row, index) => {
      expect(row).toHaveLength(12);
      expect(row[0]).toBe(START_MS - 3_600_000 + index * 300_000);
      expect(row[6]).toBe(Number(row[0]) + 300_000 - 1);
      expect(row.map((item) => typeof item)).toEqual([
        'number',
        'string',
        'string',
        'string',
        'string',
        'string',
        'number',
        'string',
        'number',
        'string',
        'string',
        'string',
      ]);
      for (const text of [row[1], row[5], row[7], row[9], row[10]]) expect(text).toMatch(/^\d+\.\d{8}$/);
    });
  });

  it('give at most the most where more is asked for, and 500 klines by default', async () => {
    const { get } = makeWorld();
    expect((await get('/api/v3/klines?symbol=BTCUSDT&interval=1m')).json).toHaveLength(500);
    expect((await get('/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=5000')).json).toHaveLength(1_000);
    expect((await get('/api/v3/trades?symbol=BTCUSDT&limit=999999')).json).toHaveLength(1_000);
  });

  it('tell microseconds to those who ask for them', async () => {
    const { get } = makeWorld();
    expect((await get('/api/v3/time')).json).toEqual({ serverTime: START_MS });
    expect((await get('/api/v3/time', { 'x-mbx-time-unit': 'MICROSECOND' })).json).toEqual({
      serverTime: START_MS * 1_000,
    });
    const [row] = (
      await get('/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1&endTime=1740830300000', {
        'x-mbx-time-unit': 'microsecond',
      })
    ).json as number[][];
    expect([row?.[0], row?.[6]]).toEqual([1_740_830_280_000_000, 1_740_830_339_999_999]);
    expect((await get('/api/v3/time', { 'x-mbx-time-unit': 'NANOSECOND' })).status).toBe(400);
  });

  it('agree with each other: last price, average, day and book', async () => {
    const { get } = makeWorld();
    const price = (await get('/api/v3/ticker/price?symbol=ETHUSDT')).json as { price: string };
    const [trade] = (await get('/api/v3/trades?symbol=ETHUSDT&limit=1')).json as {
      price: string;
      qty: string;
      quoteQty: string;
      id: number;
    }[];
    const day = (await get('/api/v3/ticker/24hr?symbol=ETHUSDT')).json as Record<string, string & number>;
    expect(price.price).toBe(trade?.price);
    expect(day['lastPrice']).toBe(trade?.price);
    expect(day['lastId']).toBe(trade?.id);
    expect(day['count']).toBe(Number(day['lastId']) - Number(day['firstId']) + 1);
    const rows = (
      await get(`/api/v3/klines?symbol=ETHUSDT&interval=1h&startTime=${START_MS - 86_400_000}&endTime=${START_MS - 1}`)
    ).json as string[][];
    const now = (await get('/api/v3/klines?symbol=ETHUSDT&interval=1h&limit=1')).json as string[][];
    const volume = [...rows, ...now.filter((row) => Number(row[0]) === START_MS)].reduce(
      (sum, row) => sum + BigInt((row[5] ?? '').replace('.', '')),
      0n,
    );
    expect(BigInt(String(day['volume']).replace('.', ''))).toBe(volume);
    expect(Number(trade?.quoteQty)).toBeCloseTo(Number(trade?.price) * Number(trade?.qty), 6);
  });
});

describe('what is asked for wrongly', () => {
  it.each([
    ['klines?interval=1m', 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."],
    ['klines?symbol=BTCUSDT', 400, -1102, "Mandatory parameter 'interval' was not sent, was empty/null, or malformed."],
    ['klines?symbol=&interval=1m', 400, -1105, "Parameter 'symbol' was empty."],
    [
      'klines?symbol=btcusdt&interval=1m',
      400,
      -1100,
      "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
    ],
    ['klines?symbol=NOPE&interval=1m', 400, -1121, 'Invalid symbol.'],
    ['klines?symbol=BTCUSDT&interval=2m', 400, -1120, 'Invalid interval.'],
    [
      'klines?symbol=BTCUSDT&interval=1m&limit=-1',
      400,
      -1100,
      "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
    ],
    ['klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130, "Data sent for parameter 'limit' is not valid."],
    [
      'klines?symbol=BTCUSDT&interval=1m&startTime=99999999999999999999',
      400,
      -1108,
      "Parameter 'startTime' overflowed.",
    ],
    ['ping?x=1', 400, -1104, "Not all sent parameters were read; read '0' parameter(s) but was sent '1'."],
    [
      'trades?symbol=BTCUSDT&a=1&b=2',
      400,
      -1104,
      "Not all sent parameters were read; read '1' parameter(s) but was sent '3'.",
    ],
    ['trades?symbol=BTCUSDT&symbol=ETHUSDT', 400, -1101, 'Duplicate values for a parameter detected.'],
    ['ticker/price?symbol=BTCUSDT&symbols=["BTCUSDT"]', 400, -1128, 'Combination of optional parameters invalid.'],
    ['aggTrades?symbol=BTCUSDT&fromId=1&startTime=5', 400, -1128, 'Combination of optional parameters invalid.'],
    ['nothing?symbol=BTCUSDT', 404, -5000, 'Path /api/v3/nothing, Method GET is invalid'],
  ])('%s is refused in the exchange’s own words', async (target, status, code, msg) => {
    const response = await makeWorld().get(`/api/v3/${target}`);
    expect(response.status).toBe(status);
    expect(response.json).toEqual({ code, msg });
  });
});

describe('what never reaches an endpoint', () => {
  it('is told as the client’s own fault, unless it is the server’s', () => {
    const { server } = makeWorld();
    const told = (code: string): unknown => {
      const { status, body } = server.failure(code, 'in words of the server');
      return [status, JSON.parse(String(body))];
    };
    expect(told('body_too_large')).toEqual([413, { code: -1101, msg: 'Too many parameters sent for this endpoint.' }]);
    expect(told('bad_request')).toEqual([400, { code: -1100, msg: 'Illegal characters found in a parameter.' }]);
    expect(told('internal')).toEqual([
      500,
      { code: -1000, msg: 'An unknown error occurred while processing the request.' },
    ]);
  });
});
