import { readdirSync } from 'node:fs';
import { expectOk, MS_PER_DAY, MS_PER_HOUR } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, filesBelow, makeDownloadWorld, NOW_MS, oldExchange, testFolder, XRP } from './download.test-support.ts';
import type { DownloadReport } from './report.ts';

const FEBRUARY = Date.UTC(2025, 1, 1);
const MARCH = Date.UTC(2025, 2, 1);
const where = (path: string): object => ({ channel: 'rest', path });
const refused = (path: string, status: number, more: object = {}): object => ({
  fault: 'refuse',
  status,
  times: 'always',
  where: where(path),
  ...more,
});
const itemsOf = ({ items }: DownloadReport): readonly unknown[] =>
  items.map(({ period, status, sources, added, known, missing }) => [
    period,
    status,
    sources.map(({ source, rows }) => `${source} ${rows}`).join(', '),
    added,
    known,
    missing,
  ]);

describe('a download of bars', { timeout: 60_000 }, () => {
  it('takes months, days and today from where they are, once', async () => {
    const { download, catalog, scratch, shown } = await makeDownloadWorld();
    const request = { fromMs: Date.UTC(2024, 11, 1), intervals: ['1h', '1d'] } as const;
    const report = await download(request);
    expect(itemsOf(report)).toEqual([
      ['2025-01', 'complete', 'archive-monthly 744', 744, 0, 0],
      ['2025-02', 'complete', 'archive-monthly 672', 672, 0, 0],
      ['2025-03', 'complete', 'archive-daily 24, rest 11', 35, 0, 0],
      ['2025-01', 'complete', 'archive-monthly 31', 31, 0, 0],
      ['2025-02', 'complete', 'archive-monthly 28', 28, 0, 0],
      ['2025-03', 'complete', 'archive-daily 1', 1, 0, 0],
    ]);
    expect(report.tables.map(({ notes }) => notes)).toEqual([
      ['not listed before 2025-01-01 00:00 UTC'],
      ['not listed before 2025-01-01 00:00 UTC'],
    ]);
    expect(report.totals).toMatchObject({ added: 1_511, missing: 0, files: 6, failed: 0 });
    expect(shown.at(-1)).toMatchObject({ done: 1_511, total: 1_511, unit: 'bars', rows: 1_511, files: 6 });
    const hours = expectOk(await catalog.coverage(XRP, '1h'));
    expect(hours).toMatchObject({
      rows: 1_451,
      missing: 0,
      firstMs: Date.UTC(2025, 0, 1),
      lastMs: NOW_MS - 2 * MS_PER_HOUR,
    });
    expect(readdirSync(scratch)).toEqual([]);

    const again = await download(request);
    expect(again.items.map(({ period, status, added, known }) => [period, status, added, known])).toEqual([
      ['2025-01', 'known', 0, 744],
      ['2025-02', 'known', 0, 672],
      // The hour that closed meanwhile, if one did.
      expect.arrayContaining(['2025-03']),
      ['2025-01', 'known', 0, 31],
      ['2025-02', 'known', 0, 28],
      ['2025-03', 'known', 0, 1],
    ]);
    expect(again.totals.files).toBe(0);
  });

  it('takes half hours from files of months and days as it does hours, weeks and three days from those of the months in which they open', async () => {
    const { download, catalog } = await makeDownloadWorld();
    const request = { fromMs: Date.UTC(2024, 11, 1), intervals: ['30m', '3d', '1w'] } as const;
    const report = await download(request);
    expect(itemsOf(report)).toEqual([
      ['2025-01', 'complete', 'archive-monthly 1488', 1_488, 0, 0],
      ['2025-02', 'complete', 'archive-monthly 1344', 1_344, 0, 0],
      ['2025-03', 'complete', 'archive-daily 48, rest 23', 71, 0, 0],
      ['2025-01', 'complete', 'archive-monthly 11', 11, 0, 0],
      ['2025-02', 'complete', 'archive-monthly 9', 9, 0, 0],
      // The market's first week began two days before it did; that of 24 February is not over.
      ['2024-12', 'complete', 'archive-monthly 1', 1, 0, 0],
      ['2025-01', 'complete', 'archive-monthly 4', 4, 0, 0],
      ['2025-02', 'complete', 'rest 3', 3, 0, 0],
    ]);
    const files = report.items.flatMap(({ sources }) => sources.flatMap(({ file }) => file ?? []));
    expect(files).toEqual(expect.arrayContaining(['XRPUSDT-30m-2025-01.zip', 'XRPUSDT-1w-2024-12.zip']));
    expect(expectOk(await catalog.coverage(XRP, '1w'))).toMatchObject({
      rows: 8,
      missing: 0,
      firstMs: Date.UTC(2024, 11, 30),
      lastMs: Date.UTC(2025, 1, 17),
    });
    const again = await download(request);
    // The half hour that closed meanwhile, if one did.
    expect(again.totals.added).toBeLessThanOrEqual(1);
    expect(again.totals).toMatchObject({ files: 0, failed: 0 });
  });

  it('knows of weeks that no file and no answer has that they never were', async () => {
    const out = (ms: number): boolean => ms >= Date.UTC(2024, 11, 11) && ms < Date.UTC(2024, 11, 12);
    const { download } = await makeDownloadWorld({ model: (clock) => oldExchange(clock, out) });
    const request = { instruments: [BTC], intervals: ['1w'], fromMs: Date.UTC(2024, 10, 1), toMs: FEBRUARY } as const;
    const report = await download(request);
    // Of the week of Monday, 9 December a day is missing: the replay makes no bar of it.
    expect(itemsOf(report)).toEqual([
      ['2024-11', 'complete', 'archive-monthly 4', 4, 0, 0],
      ['2024-12', 'complete', 'archive-monthly 4, rest 0', 4, 0, 1],
      ['2025-01', 'complete', 'archive-monthly 4', 4, 0, 0],
    ]);
    expect(itemsOf(await download(request))).toEqual([
      ['2024-11', 'known', '', 0, 4, 0],
      ['2024-12', 'known', '', 0, 4, 1],
      ['2025-01', 'known', '', 0, 4, 0],
    ]);
  });

  it('is the same to the last byte however it was cut and however many files came at once', async () => {
    const whole = await makeDownloadWorld();
    const span = { fromMs: FEBRUARY, toMs: MARCH + MS_PER_DAY, intervals: ['15m'] } as const;
    await whole.download({ ...span, parallel: 1 });
    const pieces = await makeDownloadWorld();
    await pieces.download({ ...span, toMs: FEBRUARY + 40 * MS_PER_HOUR });
    await pieces.download({ ...span, fromMs: FEBRUARY + 9 * MS_PER_DAY, toMs: MARCH + 5 * MS_PER_HOUR });
    await pieces.download({ ...span, parallel: 16 });
    const parquet = (folder: string): readonly unknown[] =>
      [...filesBelow(folder)].filter(([path]) => path.endsWith('.parquet'));
    expect(parquet(pieces.folder)).toEqual(parquet(whole.folder));
    expect(parquet(whole.folder)).toHaveLength(2);
  });

  it('reads times in ms before 2025 and in µs from then on, and remembers which bars never were', async () => {
    const out = (ms: number): boolean =>
      (ms >= Date.UTC(2024, 11, 24, 3) && ms < Date.UTC(2024, 11, 24, 9)) || ms === Date.UTC(2025, 0, 7);
    const { download, catalog, served } = await makeDownloadWorld({ model: (clock) => oldExchange(clock, out) });
    const request = { instruments: [BTC], intervals: ['1h'], fromMs: Date.UTC(2024, 11, 1), toMs: FEBRUARY } as const;
    const report = await download(request);
    expect(itemsOf(report)).toEqual([
      ['2024-12', 'complete', 'archive-monthly 738', 738, 0, 6],
      ['2025-01', 'complete', 'archive-monthly 743', 743, 0, 1],
    ]);
    expect(expectOk(await catalog.coverage(BTC, '1h'))).toMatchObject({ rows: 1_481, missing: 7 });
    // Whatever the archive would say now, it is not asked again for what it was known not to have.
    served.server.faults.load({ seed: null, rules: [] });
    const again = await download(request);
    expect(itemsOf(again)).toEqual([
      ['2024-12', 'known', '', 0, 738, 6],
      ['2025-01', 'known', '', 0, 743, 1],
    ]);
    expect(again.totals.files).toBe(0);
  });

  it('asks elsewhere for whole days that a month’s file leaves out, and knows then that they never were', async () => {
    const out = (ms: number): boolean => ms >= Date.UTC(2025, 0, 10) && ms < Date.UTC(2025, 0, 12, 6);
    const { download } = await makeDownloadWorld({ model: (clock) => oldExchange(clock, out) });
    const request = { instruments: [BTC], intervals: ['1h'], fromMs: Date.UTC(2025, 0, 1), toMs: FEBRUARY } as const;
    const report = await download(request);
    expect(report.items).toMatchObject([{ status: 'complete', added: 690, missing: 54 }]);
    expect(report.items[0]?.notes.join('\n')).toMatch(
      /BTCUSDT-1h-2025-01\.zip tells nothing of 2 whole days, the first 2025-01-10/,
    );
    expect((await download(request)).items).toMatchObject([{ status: 'known', missing: 54 }]);
  });

  it('takes days where the month’s file is missing, REST where a day’s is, and says so', async () => {
    const { download } = await makeDownloadWorld({
      faults: [
        refused('/data/spot/monthly/*2025-02.zip*', 404, { body: 'html' }),
        refused('/data/spot/daily/*2025-02-1*.zip*', 404, { body: 'html' }),
      ],
    });
    const report = await download({ fromMs: FEBRUARY, toMs: MARCH, intervals: ['1h'] });
    expect(itemsOf(report)[0]).toEqual([
      '2025-02',
      'complete',
      [...Array.from({ length: 18 }, () => 'archive-daily 24'), 'rest 240'].join(', '),
      672,
      0,
      0,
    ]);
    expect(report.items[0]?.notes).toEqual([
      'XRPUSDT-1h-2025-02.zip is not in the archive; the files of its days were taken instead',
      'the archive lacks 10 files from XRPUSDT-1h-2025-02-10.zip to XRPUSDT-1h-2025-02-19.zip; REST was asked instead',
    ]);
  });

  it('tells of a file that is never whole by its name, keeps the rest, and fetches only that one the next time', async () => {
    const folder = testFolder();
    const request = { fromMs: Date.UTC(2025, 0, 1), toMs: MARCH, intervals: ['1h'] } as const;
    const torn = await makeDownloadWorld({
      folder,
      faults: [{ fault: 'damage', how: 'truncate', times: 'always', where: where('/data/*2025-01.zip') }],
    });
    const report = await torn.download(request);
    expect(report.items).toMatchObject([
      { period: '2025-01', status: 'failed', added: 0, faults: [{ code: 'archive_checksum' }] },
      { period: '2025-02', status: 'complete', added: 672 },
    ]);
    expect(report.items[0]?.faults[0]?.message).toMatch(/^XRPUSDT-1h-2025-01\.zip .*tried 4 times$/);
    expect(report.totals.failed).toBe(1);
    const sound = await makeDownloadWorld({ folder });
    expect((await sound.download(request)).totals).toMatchObject({ added: 744, files: 1, failed: 0 });
  });

  it('is patient in a storm of 429, and tells how long it waited', async () => {
    const storm = { fault: 'refuse', status: 429, code: -1003, retryAfterS: 2, times: 25, where: where('/*') };
    const { download } = await makeDownloadWorld({ faults: [storm] });
    const report = await download({ fromMs: FEBRUARY, intervals: ['1h', '15m'] });
    expect(report.totals).toMatchObject({ failed: 0, missing: 0 });
    expect(report.totals.waitedMs).toBeGreaterThan(10_000);
  });

  it('stops asking an archive that is gone, and says once why', async () => {
    const { download } = await makeDownloadWorld({
      faults: [refused('/data/*', 503, { body: 'html' })],
      archive: { attemptsMax: 2 },
    });
    const report = await download({ fromMs: FEBRUARY, intervals: ['1h', '15m', '1m'], parallel: 1 });
    expect(report.items.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'failed'));
    expect(report.items.at(-1)?.faults.map(({ message }) => message)[0]).toMatch(/not tried any more/);
    // What REST has is there.
    expect(report.totals.added).toBeGreaterThan(0);
  });

  it('of an instrument that nobody knows is a fault of that one alone', async () => {
    const { download } = await makeDownloadWorld();
    const report = await download({ instruments: [BTC, XRP], fromMs: FEBRUARY, toMs: MARCH, intervals: ['1d'] });
    expect(report.tables.map(({ fault }) => fault?.code ?? null)).toEqual(['instrument_unknown', null]);
    expect(report.items.map(({ status }) => status)).toEqual(['absent', 'complete']);
  });

  it('takes from the archive what REST does not know any more', async () => {
    const { download } = await makeDownloadWorld({
      faults: [refused('/api/v3/klines', 400, { code: -1121, message: 'Invalid symbol.' })],
    });
    const report = await download({ fromMs: Date.UTC(2024, 10, 1), intervals: ['1h'] });
    expect(report.items.map(({ period, status }) => [period, status])).toEqual([
      ['2024-11', 'absent'],
      ['2024-12', 'absent'],
      ['2025-01', 'complete'],
      ['2025-02', 'complete'],
      ['2025-03', 'absent'],
    ]);
    expect(report.tables[0]?.fault).toBeNull();
  });

  it('ends when it is told to, with what is whole stored, and goes on from there', async () => {
    const { download, clock, scratch } = await makeDownloadWorld({
      faults: [{ fault: 'silence', forMs: 3_000_000, where: where('/data/*2025-02.zip') }],
    });
    const stop = new AbortController();
    clock.setTimer(600_000, () => stop.abort());
    const request = { fromMs: Date.UTC(2025, 0, 1), toMs: MARCH, intervals: ['1h'] } as const;
    const report = await download(request, stop.signal);
    expect(report).toMatchObject({ stopped: true, totals: { failed: 0, added: 744 } });
    expect(report.items.map(({ status }) => status)).toEqual(['complete', 'stopped']);
    expect(readdirSync(scratch)).toEqual([]);
    expect((await download(request)).totals).toMatchObject({ added: 672, files: 1 });
  });

  it('of the same span, twice at once, ends right both times', async () => {
    const folder = testFolder();
    const [one, other] = [await makeDownloadWorld({ folder }), await makeDownloadWorld({ folder })];
    const request = { fromMs: Date.UTC(2025, 0, 1), toMs: MARCH + MS_PER_DAY, intervals: ['1h'] } as const;
    const reports = await Promise.all([one.download(request), other.download(request)]);
    expect(reports.map(({ totals }) => [totals.failed, totals.missing])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const alone = await makeDownloadWorld();
    await alone.download(request);
    expect(filesBelow(folder)).toEqual(filesBelow(alone.folder));
  });
});

