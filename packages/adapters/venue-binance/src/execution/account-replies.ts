import {
  amount,
  assetId,
  parseAmount,
  parseDecimal,
  usFromMs,
  type AccountFees,
  type Amount,
  type AssetId,
  type Balance,
  type Decimal,
  type TimestampUs,
} from '@monsta/core';
import {
  isObject,
  Malformed,
  readArray,
  readBoolean,
  readId,
  readObject,
  readText,
  readTimeMs,
  take,
  type JsonObject,
} from '../json-reader.ts';

/** What an account holds, and when that last changed. */
export interface AccountView {
  readonly balances: readonly Balance[];
  readonly changedUs: TimestampUs;
}

const amountOf = (value: unknown, where: string): Amount => take(parseAmount(readText(value, where)), where);

/** `GET account`. Throws `Malformed`. */
export function readAccount(json: unknown): AccountView {
  const account = readObject(json, 'account');
  return {
    // 0 for an account on which nothing ever happened.
    changedUs: usFromMs(readId(account['updateTime'], 'updateTime')),
    balances: readArray(account['balances'], 'balances').map((each) => {
      const row = readObject(each, 'balance');
      return {
        asset: assetId(readText(row['asset'], 'asset')),
        free: amountOf(row['free'], 'free'),
        locked: amountOf(row['locked'], 'locked'),
      };
    }),
  };
}

const PPM_DIGITS = 6;
const WHOLE_PPM = 1_000_000;

/** A rate in parts per million; what is finer counts as one more. */
function ppmOf({ units, scale }: Decimal): number {
  const size = 10n ** BigInt(Math.max(0, scale - PPM_DIGITS));
  const scaled = units * 10n ** BigInt(Math.max(0, PPM_DIGITS - scale));
  return Number((scaled + size - 1n) / size);
}

const sumOf = (values: readonly Decimal[]): Decimal => {
  const scale = Math.max(...values.map((each) => each.scale));
  return { units: values.reduce((sum, each) => sum + each.units * 10n ** BigInt(scale - each.scale), 0n), scale };
};

const larger = (one: Decimal, other: Decimal): Decimal => (ppmOf(one) >= ppmOf(other) ? one : other);

/**
 * `GET account/commission`. Three kinds of commission are charged together, each by role in the trade and by side; where the sides differ the dearer one is told. Throws `Malformed`.
 */
export function readCommission(json: unknown): AccountFees {
  const reply = readObject(json, 'commission');
  const kinds = ['standardCommission', 'specialCommission', 'taxCommission'].flatMap((name) =>
    reply[name] === undefined ? [] : [readObject(reply[name], name)],
  );
  const rate = (kind: JsonObject, name: string): Decimal =>
    kind[name] === undefined ? { units: 0n, scale: 0 } : take(parseDecimal(readText(kind[name], name)), name);
  const total = (role: 'maker' | 'taker'): number =>
    ppmOf(sumOf(kinds.flatMap((kind) => [rate(kind, role), larger(rate(kind, 'buyer'), rate(kind, 'seller'))])));
  if (kinds.length === 0) throw new Malformed('venue_protocol', 'commission: no rates are told');
  return { makerPpm: total('maker'), takerPpm: total('taker'), discount: discountOf(reply['discount']) };
}

/** The venue tells what part of the standard commission is paid; what is told here is what is saved. */
function discountOf(json: unknown): AccountFees['discount'] {
  if (!isObject(json)) return null;
  const enabled =
    readBoolean(json['enabledForAccount'], 'enabledForAccount') &&
    readBoolean(json['enabledForSymbol'], 'enabledForSymbol');
  if (!enabled) return null;
  const paid = ppmOf(take(parseDecimal(readText(json['discount'], 'discount')), 'discount'));
  return { asset: assetId(readText(json['discountAsset'], 'discountAsset')), ppm: WHOLE_PPM - paid };
}

