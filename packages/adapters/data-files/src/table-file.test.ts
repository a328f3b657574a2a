import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expectOk } from '@monsta/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFile } from './files.test-support.ts';
import { writeTable, type TableColumn } from './index.ts';

const TABLE: readonly TableColumn[] = [
  { name: 'id', kind: 'text', values: ['a', 'b, "quoted"', null] },
  { name: 'closedMs', kind: 'integer', values: [1_706_702_400_000, null, -5] },
  { name: 'profit', kind: 'decimal', values: ['0.100000000000000001', '-12345678901234567890.5', null] },
  { name: 'drawdown', kind: 'number', values: Float64Array.of(0.25, Number.NaN, -1e-9) },
  { name: 'open', kind: 'boolean', values: [true, false, null] },
];

const pathFor = (name: string): string => join(dirname(temporaryFile('beside.txt', '')), 'new', name);

async function parquetRows(path: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return (await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)).getRowsJson();
}

describe('a table of results', () => {
  it('is written as CSV, decimals as they are', async () => {
    const path = pathFor('trades.csv');
    expectOk(await writeTable(path, TABLE));
    expect(readFileSync(path, 'utf8').split('\r\n')).toEqual([
      'id,closedMs,profit,drawdown,open',
      'a,1706702400000,0.100000000000000001,0.25,true',
      '"b, ""quoted""",,-12345678901234567890.5,,false',
      ',-5,,-1e-9,',
      '',
    ]);
    expect(readdirSync(dirname(path))).toEqual(['trades.csv']);
  });

  it('is written as Parquet, decimals exactly', async () => {
    const path = pathFor('trades.parquet');
    expectOk(await writeTable(path, TABLE));
    expect(await parquetRows(path)).toEqual([
      ['a', '1706702400000', '0.100000000000000001', 0.25, true],
      ['b, "quoted"', null, '-12345678901234567890.500000000000000000', null, false],
      [null, '-5', null, -1e-9, null],
    ]);
  });

  it('of many rows, or of none, is whole', async () => {
    const count = 10_000;
    const many: readonly TableColumn[] = [
      { name: 'n', kind: 'integer', values: Float64Array.from({ length: count }, (_, row) => row) },
    ];
    const path = pathFor('many.parquet');
    expectOk(await writeTable(path, many));
    expect(await parquetRows(path)).toEqual(Array.from({ length: count }, (_, row) => [String(row)]));
    const csv = pathFor('many.csv');
    expectOk(await writeTable(csv, many));
    expect(readFileSync(csv, 'utf8').trim().split('\r\n')).toHaveLength(count + 1);
    const empty = pathFor('empty.parquet');
    expectOk(await writeTable(empty, [{ name: 'n', kind: 'number', values: [] }]));
    expect(await parquetRows(empty)).toEqual([]);
  });

  it('leaves the older file as it was when it can’t be written', async () => {
    const path = pathFor('trades.parquet');
    mkdirSync(dirname(path));
    writeFileSync(path, 'older');
    const wrong: readonly TableColumn[] = [{ name: 'profit', kind: 'decimal', values: ['1', '1e5'] }];
    expect(await writeTable(path, wrong)).toMatchObject({ fault: { code: 'table_decimal' } });
    expect(readFileSync(path, 'utf8')).toBe('older');
    expect(readdirSync(dirname(path))).toEqual(['trades.parquet']);
    expect(await writeTable(join(path, 'below.csv'), wrong)).toMatchObject({ fault: { code: 'table_unwritable' } });
    expect(await writeTable(pathFor('trades.xlsx'), wrong)).toMatchObject({ fault: { code: 'table_form' } });
    expect(await writeTable(path, [...wrong, { name: 'n', kind: 'number', values: [] }])).toMatchObject({
      fault: { code: 'table_form' },
    });
  });
});