describe('a download of trades', { timeout: 60_000 }, () => {
  const YESTERDAY = MARCH;

  it('has all trades of its days and of today, in the order of their ids', async () => {
    const { download, catalog, shown } = await makeDownloadWorld();
    const fromMs = YESTERDAY - 5 * MS_PER_HOUR;
    const report = await download({ fromMs, trades: true, toMs: NOW_MS - 10 * MS_PER_HOUR });
    expect(report.items.map(({ period, status }) => [period, status])).toEqual([
      ['2025-02-28', 'complete'],
      ['2025-03-01', 'complete'],
      ['2025-03-02', 'complete'],
    ]);
    expect(report.items.map(({ sources }) => sources.map(({ source }) => source))).toEqual([
      ['archive-daily'],
      ['archive-daily'],
      ['rest'],
    ]);
    expect(shown.at(-1)).toMatchObject({ done: 31 * 60, total: 31 * 60, unit: 'minutes' });
    const terms = { id: XRP, tick: null, lot: { units: 1, scale: 8 }, quote: null };
    const { tradeId, timeUs, length } = expectOk(await catalog.trades({ instrument: terms, fromMs: null, toMs: null }));
    expect(length).toBe(report.totals.added);
    expect((tradeId[length - 1] ?? 0) - (tradeId[0] ?? 0)).toBe(length - 1);
    expect([timeUs[0] ?? 0, timeUs[length - 1] ?? 0].every((us) => us >= fromMs * 1_000 && us < NOW_MS * 1_000)).toBe(
      true,
    );
    const again = await download({ fromMs, trades: true, toMs: NOW_MS - 10 * MS_PER_HOUR });
    expect(again.items.map(({ status }) => status)).toEqual(['known', 'known', 'known']);
    // Tomorrow the file of today is there, of which a part was had over REST.
    const more = await download({ fromMs, trades: true, toMs: NOW_MS - 8 * MS_PER_HOUR });
    expect(more.items.at(-1)).toMatchObject({ status: 'complete', sources: [{ source: 'rest' }] });
  });
});
