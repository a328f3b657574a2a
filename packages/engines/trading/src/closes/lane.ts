import { intervalMs, type BarSeries } from '@monsta/core';
import type { BarWindow } from '../bar-window.ts';
import type { MarketCell } from '../markets.ts';
import type { Extremes } from '../portfolio.ts';
import type { Place } from '../strategy/places.ts';
import type { StrategyContext } from '../strategy/vocabulary.ts';

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

/** One series that is followed, and what has to be known of its market at each close. */
export class Lane {
  readonly series: BarSeries;
  readonly stepUs: number;
  seats: Seat[] = [];
  readonly cell: MarketCell;
  extremes: readonly Extremes[] = [];
  /** Trades between these prices mean nothing to what protects positions. */
  below = -Infinity;
  above = Infinity;
  coins = 0;
  hearsTrades = false;

  constructor(series: BarSeries, cell: MarketCell) {
    this.series = series;
    this.stepUs = intervalMs(series.interval) * 1_000;
    this.cell = cell;
  }
}
