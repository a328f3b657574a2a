import type { KlineQuery } from '@monsta/binance-server';
import { floorToInterval, intervalUs, type Bar, type Instrument, type Interval, type TimestampUs } from '@monsta/core';
import { BarBuilder } from '@monsta/market-data';
import { firstIndex } from './columns.ts';
import type { BarHistory } from './history.ts';
import type { RecordedTrades } from './recorded-trades.ts';

interface FormingState {
  builder: BarBuilder;
  /** Trades applied. */
  applied: number;
}

/**
 * The bars of one symbol: from the history file up to the recording's first bar, from the recording's trades after it. A bar
 * that the recording covers in part says what its trades say; a span without trades has no bar.
 */
export class ReplayBars {
  readonly #instrument: Instrument;
  readonly #trades: RecordedTrades;
  readonly #history: BarHistory | null;
  readonly #recorded = new Map<Interval, readonly Bar[]>();
  readonly #forming = new Map<Interval, FormingState>();

  constructor(instrument: Instrument, trades: RecordedTrades, history: BarHistory | null) {
    this.#instrument = instrument;
    this.#trades = trades;
    this.#history = history;
  }

  /** Made when they are first asked for: nobody asks for all intervals. */
  #recordedBars(interval: Interval): readonly Bar[] {
    let bars = this.#recorded.get(interval);
    if (bars === undefined) this.#recorded.set(interval, (bars = this.#build(interval)));
    return bars;
  }

  #build(interval: Interval): readonly Bar[] {
    const builder = new BarBuilder(this.#instrument, interval);
    const bars: Bar[] = [];
    for (let row = 0; row < this.#trades.length; row += 1) {
      const ended = builder.apply(this.#trades.trade(row));
      if (ended !== null) bars.push(ended);
    }
    const forming = builder.forming();
    if (forming !== null) bars.push({ ...forming, closed: true, tsEventUs: forming.closeTimeUs });
    return bars;
  }

  /** The bar that holds `nowUs`, of the trades told so far; null when none was. */
  #formingBar(interval: Interval, nowUs: TimestampUs): Bar | null {
    const told = this.#trades.toldBy(nowUs);
    let state = this.#forming.get(interval);
    if (state === undefined || state.applied > told) {
      state = { builder: new BarBuilder(this.#instrument, interval), applied: 0 };
      this.#forming.set(interval, state);
    }
    for (; state.applied < told; state.applied += 1) state.builder.apply(this.#trades.trade(state.applied));
    const bar = state.builder.forming();
    return bar !== null && bar.openTimeUs === floorToInterval(nowUs, interval) ? bar : null;
  }

  #historyCount(interval: Interval): number {
    if (this.#history === null) return 0;
    if (this.#trades.length === 0) return this.#history.endedBy(interval, 0);
    return this.#history.endedBy(interval, floorToInterval(this.#trades.trade(0).tsEventUs, interval));
  }

  query(interval: Interval, query: KlineQuery, nowUs: TimestampUs): readonly Bar[] {
    const history = this.#history;
    const older = this.#historyCount(interval);
    const recorded = this.#recordedBars(interval);
    const span = intervalUs(interval);
    const closed = firstIndex(recorded.length, (index) => (recorded[index]?.closeTimeUs ?? 0) > nowUs);
    const forming = this.#formingBar(interval, nowUs);
    const length = older + closed + (forming === null ? 0 : 1);
    const openUs = (index: number): number => {
      if (index < older) return (history?.openMs(interval, index) ?? 0) * 1_000;
      if (index < older + closed) return recorded[index - older]?.openTimeUs ?? 0;
      return forming?.openTimeUs ?? nowUs - span;
    };
    const from = query.fromUs === null ? 0 : firstIndex(length, (index) => openUs(index) >= (query.fromUs ?? 0));
    const to = query.toUs === null ? length : firstIndex(length, (index) => openUs(index) > (query.toUs ?? 0));
    const first = query.fromUs === null ? Math.max(0, to - query.limit) : from;
    const last = Math.min(to, first + query.limit);
    const bars: Bar[] = [];
    for (let index = first; index < last; index += 1) {
      const bar =
        index < older
          ? history?.bar(interval, index)
          : index < older + closed
            ? recorded[index - older]
            : (forming ?? undefined);
      if (bar !== undefined) bars.push(bar);
    }
    return bars;
  }
}
