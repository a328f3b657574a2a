import { createHash } from 'node:crypto';
import { expectOk } from '@monsta/core';
import type { OutgoingResponse } from '@monsta/ports';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { createBinanceServer } from '../binance-server.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import { readFaultPlan } from '../faults/plan-reader.ts';
import type { ArchiveLimits } from './archive-zips.ts';
import { readOnlyEntry } from './zip-reader.test-support.ts';

/** 2025-03-01T12:00:00Z: January and February are over, and 59 days. */
const NOW_MS = 1_740_830_400_000;
const BUCKET = 'data.binance.vision';

type Fields = Readonly<Record<string, unknown>>;
type Get = (target: string, headers?: Readonly<Record<string, string>>) => Promise<OutgoingResponse>;

function archive(limits: Partial<ArchiveLimits> = {}, nowMs = NOW_MS, faults?: FaultPlan): Get {
  const clock = new VirtualClock(nowMs * 1_000);
  const { logger } = silentTelemetry();
  const model = createSimulatedExchange({ seed: 5, clock });
  const server = createBinanceServer({
    model,
    clock,
    logger,
    archiveLimits: limits,
    ...(faults === undefined ? {} : { faults }),
  });
  return async (target, headers = {}) => {
    const [path = '', rawQuery = ''] = target.split('?');
    const route = server.routes.find((candidate) =>
      candidate.path.endsWith('/*') ? path.startsWith(candidate.path.slice(0, -1)) : candidate.path === path,
    );
    if (route === undefined) throw new Error(`no route for ${target}`);
    return route.handle({ method: 'GET', path, params: {}, rawQuery, headers, body: '', remoteAddress: '10.0.0.1' });
  };
}

function bytesOf({ body }: OutgoingResponse): Uint8Array {
  if (typeof body === 'string') throw new Error(`text instead of bytes: ${body.slice(0, 200)}`);
  return body;
}

const textOf = ({ body }: OutgoingResponse): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);

/** Downloads a file as clients do: the zip, its checksum, and the rows in it. */
async function download(get: Get, path: string): Promise<readonly (readonly string[])[]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const response = await get(`${path}.zip`);
  expect([path, response.status]).toEqual([path, 200]);
  const zip = bytesOf(response);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  expect(textOf(await get(`${path}.zip.CHECKSUM`))).toBe(`${sha256}  ${name}.zip\n`);
  const entry = readOnlyEntry(zip);
  expect(entry.name).toBe(`${name}.csv`);
  expect(entry.text.endsWith('\n')).toBe(true);
  return entry.text
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(','));
}

async function rest<T = readonly unknown[]>(get: Get, target: string): Promise<readonly T[]> {
  const response = await get(target, { 'x-mbx-time-unit': 'MICROSECOND' });
  return JSON.parse(textOf(response)) as readonly T[];
}

/** Of a market that stands still, shared by all who only read. */
const get = archive();

