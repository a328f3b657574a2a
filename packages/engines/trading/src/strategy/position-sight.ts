import {
  approximate,
  approximateAmount,
  AMOUNT_SCALE,
  divide,
  msFromUs,
  RATE_UNIT,
  subtractAmounts,
  type Amount,
  type Instrument,
} from '@monsta/core';
import { allocationOf, type TargetParts } from '../decide.ts';
import { averagePrice, sellableLots, valueAt, type Position } from '../position.ts';
import type { StrategySlot } from './slot.ts';
import type { StrategyPosition } from './vocabulary.ts';

type SightParts = Pick<TargetParts, 'config' | 'markets' | 'portfolio' | 'risk'>;

/** A position that a strategy looks at, with what its figures follow from. */
interface Held {
  readonly position: Position;
  readonly slot: StrategySlot;
  readonly instrument: Instrument;
  readonly parts: SightParts;
}

/**
 * The position in binary numbers. What depends on the market is reckoned each time it is looked at. Its getters are its own, so that a copy of it has all figures, and yet the same ones for all: held or flat it is of one shape for the
 * machine, and looked at in strategies without a search.
 */
class PositionSight implements StrategyPosition {
  declare readonly fraction: number | null;
  readonly quantity: number;
  readonly averagePrice: number | null;
  declare readonly unrealizedProfit: number | null;
  readonly openedMs: number | null;
  readonly #held: Held | null;

  constructor(held: Held | null) {
    this.#held = held;
    Object.defineProperty(this, 'fraction', PositionSight.#fraction);
    this.quantity = held === null ? 0 : approximateAmount(held.position.quantity);
    const average = held === null ? null : averagePrice(held.position);
    this.averagePrice = average === null ? null : approximate(average, AMOUNT_SCALE);
    Object.defineProperty(this, 'unrealizedProfit', PositionSight.#unrealizedProfit);
    const openedUs = held?.position.openedUs ?? null;
    this.openedMs = openedUs === null ? null : msFromUs(openedUs);
  }

  static readonly #fraction = {
    enumerable: true,
    get(this: PositionSight): number | null {
      return this.#held === null ? 0 : fractionOf(this.#held);
    },
  };

  static readonly #unrealizedProfit = {
    enumerable: true,
    get(this: PositionSight): number | null {
      if (this.#held === null) return null;
      const worth = worthOf(this.#held);
      return worth === null ? null : approximateAmount(subtractAmounts(worth, this.#held.position.costBasis));
    },
  };
}

const FLAT = new PositionSight(null);

function worthOf({ position, slot, instrument, parts }: Held): Amount | null {
  const { mark } = parts.markets.state(slot.instrument);
  return mark === null ? null : valueAt(position.quantity, mark, instrument);
}

function fractionOf(held: Held): number | null {
  const { slot, parts } = held;
  const worth = worthOf(held);
  const equity = parts.portfolio.equity(parts.config.quoteAsset);
  if (worth === null || equity === null || equity <= 0n) return null;
  const sized = allocationOf(equity, slot, parts);
  const allocation = 'denied' in sized ? 0n : sized.amount;
  return allocation > 0n ? approximate(divide(worth * RATE_UNIT, allocation, 'floor'), 6) : null;
}

/** The position as the strategy sees it: the same object until something is bought or sold. Throws a RangeError for an instrument that is not known. */
export function positionSight(slot: StrategySlot, parts: SightParts): StrategyPosition {
  const { seen } = slot;
  // It is looked at far more often than it moves.
  if (seen !== null && seen.holdings === parts.portfolio.holdings && seen.terms === parts.markets.terms)
    return seen.position;
  return newSight(slot, parts);
}

function newSight(slot: StrategySlot, parts: SightParts): StrategyPosition {
  const { holdings } = parts.portfolio;
  const { terms } = parts.markets;
  const instrument = parts.markets.instrument(slot.instrument);
  if (instrument === null) throw new RangeError(`instrument ${slot.instrument} is not known`);
  const position = parts.portfolio.holding(slot.strategy.id, slot.instrument);
  const isFlat = position === null || sellableLots(position, instrument) === 0;
  const sight = isFlat ? FLAT : new PositionSight({ position, slot, instrument, parts });
  slot.seen = { holdings, terms, position: sight };
  return sight;
}
