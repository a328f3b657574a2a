import { approximatePrice, intervalUs, msFromUs, VOLUME_SCALE } from '@monsta/core';
import type { Bar, Instrument, Interval } from '@monsta/core';
import { frameColumnsOf, isEvenlySpaced, type BarFrame, type FrameColumns } from '@monsta/features/indicators';
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

/**
 * The newest closed bars without a gap, at most `capacity`; with `joins` those on both sides of a gap are neighbours. Where the bars that are going to come lie in columns already (a backtest), it follows them there: then a bar that is
 * added is one index more, and what nobody looks at is never made.
 */
export class BarWindow {
  readonly capacity: number;
  readonly #stepMs: number;
  readonly #joins: boolean;
  #bars: StrategyBar[];
  /** Another one after each change. */
  version = 0;
  /** Another one where it does not go on from bar to bar of the same columns: what a figure once had enough bars for in one, it has to the end of it. */
  stretch = 0;
  /** The columns that it follows; null where it does not. */
  frame: BarFrame | null = null;
  /** Of the frame, once somebody has looked at its newest bar. */
  columns: FrameColumns | null = null;
  /** Where its newest bar lies in the frame. */
  index = -1;
  /** How many it holds of the frame, and up to which `#bars` has them. */
  #count = 0;
  #listed = -1;

  constructor(interval: Interval, capacity: number, bars: readonly StrategyBar[] = [], joins = false) {
    this.#joins = joins;
    this.capacity = capacity;
    this.#stepMs = intervalUs(interval) / 1_000;
    this.#bars = [...bars];
  }

  get bars(): readonly StrategyBar[] {
    if (this.frame !== null && this.#listed !== this.index) this.#list(frameColumnsOf(this.frame));
    return this.#bars;
  }

  /** Throws a RangeError while it is empty. Strategies look at it at each close, and it is as short as can be: then the machine makes no more of a bar than they look at. */
  get newest(): StrategyBar {
    return (this.columns ?? this.#found()).barAt(this.index);
  }

  /** Where the newest bar is: columns are looked up once. */
  #found(): Pick<FrameColumns, 'barAt'> {
    if (this.size === 0) throw new RangeError('no bar has closed yet');
    if (this.frame === null) return { barAt: () => this.#bars[this.#bars.length - 1] as StrategyBar };
    this.columns = frameColumnsOf(this.frame);
    return this.columns;
  }

  get size(): number {
    return this.frame === null ? this.#bars.length : this.#count;
  }

  get full(): boolean {
    return this.size === this.capacity;
  }

  get newestOpenMs(): number | null {
    const frame = this.frame;
    if (frame !== null) return this.index < 0 ? null : (frame.openTimeMs[this.index] ?? null);
    return this.#bars.at(-1)?.openTimeMs ?? null;
  }

  /** Follows bars in columns from here on. Those that it holds must be among them, or it goes on as before. */
  follow(frame: BarFrame): void {
    const bars = this.bars;
    const [newest] = bars.slice(-1);
    const index = newest === undefined ? -1 : indexOf(frame, newest.openTimeMs);
    const from = index - bars.length + 1;
    if (newest !== undefined && (index < 0 || bars.some((bar, at) => frame.openTimeMs[from + at] !== bar.openTimeMs)))
      return;
    this.frame = frame;
    this.stretch += 1;
    this.columns = null;
    this.index = index;
    this.#count = bars.length;
    this.#listed = index;
  }

  /** `added`; `old`: not newer than what is there; `gap`: bars are missing before it, so that the window begins anew with it. */
  push(bar: StrategyBar): 'added' | 'old' | 'gap' {
    const newest = this.newestOpenMs;
    if (newest !== null && bar.openTimeMs <= newest) return 'old';
    if (this.frame !== null) {
      const index = this.frame.openTimeMs[this.index + 1] === bar.openTimeMs ? this.index + 1 : -1;
      const found = index < 0 ? indexOf(this.frame, bar.openTimeMs) : index;
      if (found >= 0) return this.advanceTo(found);
      this.#leave();
    }
    this.version += 1;
    const gap = !this.#joins && newest !== null && bar.openTimeMs !== newest + this.#stepMs;
    if (gap) this.#bars = [bar];
    else {
      this.#bars.push(bar);
      if (this.#bars.length > this.capacity) this.#bars.shift();
    }
    return gap ? 'gap' : 'added';
  }

  /** `push` of the bar at that index of the frame, which is newer than all that are there. */
  advanceTo(index: number): 'added' | 'gap' {
    const times = this.frame?.openTimeMs;
    const gap = !this.#joins && this.#count > 0 && times?.[index] !== (times?.[this.index] ?? 0) + this.#stepMs;
    this.version += 1;
    if (gap) this.stretch += 1;
    this.index = index;
    this.#count = gap ? 1 : Math.min(this.#count + 1, this.capacity);
    return gap ? 'gap' : 'added';
  }

  /** True where every bar that follows, from this index on, is one index more and leaves it full. */
  isSteady(next: number): boolean {
    const frame = this.frame;
    if (frame === null || this.#count !== this.capacity || this.index !== next - 1) return false;
    return this.#joins || isEvenlySpaced(frame);
  }

  /** `advanceTo` of the next bar where it is steady. */
  stepTo(index: number): void {
    this.version += 1;
    this.index = index;
  }

  /** `advanceTo` for who wants to know no more than whether it is full then, without a gap before the bar. */
  glideTo(index: number): boolean {
    const times = (this.frame as BarFrame).openTimeMs;
    const before = this.index;
    if (this.#count < this.capacity || (!this.#joins && times[index] !== (times[before] as number) + this.#stepMs)) {
      this.advanceTo(index);
      return this.full;
    }
    this.version += 1;
    this.index = index;
    return true;
  }

  /** Fills in what came before, or between, from a history: the newest unbroken run of both together remains. Bars already there win. */
  merge(history: readonly StrategyBar[]): void {
    const frame = this.frame;
    if (frame !== null) this.#leave();
    this.version += 1;
    const byOpen = new Map(history.map((bar) => [bar.openTimeMs, bar]));
    for (const bar of this.#bars) byOpen.set(bar.openTimeMs, bar);
    const all = [...byOpen.values()].sort((left, right) => left.openTimeMs - right.openTimeMs);
    let from = all.length - 1;
    while (from > 0 && all.length - from < this.capacity) {
      const [before, here] = [all[from - 1], all[from]];
      if (before === undefined || here === undefined) break;
      if (!this.#joins && before.openTimeMs + this.#stepMs !== here.openTimeMs) break;
      from -= 1;
    }
    this.#bars = all.slice(Math.max(0, from));
    if (frame !== null) this.follow(frame);
  }

  /** Goes on with bars of its own. */
  #leave(): void {
    this.#bars = [...this.bars];
    this.stretch += 1;
    this.frame = null;
    this.columns = null;
  }

  /** Brings the list up to the index. */
  #list(columns: FrameColumns): void {
    const from = this.index - this.#count + 1;
    const listedFrom = this.#listed - this.#bars.length + 1;
    if (this.#bars.length === 0 || this.#listed < from || listedFrom > from) this.#bars = [];
    else for (let drop = from - listedFrom; drop > 0; drop -= 1) this.#bars.shift();
    for (let index = from + this.#bars.length; index <= this.index; index += 1) this.#bars.push(columns.barAt(index));
    this.#listed = this.index;
  }
}

/** −1 where no bar opens then. */
function indexOf({ openTimeMs, length }: BarFrame, ms: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return openTimeMs[low] === ms ? low : -1;
}
