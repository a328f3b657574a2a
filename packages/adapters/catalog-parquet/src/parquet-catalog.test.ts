import {
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expectOk, sliceBarSeries, unknownBarFlow } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BTC, hoursOf, parquetRig, START, type ParquetRig } from './catalog.test-support.ts';

const all = { instrument: BTC, interval: '1h', fromMs: null, toMs: null } as const;

function rigForTest(): ParquetRig {
  const rig = parquetRig();
  onTestFinished(() => rig.dispose());
  return rig;
}

const filesOf = (rig: ParquetRig): readonly string[] => globSync('**/*.parquet', { cwd: rig.path }).toSorted();

const bytesOf = (rig: ParquetRig): readonly (readonly [string, string])[] =>
  filesOf(rig).map((file) => [file, readFileSync(join(rig.path, file), 'base64')]);

describe('a catalogue of Parquet files', () => {
  it('is partitioned by month, and read by DuckDB as it is, prices being exact decimals and times in UTC', async () => {
    const rig = rigForTest();
    expectOk(await rig.catalog.appendBars(hoursOf(700, 100)));
    expect(filesOf(rig).map((file) => dirname(file))).toEqual([
      'kind=bars/instrument=BTCUSDT/interval=1h/year=2024/month=01',
      'kind=bars/instrument=BTCUSDT/interval=1h/year=2024/month=02',
    ]);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    onTestFinished(() => {
      connection.closeSync();
      instance.closeSync();
    });
    const { getRowObjectsJson } = await connection
      .runAndReadAll(
        `SELECT instrument, interval, year, month, count(*)::INTEGER AS bars, min(open) AS low, epoch_ms(max(open_time))::VARCHAR AS latest, typeof(min(open)) AS price, typeof(min(open_time)) AS time
         FROM read_parquet('${rig.path}/**/*.parquet', hive_partitioning = true) GROUP BY ALL ORDER BY month`,
      )
      .then((reader) => ({ getRowObjectsJson: () => reader.getRowObjectsJson() }));
    expect(getRowObjectsJson()).toEqual([
      expect.objectContaining({
        instrument: 'BTCUSDT',
        interval: '1h',
        bars: 44,
        low: '40007.00000000',
        price: 'DECIMAL(18,8)',
        time: 'TIMESTAMP WITH TIME ZONE',
      }),
      expect.objectContaining({ bars: 56, latest: String(START + 799 * 3_600_000) }),
    ]);
  });

  it('makes one file of a month’s many, and the same bytes however the bars came', async () => {
    const [slow, quick] = [rigForTest(), rigForTest()];
    for (let from = 0; from < 200; from += 10) expectOk(await slow.catalog.appendBars(hoursOf(from, 10)));
    expect(filesOf(slow).length).toBeLessThanOrEqual(17);
    expectOk(await quick.catalog.appendBars(hoursOf(0, 200)));
    for (const rig of [slow, quick]) expectOk(await rig.catalog.compact(null));
    expect(bytesOf(slow)).toHaveLength(1);
    expect(bytesOf(slow)).toEqual(bytesOf(quick));
  });

  it('is byte for byte the same after compact, whatever cuts, order, overlaps and writers its rows came by; and where a month’s last bar is there without it', async () => {
    // January is whole, February is not.
    const HOURS = 900;
    const whole = rigForTest();
    expectOk(await whole.catalog.appendBars(hoursOf(0, HOURS)));
    const january = (rig: ParquetRig): readonly string[] => filesOf(rig).filter((file) => file.includes('month=01'));
    const appends = fc.array(
      fc.record({ from: fc.nat(HOURS - 1), count: fc.integer({ min: 1, max: 400 }), writer: fc.nat(1) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(appends, fc.shuffledSubarray([0, 300, 600], { minLength: 3 }), async (some, rest) => {
        const rig = parquetRig();
        const writers = [rig.catalog, rig.another()] as const;
        await Promise.all(
          some.map(async ({ from, count, writer }) =>
            expectOk(await writers[writer === 0 ? 0 : 1].appendBars(hoursOf(from, Math.min(count, HOURS - from)))),
          ),
        );
        for (const from of rest) expectOk(await rig.catalog.appendBars(hoursOf(from, 300)));
        expect(january(rig)).toEqual(january(whole));
        expectOk(await rig.catalog.compact(null));
        expect(bytesOf(rig)).toEqual(bytesOf(whole));
        await rig.dispose();
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it('finishes an append to two months whose writer died once it counted, and takes nothing of one that died before', async () => {
    const rig = rigForTest();
    expectOk(await rig.catalog.appendBars(hoursOf(700, 100)));
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const table = join(rig.path, 'kind=bars/instrument=BTCUSDT/interval=1h');
    const files = filesOf(rig);
    const pending = (file: string): string => join(rig.path, dirname(file), `.${basename(file)}.${id}.tmp`);
    for (const file of files) renameSync(join(rig.path, file), pending(file));
    expect(expectOk(await rig.catalog.bars(all)).length).toBe(0);
    writeFileSync(
      join(table, `.${id}.commit`),
      JSON.stringify(files.map((file) => relative(table, join(rig.path, file)))),
    );
    expect(expectOk(await rig.another().bars(all)).length).toBe(100);
    // It had come as far as one of two names.
    renameSync(pending(files[0] ?? ''), join(rig.path, files[0] ?? ''));
    expect(expectOk(await rig.another().bars(all)).length).toBe(100);
    expect(expectOk(await rig.another().appendBars(hoursOf(700, 100)))).toEqual({ added: 0, known: 100 });
    expect(filesOf(rig)).toEqual(files);
  });

  it('tells two rows for one time that two writers stored, and which files they are in', async () => {
    const [one, other] = [rigForTest(), rigForTest()];
    expectOk(await one.catalog.appendBars(hoursOf(0, 10)));
    const differing = hoursOf(0, 10);
    differing.close[4] = 4_000_003;
    differing.low[4] = 4_000_003;
    expectOk(await other.catalog.appendBars(differing));
    for (const file of filesOf(other)) copyFileSync(join(other.path, file), join(one.path, file));
    const read = await one.catalog.bars(all);
    expect(read).toMatchObject({
      ok: false,
      fault: { code: 'catalog_conflict', details: { key: START + 4 * 3_600_000 } },
    });
    for (const file of filesOf(one)) expect(read.ok ? '' : read.fault.message).toContain(file);
    expect(await one.catalog.compact(null)).toMatchObject({ fault: { code: 'catalog_conflict' } });
    expect(filesOf(one)).toHaveLength(2);
  });

  it('reads files of before there were columns of flow, and adds what is known later', async () => {
    const rig = rigForTest();
    const series = hoursOf(700, 100);
    expectOk(await rig.catalog.appendBars(series));
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    onTestFinished(() => {
      connection.closeSync();
      instance.closeSync();
    });
    const prices = 'open_time, open, high, low, close, volume';
    for (const file of filesOf(rig)) {
      const path = join(rig.path, file);
      await connection.run(`COPY (SELECT ${prices} FROM read_parquet('${path}')) TO '${path}.old' (FORMAT parquet)`);
      renameSync(`${path}.old`, path);
    }
    const asked = { ...all, flow: true };
    expect(expectOk(await rig.catalog.bars(all))).toMatchObject({ length: 100, volume: series.volume });
    expect(expectOk(await rig.catalog.bars(asked)).flow).toEqual(unknownBarFlow(100));
    expect(expectOk(await rig.catalog.appendBars(series))).toEqual({ added: 0, known: 100 });
    const flow = unknownBarFlow(100);
    for (let row = 30; row < 100; row += 1) flow.trades[row] = row;
    expect(expectOk(await rig.catalog.appendBars({ ...series, flow }))).toEqual({ added: 70, known: 30 });
    const read = expectOk(await rig.catalog.bars(asked));
    expect(read.flow).toEqual(flow);
    expect(read.close).toEqual(series.close);
    // The same rows are the same bytes as of a catalogue that knew them at once.
    const fresh = rigForTest();
    expectOk(await fresh.catalog.appendBars({ ...series, flow }));
    expectOk(await rig.catalog.compact(null));
    expect(bytesOf(rig)).toEqual(bytesOf(fresh));
    const rows = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, count(trades)::INTEGER, count(book_imbalance)::INTEGER, typeof(any_value(taker_buy_volume)), typeof(any_value(book_imbalance))
       FROM read_parquet('${rig.path}/**/*.parquet')`,
    );
    expect(rows.getRows()).toEqual([[100, 70, 0, 'DECIMAL(38,8)', 'DECIMAL(18,8)']]);
  });

  it('says of a damaged file, and of one that it has not written, which it is', async () => {
    const rig = rigForTest();
    expectOk(await rig.catalog.appendBars(hoursOf(0, 50)));
    const [file = ''] = filesOf(rig);
    truncateSync(join(rig.path, file), 200);
    expect(await rig.catalog.bars(all)).toMatchObject({ fault: { code: 'catalog_damaged' } });
    const foreign = rigForTest();
    const folder = join(foreign.path, dirname(file));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'mine.parquet'), 'x');
    const read = await foreign.catalog.bars(all);
    expect(read).toMatchObject({ fault: { code: 'catalog_damaged' } });
    expect(read.ok ? '' : read.fault.message).toContain('mine.parquet is no file of the catalogue');
  });

  it('removes what a writer that died left behind, after an hour', async () => {
    const rig = rigForTest();
    expectOk(await rig.catalog.appendBars(hoursOf(0, 5)));
    const folder = join(rig.path, dirname(filesOf(rig)[0] ?? ''));
    for (const [name, ageS] of [
      ['.old.tmp', 7_200],
      ['.young.tmp', 60],
    ] as const) {
      writeFileSync(join(folder, name), 'half');
      const then = Date.now() / 1_000 - ageS;
      utimesSync(join(folder, name), then, then);
    }
    expectOk(await rig.catalog.appendBars(sliceBarSeries(hoursOf(0, 10), 5, 10)));
    expect(globSync('**/.*.tmp', { cwd: rig.path }).map((path) => path.split('/').at(-1))).toEqual(['.young.tmp']);
    expect(expectOk(await rig.catalog.bars(all)).length).toBe(10);
  });

  it('works within the memory that it is given, and says when that is too little', async () => {
    const rig = rigForTest();
    expectOk(await rig.catalog.appendBars(hoursOf(0, 100)));
    const { ParquetCatalog } = await import('./parquet-catalog.ts');
    const small = new ParquetCatalog({ path: rig.path, memoryMaxMb: 1, threads: 1 });
    onTestFinished(() => small.close());
    const read = await small.bars(all);
    expect(read.ok || read.fault.code === 'catalog_memory').toBe(true);
  });
});
