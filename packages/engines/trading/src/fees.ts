import { addAmounts, expectOk, formatAmount, parseAmount, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, AssetId } from '@monsta/core';
import type { FeesRecord } from './book-records.ts';

/** Amounts by asset, in the order in which the assets came. There is mostly one, at most a few: side by side they are found faster than in a map, and copied faster. */
type AmountsByAsset = readonly { readonly asset: AssetId; readonly amount: Amount }[];

/** Fees as they were paid, in whatever asset. */
export interface Fees {
  readonly byAsset: AmountsByAsset;
  /** Those in a third asset (neither base nor quote), in quote at the time they were paid, as far as a price was known. */
  readonly otherValue: Amount;
  /** The part of those whose price was not known then: what they were worth stays unknown. */
  readonly unvalued: AmountsByAsset;
}

export const NO_FEES: Fees = { byAsset: [], otherValue: ZERO_AMOUNT, unvalued: [] };

function plus(amounts: AmountsByAsset, asset: AssetId, by: Amount): AmountsByAsset {
  const [first] = amounts;
  if (first === undefined) return [{ asset, amount: by }];
  if (amounts.length === 1 && first.asset === asset) return [{ asset, amount: addAmounts(first.amount, by) }];
  const before = amounts.find((each) => each.asset === asset);
  if (before === undefined) return [...amounts, { asset, amount: by }];
  const after = { asset, amount: addAmounts(before.amount, by) };
  return amounts.map((each) => (each === before ? after : each));
}

/** A fee in base or quote: what it is worth is in the realised profit. */
export function withFee(fees: Fees, asset: AssetId, fee: Amount): Fees {
  if (fee === 0n) return fees;
  return { byAsset: plus(fees.byAsset, asset, fee), otherValue: fees.otherValue, unvalued: fees.unvalued };
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
  unvalued.length > 0 ? null : otherValue === 0n ? realizedProfit : ((realizedProfit - otherValue) as Amount);

/** Why the net profit is unknown; null where it is known. */
export function unknownNet({ unvalued }: Fees): string | null {
  if (unvalued.length === 0) return null;
  const list = unvalued.map(({ asset, amount }) => `${formatAmount(amount)} ${asset}`).join(', ');
  return `no price was known for fees of ${list} when they were paid`;
}

const encodeAmounts = (amounts: AmountsByAsset): Record<string, string> =>
  Object.fromEntries(amounts.map(({ asset, amount }) => [asset, formatAmount(amount)]));

const decodeAmounts = (amounts: Readonly<Record<string, string>>): AmountsByAsset =>
  Object.entries(amounts).map(([asset, text]) => ({ asset: asset as AssetId, amount: expectOk(parseAmount(text)) }));

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
