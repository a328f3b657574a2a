import { describe, expect, it } from 'vitest';
import { makeWorld, START_MS } from './server.test-support.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT'];

type Ticker = Readonly<Record<string, string | number>>;

const FULL = [
  'symbol',
  'priceChange',
  'priceChangePercent',
  'weightedAvgPrice',
  'openPrice',
  'highPrice',
  'lowPrice',
  'lastPrice',
  'volume',
  'quoteVolume',
  'openTime',
  'closeTime',
  'firstId',
  'lastId',
  'count',
];
const CHANGE = ['priceChange', 'priceChangePercent', 'weightedAvgPrice'];
const MINI = FULL.filter((name) => !CHANGE.includes(name));
const LATEST = ['prevClosePrice', 'lastQty', 'bidPrice', 'bidQty', 'askPrice', 'askQty'];

describe('klines over REST', () => {
  it('are of sixteen intervals and of the zone that is asked for', async () => {
    const { get } = makeWorld();
    const opened = async (query: string): Promise<string> => {
      const rows = (await get(`/api/v3/klines?symbol=BNBUSDT&limit=1&${query}`)).json as number[][];
      return new Date(rows[0]?.[0] ?? 0).toISOString();
    };
    expect(await opened(`interval=1M&endTime=${START_MS}`)).toBe('2025-03-01T00:00:00.000Z');
    expect(await opened(`interval=1w&endTime=${START_MS}`)).toBe('2025-02-24T00:00:00.000Z');
    expect(await opened(`interval=8h&endTime=${START_MS - 1}`)).toBe('2025-03-01T08:00:00.000Z');
    expect(await opened(`interval=1d&endTime=${START_MS}&timeZone=8`)).toBe('2025-02-28T16:00:00.000Z');
    expect(await opened(`interval=1d&endTime=${START_MS}&timeZone=-1:00`)).toBe('2025-03-01T01:00:00.000Z');
    expect(await opened(`interval=12h&endTime=${START_MS}&timeZone=05:45`)).toBe('2025-03-01T06:15:00.000Z');
    expect(await opened(`interval=1s&endTime=${START_MS - 1}`)).toBe('2025-03-01T11:59:59.000Z');
  });

  it('take their start and end in microseconds too', async () => {
    const { get } = makeWorld();
    const span = (unit: string): string => `startTime=${START_MS - DAY_MS}${unit}&endTime=${START_MS - 1}${unit}`;
    const ms = await get(`/api/v3/klines?symbol=ETHUSDT&interval=2h&${span('')}`);
    expect(ms.json).toHaveLength(12);
    expect((await get(`/api/v3/klines?symbol=ETHUSDT&interval=2h&${span('000')}`)).json).toEqual(ms.json);
    expect((await get(`/api/v3/uiKlines?symbol=ETHUSDT&interval=2h&${span('')}`)).json).toEqual(ms.json);
  });
});

