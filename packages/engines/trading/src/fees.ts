import { addAmounts, expectOk, formatAmount, parseAmount, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, AssetId } from '@monsta/core';
import type { FeesRecord } from './book-records.ts';

/** Fees as they were paid, in whatever asset. */
export interface Fees {
  readonly byAsset: ReadonlyMap<AssetId, Amount>;
  /** Those in a third asset (neither base nor quote), in quote at the time they were paid, as far as a price was known. */
  readonly otherValue: Amount;
  /** The part of those whose price was not known then: what they were worth stays unknown. */
  readonly unvalued: ReadonlyMap<AssetId, Amount>;
}

export const NO_FEES: Fees = { byAsset: new Map(), otherValue: ZERO_AMOUNT, unvalued: new Map() };

function plus(amounts: ReadonlyMap<AssetId, Amount>, asset: AssetId, by: Amount): ReadonlyMap<AssetId, Amount> {
  const sum = addAmounts(amounts.get(asset) ?? ZERO_AMOUNT, by);
  const after = new Map<AssetId, Amount>();
  for (const [each, value] of amounts) after.set(each, value);
  return after.set(asset, sum);
}

/** A fee in base or quote: what it is worth is in the realised profit. */
export function withFee(fees: Fees, asset: AssetId, fee: Amount): Fees {
  return fee === 0n ? fees : { ...fees, byAsset: plus(fees.byAsset, asset, fee) };
}

/** A fee in a third asset, with its value in quote; null where no price of it was known. */
export function withOtherFee(fees: Fees, asset: AssetId, fee: Amount, value: Amount | null): Fees {
  if (fee === 0n) return fees;
  const { otherValue, unvalued } = fees;
  const byAsset = plus(fees.byAsset, asset, fee);
  return value === null
    ? { byAsset, otherValue, unvalued: plus(unvalued, asset, fee) }
    : { byAsset, otherValue: addAmounts(otherValue, value), unvalued };
}

/** Profit less the fees in third assets; null while what one of those was worth is unknown. */
export const netOf = (realizedProfit: Amount, { otherValue, unvalued }: Fees): Amount | null =>
  unvalued.size > 0 ? null : ((realizedProfit - otherValue) as Amount);

/** Why the net profit is unknown; null where it is known. */
export function unknownNet({ unvalued }: Fees): string | null {
  if (unvalued.size === 0) return null;
  const list = [...unvalued].map(([asset, fee]) => `${formatAmount(fee)} ${asset}`).join(', ');
  return `no price was known for fees of ${list} when they were paid`;
}

const encodeAmounts = (amounts: ReadonlyMap<AssetId, Amount>): Record<string, string> =>
  Object.fromEntries([...amounts].map(([asset, value]) => [asset, formatAmount(value)]));

const decodeAmounts = (amounts: Readonly<Record<string, string>>): ReadonlyMap<AssetId, Amount> =>
  new Map(Object.entries(amounts).map(([asset, text]) => [asset as AssetId, expectOk(parseAmount(text))]));

export const encodeFees = ({ byAsset, otherValue, unvalued }: Fees): FeesRecord => ({
  byAsset: encodeAmounts(byAsset),
  otherValue: formatAmount(otherValue),
  unvalued: encodeAmounts(unvalued),
});

export const decodeFees = ({ byAsset, otherValue, unvalued }: FeesRecord): Fees => ({
  byAsset: decodeAmounts(byAsset),
  otherValue: expectOk(parseAmount(otherValue)),
  unvalued: decodeAmounts(unvalued),
});
