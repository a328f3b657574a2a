import { floorToInterval, intervalUs } from '@monsta/core';
import type { Bar, Instrument, InstrumentId, Interval, TimestampUs } from '@monsta/core';
import type { BarFrame } from '@monsta/features/indicators';
import { BarWindow, toStrategyBar } from '../bar-window.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import { reasonText } from './asks.ts';
import { indicatorValues } from './indicator-values.ts';
import { stateTextOf } from './plain-state.ts';
import { Timers } from './timers.ts';
import type { StrategyNeeds } from './validate.ts';
import type { StrategyFill, StrategyOrder, StrategyPosition } from './vocabulary.ts';
import type { StrategyWish } from './wish.ts';

/** What a strategy has not been told yet, since its bars were not there. */
export type Notice =
  | { readonly kind: 'fill'; readonly fill: StrategyFill }
  | { readonly kind: 'order'; readonly order: StrategyOrder };

/** More are not kept: the oldest are let go of. */
const NOTICES_MAX = 200;

/** Bars of one interval that a strategy watches on one instrument. */
export interface StrategyWindow {
  readonly strategy: ConfiguredStrategy;
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly window: BarWindow;
}

/** Whether a strategy has been given the state of one of its slots since it was called. */
export interface Hands {
  on: boolean;
}

/** One strategy on one instrument: its bars, what it remembers, its timers, and where it stands. */
export class StrategySlot {
  readonly strategy: ConfiguredStrategy;
  readonly instrument: InstrumentId;
  readonly timers = new Timers();
  #windows: ReadonlyMap<Interval, BarWindow> = new Map();
  #all: readonly BarWindow[] = [];
  /** The main interval, and its bars; null for a strategy without bars. */
  interval: Interval | null = null;
  main: BarWindow | null = null;
  #indicators: Readonly<Record<string, unknown>> = {};
  readonly #frames = new Map<Interval, BarFrame>();
  #notices: Notice[] = [];
  #noticesKept = false;
  #state: object = {};
  #stateText = '{}';
  #touched = false;
  readonly #hands: Hands;
  /** Close of the last bar decided. */
  decidedUs: TimestampUs | null = null;
  /** A bar that has closed and is not decided yet, and since when it waits for the bars of other intervals. */
  pending: { readonly bar: Bar; readonly sinceUs: TimestampUs } | null = null;
  /** True once `onStart` has been called since the last start. */
  started = false;
  /** It asked for everything to be sold; done when nothing is held. Null: it did not. */
  closing: { readonly reason: string | null; readonly tag: string | null } | null = null;

  /** The position as the strategy was shown it last, and as of which holdings and terms; null: not yet. */
  seen: { readonly holdings: number; readonly terms: number; readonly position: StrategyPosition } | null = null;
  /** What is sized by the next price, oldest first: only where the configuration says so. */
  held: readonly StrategyWish[] = [];

  constructor(strategy: ConfiguredStrategy, instrument: InstrumentId, hands: Hands) {
    this.#hands = hands;
    this.strategy = strategy;
    this.instrument = instrument;
  }

