import { addAmounts, formatAmount, type AccountId, type Amount, type Fill, type TimestampUs } from '@monsta/core';
import type { Ledger } from '@monsta/ports';

type Sums = ReadonlyMap<string, Amount>;

/** What happened in a day beside its profit. */
export interface DayCounts {
  readonly orders: ReadonlySet<string>;
  readonly fills: number;
  readonly fees: Sums;
  readonly transfers: Sums;
}

export const EMPTY_DAY: DayCounts = { orders: new Set(), fills: 0, fees: new Map(), transfers: new Map() };

const plus = (sums: Sums, asset: string, amount: Amount): Sums =>
  new Map(sums).set(asset, addAmounts(sums.get(asset) ?? (0n as Amount), amount));

export const withFill = (day: DayCounts, { clientOrderId, fee, feeAsset }: Fill): DayCounts => ({
  ...day,
  orders: new Set(day.orders).add(clientOrderId),
  fills: day.fills + 1,
  fees: plus(day.fees, feeAsset, fee),
});

export const withTransfer = (day: DayCounts, asset: string, amount: Amount): DayCounts => ({
  ...day,
  transfers: plus(day.transfers, asset, amount),
});

/** `0.5 USDT, 0.001 BNB`; `0` for nothing. */
export const sumsText = (sums: Sums): string =>
  [...sums].map(([asset, amount]) => `${formatAmount(amount)} ${asset}`).join(', ') || '0';

const PAGE = 1_000;
/** Pages that are read of a day at a start; of a day with more, the counts are unknown. */
const PAGES_MAX = 50;

/** Items of a day, from the newest page on; null where there are too many, or the ledger does not answer. */
async function since<T>(
  read: (cursor: string | null) => ReturnType<Ledger['transfers']> | ReturnType<Ledger['fills']>,
  isOfDay: (item: T) => boolean,
): Promise<readonly T[] | null> {
  const found: T[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await read(cursor);
    if (!page.ok) return null;
    const items = page.value.items as readonly T[];
    const ofDay = items.filter(isOfDay);
    found.push(...ofDay);
    cursor = page.value.nextCursor;
    if (cursor === null || ofDay.length < items.length) return found;
  }
  return null;
}

/** The counts of a day that began before the program did; null where they can't be known. */
export async function readDay(
  ledger: Pick<Ledger, 'fills' | 'transfers'>,
  accountId: AccountId,
  dayStartUs: TimestampUs,
): Promise<DayCounts | null> {
  const fills = await since<{ readonly value: Fill }>(
    (cursor) => ledger.fills(accountId, { limit: PAGE, cursor }),
    ({ value }) => value.tsEventUs >= dayStartUs,
  );
  const transfers = await since<{ readonly asset: string; readonly amount: Amount; readonly tsUs: TimestampUs }>(
    (cursor) => ledger.transfers(accountId, { limit: PAGE, cursor }),
    ({ tsUs }) => tsUs >= dayStartUs,
  );
  if (fills === null || transfers === null) return null;
  const counted = fills.reduce((day, { value }) => withFill(day, value), EMPTY_DAY);
  return transfers.reduce((day, { asset, amount }) => withTransfer(day, asset, amount), counted);
}
