import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, timestampUs, type Fault } from '@monsta/core';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import {
  sampleAccount,
  sampleFill,
  sampleInstrument,
  sampleRoundTrip,
  sampleState,
  sampleTimeUs,
} from '@monsta/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { exportFills, exportRoundTrips } from './export.ts';

/** A data directory with a ledger that is open for writing all the while, as that of a running program. */
async function directory(fills: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-export-'));
  const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'ledger.sqlite') }));
  onTestFinished(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });
  expectOk(await ledger.putInstruments([sampleInstrument()]));
  const day = (index: number) => timestampUs(sampleTimeUs + index * 86_400_000_000);
  expectOk(
    await ledger.commit({
      accountId: sampleAccount,
      account: sampleState(),
      fills: Array.from({ length: fills }, (_, index) => sampleFill(`f${index}`, { tsEventUs: day(index) })),
      roundTrips: [sampleRoundTrip('a')],
    }),
  );
  return folder;
}

function listening() {
  const faults: Fault[] = [];
  const documents: unknown[] = [];
  const output = {
    json: false,
    document: (value: unknown) => void documents.push(value),
    fault: (fault: Fault) => void faults.push(fault),
    note: () => undefined,
  };
  return { faults, documents, output };
}

test('fills are written to a new file while the ledger is in use, all or those of some days', async () => {
  const folder = await directory(2_500);
  const [all, some] = [join(folder, 'all.csv'), join(folder, 'some.csv')];
  const { documents, output } = listening();
  expect(await exportFills({ 'data-dir': folder, out: all }, output)).toBe(0);
  expect(documents).toEqual([{ account: sampleAccount, file: all, lines: 2_500 }]);
  const lines = readFileSync(all, 'utf8').split('\r\n');
  expect(lines).toHaveLength(2_502);
  expect(lines[2_500]).toContain(',f2499,order-1,77');
  const days = { 'data-dir': folder, out: some, from: '2023-11-15', to: '2023-11-17' };
  expect(await exportFills(days, output)).toBe(0);
  const times = readFileSync(some, 'utf8')
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.slice(0, 10));
  expect(times).toEqual(['2023-11-15', '2023-11-16', '2023-11-17']);
});

test('round trips too', async () => {
  const folder = await directory(1);
  const out = join(folder, 'trips.csv');
  expect(await exportRoundTrips({ 'data-dir': folder, out }, listening().output)).toBe(0);
  expect(readFileSync(out, 'utf8').split('\r\n')[1]).toContain('BTCUSDT,BTC,USDT,ema-cross,0.01,617.3763,61737.63');
});

test('says what is wrong with what was asked for, and writes over no file', async () => {
  const folder = await directory(1);
  const out = join(folder, 'once.csv');
  expect(await exportFills({ 'data-dir': folder, out }, listening().output)).toBe(0);
  for (const flags of [
    { out },
    { from: 'yesterday' },
    { from: '2026-02-01', to: '2026-01-01' },
    { account: 'paper:other' },
  ]) {
    const { faults, output } = listening();
    expect(await exportFills({ 'data-dir': folder, ...flags }, output)).toBe(2);
    expect(faults.map(({ code }) => code)).toEqual(['flag_invalid']);
  }
});
