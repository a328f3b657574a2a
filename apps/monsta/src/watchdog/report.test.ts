import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addReport, readReports, removeReports, spokenReport, type WatchdogReport } from './report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monsta-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const REPORT: WatchdogReport = {
  accountId: 'live:binance:1',
  why: 'the program has ended without a word',
  onLoss: 'keep-protective',
  lostMs: 1,
  endedMs: 2,
  confirmed: true,
  canceled: [{ symbol: 'BTCUSDT', orderId: 1, clientOrderId: 'mabc123-1', side: 'BUY', type: 'LIMIT' }],
  kept: [],
  others: 2,
  failures: 0,
};

it('reports are kept until the account they are of has read them', () => {
  const other = { ...REPORT, accountId: 'live:binance:2' };
  expect(readReports(folder)).toEqual([]);
  for (const report of [REPORT, other, REPORT]) addReport(folder, report);
  expect(readReports(folder)).toEqual([REPORT, other, REPORT]);
  removeReports(folder, REPORT.accountId);
  expect(readReports(folder)).toEqual([other]);
  removeReports(folder, other.accountId);
  expect(readdirSync(folder)).toEqual([]);
});

it('no more than a hundred wait; a file that is torn counts as none', () => {
  for (let lostMs = 0; lostMs < 103; lostMs += 1) addReport(folder, { ...REPORT, lostMs });
  expect(readReports(folder).map(({ lostMs }) => lostMs)).toEqual(Array.from({ length: 100 }, (_, index) => index + 3));
  writeFileSync(join(folder, 'watchdog-reports.json'), '[{"accountId"');
  expect(readReports(folder)).toEqual([]);
});

it('is told in a sentence', () => {
  expect(spokenReport(REPORT)).toBe(
    'the program has ended without a word; the watchdog (keep-protective) canceled mabc123-1 (buy BTCUSDT); kept none; the venue confirmed that nothing else was to go; 2 orders of others were left alone, 0 requests failed',
  );
});