describe('the bulk archive', { timeout: 60_000 }, () => {
  it.each([
    ['monthly', '1h', '2025-01', '2025-01-01T00:00:00Z', '2025-01-31T23:59:59.999Z', 744],
    ['daily', '15m', '2025-02-28', '2025-02-28T00:00:00Z', '2025-02-28T23:59:59.999Z', 96],
    ['daily', '12h', '2025-01-01', '2025-01-01T00:00:00Z', '2025-01-01T23:59:59.999Z', 2],
    ['monthly', '1d', '2025-02', '2025-02-01T00:00:00Z', '2025-02-28T23:59:59.999Z', 28],
    ['monthly', '3d', '2025-01', '2025-01-01T00:00:00Z', '2025-01-31T23:59:59.999Z', 11],
    ['monthly', '1w', '2025-01', '2025-01-01T00:00:00Z', '2025-01-31T23:59:59.999Z', 4],
    ['monthly', '1mo', '2025-02', '2025-02-01T00:00:00Z', '2025-02-28T23:59:59.999Z', 1],
  ])(
    'has %s klines of %s as REST has them, in microseconds from 2025 on',
    async (period, interval, date, from, to, count) => {
      const rows = await download(get, `/data/spot/${period}/klines/XRPUSDT/${interval}/XRPUSDT-${interval}-${date}`);
      const name = interval === '1mo' ? '1M' : interval;
      const klines = await rest(
        get,
        `/api/v3/klines?symbol=XRPUSDT&interval=${name}&startTime=${Date.parse(from)}&endTime=${Date.parse(to)}&limit=1000`,
      );
      expect(rows).toHaveLength(count);
      expect(rows).toEqual(klines.map((kline) => kline.map(String)));
      for (const row of rows) {
        expect(row).toHaveLength(12);
        expect(row[0]).toMatch(/^\d{16}$/);
        expect(row[6]).toMatch(/^\d{13}999$/);
      }
    },
  );

  it('has the trades of a day without a gap, and the klines count them', async () => {
    const rows = await download(get, '/data/spot/daily/trades/XRPUSDT/XRPUSDT-trades-2025-02-27');
    const ids = rows.map(([id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => (ids[0] ?? 0) + index));
    const day = { from: Date.parse('2025-02-27T00:00:00Z'), to: Date.parse('2025-02-28T00:00:00Z') - 1 };
    const [kline = []] = await rest(
      get,
      `/api/v3/klines?symbol=XRPUSDT&interval=1d&startTime=${day.from}&endTime=${day.to}`,
    );
    const units = (text: string | undefined): bigint => BigInt((text ?? '').replace('.', ''));
    const total = (column: number): bigint => rows.reduce((sum, row) => sum + units(row[column]), 0n);
    expect(rows.length).toBe(kline[8]);
    expect(total(2)).toBe(units(String(kline[5])));
    expect(total(3)).toBe(units(String(kline[7])));
    expect(rows.at(0)?.[1]).toBe(kline[1]);
    expect(rows.at(-1)?.[1]).toBe(kline[4]);
    const some = (
      await rest<Fields>(get, `/api/v3/historicalTrades?symbol=XRPUSDT&fromId=${(ids[0] ?? 0) + 700}&limit=1000`)
    ).map(({ id, price, qty, quoteQty, time, isBuyerMaker }) =>
      [id, price, qty, quoteQty, time, isBuyerMaker === true ? 'True' : 'False', 'True'].map(String),
    );
    expect(rows.slice(700, 1_700)).toEqual(some);
    expect(new Set(rows.map((row) => row[5]))).toEqual(new Set(['True', 'False']));
  });

  it('has the aggregate trades of a day, which hold its trades', async () => {
    const rows = await download(get, '/data/spot/daily/aggTrades/XRPUSDT/XRPUSDT-aggTrades-2025-02-27');
    expect(rows.every((row) => row.length === 8)).toBe(true);
    rows.slice(1).forEach((row, index) => {
      expect(Number(row[0])).toBe(Number(rows[index]?.[0]) + 1);
      expect(Number(row[3])).toBe(Number(rows[index]?.[4]) + 1);
    });
    const from = Date.parse('2025-02-27T00:00:00Z');
    const page = (await rest<Fields>(get, `/api/v3/aggTrades?symbol=XRPUSDT&startTime=${from}&limit=1000`)).map(
      ({ a, p, q, f, l, T, m }) => [a, p, q, f, l, T, m === true ? 'True' : 'False', 'True'].map(String),
    );
    expect(rows.slice(0, 1_000)).toEqual(page);
    expect(Number(rows.at(-1)?.[5])).toBeLessThan((from + 86_400_000) * 1_000);
  });

  it('has seconds: 86,400 to a day', async () => {
    const rows = await download(get, '/data/spot/daily/klines/XRPUSDT/1s/XRPUSDT-1s-2025-02-28');
    expect(rows).toHaveLength(86_400);
    const opened = Date.parse('2025-02-28T00:00:00Z') * 1_000;
    expect(rows.every((row, index) => Number(row[0]) === opened + index * 1_000_000)).toBe(true);
  });

  it.each([
    ['/data/spot/monthly/klines/XRPUSDT/1h/XRPUSDT-1h-2025-03.zip', 'the month is not over'],
    ['/data/spot/daily/trades/XRPUSDT/XRPUSDT-trades-2025-03-01.zip', 'the day is not over'],
    ['/data/spot/monthly/klines/XRPUSDT/1w/XRPUSDT-1w-2025-02.zip', 'its last week is not over'],
    ['/data/spot/monthly/klines/XRPUSDT/1h/XRPUSDT-1h-2024-12.zip', 'before the first trade'],
    ['/data/spot/monthly/klines/NOPEUSDT/1h/NOPEUSDT-1h-2025-01.zip', 'no such symbol'],
    ['/data/spot/monthly/klines/XRPUSDT/2m/XRPUSDT-2m-2025-01.zip', 'no such interval'],
    ['/data/spot/monthly/klines/XRPUSDT/1M/XRPUSDT-1M-2025-01.zip', 'the month is called 1mo'],
    ['/data/spot/daily/klines/XRPUSDT/1w/XRPUSDT-1w-2025-01-06.zip', 'no daily files of weeks'],
    ['/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-01.zip', 'a month in the daily folder'],
    ['/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-02-30.zip', 'no such day'],
    ['/data/spot/daily/klines/XRPUSDT/1h/BTCUSDT-1h-2025-01-01.zip', 'the name of another'],
    ['/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-01-01.csv', 'no zip'],
    ['/data/futures/um/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-01-01.zip', 'no futures'],
    ['/data/%E0%A4%A', 'a broken escape'],
  ])('has no %s: %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers).toMatchObject({ 'content-type': 'application/xml', 'x-monsta-origin': 'simulated' });
    expect(textOf(response)).toContain('<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>');
  });

  it('gives a month’s file when its last week is over', async () => {
    const later = archive({}, Date.parse('2025-03-03T00:00:00.001Z'));
    const rows = await download(later, '/data/spot/monthly/klines/XRPUSDT/1w/XRPUSDT-1w-2025-02');
    expect(rows.map(([open]) => new Date(Number(open) / 1_000).toISOString().slice(0, 10))).toEqual([
      '2025-02-03',
      '2025-02-10',
      '2025-02-17',
      '2025-02-24',
    ]);
  });

  it('gives the same bytes at every download, also when it has forgotten the first', async () => {
    const path = '/data/spot/daily/klines/XRPUSDT/1m/XRPUSDT-1m-2025-02-27.zip';
    const first = bytesOf(await get(path));
    expect(bytesOf(await get(path))).toBe(first);
    const forgetting = archive({ keptBytesMax: 0 });
    for (let time = 0; time < 2; time += 1) {
      const again = bytesOf(await forgetting(path));
      expect(again).not.toBe(first);
      expect(Buffer.compare(again, first)).toBe(0);
    }
  });

  it('tells its tag and date, sends parts, and nothing to those who have it', async () => {
    const path = '/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-02-27.zip';
    const whole = await get(path);
    const bytes = bytesOf(whole);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    expect(whole.headers).toMatchObject({
      etag,
      'last-modified': 'Fri, 28 Feb 2025 00:00:00 GMT',
      'accept-ranges': 'bytes',
      'content-type': 'application/zip',
    });
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
    for (const [range, first, last] of [
      ['bytes=0-9', 0, 9],
      ['bytes=100-', 100, bytes.length - 1],
      ['bytes=-7', bytes.length - 7, bytes.length - 1],
      ['bytes=5-999999999', 5, bytes.length - 1],
    ] as const) {
      const part = await get(path, { range });
      expect(part.status).toBe(206);
      expect(part.headers?.['content-range']).toBe(`bytes ${first}-${last}/${bytes.length}`);
      expect(Buffer.compare(bytesOf(part), bytes.subarray(first, last + 1))).toBe(0);
    }
    expect((await get(path, { range: `bytes=${bytes.length}-` })).status).toBe(416);
    expect((await get(path, { range: 'rows=1-2' })).status).toBe(200);
  });

  it('makes a file once for all who wait for it, and tells the rest to come back', async () => {
    const busy = archive({ makingMax: 1, waitingMax: 1 });
    const path = (day: number): string => `/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-02-1${day}.zip`;
    const responses = await Promise.all([1, 1, 2, 3, 2].map((day) => busy(path(day))));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 503, 200]);
    const [first, second, , refused] = responses;
    expect(first?.body).toBe(second?.body);
    expect(refused === undefined ? '' : textOf(refused)).toContain('<Code>SlowDown</Code>');
    expect((await busy(path(3))).status).toBe(200);
  });

  it('does not make what would be too large', async () => {
    const small = archive({ zipBytesMax: 1_000 });
    const response = await small('/data/spot/monthly/klines/XRPUSDT/1h/XRPUSDT-1h-2025-01.zip');
    expect(response.status).toBe(500);
    expect(textOf(response)).toContain('<Code>InternalError</Code>');
    expect((await small('/data/spot/monthly/klines/XRPUSDT/1mo/XRPUSDT-1mo-2025-01.zip')).status).toBe(200);
  });

  it('lets others have their turn while it makes a large file', async () => {
    let turns = 0;
    let making = true;
    const turn = (): void => {
      turns += 1;
      if (making) setImmediate(turn);
    };
    setImmediate(turn);
    const rows = await download(get, '/data/spot/monthly/klines/XRPUSDT/1m/XRPUSDT-1m-2025-02');
    making = false;
    expect(rows).toHaveLength(28 * 1_440);
    // 162 lots of 250 rows, of which only a few are made without a turn between them.
    expect(turns).toBeGreaterThan(20);
  });
});

