import type { BarSeries, Instrument } from '@monsta/core';
import type { BarWindow } from '../bar-window.ts';
import type { Place } from '../strategy/places.ts';
import type { StrategyContext } from '../strategy/vocabulary.ts';
import type { StrategyWish } from '../strategy/wish.ts';
import { binaryValue } from './approximate-worth.ts';

/** Binary sums of a few amounts are exact to 10⁻¹⁵ of the largest; what is closer than this is looked at exactly. */
export const NEAR = 1e-9;
/** Money of less than a lot's rounding. */
const DUST = 1e-6;

/** A strategy on an instrument, as one of its series sees it. What follows from orders and positions is good until one of them moves. */
export interface Seat {
  readonly place: Place;
  /** Of its strategy among all, for who watches calls. */
  readonly index: number;
  readonly window: BarWindow;
  /** It is decided at the closes of this series. */
  readonly isMain: boolean;
  /** It looks at no other series. */
  readonly isAlone: boolean;
  readonly context: StrategyContext | undefined;
  readonly hasOnBar: boolean;
  /** No order of its own works, or waits. */
  idle: boolean;
  /** What it holds, long or short, in whole lots; and in binary numbers, below 0 while short. */
  lots: number;
  coins: number;
  /** What a target of 1 is worth: this share of the equity, at most this amount; null where it follows from something else. */
  allocation: number | null;
  amountMax: number;
  halted: boolean;
}

/** Null where the strategy does not watch the series. */
export function seatOf(place: Place, index: number, { interval }: BarSeries): Seat | null {
  const { run, slot } = place;
  const window = slot.windows.get(interval);
  if (window === undefined) return null;
  return {
    place,
    index,
    window,
    isMain: slot.interval === interval,
    isAlone: slot.windows.size === 1,
    context: run.contextIn(slot),
    hasOnBar: run.handles('onBar'),
    idle: false,
    lots: 0,
    coins: 0,
    allocation: null,
    amountMax: Infinity,
    halted: false,
  };
}

/** What the account is worth where a wish is looked at. */
interface Worth {
  readonly equity: number;
  readonly cash: number;
  readonly bandPpm: number;
}

/** True where a target is surely what is held already, so that no order would come of it. `at`: the newest price, in ticks. */
export function isInert(seat: Seat, wish: StrategyWish, instrument: Instrument, at: number, worth: Worth): boolean {
  const { idle, coins, lots, allocation, amountMax } = seat;
  if (wish.kind !== 'target' || !idle || wish.instrument !== instrument.id) return false;
  if (wish.fraction === 0) return lots === 0;
  const { equity } = worth;
  if (lots === 0 || coins <= 0 || allocation === null || equity <= 0) return false;
  const whole = Math.min(amountMax, equity * allocation);
  const off = whole * (Math.round(wish.fraction * 1_000_000) / 1e6) - binaryValue(coins, at, instrument);
  const near = (Math.abs(worth.cash) + equity) * NEAR + DUST;
  return Math.abs(off) <= (whole * worth.bandPpm) / 1e6 - near;
}
