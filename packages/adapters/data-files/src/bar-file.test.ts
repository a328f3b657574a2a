import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { assetId, barAt, barGaps, expectOk, instrumentId, type BarSeries } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBarFile, readBars } from './bar-file.ts';
import { surveyBarFile } from './bar-survey.ts';
import type { BarTerms } from './bar-terms.ts';
import { btc, temporaryFile } from './files.test-support.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 31, 12);

const read = async (content: string | Uint8Array, terms: BarTerms = btc(), name = 'bars.csv'): Promise<BarSeries> =>
  expectOk(await readBarFile(temporaryFile(name, content), terms));

async function faultOf(
  content: string | Uint8Array,
  terms: BarTerms = btc(),
): Promise<{ code: string; message: string }> {
  const path = temporaryFile('bars.csv', content);
  const result = await readBarFile(path, terms);
  if (result.ok) throw new Error('a faulty file was taken');
  return { code: result.fault.code, message: result.fault.message.replaceAll(path, 'FILE') };
}

/** Rows of a series as numbers. */
const rows = (series: BarSeries): number[][] =>
  Array.from({ length: series.length }, (_, at) =>
    [series.openTimeMs, series.open, series.high, series.low, series.close, series.volume].map(
      (column) => column[at] ?? Number.NaN,
    ),
  );

const TWO_HOURS = [
  [START, 4250, 4300, 4200, 4275, 150_000_000],
  [START + HOUR, 4275, 4280, 4100, 4150, 25_000_000],
];
const CSV = `openTimeMs,open,high,low,close,volume
${START},42.50,43.00,42.00,42.75,1.5
${START + HOUR},42.75,42.80,41.00,41.50,0.25
`;

