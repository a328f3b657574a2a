import { expectOk, formatAmount, parseAmount, type AccountId } from '@monsta/core';
import { decodeFees, encodeFees } from './fees.ts';
import type { Position } from './position.ts';
import type { PositionRecord } from './records.ts';
import { decodeTrip, encodeTrip } from './trip.ts';

/** A position as the ledger keeps it. */
export const encodePosition = (position: Position, accountId: AccountId): PositionRecord => ({
  accountId,
  strategyId: position.strategyId,
  instrument: position.instrument,
  quantity: formatAmount(position.quantity),
  costBasis: formatAmount(position.costBasis),
  realizedProfit: formatAmount(position.realizedProfit),
  feesPaid: formatAmount(position.feesPaid),
  fees: encodeFees(position.fees),
  trip: position.trip === null ? null : encodeTrip(position.trip),
  openedUs: position.openedUs,
  updatedUs: position.updatedUs,
});

/** A position as it was kept; throws where its amounts are none. */
export const decodePosition = (record: PositionRecord): Position => ({
  strategyId: record.strategyId,
  instrument: record.instrument,
  quantity: expectOk(parseAmount(record.quantity)),
  costBasis: expectOk(parseAmount(record.costBasis)),
  realizedProfit: expectOk(parseAmount(record.realizedProfit)),
  feesPaid: expectOk(parseAmount(record.feesPaid)),
  fees: decodeFees(record.fees),
  openedUs: record.openedUs,
  trip: record.trip === null ? null : decodeTrip(record.trip),
  updatedUs: record.updatedUs,
});
