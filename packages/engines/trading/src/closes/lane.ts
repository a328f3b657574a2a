import { intervalMs, type BarSeries } from '@monsta/core';
import type { MarketCell } from '../markets.ts';
import type { Extremes } from '../portfolio.ts';
import type { Seat } from './seat.ts';

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
