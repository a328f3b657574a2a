import type { PositionMessage } from '@monsta/contracts';
import { sumOf } from './exact.ts';

/** Sums over positions, exact; null where a part of one is not known. */
export interface PositionSums {
  /** Null: the whole account. */
  readonly strategyId: string | null;
  readonly marketValue: string | null;
  readonly unrealizedProfit: string | null;
  readonly realizedProfit: string | null;
  readonly netProfit: string | null;
}

function sumsOf(strategyId: string | null, positions: readonly PositionMessage[]): PositionSums {
  return {
    strategyId,
    marketValue: sumOf(positions.map((each) => each.marketValue)),
    unrealizedProfit: sumOf(positions.map((each) => each.unrealizedProfit)),
    realizedProfit: sumOf(positions.map((each) => each.realizedProfit)),
    netProfit: sumOf(positions.map((each) => each.netProfit)),
  };
}

/** One row a strategy, in the order of their names, and the account below them. */
export function positionTotals(positions: readonly PositionMessage[]): readonly PositionSums[] {
  const strategies = [...new Set(positions.map(({ strategyId }) => strategyId))].toSorted();
  const each = strategies.map((id) =>
    sumsOf(
      id,
      positions.filter(({ strategyId }) => strategyId === id),
    ),
  );
  return [...each, sumsOf(null, positions)];
}
