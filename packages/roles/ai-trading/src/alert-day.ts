import {
  addAmounts,
  formatAmount,
  ZERO_AMOUNT,
  type AccountId,
  type Amount,
  type Fill,
  type TimestampUs,
} from '@monsta/core';
import type { Ledger } from '@monsta/ports';

/** Amounts by asset, added up in place: a busy day has tens of thousands. */
export type Sums = Map<string, Amount>;

export const addTo = (sums: Sums, asset: string, amount: Amount): void =>
  void sums.set(asset, addAmounts(sums.get(asset) ?? ZERO_AMOUNT, amount));

/** What happened in a day beside its profit. */
export class DayCounts {
  readonly orders = new Set<string>();
  readonly fees: Sums = new Map();
  readonly transfers: Sums = new Map();
  fills = 0;

  fill({ clientOrderId, fee, feeAsset }: Fill): void {
    this.orders.add(clientOrderId);
    this.fills += 1;
    addTo(this.fees, feeAsset, fee);
  }

  transfer(asset: string, amount: Amount): void {
    addTo(this.transfers, asset, amount);
  }
}

/** `0.5 USDT, 0.001 BNB`; `0` for nothing. */
export const sumsText = (sums: ReadonlyMap<string, Amount>): string =>
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
  const day = new DayCounts();
  for (const { value } of fills) day.fill(value);
  for (const { asset, amount } of transfers) day.transfer(asset, amount);
  return day;
}