  /** Begins with empty windows, of the lengths that are needed now. */
  rebuild({ bars, indicators }: StrategyNeeds, joinsGaps: boolean): void {
    const window = (interval: Interval, count: number) => new BarWindow(interval, count, [], joinsGaps);
    this.#windows = new Map([...bars].map(([interval, count]) => [interval, window(interval, count)]));
    this.#all = [...this.#windows.values()];
    this.main = this.#all[0] ?? null;
    this.interval = [...bars.keys()][0] ?? null;
    this.held = [];
    this.pending = null;
    this.started = false;
    for (const [interval, frame] of this.#frames) this.#windows.get(interval)?.follow(frame);
    this.#indicators = indicatorValues(indicators, (interval) => this.#windows.get(interval ?? this.interval ?? '1m'));
  }

  /** Bars of an interval that are going to come lie in these columns. */
  follow(interval: Interval, frame: BarFrame): void {
    this.#frames.set(interval, frame);
    this.#windows.get(interval)?.follow(frame);
  }

  /** What a snapshot keeps beside what is recorded of the strategy. */
  get saved() {
    const { decidedUs, pending, started, held } = this;
    const windows = [...this.#windows].map(([interval, window]) => [interval, window.bars] as const);
    // Words that nobody has asked for yet are made now: what makes them can't be kept.
    return { windows, decidedUs, pending, started, held: held.map((wish) => this.#withWords(wish)) };
  }

  restore({ windows, decidedUs, pending, started, held }: StrategySlot['saved']): void {
    for (const [interval, bars] of windows) this.#windows.get(interval)?.merge(bars);
    this.decidedUs = decidedUs;
    this.pending = pending;
    this.started = started;
    this.held = held;
  }

  get windows(): ReadonlyMap<Interval, BarWindow> {
    return this.#windows;
  }

  get indicators(): Readonly<Record<string, unknown>> {
    return this.#indicators;
  }

  /** An interval whose newest bar that had closed by `us` is not there yet; null where none is. */
  behind(us: TimestampUs): Interval | null {
    for (const [interval, window] of this.#windows) {
      const lastOpenMs = (floorToInterval(us, interval) - intervalUs(interval)) / 1_000;
      if ((window.newestOpenMs ?? Number.NEGATIVE_INFINITY) < lastOpenMs) return interval;
    }
    return null;
  }

  get full(): boolean {
    const all = this.#all;
    for (let index = 0; index < all.length; index += 1) if (all[index]?.full !== true) return false;
    return true;
  }

  merge(bars: readonly Bar[], instrument: Instrument): void {
    for (const [interval, window] of this.#windows) {
      const own = bars.filter((bar) => bar.closed && bar.instrument === this.instrument && bar.interval === interval);
      if (own.length > 0) window.merge(own.map((bar) => toStrategyBar(bar, instrument)));
    }
  }

  /** Takes a closed bar; true when it has to be decided. One decided before, or older than what is known, is not. */
  push(bar: Bar, instrument: Instrument, nowUs: TimestampUs): boolean {
    const window = this.#windows.get(bar.interval);
    if (window === undefined) return false;
    const pushed = window.push(toStrategyBar(bar, instrument));
    if (bar.interval !== this.interval) return false;
    if (this.decidedUs !== null && bar.closeTimeUs <= this.decidedUs) return false;
    // The history may have brought the newest bar already; an older one is past.
    if (pushed === 'old' && window.newestOpenMs !== bar.openTimeUs / 1_000) return false;
    this.decidedUs = bar.closeTimeUs;
    this.pending = { bar, sinceUs: nowUs };
    return true;
  }

  /** What the strategy may change. */
  get state(): object {
    this.#touched = true;
    this.#hands.on = true;
    return this.#state;
  }

  /** As it was last kept: JSON text. */
  get stateText(): string {
    return this.#stateText;
  }

  /** What the strategy made of its state, as JSON text; null where it did nothing. Throws a TypeError where it is no plain JSON. */
  changedState(): string | null {
    if (!this.#touched) return null;
    const made = stateTextOf(this.#state, 'state');
    if ('fault' in made) throw new TypeError(made.fault);
    return made.text === this.#stateText ? null : made.text;
  }

  keepState(text: string): void {
    this.#stateText = text;
  }

  /** The strategy's hands are off its state. */
  release(): void {
    this.#touched = false;
  }

  /** Forgets what the strategy changed since it was kept. */
  dropState(): void {
    if (!this.#touched) return;
    this.setState(JSON.parse(this.#stateText) as object);
  }

  setState(state: object): void {
    this.#stateText = JSON.stringify(state);
    this.#state = JSON.parse(this.#stateText) as object;
    this.#touched = false;
  }

  /** True when what it has not been told yet is something else than when this was last asked. */
  takeNoticesMoved(): boolean {
    const moved = this.#notices.length > 0 || this.#noticesKept;
    this.#noticesKept = this.#notices.length > 0;
    return moved;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  notice(notice: Notice): void {
    this.#notices.push(notice);
    if (this.#notices.length > NOTICES_MAX) this.#notices.shift();
  }

  takeNotice(): Notice | null {
    return this.#notices.shift() ?? null;
  }

  restoreNotices(notices: readonly Notice[]): void {
    this.#notices = [...notices];
    this.#noticesKept = notices.length > 0;
  }

  #withWords(wish: StrategyWish): StrategyWish {
    return 'reason' in wish ? { ...wish, reason: reasonText(wish.reason, this.#indicators) } : wish;
  }
}
