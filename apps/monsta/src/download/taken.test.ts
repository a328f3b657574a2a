import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, testFolder } from './download.test-support.ts';
import { settledParts, TakenRecords, tidyParts, type TakenPart } from './taken.ts';
import { openWorkFolder } from './work-folder.ts';

const part = (fromMs: number, toMs: number, rows: number, file: string | null = 'a.zip'): TakenPart => ({
  ...{ fromMs, toMs, rows, file },
  source: file === null ? 'rest' : 'archive-daily',
  sha256: file === null ? null : 'f'.repeat(64),
});
const MINUTES = { kind: 'bars', instrument: BTC, interval: '1m' } as const;
const MONTH = Date.UTC(2024, 7);

describe('what was taken from where', () => {
  it('is remembered by month and by day, in files that leave nothing else behind', async () => {
    const [folder, scratch] = [testFolder(), testFolder()];
    const records = new TakenRecords(folder, scratch);
    const trades = { kind: 'trades', instrument: BTC } as const;
    expect(expectOk(await records.read(MINUTES, MONTH))).toEqual([]);
    expectOk(await records.write(MINUTES, MONTH, [part(0, 60, 3)]));
    expectOk(await records.write(MINUTES, MONTH, [part(0, 120, 5)]));
    expectOk(await records.write(trades, MONTH, [part(0, 9, 1, null)]));
    expect(expectOk(await records.read(MINUTES, MONTH))).toEqual([part(0, 120, 5)]);
    expect(expectOk(await records.read(trades, MONTH))).toEqual([part(0, 9, 1, null)]);
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.json')).toSorted()).toEqual([
      'taken/bars/BTCUSDT/1m/2024-08.json',
      'taken/trades/BTCUSDT/2024-08-01.json',
    ]);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it.each(['', '{"parts":[', '{"parts":[{"fromMs":1}]}', '{"parts":[],"more":1}'])(
    'is a fault that says how to mend it where its file is %j',
    async (text) => {
      const folder = testFolder();
      mkdirSync(join(folder, 'taken/bars/BTCUSDT/1m'), { recursive: true });
      writeFileSync(join(folder, 'taken/bars/BTCUSDT/1m/2024-08.json'), text);
      const read = await new TakenRecords(folder, folder).read(MINUTES, MONTH);
      expect(read).toMatchObject({ ok: false, fault: { code: 'download_record' } });
      expect(read.ok ? '' : read.fault.message).toMatch(/2024-08\.json .*remove it/);
    },
  );

  it('counts only while as many rows are stored', () => {
    const stored = [part(0, 60, 3), part(60, 90, 2)];
    expect(settledParts(stored, ({ fromMs }) => (fromMs === 0 ? 2 : 2))).toEqual([part(60, 90, 2)]);
  });

  it('is one part where spans of one file lie side by side', () => {
    expect(tidyParts([part(60, 90, 2), part(0, 60, 3), part(90, 120, 1, 'b.zip'), part(130, 140, 4, 'b.zip')])).toEqual(
      [part(0, 90, 5), part(90, 120, 1, 'b.zip'), part(130, 140, 4, 'b.zip')],
    );
  });
});

describe('the folder of files that are not whole yet', () => {
  it('is the process’s own, and what dead ones have left is removed', async () => {
    const parent = testFolder();
    const now = Date.now();
    // No process has the largest number there is; the first one always lives.
    for (const name of [`${hostname()}-4194304-0123abcd`, `${hostname()}-1-0123abcd`, 'elsewhere-7-0123abcd'])
      mkdirSync(join(parent, name));
    const work = await openWorkFolder(parent, now);
    expect(readdirSync(parent).toSorted()).toEqual(
      [`${hostname()}-1-0123abcd`, 'elsewhere-7-0123abcd', work.path.slice(parent.length + 1)].toSorted(),
    );
    await work.remove();
    // Of another machine’s nothing can be known but its age.
    const later = await openWorkFolder(parent, now + 2 * 86_400_000);
    expect(readdirSync(parent)).not.toContain('elsewhere-7-0123abcd');
    await later.remove();
    expect(readdirSync(parent)).toEqual([`${hostname()}-1-0123abcd`]);
  });
});
