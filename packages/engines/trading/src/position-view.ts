import { divide, RATE_UNIT } from '@monsta/core';
import type { Amount } from '@monsta/core';
import { encodeFees, netOf, unknownNet } from './fees.ts';
import type { PositionView } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Protection } from './protection.ts';
import { averagePrice, unrealizedProfit, valueAt, type Position } from './position.ts';
import { encodeTrip } from './trip.ts';

/** A position with what it is worth now; null where no price has been seen. */
export function viewPosition(
  position: Position,
  markets: Markets,
  equity: Amount | null,
  protection: Protection | null,
): PositionView {
  const instrument = markets.instrument(position.instrument);
  const { mark } = markets.state(position.instrument);
  const known = instrument !== null && mark !== null;
  const value = known ? valueAt(position.quantity, mark, instrument) : null;
  return {
    strategyId: position.strategyId,
    instrument: position.instrument,
    quantity: position.quantity,
    averagePrice: averagePrice(position),
    mark: known ? mark : null,
    value,
    realizedProfit: position.realizedProfit,
    unrealizedProfit: known ? unrealizedProfit(position, mark, instrument) : null,
    feesPaid: position.feesPaid,
    fees: encodeFees(position.fees),
    netProfit: netOf(position.realizedProfit, position.fees),
    netProfitAbsence: unknownNet(position.fees),
    exposurePpm:
      value === null || equity === null || equity <= 0n ? null : Number(divide(value * RATE_UNIT, equity, 'half-even')),
    excursions: position.trip === null ? null : encodeTrip(position.trip).excursions,
    protection,
    openedUs: position.openedUs,
    updatedUs: position.updatedUs,
  };
}
