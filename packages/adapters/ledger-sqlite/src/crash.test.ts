import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { accountId, expectOk, seededRandom } from '@monsta/core';
import type { Decision, Ledger, Page } from '@monsta/ports';
import { sampleInstrument } from '@monsta/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLedger } from './open-sqlite-ledger.ts';

const WRITER = fileURLToPath(new URL('crash-writer.test-support.ts', import.meta.url));
const account = accountId('crash');

/** Runs the writer and kills it without warning after `acknowledgements`; returns the numbers it acknowledged. */
async function writeAndKill(path: string, from: number, acknowledgements: number): Promise<number[]> {
  const child = spawn(process.execPath, [WRITER, path, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length === acknowledgements) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

/** Numbers of the batches found; fails where a batch is there in part. */
async function wholeBatches(ledger: Ledger): Promise<Set<number>> {
  const parts = new Map<number, number>();
  const count = (number: number): void => void parts.set(number, (parts.get(number) ?? 0) + 1);
  for await (const fill of ledger.allFills(account)) count(expectOk(fill).value.tsEventUs);
  for (const { value } of expectOk(await ledger.openOrders(account))) count(value.createdUs);
  for (const { free } of expectOk(await ledger.balances(account))) count(Number(free));
  let cursor: string | null = null;
  do {
    const page: Page<Decision> = expectOk(await ledger.decisions(account, { limit: 10_000, cursor }));
    for (const { tsEventUs } of page.items) count(tsEventUs);
    cursor = page.nextCursor;
  } while (cursor !== null);
  for (const [number, found] of parts) expect(`${number}: ${found} of 5`).toBe(`${number}: 5 of 5`);
  return new Set(parts.keys());
}

describe('a ledger whose process is killed', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'monsta-ledger-crash-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('holds every acknowledged batch whole, and no other in part, each time', { timeout: 60_000 }, async () => {
    const path = join(folder, 'ledger.sqlite');
    const first = expectOk(await openSqliteLedger({ path }));
    expectOk(await first.putInstruments([sampleInstrument()]));
    await first.close();
    const random = seededRandom(20_240_808);
    const acknowledged: number[] = [];
    let next = 0;
    for (let round = 0; round < 3; round += 1) {
      acknowledged.push(...(await writeAndKill(path, next, 1 + random.integer(200))));
      const ledger = expectOk(await openSqliteLedger({ path }));
      const found = await wholeBatches(ledger);
      for (const number of acknowledged) expect(found).toContain(number);
      next = Math.max(...found) + 1;
      await ledger.close();
    }
  });
});
