import { baseAmount, type Amount, type InstrumentId, type OrderSide, type StrategyId } from '@monsta/core';
import { positionKey, type Position } from './position.ts';
import { leftOf } from './reservations.ts';
import type { OrderInSteps } from './records.ts';

/** What a strategy would hold of an instrument if all its orders there bought, and owe if all sold; base asset, below 0 where even then it is on the other side. */
export interface Commitment {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly long: Amount;
  readonly short: Amount;
}

/**
 * What strategies have committed themselves to, where positions may be on either side: positions and the orders that work on them, whatever those are for. The orders of a list cancel each
 * other and count once. `owner`: of one strategy alone. Pure.
 */
export function commitmentsOf(
  positions: readonly Position[],
  working: readonly OrderInSteps[],
  owner: StrategyId | null = null,
): readonly Commitment[] {
  const found = new Map<string, { strategyId: StrategyId; instrument: InstrumentId; long: bigint; short: bigint }>();
  const of = (strategyId: StrategyId, instrument: InstrumentId) => {
    const key = positionKey(strategyId, instrument);
    const known = found.get(key) ?? { strategyId, instrument, long: 0n, short: 0n };
    found.set(key, known);
    return known;
  };
  for (const { strategyId, instrument, quantity } of positions) {
    if (owner !== null && strategyId !== owner) continue;
    const own = of(strategyId, instrument);
    own.long += quantity;
    own.short -= quantity;
  }
  const lists = new Set<string>();
  for (const { order, instrument } of working) {
    if (owner !== null && order.strategyId !== owner) continue;
    if (order.listId !== null) {
      if (lists.has(order.listId)) continue;
      lists.add(order.listId);
    }
    const own = of(order.strategyId, order.instrument);
    const coins = baseAmount(leftOf(order), instrument);
    if (order.side === 'buy') own.long += coins;
    else own.short += coins;
  }
  return [...found.values()].map(({ long, short, ...whose }) => ({
    ...whose,
    long: long as Amount,
    short: short as Amount,
  }));
}

/** What lies on the side of an order of that side; 0 where it would still be on the other. */
export const committedTo = ({ long, short }: Commitment, side: OrderSide): Amount => {
  const coins = side === 'buy' ? long : short;
  return coins > 0n ? coins : (0n as Amount);
};

/** The larger of both sides. */
export const largestOf = (commitment: Commitment): Amount => {
  const [long, short] = [committedTo(commitment, 'buy'), committedTo(commitment, 'sell')];
  return long > short ? long : short;
};
