import { intervalMs, type BarSeries, type InstrumentId } from '@monsta/core';
import { PassingCloses, type MarketCell } from '../markets.ts';
import type { Extremes } from '../portfolio.ts';
import type { Seat } from './seat.ts';

/** One series that is followed, and what has to be known of its market at each close. */
export class Lane {
  readonly series: BarSeries;
  readonly instrument: InstrumentId;
  readonly stepUs: number;
  seats: Seat[] = [];
  readonly cell: MarketCell;
  readonly passing: PassingCloses;
  extremes: readonly Extremes[] = [];
  /** Trades between these prices mean nothing to what protects positions. */
  below = -Infinity;
  above = Infinity;
  coins = 0;
  /** A price in ticks times `tickUnits` over `tickPower` is one in the quote asset: by these operations in this order, as everywhere. */
  readonly tickUnits: number;
  readonly tickPower: number;
  hearsTrades = false;

  constructor(series: BarSeries, cell: MarketCell) {
    this.series = series;
    this.instrument = series.instrument.id;
    const { tick } = series.instrument;
    this.tickUnits = tick.units;
    this.tickPower = 10 ** tick.scale;
    this.stepUs = intervalMs(series.interval) * 1_000;
    this.cell = cell;
    this.passing = new PassingCloses(cell, series.close);
  }
}
