import { MS_PER_DAY, US_PER_MS, ZERO_AMOUNT, type TimestampUs } from '@monsta/core';
import type { AccountContext } from '../api-method.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import { amount8 } from '../wire.ts';
import { timeOf } from './order-json.ts';
import type { WalletTransfer } from './wallet-archive.ts';

const PAGE = 1_000;
const RANGE_US = 90 * MS_PER_DAY * US_PER_MS;
const ZERO = '0';
/** There is no chain behind a simulation. */
const NETWORK = 'SIMULATED';
const COMPLETED = { deposit: 1, withdrawal: 6 } as const;

/** `2019-10-12 11:12:02`, UTC. */
const clockTime = (us: number): string =>
  new Date(us / US_PER_MS).toISOString().replace('T', ' ').slice(0, '2019-10-12 11:12:02'.length);

/** `startTime` and `endTime`; by default the last ninety days, which is also the most. */
function rangeOf(parameters: Parameters, nowUs: TimestampUs): (timeUs: number) => boolean {
  const toUs = parameters.optionalTimeUs('endTime') ?? nowUs;
  const fromUs = parameters.optionalTimeUs('startTime') ?? toUs - RANGE_US;
  if (toUs - fromUs > RANGE_US) {
    throw new BinanceError(-1127, 'The date of query should be less than 90 days.');
  }
  return (timeUs) => timeUs >= fromUs && timeUs <= toUs;
}

/** The records that were asked for, newest first. */
function chosen(
  { parameters, nowUs }: AccountContext,
  all: readonly WalletTransfer[],
  status: number,
): readonly WalletTransfer[] {
  const coin = parameters.optionalText('coin');
  const wanted = parameters.optionalInteger('status');
  const offset = parameters.optionalInteger('offset') ?? 0;
  const limit = parameters.limit(PAGE, PAGE);
  const within = rangeOf(parameters, nowUs);
  parameters.finish();
  if (wanted !== null && wanted !== status) return [];
  return all
    .filter(({ asset, timeUs }) => (coin === null || asset === coin) && within(timeUs))
    .toReversed()
    .slice(offset, offset + limit);
}

/** `capital/deposit/hisrec`. */
export function deposits(context: AccountContext): unknown {
  const { desk, caller, unit } = context;
  return chosen(context, desk.wallet.of(caller.account).deposits, COMPLETED.deposit).map((record) => ({
    id: String(record.id),
    amount: amount8(record.amount),
    coin: record.asset,
    network: NETWORK,
    status: COMPLETED.deposit,
    address: NETWORK,
    addressTag: '',
    txId: `${NETWORK}-${record.id}`,
    insertTime: timeOf(record.timeUs, unit),
    transferType: 0,
    confirmTimes: '1/1',
    unlockConfirm: 1,
    walletType: 0,
  }));
}

/** `capital/withdraw/history`. Nothing is charged for leaving a simulation. */
export function withdrawals(context: AccountContext): unknown {
  const { desk, caller } = context;
  return chosen(context, desk.wallet.of(caller.account).withdrawals, COMPLETED.withdrawal).map((record) => ({
    id: String(record.id),
    amount: amount8(record.amount),
    transactionFee: ZERO,
    coin: record.asset,
    status: COMPLETED.withdrawal,
    address: NETWORK,
    txId: `${NETWORK}-${record.id}`,
    applyTime: clockTime(record.timeUs),
    network: NETWORK,
    transferType: 0,
    info: '',
    confirmNo: 1,
    walletType: 0,
    txKey: '',
    completeTime: clockTime(record.timeUs),
  }));
}

/** `asset/dribblet`: conversions of small rests, one asset each, without a charge. */
export function conversions(context: AccountContext): unknown {
  const { desk, caller, parameters, unit, nowUs } = context;
  parameters.optionalChoice('accountType', ['SPOT', 'MARGIN']);
  const within = rangeOf(parameters, nowUs);
  parameters.finish();
  const found = desk.wallet.of(caller.account).conversions.filter(({ timeUs }) => within(timeUs));
  return {
    total: found.length,
    userAssetDribblets: found.toReversed().map(({ id, fromAsset, amount, brought, timeUs }) => ({
      operateTime: timeOf(timeUs, unit),
      totalTransferedAmount: amount8(brought),
      totalServiceChargeAmount: amount8(ZERO_AMOUNT),
      transId: id,
      userAssetDribbletDetails: [
        {
          transId: id,
          serviceChargeAmount: amount8(ZERO_AMOUNT),
          amount: amount8(amount),
          operateTime: timeOf(timeUs, unit),
          transferedAmount: amount8(brought),
          fromAsset,
        },
      ],
    })),
  };
}
