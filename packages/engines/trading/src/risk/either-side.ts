import { lotsWithin } from '@monsta/core';
import type { Amount, Instrument, OrderRequest, Quantity, StrategyId } from '@monsta/core';
import { committedTo, largestOf, type Commitment } from '../commitments.ts';
import type { Portfolio } from '../portfolio.ts';
import type { OwnView, RiskView } from './view.ts';

const NOTHING = 0n as Amount;

export type EitherSide = Pick<RiskView, 'positionValue' | 'openEntryValue' | 'exposure' | 'closing'> & {
  readonly own: Pick<OwnView, 'positionValue' | 'positionCoins' | 'exposure'>;
};

/**
 * What risk looks at where positions may be short: of the order's own position what is committed on its side; of the others the larger of both sides, since not both can come true. What an
 * order first closes on its other side opens nothing. Pure.
 */
export function eitherSide(order: OrderRequest, instrument: Instrument, portfolio: Portfolio): EitherSide {
  const { strategyId, side } = order;
  const all = portfolio.commitments();
  const nobody: Commitment = { strategyId, instrument: instrument.id, long: NOTHING, short: NOTHING };
  const own = all.find((each) => each.strategyId === strategyId && each.instrument === instrument.id) ?? nobody;
  const others = all.filter((each) => each !== own);
  const committed = side === 'buy' ? own.long : own.short;
  const room = committed < 0n ? lotsWithin(-committed as Amount, instrument) : 0;
  const closing = Math.min(room, order.quantity) as Quantity;
  const before = portfolio.valueOf(committedTo(own, side), instrument.id);
  const exposure = (of: (id: StrategyId) => boolean): Amount | null =>
    others
      .filter((each) => of(each.strategyId))
      .map((each) => portfolio.valueOf(largestOf(each), each.instrument))
      .reduce(plus, before);
  const here = others.filter((each) => each.instrument === instrument.id);
  const coins = here.reduce<bigint>((sum, each) => sum + committedTo(each, side), committedTo(own, side));
  return {
    positionValue: portfolio.valueOf(coins as Amount, instrument.id),
    openEntryValue: NOTHING,
    exposure: exposure(() => true),
    closing,
    own: {
      positionValue: before,
      positionCoins: committedTo(own, side),
      exposure: exposure((id) => id === strategyId),
    },
  };
}

const plus = (left: Amount | null, right: Amount | null): Amount | null =>
  left === null || right === null ? null : ((left + right) as Amount);