/** A movement of money that the wallet remembers. */
export interface WalletRecord {
  readonly id: string;
  readonly cause: 'deposit' | 'withdrawal' | 'conversion';
  readonly asset: AssetId;
  /** What it may have changed the balance by: a fee is taken beside the amount or out of it. */
  readonly changes: readonly Amount[];
  readonly tsUs: TimestampUs;
}

/** A decimal that the wallet writes as text, or as a number. */
function walletAmount(value: unknown, where: string): Amount {
  return amountOf(typeof value === 'number' ? String(value) : value, where);
}

const DEPOSIT_CREDITED: ReadonlySet<unknown> = new Set([1, 6]);

/** `GET /sapi/v1/capital/deposit/hisrec`: what has been credited. Throws `Malformed`. */
export function readDeposits(json: unknown): readonly WalletRecord[] {
  return readArray(json, 'deposits').flatMap((each): readonly WalletRecord[] => {
    const row = readObject(each, 'deposit');
    if (!DEPOSIT_CREDITED.has(row['status'])) return [];
    const id = row['id'] ?? row['txId'];
    return [
      {
        id: `deposit:${readText(id, 'id')}`,
        cause: 'deposit',
        asset: assetId(readText(row['coin'], 'coin')),
        changes: [walletAmount(row['amount'], 'amount')],
        tsUs: usFromMs(readTimeMs(row['insertTime'], 'insertTime')),
      },
    ];
  });
}

/** `2019-10-12 11:12:02`, which is UTC. */
function clockTime(value: unknown, where: string): TimestampUs {
  const text = readText(value, where);
  const time = Date.parse(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(time)) throw new Malformed('venue_protocol', `${where} must be a date and time, not '${text}'`);
  return usFromMs(time);
}

/** Cancelled, rejected, failed: the money is back, or never left. */
const WITHDRAWAL_UNDONE: ReadonlySet<unknown> = new Set([1, 3, 5]);

/** `GET /sapi/v1/capital/withdraw/history`. Throws `Malformed`. */
export function readWithdrawals(json: unknown): readonly WalletRecord[] {
  return readArray(json, 'withdrawals').flatMap((each): readonly WalletRecord[] => {
    const row = readObject(each, 'withdrawal');
    if (WITHDRAWAL_UNDONE.has(row['status'])) return [];
    const net = walletAmount(row['amount'], 'amount');
    const fee = walletAmount(row['transactionFee'] ?? '0', 'transactionFee');
    return [
      {
        id: `withdrawal:${readText(row['id'], 'id')}`,
        cause: 'withdrawal',
        asset: assetId(readText(row['coin'], 'coin')),
        changes: [amount(-(net + fee)), amount(-net)],
        tsUs: clockTime(row['applyTime'], 'applyTime'),
      },
    ];
  });
}

/** What dust is changed into. */
const DUST_TARGET = assetId('BNB');

/** `GET /sapi/v1/asset/dribblet`: each conversion takes one asset and brings another. Throws `Malformed`. */
export function readConversions(json: unknown): readonly WalletRecord[] {
  const reply = readObject(json, 'conversions');
  return readArray(reply['userAssetDribblets'], 'userAssetDribblets').flatMap((each) => {
    const whole = readObject(each, 'conversion');
    const id = `conversion:${readId(whole['transId'], 'transId')}`;
    const tsUs = usFromMs(readTimeMs(whole['operateTime'], 'operateTime'));
    const taken = readArray(whole['userAssetDribbletDetails'], 'userAssetDribbletDetails').map((detail) => {
      const row = readObject(detail, 'converted asset');
      const asset = assetId(readText(row['fromAsset'], 'fromAsset'));
      const changes = [amount(-walletAmount(row['amount'], 'amount'))];
      return { id: `${id}:${asset}`, cause: 'conversion' as const, asset, changes, tsUs };
    });
    const brought = walletAmount(whole['totalTransferedAmount'], 'totalTransferedAmount');
    return [
      ...taken,
      { id: `${id}:${DUST_TARGET}`, cause: 'conversion' as const, asset: DUST_TARGET, changes: [brought], tsUs },
    ];
  });
}
