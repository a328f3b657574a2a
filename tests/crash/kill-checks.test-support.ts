import { systemClock } from '@monsta/clock-system';
import {
  accountId,
  clientOrderId,
  expectOk,
  formatAmount,
  formatQuantity,
  parseAmount,
  type Balance,
  type Order,
} from '@monsta/core';
import { openFileJournal } from '@monsta/journal-file';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import type { Page, WithInstrument } from '@monsta/ports';
import { silentTelemetry } from '@monsta/testkit';
import { createPaperVenue } from '@monsta/venue-paper';
import { paperVenueConfigSchema } from '@monsta/venue-paper/config';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { KillOutcome } from './kill-cycle.test-support.ts';

const MINUTE_MS = 60_000;
const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;
const sum = (texts: readonly string[]): bigint =>
  texts.reduce((total, text) => total + expectOk(parseAmount(text)), 0n);

/** Every closed minute once, in order, without a hole, and equal to the exchange's own. */
export function expectBarsWhole({ ours, theirs }: KillOutcome): void {
  for (const [instrument, bars] of ours) {
    expect(bars.length, instrument).toBeGreaterThan(50);
    bars.slice(1).forEach((bar, index) => {
      expect(bar.openTimeMs - (bars[index]?.openTimeMs ?? 0), `${instrument} after ${bars[index]?.openTimeMs}`).toBe(
        MINUTE_MS,
      );
    });
    const rows = new Map((theirs.get(instrument) ?? []).map((row) => [row[0], row]));
    for (const bar of bars) {
      const row = rows.get(bar.openTimeMs);
      const numbers = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(Number);
      expect(numbers, `${instrument} ${bar.openTimeMs}`).toEqual(row?.slice(1, 6).map(Number));
      expect(bar.trades).toBe(row?.[8]);
    }
  }
}

/** No order or fill twice, none half; each decision once. */
export function expectOrdersWhole({ orders, fills, decisions, liveFromMs }: KillOutcome): void {
  expect(orders.length, 'the strategy orders at every bar: some must be there').toBeGreaterThan(0);
  expect(unique(orders.map((order) => order.clientOrderId))).toBe(true);
  expect(unique(fills.map((fill) => `${fill.instrument} ${fill.fillId}`))).toBe(true);
  expect(unique(decisions.map((decision) => decision.id))).toBe(true);
  expect(unique(decisions.flatMap((decision) => decision.orders))).toBe(true);
  for (const order of orders) {
    const own = fills.filter((fill) => fill.clientOrderId === order.clientOrderId);
    expect(sum(own.map((fill) => fill.quantity)), order.clientOrderId).toBe(
      expectOk(parseAmount(order.filledQuantity)),
    );
    expect(order.createdMs).toBeGreaterThanOrEqual(liveFromMs - MINUTE_MS);
  }
  const known = new Set(orders.map((order) => order.clientOrderId));
  expect(fills.filter((fill) => !known.has(fill.clientOrderId))).toEqual([]);
}

/** What the ledger says is what the venue's own journal says, order by order and to the last digit of every balance. */
export async function expectLedgerEqualsVenue({ dataDirectory, accountId: id }: KillOutcome): Promise<void> {
  const clock = systemClock();
  const { logger } = silentTelemetry();
  const account = accountId(id);
  const folder = id.replaceAll(/[^a-zA-Z0-9-]/g, '_');
  const ledger = expectOk(await openSqliteLedger({ path: join(dataDirectory, 'ledger.sqlite') }));
  const journal = expectOk(await openFileJournal({ directory: join(dataDirectory, 'paper', folder), clock, logger }));
  const venue = expectOk(await createPaperVenue({ journal, config: paperVenueConfigSchema.parse({}), logger }));
  try {
    let cursor: string | null = null;
    do {
      const page: Page<WithInstrument<Order>> = expectOk(await ledger.orders(account, { limit: 100, cursor }));
      for (const { value, instrument } of page.items) {
        const there = expectOk(await venue.order(clientOrderId(value.clientOrderId)));
        if (value.status === 'denied' || value.reasonCode === 'never_arrived') expect(there).toBeNull();
        else if (value.status !== 'rejected') {
          expect(there, value.clientOrderId).toMatchObject({ status: value.status });
          expect(formatQuantity(there?.filledQuantity ?? value.quantity, instrument)).toBe(
            formatQuantity(value.filledQuantity, instrument),
          );
        }
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
    const text = ({ asset, free, locked }: Balance): string => `${asset} ${formatAmount(free)} ${formatAmount(locked)}`;
    const theirs = expectOk(await venue.balances()).map(text);
    expect(expectOk(await ledger.balances(account)).map(text)).toEqual(theirs);
    expect(expectOk(await ledger.openOrders(account))).toHaveLength(expectOk(await venue.openOrders()).length);
  } finally {
    await venue.close();
    await journal.close();
    await ledger.close();
  }
}
