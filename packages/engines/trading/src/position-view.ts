import type { PositionView } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Protection } from './protection.ts';
import { averagePrice, unrealizedProfit, valueAt, type Position } from './position.ts';

/** A position with what it is worth now; null where no price has been seen. */
export function viewPosition(position: Position, markets: Markets, protection: Protection | null): PositionView {
  const instrument = markets.instrument(position.instrument);
  const { mark } = markets.state(position.instrument);
  const known = instrument !== null && mark !== null;
  return {
    strategyId: position.strategyId,
    instrument: position.instrument,
    quantity: position.quantity,
    averagePrice: averagePrice(position),
    mark: known ? mark : null,
    value: known ? valueAt(position.quantity, mark, instrument) : null,
    realizedProfit: position.realizedProfit,
    unrealizedProfit: known ? unrealizedProfit(position, mark, instrument) : null,
    feesPaid: position.feesPaid,
    protection,
    openedUs: position.openedUs,
    updatedUs: position.updatedUs,
  };
}
