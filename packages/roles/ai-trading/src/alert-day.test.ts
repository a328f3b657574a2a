import { amount, assetId, clientOrderId, err, fillId, ok, timestampUs, type Result } from '@monsta/core';
import type { Ledger, Page, PageRequest } from '@monsta/ports';
import { sampleAccount, sampleFill, sampleInstrument } from '@monsta/testkit';
import { expect, test } from 'vitest';
import { readDay, sumsText } from './alert-day.ts';

const DAY = 1_700_000_000_000_000;
const at = (seconds: number) => timestampUs(DAY + seconds * 1_000_000);
const USDT = 10n ** 18n;

/** Pages of a list that is newest first, as a ledger gives them. */
const pagesOf =
  <T>(items: readonly T[]) =>
  (_account: unknown, { limit, cursor }: PageRequest): Promise<Result<Page<T>>> => {
    const from = Number(cursor ?? 0);
    const next = from + limit < items.length ? String(from + limit) : null;
    return Promise.resolve(ok({ items: items.slice(from, from + limit), nextCursor: next }));
  };

const fill = (n: number, seconds: number) => ({
  value: {
    ...sampleFill(String(n)),
    fillId: fillId(String(n)),
    clientOrderId: clientOrderId(`order-${Math.floor(n / 2)}`),
    fee: amount(USDT),
    feeAsset: assetId('USDT'),
    tsEventUs: at(seconds),
  },
  instrument: sampleInstrument(),
});
const transfer = (seconds: number, units: bigint) => ({
  id: `t${seconds}`,
  accountId: sampleAccount,
  cause: 'deposit' as const,
  asset: assetId('USDT'),
  amount: amount(units * USDT),
  tsUs: at(seconds),
});
const ledgerOf = (
  fills: readonly ReturnType<typeof fill>[],
  transfers: readonly ReturnType<typeof transfer>[] = [],
): Pick<Ledger, 'fills' | 'transfers'> => ({ fills: pagesOf(fills), transfers: pagesOf(transfers) });

test('what happened since the day began is counted, its first instant included and nothing before it', async () => {
  const fills = [fill(5, 20), fill(4, 10), fill(3, 0), fill(2, -1), fill(1, -50)];
  const counts = await readDay(
    ledgerOf(fills, [transfer(5, 7n), transfer(0, 3n), transfer(-1, 100n)]),
    sampleAccount,
    at(0),
  );
  expect(counts).toMatchObject({ fills: 3 });
  // Two fills are of one order.
  expect([...(counts?.orders ?? [])]).toEqual(['order-2', 'order-1']);
  expect(sumsText(counts?.fees ?? new Map())).toBe('3 USDT');
  expect(sumsText(counts?.transfers ?? new Map())).toBe('10 USDT');
});

test('a day of more than one page is read to its beginning', async () => {
  const fills = Array.from({ length: 2_500 }, (_each, n) => fill(n, 2_400 - n));
  expect((await readDay(ledgerOf(fills), sampleAccount, at(0)))?.fills).toBe(2_401);
});

test('a day of too many fills, and one that the ledger does not tell of, is unknown', async () => {
  const fills = Array.from({ length: 50_001 }, (_each, n) => fill(n, 100_000 - n));
  expect(await readDay(ledgerOf(fills), sampleAccount, at(0))).toBeNull();
  const broken = { ...ledgerOf([]), fills: () => Promise.resolve(err('ledger_unavailable', 'the disk is gone')) };
  expect(await readDay(broken, sampleAccount, at(0))).toBeNull();
});