describe('faults of the archive', { timeout: 60_000 }, () => {
  const path = '/data/spot/daily/klines/XRPUSDT/1h/XRPUSDT-1h-2025-02-27.zip';
  const struck = (...rules: readonly object[]): Get => archive({}, NOW_MS, expectOk(readFaultPlan({ rules })));
  const where = (pattern: string): object => ({ channel: 'rest', path: pattern });

  it('cut a zip short once, and give it whole the next time', async () => {
    const faulty = struck({ fault: 'damage', how: 'truncate', percent: 40, where: where('/data/*.zip') });
    const torn = await faulty(path);
    expect(torn).toMatchObject({ status: 200, headers: { 'x-monsta-fault': 'damage-1' } });
    const whole = bytesOf(await faulty(path));
    expect(Buffer.compare(bytesOf(torn), whole.subarray(0, Math.floor(whole.length * 0.4)))).toBe(0);
  });

  it('alter a byte of a zip, or a digit of its checksum', async () => {
    const faulty = struck({ fault: 'damage', how: 'alter', times: 2, where: where('/data/*') });
    const [zip, sum] = [bytesOf(await faulty(path)), textOf(await faulty(`${path}.CHECKSUM`))];
    const [soundZip, soundSum] = [bytesOf(await faulty(path)), textOf(await faulty(`${path}.CHECKSUM`))];
    expect(zip.filter((byte, index) => byte !== soundZip[index])).toHaveLength(1);
    expect(sum).not.toBe(soundSum);
    expect(sum).toMatch(/^[0-9a-f]{64} {2}XRPUSDT-/);
  });
});