describe('tickers over REST', () => {
  it('have the documented fields, all or few', async () => {
    const { get } = makeWorld();
    const fields = async (target: string): Promise<string[]> =>
      Object.keys((await get(`/api/v3/${target}`)).json as object).sort();
    const symbol = 'symbol=SOLUSDT';
    expect(await fields(`ticker?${symbol}`)).toEqual([...FULL].sort());
    expect(await fields(`ticker?${symbol}&type=MINI`)).toEqual([...MINI].sort());
    expect(await fields(`ticker/tradingDay?${symbol}`)).toEqual([...FULL].sort());
    expect(await fields(`ticker/tradingDay?${symbol}&type=MINI`)).toEqual([...MINI].sort());
    expect(await fields(`ticker/24hr?${symbol}&type=FULL`)).toEqual([...FULL, ...LATEST].sort());
    expect(await fields(`ticker/24hr?${symbol}&type=MINI`)).toEqual([...MINI].sort());
    expect(await fields(`avgPrice?${symbol}`)).toEqual(['closeTime', 'mins', 'price']);
  });

  it('of 24 hours slide to the millisecond, rolling ones begin on the minute before, a trading day at its midnight', async () => {
    const { get, clock } = makeWorld();
    await clock.advance(47_099);
    const now = START_MS + 47_099;
    const spans = async (target: string): Promise<readonly unknown[]> => {
      const { openTime, closeTime } = (await get(`/api/v3/${target}`)).json as Ticker;
      return [openTime, closeTime];
    };
    expect(await spans('ticker/24hr?symbol=ETHUSDT')).toEqual([now - DAY_MS, now]);
    expect(await spans('ticker?symbol=ETHUSDT')).toEqual([START_MS - DAY_MS, now]);
    expect(await spans('ticker?symbol=ETHUSDT&windowSize=59m')).toEqual([START_MS - 59 * MINUTE_MS, now]);
    expect(await spans('ticker?symbol=ETHUSDT&windowSize=23h')).toEqual([START_MS - 23 * 60 * MINUTE_MS, now]);
    expect(await spans('ticker?symbol=ETHUSDT&windowSize=7d')).toEqual([START_MS - 7 * DAY_MS, now]);
    const midnight = START_MS - DAY_MS / 2;
    expect(await spans('ticker/tradingDay?symbol=ETHUSDT')).toEqual([midnight, midnight + DAY_MS - 1]);
    const east = START_MS - 20 * 60 * MINUTE_MS;
    expect(await spans('ticker/tradingDay?symbol=ETHUSDT&timeZone=8')).toEqual([east, east + DAY_MS - 1]);
  });

  it('count the klines of their window', async () => {
    const { get, clock } = makeWorld();
    await clock.advance(30_000);
    const ticker = (await get('/api/v3/ticker?symbol=XRPUSDT&windowSize=90m')).json as Ticker;
    expect(ticker['code']).toBe(-1130);
    const hour = (await get('/api/v3/ticker?symbol=XRPUSDT&windowSize=1h')).json as Ticker;
    const rows = (await get(`/api/v3/klines?symbol=XRPUSDT&interval=1m&startTime=${hour['openTime'] ?? 0}`))
      .json as string[][];
    const units = (text: string | undefined): bigint => BigInt((text ?? '').replace('.', ''));
    expect(rows).toHaveLength(61);
    expect(units(String(hour['volume']))).toBe(rows.reduce((sum, row) => sum + units(row[5]), 0n));
    expect(hour['count']).toBe(rows.reduce((sum, row) => sum + Number(row[8]), 0));
    expect(hour['openPrice']).toBe(rows[0]?.[1]);
    expect(hour['lastPrice']).toBe(rows.at(-1)?.[4]);
    expect(Number(hour['lastId']) - Number(hour['firstId']) + 1).toBe(hour['count']);
  });

  it('are an object for a symbol, and a list for several or all', async () => {
    const { get } = makeWorld();
    for (const path of ['ticker/24hr', 'ticker/price', 'ticker/bookTicker']) {
      expect((await get(`/api/v3/${path}?symbol=BTCUSDT`)).json).toMatchObject({ symbol: 'BTCUSDT' });
      const all = (await get(`/api/v3/${path}`)).json as Ticker[];
      expect(all.map(({ symbol }) => symbol)).toEqual(SYMBOLS);
    }
    for (const path of ['ticker', 'ticker/tradingDay', 'ticker/24hr', 'ticker/price', 'ticker/bookTicker']) {
      const two = (await get(`/api/v3/${path}?symbols=%5B%22XRPUSDT%22,%22ETHUSDT%22%5D`)).json as Ticker[];
      expect(two.map(({ symbol }) => symbol)).toEqual(['XRPUSDT', 'ETHUSDT']);
      expect((await get(`/api/v3/${path}?symbols=["BTCUSDT"]&symbolStatus=HALT`)).json).toEqual([]);
      expect((await get(`/api/v3/${path}?symbol=BTCUSDT&symbolStatus=TRADING`)).status).toBe(200);
      expect((await get(`/api/v3/${path}?symbol=BTCUSDT&symbolStatus=BREAK`)).json).toEqual({
        code: -1220,
        msg: "The symbol's status does not match the requested symbolStatus.",
      });
    }
  });
});

