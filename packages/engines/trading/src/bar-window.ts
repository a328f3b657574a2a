import { approximatePrice, intervalUs, msFromUs, VOLUME_SCALE } from '@monsta/core';
import type { Bar, Instrument, Interval } from '@monsta/core';
import type { StrategyBar } from './strategy/vocabulary.ts';

const VOLUME_UNIT = 10 ** VOLUME_SCALE;

export const toStrategyBar = (bar: Bar, instrument: Instrument): StrategyBar => ({
  openTimeMs: msFromUs(bar.openTimeUs),
  closeTimeMs: msFromUs(bar.closeTimeUs),
  open: approximatePrice(bar.open, instrument),
  high: approximatePrice(bar.high, instrument),
  low: approximatePrice(bar.low, instrument),
  close: approximatePrice(bar.close, instrument),
  volume: Number(bar.volume) / VOLUME_UNIT,
});

/** The newest closed bars without a gap, at most `capacity`. */
export class BarWindow {
  readonly capacity: number;
  readonly #stepMs: number;
  #bars: StrategyBar[];
  #version = 0;

  constructor(interval: Interval, capacity: number, bars: readonly StrategyBar[] = []) {
    this.capacity = capacity;
    this.#stepMs = intervalUs(interval) / 1_000;
    this.#bars = [...bars];
  }

  get bars(): readonly StrategyBar[] {
    return this.#bars;
  }

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  get full(): boolean {
    return this.#bars.length === this.capacity;
  }

  get newestOpenMs(): number | null {
    return this.#bars.at(-1)?.openTimeMs ?? null;
  }

  /** `added`; `old`: not newer than what is there; `gap`: bars are missing before it, so that the window begins anew with it. */
  push(bar: StrategyBar): 'added' | 'old' | 'gap' {
    const newest = this.newestOpenMs;
    if (newest !== null && bar.openTimeMs <= newest) return 'old';
    this.#version += 1;
    const gap = newest !== null && bar.openTimeMs !== newest + this.#stepMs;
    if (gap) this.#bars = [bar];
    else {
      this.#bars.push(bar);
      if (this.#bars.length > this.capacity) this.#bars.shift();
    }
    return gap ? 'gap' : 'added';
  }

  /** Fills in what came before, or between, from a history: the newest unbroken run of both together remains. Bars already there win. */
  merge(history: readonly StrategyBar[]): void {
    this.#version += 1;
    const byOpen = new Map(history.map((bar) => [bar.openTimeMs, bar]));
    for (const bar of this.#bars) byOpen.set(bar.openTimeMs, bar);
    const all = [...byOpen.values()].sort((left, right) => left.openTimeMs - right.openTimeMs);
    let from = all.length - 1;
    while (from > 0 && all.length - from < this.capacity) {
      const [before, here] = [all[from - 1], all[from]];
      if (before === undefined || here === undefined || before.openTimeMs + this.#stepMs !== here.openTimeMs) break;
      from -= 1;
    }
    this.#bars = all.slice(Math.max(0, from));
  }
}