describe('the archive’s listing', { timeout: 60_000 }, () => {
  const keysOf = (body: string): string[] => [...body.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key);
  const foldersOf = (body: string): string[] =>
    [...body.matchAll(/<CommonPrefixes><Prefix>([^<]+)</g)].map(([, folder = '']) => folder);

  it('goes from folder to folder', async () => {
    const folders = async (prefix: string): Promise<string[]> =>
      foldersOf(textOf(await get(`/?delimiter=/&prefix=${encodeURIComponent(prefix)}`)));
    expect(await folders('')).toEqual(['data/']);
    expect(await folders('data/spot/')).toEqual(['data/spot/daily/', 'data/spot/monthly/']);
    expect(await folders('data/spot/monthly/')).toEqual(
      ['aggTrades', 'klines', 'trades'].map((kind) => `data/spot/monthly/${kind}/`),
    );
    expect(await folders('data/spot/monthly/klines/')).toEqual(
      ['BNBUSDT', 'BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'].map((id) => `data/spot/monthly/klines/${id}/`),
    );
    expect(await folders('data/spot/monthly/klines/BTCUSDT/')).toHaveLength(16);
    expect(await folders('data/spot/daily/klines/BTCUSDT/')).toHaveLength(13);
    expect(await folders('data/spot/monthly/klines/B')).toHaveLength(2);
    expect(await folders('nothing/')).toEqual([]);
  });

  it('names the files whose span is over, and each is there', async () => {
    const body = textOf(await get('/?prefix=data/spot/monthly/klines/BTCUSDT/1d/&delimiter=/'));
    const names = ['2025-01', '2025-02'].map((month) => `data/spot/monthly/klines/BTCUSDT/1d/BTCUSDT-1d-${month}.zip`);
    expect(keysOf(body)).toEqual(names.flatMap((name) => [name, `${name}.CHECKSUM`]));
    expect(body).toContain('<IsTruncated>false</IsTruncated>');
    expect(body).not.toContain('<Size>');
    for (const key of keysOf(body)) expect([key, (await get(`/${key}`)).status]).toEqual([key, 200]);
    const [name = ''] = names;
    const zip = bytesOf(await get(`/${BUCKET}/${name}`));
    const listed = textOf(await get(`/${BUCKET}?prefix=${name}`));
    expect(listed).toContain(`<Size>${zip.byteLength}</Size>`);
    expect(listed).toContain(`<ETag>&quot;${createHash('md5').update(zip).digest('hex')}&quot;</ETag>`);
  });

  it.each(['first', 'second'])('comes in pages that together are all, in the %s form', async (form) => {
    const all: string[] = [];
    let next: string | undefined = '';
    let pages = 0;
    while (next !== undefined) {
      const mark = form === 'first' ? `&marker=${next}` : `&list-type=2&continuation-token=${next}`;
      const query = `prefix=data/spot/daily/klines/ETHUSDT/1&max-keys=100${mark}`;
      const body = textOf(await get(`/?${query}`));
      const keys = keysOf(body);
      expect(keys.length).toBeLessThanOrEqual(100);
      all.push(...keys);
      pages += 1;
      next = /<Next(?:Marker|ContinuationToken)>([^<]+)</.exec(body)?.[1];
    }
    expect(all).toEqual([...new Set(all)].sort());
    // 59 days of 1d, 1h, 1m, 1s, 12h and 15m, each with its checksum.
    expect(all).toHaveLength(59 * 6 * 2);
    expect(pages).toBe(Math.ceil(all.length / 100));
  });

  it('has all keys in order where no delimiter is given', async () => {
    const body = textOf(await get('/'));
    const keys = keysOf(body);
    expect(keys).toHaveLength(1_000);
    expect(keys).toEqual([...keys].sort());
    expect(body).toContain('<IsTruncated>true</IsTruncated>');
  });
});