describe('rules and lists over REST', () => {
  it('are listed by symbol, symbols, permission or status', async () => {
    const { get } = makeWorld();
    const listed = async (query: string): Promise<readonly string[]> => {
      const { symbols } = (await get(`/api/v3/exchangeInfo${query}`)).json as { symbols: { symbol: string }[] };
      return symbols.map(({ symbol }) => symbol);
    };
    expect(await listed('')).toEqual(SYMBOLS);
    expect(await listed('?symbol=BNBUSDT')).toEqual(['BNBUSDT']);
    expect(await listed('?symbols=["BNBUSDT","BTCUSDT"]')).toEqual(['BNBUSDT', 'BTCUSDT']);
    expect(await listed('?permissions=SPOT')).toEqual(SYMBOLS);
    expect(await listed('?permissions=["MARGIN","SPOT"]')).toEqual(SYMBOLS);
    expect(await listed('?permissions=LEVERAGED')).toEqual([]);
    expect(await listed('?symbolStatus=TRADING')).toEqual(SYMBOLS);
    expect(await listed('?symbolStatus=BREAK')).toEqual([]);
    const sets = (await get('/api/v3/exchangeInfo?symbol=BTCUSDT&showPermissionSets=false')).json;
    expect(sets).toMatchObject({ symbols: [{ permissionSets: [] }] });
    expect((await get('/api/v3/exchangeInfo?symbol=BTCUSDT')).json).toMatchObject({
      symbols: [{ permissionSets: [['SPOT']] }],
    });
  });

  it('name no rule, reference price or block trade where there is none', async () => {
    const { get } = makeWorld();
    expect((await get('/api/v3/executionRules')).json).toEqual({
      symbolRules: SYMBOLS.map((symbol) => ({ symbol, rules: [] })),
    });
    expect((await get('/api/v3/executionRules?symbol=BTCUSDT')).json).toEqual({
      symbolRules: [{ symbol: 'BTCUSDT', rules: [] }],
    });
    for (const path of ['referencePrice', 'referencePrice/calculation']) {
      const response = await get(`/api/v3/${path}?symbol=BTCUSDT`);
      expect([response.status, response.json]).toEqual([
        400,
        { code: -2043, msg: "This symbol doesn't have a reference price." },
      ]);
    }
    expect((await get('/api/v3/historicalBlockTrades?symbol=BTCUSDT&fromId=1')).json).toEqual([]);
  });

  it.each([
    ['ticker?symbols=["BTCUSDT","ETHUSDT","BNBUSDT"]', 12],
    [`ticker?symbols=${JSON.stringify(Array.from({ length: 51 }, (_, index) => `S${index}`))}`, 200],
    ['ticker/tradingDay?symbol=BTCUSDT', 4],
    ['executionRules', 40],
    ['executionRules?symbols=["BTCUSDT","ETHUSDT"]', 4],
    ['executionRules?symbolStatus=TRADING', 40],
    ['referencePrice?symbol=BTCUSDT', 2],
    ['historicalBlockTrades?symbol=BTCUSDT&fromId=1', 25],
    ['depth?symbol=BTCUSDT&limit=none', 5],
    ['avgPrice?symbol=BTCUSDT', 2],
  ])('%s costs %i', async (target, weight) => {
    const { headers } = await makeWorld().get(`/api/v3/${target}`);
    expect(headers?.['x-mbx-used-weight-1m']).toBe(String(weight));
  });

  it.each([
    ['ticker', -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"],
    ['ticker/tradingDay?timeZone=0', -1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"],
    ['ticker?symbol=BTCUSDT&windowSize=60m', -1130, "Data sent for parameter 'windowSize' is not valid."],
    ['ticker?symbol=BTCUSDT&windowSize=1d2h', -1130, "Data sent for parameter 'windowSize' is not valid."],
    ['ticker?symbol=BTCUSDT&type=HALF', -1139, 'Invalid ticker type.'],
    ['ticker?symbols=["BTCUSDT","BTCUSDT"]', -1151, 'Symbol is present multiple times in the list.'],
    ['ticker/24hr?symbols=["BTCUSDT","NOPE"]', -1121, 'Invalid symbol.'],
    ['ticker/24hr?symbol=BTCUSDT&windowSize=1h', -1104, undefined],
    ['klines?symbol=BTCUSDT&interval=1h&timeZone=15:00', -1130, "Data sent for parameter 'timeZone' is not valid."],
    [
      'depth?symbol=BTCUSDT&symbolStatus=BREAK',
      -1220,
      "The symbol's status does not match the requested symbolStatus.",
    ],
    ['exchangeInfo?symbol=BTCUSDT&permissions=SPOT', -1128, 'Combination of optional parameters invalid.'],
    ['exchangeInfo?symbols=["BTCUSDT"]&symbolStatus=TRADING', -1128, 'Combination of optional parameters invalid.'],
    ['exchangeInfo?permissions=SPOOT', -1130, "Data sent for parameter 'permissions' is not valid."],
    ['executionRules?symbol=BTCUSDT&symbolStatus=TRADING', -1128, 'Combination of optional parameters invalid.'],
    ['historicalBlockTrades?symbol=BTCUSDT', -1102, undefined],
    ['referencePrice', -1102, undefined],
  ])('%s is refused with %i', async (target, code, msg) => {
    const { status, json } = await makeWorld().get(`/api/v3/${target}`);
    expect(status).toBe(400);
    expect(json).toMatchObject(msg === undefined ? { code } : { code, msg });
  });
});