async function parquet(path: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

function zipOf(
  entries: readonly { name: string; text: string }[],
  damage: (zip: Buffer) => Buffer = (zip) => zip,
): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, text } of entries) {
    const packed = deflateRawSync(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(text), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(Buffer.byteLength(text), 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return damage(Buffer.concat([...parts, directory, end]));
}

describe('a file of bars', () => {
  it('is read into columns of whole ticks, the tick being the finest digit of its prices', async () => {
    const series = await read(CSV);
    expect(rows(series)).toEqual(TWO_HOURS);
    expect(series).toMatchObject({
      interval: '1h',
      length: 2,
      instrument: { id: 'BTCUSDT', base: 'BTC', quote: 'USDT', tick: { units: 1, scale: 2 } },
    });
    expect(barAt(series, 0)).toMatchObject({ open: 4250, volume: 150_000_000n });
  });

  it.each([
    ['without a header', CSV.slice(CSV.indexOf('\n') + 1)],
    ['with lines that end in CR LF, and none behind the last', CSV.replaceAll('\n', '\r\n').trimEnd()],
    ['with a byte order mark, blank lines and quotes', `\uFEFF${CSV.replaceAll('42.50', '"42.50"')}\n\n`],
    ['with semicolons', CSV.replaceAll(',', ';')],
    ['with tabs', CSV.replaceAll(',', '\t')],
    ['with seconds', CSV.replaceAll('00000,', '00,').replace('openTimeMs', 'time')],
    ['with microseconds', CSV.replaceAll('00000,', '00000000,').replace('openTimeMs', 'timestamp')],
    ['with nanoseconds', CSV.replaceAll('00000,', '00000000000,').replace('openTimeMs', 'timestamp')],
    [
      'as JSON of numbers, as freqtrade keeps them',
      '[[1706702400000,42.5,43.0,42,42.75,1.5],[1706706000000,42.75,42.8,41,41.5,0.25]]',
    ],
    [
      'as JSON of Binance’s klines',
      `[
  [1706702400000, "42.50000000", "43.00", "42.00", "42.75", "1.50000000", 1706705999999, "63.9", 12, "0.5", "21", "0"],
  [1706706000000, "42.75", "42.80", "41.00", "41.50", "0.25", 1706709599999, "10.4", 3, "0.1", "4.2", "0"]
]
`,
    ],
    [
      'in the layout of Binance’s archive',
      '1706702400000,42.5,43,42,42.75,1.5,1706705999999,63.9,12,0.5,21,0\n1706706000000,42.75,42.8,41,41.5,0.25,1706709599999,10.4,3,0.1,4.2,0\n',
    ],
    [
      'as JSON of objects, whose names may come in another order',
      '[{"time":1706702400000,"open":"42.5","high":43,"low":42,"close":42.75,"volume":1.5,"x":"a,b]"}, {"volume":"0.25","time":1706706000000,"open":42.75,"low":41,"high":42.80,"close":41.5}]',
    ],
    [
      'as JSON of objects line by line',
      '{"openTimeMs":1706702400000,"open":"42.5","high":"43","low":"42","close":"42.75","volume":"1.5"}\n{"openTimeMs":1706706000000,"open":"42.75","high":"42.80","low":"41","close":"41.5","volume":"0.25"}\n',
    ],
    ['as JSON of lists line by line', '[1706702400,42.5,43,42,42.75,1.5]\n[1706706000,42.75,42.8,41,41.5,0.25]'],
    [
      'as pandas and Backtesting.py write it, with an index without name',
      ',Open,High,Low,Close,Volume\n2024-01-31 12:00:00,42.5,43.0,42.0,42.75,1.5\n2024-01-31 13:00:00,42.75,42.8,41.0,41.5,0.25\n',
    ],
    [
      'as yfinance writes it, with adjusted prices',
      'Datetime,Open,High,Low,Close,Adj Close,Volume\n2024-01-31 12:00:00+00:00,42.5,43.0,42.0,42.75,40,1.5\n2024-01-31 08:00:00-05:00,42.75,42.8,41.0,41.5,40,0.25\n',
    ],
    [
      'as yfinance writes it since it has headers of two levels',
      'Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDatetime,,,,,\n2024-01-31 12:00:00+00:00,42.75,43.0,42.0,42.5,1.5\n2024-01-31 13:00:00+00:00,41.5,42.8,41.0,42.75,0.25\n',
    ],
    [
      'as TradingView exports it',
      'time,open,high,low,close,Volume,Volume MA\n2024-01-31T12:00:00Z,42.5,43,42,42.75,1.5,1\n2024-01-31T13:00:00Z,42.75,42.8,41,41.5,0.25,2\n',
    ],
    [
      'as CryptoDataDownload has it, with its address above',
      'https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT\n1706702400,2024-01-31 12:00:00,BTCUSDT,42.5,43,42,42.75,1.5,9\n1706706000,2024-01-31 13:00:00,BTCUSDT,42.75,42.8,41,41.5,0.25,9\n',
    ],
  ])('is read %s', async (_, content) => {
    expect(rows(await read(content))).toEqual(TWO_HOURS);
  });

  it('of days that begin at midnight of another place, which moves its clocks, has their dates', async () => {
    const local = (times: readonly string[]): string =>
      `Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n${times.map((time) => `${time},2,2,2,2,1,0.0,0.0\n`).join('')}`;
    const days = ['2024-03-08 00:00:00-05:00', '2024-03-11 00:00:00-04:00', '2024-03-12 00:00:00-04:00'];
    const dated = await read(local(days));
    expect(dated.interval).toBe('1d');
    expect([...dated.openTimeMs]).toEqual(['2024-03-08', '2024-03-11', '2024-03-12'].map((day) => Date.parse(day)));
    const east = await read(local(['2024-03-08T00:00+09:00', '2024-03-09T00:00+09:00']));
    expect([...east.openTimeMs]).toEqual(['2024-03-08', '2024-03-09'].map((day) => Date.parse(day)));
    // One midnight among other times of day is a moment.
    const hours = await read(local(['2024-03-08 00:00:00-05:00', '2024-03-08 01:00:00-05:00']));
    expect([...hours.openTimeMs]).toEqual([5, 6].map((hour) => Date.UTC(2024, 2, 8, hour)));
    const survey = expectOk(await surveyBarFile(temporaryFile('bars.csv', local([...days, days[2] ?? ''])), btc(), 5));
    expect(survey.faults).toMatchObject([{ kind: 'duplicate', count: 1 }]);
    expect([...survey.series.openTimeMs]).toEqual([...dated.openTimeMs]);
    expect(await faultOf(local(['2024-03-08 14:30:00+00:00', '2024-03-08 15:30:00+00:00']))).toMatchObject({
      code: 'bars_interval',
      message: expect.stringContaining('not on a whole 1h of UTC; write times in UTC, and where they are') as string,
    });
  });

  it('may open all as far behind whole intervals, where that is asked for', async () => {
    const half = (hours: readonly number[]): string =>
      `time,open,high,low,close,volume\n${hours.map((hour) => `2024-03-08 ${hour}:30,1,2,1,2,3\n`).join('')}`;
    const taken = expectOk(
      await readBarFile(temporaryFile('bars.csv', half([14, 15, 16, 19])), { ...btc(), offGrid: 'take' }),
    );
    expect([taken.interval, ...taken.openTimeMs]).toEqual([
      '1h',
      ...[14, 15, 16, 19].map((hour) => Date.UTC(2024, 2, 8, hour, 30)),
    ]);
    // One that lies elsewhere within its hour is none of theirs.
    const mixed = `${half([14, 15, 16])}2024-03-08 18:00,1,2,1,2,3\n`;
    const refused = await readBarFile(temporaryFile('bars.csv', mixed), { ...btc(), offGrid: 'take', interval: '1h' });
    expect(refused).toMatchObject({ ok: false, fault: { code: 'bars_interval' } });
  });

  it('is read from gzip, also of several members, and from a zip of one file', async () => {
    const cut = CSV.indexOf('\n') + 20;
    expect(rows(await read(gzipSync(CSV)))).toEqual(TWO_HOURS);
    expect(rows(await read(Buffer.concat([gzipSync(CSV.slice(0, cut)), gzipSync(CSV.slice(cut))])))).toEqual(TWO_HOURS);
    expect(rows(await read(zipOf([{ name: 'BTCUSDT-1h-2024-01.csv', text: CSV }])))).toEqual(TWO_HOURS);
  });

  it.each([
    [
      'as pandas and freqtrade write it, prices being binary',
      'DOUBLE',
      'DOUBLE',
      "(TIMESTAMPTZ '2024-01-31 12:00:00+00') AS date",
    ],
    ['of nanoseconds without a zone', 'FLOAT', 'DOUBLE', "TIMESTAMP_NS '2024-01-31 12:00:00' AS Datetime"],
    ['of exact decimals', 'DECIMAL(18,8)', 'DECIMAL(38,8)', '1706702400000 AS openTimeMs'],
    ['of text', 'VARCHAR', 'VARCHAR', "'2024-01-31 12:00' AS time"],
  ])('is read from Parquet %s', async (_, price, volume, time) => {
    const path = temporaryFile('bars.parquet', '');
    const bar = [42.5, 43, 42, 42.75].map(
      (value, index) => `${value}::${price} AS ${'open high low close'.split(' ')[index]}`,
    );
    await parquet(path, `SELECT ${bar.join(', ')}, 1.5::${volume} AS Volume, ${time}`);
    const series = expectOk(await readBarFile(path, btc({ interval: '1h' })));
    expect(rows(series)).toEqual(TWO_HOURS.slice(0, 1));
  });

  it('of Parquet is checked as others are, with the row', async () => {
    const path = temporaryFile('bars.parquet', '');
    await parquet(
      path,
      'SELECT 1706702400000 - i * 3600000 AS time, 1 AS open, 1 AS high, 1 AS low, 1 AS close, 0 AS volume FROM range(2) r(i)',
    );
    const fault = await readBarFile(path, btc());
    expect(fault).toMatchObject({ fault: { code: 'bars_disorder' } });
    expect(fault.ok ? '' : fault.fault.message).toContain(`${path}, row 2: the bar of`);
    await parquet(path, 'SELECT 1 AS a');
    expect(await readBarFile(path, btc())).toMatchObject({ fault: { code: 'bars_layout' } });
    writeFileSync(path, 'PAR1 and nothing more');
    expect(await readBarFile(path, btc())).toMatchObject({ fault: { code: 'bars_damaged' } });
  });

  it('of days is read from plain dates, weekends being missing bars', async () => {
    const series = await read(
      'Date,Open,High,Low,Close,Volume\n2004-08-19,100,104.06,95.96,100.34,22351900\n2004-08-20,101.01,109.08,100.5,108.31,11428600\n2004-08-23,110.75,113.48,109.05,109.4,9137200\n',
      btc({}, { id: instrumentId('GOOG'), quote: assetId('USD') }),
    );
    expect(series.interval).toBe('1d');
    expect(barGaps(series)).toEqual({
      count: 1,
      missing: 2,
      longest: { beforeMs: Date.UTC(2004, 7, 20), afterMs: Date.UTC(2004, 7, 23) },
    });
    expect(series.volume[0]).toBe(22_351_900e8);
  });

  it('gives the bars that open from one time on and before another, in shared memory where asked', async () => {
    const many = `time,open,high,low,close,volume\n${Array.from({ length: 5 }, (_, hour) => `${START + hour * HOUR},1,1,1,1,0`).join('\n')}`;
    const part = await read(many, btc({ fromMs: START + HOUR, toMs: START + 3 * HOUR, shared: true }));
    expect([...part.openTimeMs]).toEqual([START + HOUR, START + 2 * HOUR]);
    expect(part.open.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect((await read(many, btc({ fromMs: START + 9 * HOUR }))).length).toBe(0);
  });

  it('has its prices on the tick that is given, rounded only where that is asked for', async () => {
    const floats =
      'time,open,high,low,close,volume\n1706702400,0.30000000000000004,1e0,1e-01,0.55,457.33401489257812\n';
    const tick = { units: 5, scale: 1 };
    const rounded = await read(floats, btc({ interval: '1h', offTick: 'round' }, { tick: { units: 1, scale: 2 } }));
    expect(rows(rounded)[0]?.slice(1)).toEqual([30, 100, 10, 55, 45_733_401_489]);
    expect(rows(await read(CSV.replaceAll(/\.\d\d/g, '.5'), btc({}, { tick })))[0]?.[1]).toBe(85);
    expect(await faultOf(floats, btc({ interval: '1h' }, { tick: { units: 1, scale: 2 } }))).toEqual({
      code: 'bars_off_tick',
      message:
        'FILE, line 2: open 0.30000000000000004 is no multiple of the tick 0.01; give the right tick, or let prices be rounded to it',
    });
    expect((await faultOf(floats, btc({ interval: '1h' }))).message).toMatch(/line 2: open 0\.3.* has more digits/);
  });

  it('has what Binance’s archive says of turnover and takers, where that is asked for', async () => {
    const path = temporaryFile(
      'bars.csv',
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n1706702400000,42.5,43,42,42.75,1.5,1706705999999,98000000000.5,12,0.5,21,0\n',
    );
    const file = expectOk(await readBars(path, btc({ interval: '1h', withFlow: true, withTurnover: true }), 'bars'));
    expect(file.turnover).toEqual({
      quoteVolume: [9_800_000_000_050_000_000n],
      takerBuyQuoteVolume: [2_100_000_000n],
    });
    expect(file.series.flow).toEqual({
      takerBuyVolume: Float64Array.of(50_000_000),
      trades: Float64Array.of(12),
      bookImbalance: Float64Array.of(Number.NaN),
    });
  });

  it('tells of takers, trades and the book what its columns say, where that is asked for; an empty cell says nothing', async () => {
    const text = `time,open,high,low,close,volume,trades,taker_buy_volume,book_imbalance
${START},42.5,43,42,42.75,1.5,12,0.5,-0.123457
${START + HOUR},42.75,42.8,41,41.5,0.25,,nan,
${START + 2 * HOUR},41.5,41.5,41.5,41.5,0.1,3.0,0.1000000049,1
`;
    const flow = {
      takerBuyVolume: Float64Array.of(50_000_000, Number.NaN, 10_000_000),
      trades: Float64Array.of(12, Number.NaN, 3),
      bookImbalance: Float64Array.of(-123_457, Number.NaN, 1_000_000),
    };
    expect((await read(text)).flow).toBeUndefined();
    const asked = btc({ withFlow: true });
    expect((await read(text, asked)).flow).toEqual(flow);
    expect((await read(text, { ...asked, fromMs: START + 2 * HOUR, shared: true })).flow?.trades).toEqual(
      Float64Array.of(3),
    );
    const survey = expectOk(await surveyBarFile(temporaryFile('bars.csv', text), asked, 5));
    expect([survey.faults, survey.series.flow]).toEqual([[], flow]);
    expect(survey.understood.columns.read).toMatchObject({ trades: 'trades', bookImbalance: 'book_imbalance' });
    // A file without such columns has none of it.
    expect((await read(CSV, asked)).flow).toBeUndefined();
    const path = temporaryFile('bars.parquet', '');
    await parquet(
      path,
      `SELECT epoch_ms(t) AS open_time, 1.5 AS open, 1.5 AS high, 1.5 AS low, 1.5 AS close, 2 AS volume, n::BIGINT AS trades, x::DECIMAL(18,8) AS book_imbalance
       FROM (VALUES (${START}, 7, 0.25), (${START + HOUR}, NULL, NULL)) AS rows(t, n, x)`,
    );
    expect(expectOk(await readBarFile(path, asked)).flow).toEqual({
      takerBuyVolume: Float64Array.of(Number.NaN, Number.NaN),
      trades: Float64Array.of(7, Number.NaN),
      bookImbalance: Float64Array.of(250_000, Number.NaN),
    });
  });

  it.each([
    ['bars_corrupt', '1.5,1,0', "the number of trades '1.5' is no whole number"],
    ['bars_impossible', '-1,1,0', 'the number of trades -1 is below zero'],
    ['bars_corrupt', '1,x,0', "the takers’ volume 'x' is no decimal number"],
    ['bars_impossible', '1,-1,0', 'the takers’ volume -1 is below zero'],
    ['bars_corrupt', '1,1,half', "the book's imbalance 'half' is no decimal number"],
    ['bars_impossible', '1,1,-1.01', "the book's imbalance -1.01 lies outside −1 … 1"],
  ])('is refused for %s where it is asked what %s says', async (code, cells, message) => {
    const text = `time,open,high,low,close,volume,trades,taker_buy_volume,book_imbalance\n${START},2,2,2,2,2,${cells}\n`;
    expect(await faultOf(text, btc({ interval: '1h', withFlow: true }))).toMatchObject({
      code,
      message: `FILE, line 2: ${message}`,
    });
    expect((await read(text, btc({ interval: '1h' }))).length).toBe(1);
  });

  it.each([
    ['bars_empty', '', 'FILE is empty'],
    ['bars_empty', 'time,open,high,low,close,volume\n', 'FILE: it holds no bar'],
    ['bars_layout', 'hello\n', "FILE, line 1: 'hello' is neither a header nor a bar"],
    ['bars_layout', 'time,open,high,low,close\n', 'names no column for volume; where the volume is not known, add'],
    ['bars_layout', `${START},1,1,1,1,1,1\n`, 'FILE, line 1: 7 columns without a header'],
    ['bars_layout', '[{"time":1}]', "FILE, row 1: 'time' is neither a header nor a bar"],
    ['bars_layout', '{"code":0,"data":[[1,2,3,4,5,6]]}', 'row 1 holds lists or objects within it'],
    ['bars_corrupt', `[[${START},1,1,1,1,1],null]`, "row 1: 'null]' behind row 1 is no row"],
    ['bars_corrupt', CSV.replaceAll('00000,', '00000000,'), 'FILE, line 2: the time'],
    ['bars_layout', Buffer.from('time,open', 'utf16le'), 'is no text in UTF-8'],
    ['bars_corrupt', CSV.replace('42.80', 'x'), "FILE, line 3: high 'x' is no decimal number"],
    ['bars_corrupt', CSV.replace('42.80', ''), 'FILE, line 3: high is empty; leave the line of a missing bar out'],
    ['bars_corrupt', CSV.replace('1.5', 'NaN'), "FILE, line 2: volume 'NaN'"],
    ['bars_corrupt', CSV.replace(String(START), '31/01/2024'), "FILE, line 2: '31/01/2024' is no time"],
    ['bars_corrupt', CSV.replace(',0.25', ''), 'FILE, line 3: 5 columns, where 6 are expected'],
    [
      'bars_impossible',
      CSV.replace('42.80', '42.70'),
      'FILE, line 3: high 42.70 and low 41.00 do not enclose open 42.75',
    ],
    ['bars_impossible', CSV.replace('41.00', '0'), 'FILE, line 3: a price is zero or below'],
    ['bars_impossible', CSV.replace('0.25', '-1'), 'FILE, line 3: volume -1 is below zero'],
    [
      'bars_disorder',
      CSV.replace(String(START + HOUR), String(START - HOUR)),
      'FILE, line 3: the bar of 2024-01-31T11:00',
    ],
    [
      'bars_duplicate',
      `${CSV}${CSV.trimEnd().split('\n')[2] ?? ''}\n`,
      'FILE, line 4: the bar of 2024-01-31T13:00:00.000Z is there twice, both the same',
    ],
    [
      'bars_duplicate',
      CSV.replace(String(START + HOUR), String(START)),
      'FILE, line 3: the bar of 2024-01-31T12:00:00.000Z is there twice, and they disagree',
    ],
    ['bars_interval', CSV.replace(String(START + HOUR), String(START + 7 * 60_000)), 'FILE: the bars lie 7 min apart'],
    ['bars_interval', CSV.split('\n').slice(0, 2).join('\n'), 'FILE: one bar alone has no interval'],
    ['bars_interval', CSV.replaceAll('00000,', '00001,'), 'not on a whole 1h of UTC'],
    ['bars_truncated', '[[1706702400000,42.5,43.0,42,42.75,1.5],[17067060', "isn't closed behind row 1"],
    ['bars_truncated', gzipSync(CSV).subarray(0, 60), 'ends in the middle of its gzip data'],
    ['bars_corrupt', Buffer.concat([gzipSync(CSV).subarray(0, 30), Buffer.alloc(60, 7)]), 'no sound gzip file'],
    [
      'bars_ambiguous',
      zipOf([
        { name: 'a.csv', text: CSV },
        { name: 'b.csv', text: CSV },
      ]),
      'the zip holds 2 files',
    ],
    ['bars_corrupt', zipOf([{ name: 'a.csv', text: CSV }], (zip) => zip.subarray(0, zip.length - 9)), 'no sound zip'],
    [
      'bars_corrupt',
      zipOf([{ name: 'a.csv', text: CSV }], (zip) =>
        zip.fill(1, 14, 14).fill(9, zip.length - 22 - 46 - 5 + 16, zip.length - 22 - 46 - 5 + 18),
      ),
      'the sum of a.csv is wrong',
    ],
  ])('with a fault is %s', async (code, content, what) => {
    const fault = await faultOf(content);
    expect(fault.message).toContain(what);
    expect(fault.code).toBe(code);
  });

  it('of several intervals is refused with the line, as is one that is not of the interval asked for', async () => {
    const hours = Array.from({ length: 30 }, (_, hour) => `${START + hour * HOUR},1,1,1,1,0`);
    const mixed = [...hours, `${START + 30 * HOUR - 60_000 * 55},1,1,1,1,0`].join('\n');
    const fault = await faultOf(mixed);
    expect(fault.code).toBe('bars_interval');
    expect(fault.message).toContain('FILE, line 31: the bar lies 5 min');
    expect((await faultOf(hours.join('\n'), btc({ interval: '1m' }))).message).toContain(
      'the bars are of 1h, not of 1m',
    );
    expect((await faultOf(hours.join('\n'), btc({ interval: '1d' }))).message).toContain('line 2: the bar lies 1 h');
  });

  it('needs a quote asset, and says so', async () => {
    expect(await faultOf(CSV, btc({}, { id: instrumentId('GOOG') }))).toMatchObject({ code: 'bars_instrument' });
  });

  it('that is absent or a folder is told apart from a damaged one', async () => {
    expect(await readBarFile('/nowhere/bars.csv', btc())).toMatchObject({ fault: { code: 'bars_missing' } });
    expect(await readBarFile('/tmp', btc())).toMatchObject({ fault: { code: 'bars_missing' } });
  });

  it('that unpacks to far more than prices do is cut off', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(CSV), Buffer.alloc(17 << 20, '\n')]));
    expect(await faultOf(bomb)).toMatchObject({ code: 'bars_too_large' });
    expect(await faultOf(Buffer.alloc(200_000, 'x'))).toMatchObject({ code: 'bars_corrupt' });
  });

  it('gives back exactly what was written, however its prices are and its digits are told', async () => {
    const bar = fc.record({
      skipped: fc.nat({ max: 3 }),
      prices: fc.array(fc.integer({ min: 1, max: 10_000_000_000 }), { minLength: 4, maxLength: 4 }),
      volume: fc.maxSafeNat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(bar, { minLength: 1, maxLength: 40 }), fc.nat({ max: 5 }), async (bars, scale) => {
        let openMs = START;
        const decimal = (units: number, digits: number): string => {
          const text = String(units).padStart(digits + 1, '0');
          return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
        };
        const expected = bars.map(({ skipped, prices, volume }, index) => {
          // Two neighbours are there, so that the interval can be seen.
          openMs += HOUR * (index === 1 ? 1 : 1 + skipped);
          const [low = 0, open = 0, close = 0, high = 0] = prices.toSorted((left, right) => left - right);
          return [openMs, open, high, low, close, volume];
        });
        const text = expected
          .map(([time = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]) =>
            [String(time), ...[open, high, low, close].map((price) => decimal(price, scale)), decimal(volume, 8)].join(
              ',',
            ),
          )
          .join('\n');
        expect(rows(await read(text, btc({ interval: '1h' }, { tick: { units: 1, scale } })))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

const REAL = join(import.meta.dirname, '../../../../../shared/data/BTCUSDT-1h-20170817-20240421.csv.gz');
describe.skipIf(!existsSync(REAL))(`the real hours in ${REAL} (skipped where absent)`, () => {
  it('are all read, with their outages as gaps', async () => {
    const series = expectOk(await readBarFile(REAL, btc()));
    expect([series.length, series.interval, series.instrument.tick]).toEqual([58_419, '1h', { units: 1, scale: 2 }]);
    expect(barGaps(series)).toMatchObject({ count: 28, missing: 128 });
    expect(rows(series)[0]).toEqual([1_502_942_400_000, 426_148, 431_362, 426_132, 430_883, 4_718_100_900]);
  });
});
