import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLedger } from '@monsta/ai-trading';
import { clientOrderId, expectOk, timestampUs } from '@monsta/core';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import { sampleAccount, sampleFill, sampleInstrument, sampleOrder, sampleTimeUs } from '@monsta/testkit';
import { fillKey } from '@monsta/trading';
import { expect, onTestFinished, test } from 'vitest';

test('a start remembers the newest fills, and those of an open order however old they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-recovery-'));
  const ledger = expectOk(await openSqliteLedger({ path: join(folder, 'ledger.sqlite') }));
  onTestFinished(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  expectOk(await ledger.putInstruments([sampleInstrument()]));
  const at = (id: string, order: string, us: number) =>
    sampleFill(id, { clientOrderId: clientOrderId(order), tsEventUs: timestampUs(sampleTimeUs + us) });
  const resting = sampleOrder('resting', { status: 'partially_filled' });
  const ended = sampleOrder('ended', { status: 'filled' });
  const first = [at('a', 'resting', 1), at('b', 'resting', 2)];
  const later = Array.from({ length: 2_100 }, (_, index) => at(`f${index}`, 'ended', 10 + index));
  const newest = at('c', 'resting', 9_000);
  const account = { accountId: sampleAccount };
  expectOk(await ledger.commit({ ...account, orders: [resting, ended], fills: [...first, ...later, newest] }));
  const { seenFills, openOrders } = expectOk(await readLedger(ledger, sampleAccount, []));
  expect(openOrders.map(({ order }) => order.clientOrderId)).toEqual(['resting']);
  expect(seenFills).toEqual([...later.slice(-1_999), ...first, newest].map(fillKey));
});
