import { barAt, type BarSeries, type Instrument, type TimestampUs } from '@monsta/core';
import { barFrameOf } from '@monsta/features/indicators';
import type { KernelOutput } from '../kernel-types.ts';
import { Days } from '../risk/day.ts';
import type { BarOutcome } from '../strategy/bar-outcome.ts';
import { hearsCalls } from '../strategy-watch.ts';
import { approximateWorth, binaryOf, binaryValue } from './approximate-worth.ts';
import type { ClosesParts, CurvePen, Glide } from './closes-parts.ts';
import { EquityLimits, NEAR } from './equity-limits.ts';
import { isHeld, isKnownNothing } from './inert.ts';
import { Lane } from './lane.ts';
import { QuietBars } from './quiet-bars.ts';
import { seeBars } from './seen-bars.ts';
import { isPlain, refreshSeat, seatOf, type Seat } from './seat.ts';

const NOTHING: readonly KernelOutput[] = [];
/** Bars that are gone through before strategies are asked at them: few at first, since an order makes it worthless. */
const AHEAD_MIN = 16;
/**
 * The short cut for closes of bars that lie in columns (a backtest). Fed bar by bar the kernel takes four inputs a close, and every desk is asked after each; at most closes all of that comes to nothing but new
 * marks and a question to the strategies. Here it is proven for a close that nothing else can come of it (nothing is due by time, no market goes stale, no day begins, prices stay within what desks watch, the
 * equity stays off every limit), and only what is left is done: marks, excursions, windows, the strategies' own code. Whatever can not be proven falls through: to the ordinary inputs, or, once a strategy has asked
 * for something that changes anything, to the ordinary way of carrying it out. What comes of it is the same to the last order and fill.
 *
 * For each close, in this order: `ready`; the exchange sees the bars; `ready` again where it said anything; `prices`; then `bar` for each bar, longer ones first, in the order of the instruments.
 */
export class FollowedCloses {
  readonly #parts: ClosesParts;
  readonly #days: Days;
  readonly #staleUs: number;
  readonly #isWatched: boolean;
  #lanes: Lane[] = [];
  #instruments: readonly Instrument[] = [];
  #longer: readonly (readonly Lane[])[] = [];
  /** Until when time alone changes nothing, this moment not included; and until when no market becomes stale, this moment included. */
  #calmUntilUs = -1;
  #freshUntilUs = -1;
  #isCut = false;
  #isCalm = false;
  #isFresh = false;
  #isValued = false;
  #cash = 0;
  #flat = true;
  readonly #limits = new EquityLimits();
  /** The peak was looked at exactly with these marks: the one price, where there is but one that matters. */
  #looked: number | null = null;
  #equity = 0;
  #exposure = 0;
  #said: readonly KernelOutput[] = NOTHING;

  constructor(parts: ClosesParts) {
    this.#parts = parts;
    this.#days = new Days(parts.config.limits.day);
    this.#staleUs = parts.config.limits.staleAfterMs * 1_000;
    this.#isWatched = hearsCalls(parts.watch);
  }

  /** Bars of these series are going to be told, of each instrument one series; `longer` those of the same instruments that close with some of them, shorter ones first. `isCut` false: nothing is cut short. */
  follow(series: readonly BarSeries[], longer: readonly (readonly BarSeries[])[], isCut = true): void {
    const { markets, strategies } = this.#parts;
    this.#isCut = isCut;
    const laneOf = (each: BarSeries): Lane => new Lane(each, markets.cell(each.instrument.id));
    this.#lanes = series.map(laneOf);
    this.#instruments = series.map(({ instrument }) => instrument);
    this.#longer = longer.map((each) => each.map(laneOf));
    for (const each of isCut ? [...series, ...longer.flat()] : [])
      for (const { slot } of strategies.places.of(each.instrument.id)) slot.follow(each.interval, barFrameOf(each));
    this.moved();
  }

  /** Something was told the ordinary way. */
  moved(): void {
    this.#isCalm = false;
    this.#isFresh = false;
  }

  /** True where nothing but the prices of this moment can matter until then. */
  ready(us: number): boolean {
    if (!this.#isCalm) this.#calm();
    return us < this.#calmUntilUs && us <= this.#freshUntilUs;
  }

  /** Reckons the account as of the last close, exactly. */
  catchUp(): void {
    // A close that went by reached no limit and no peak: nothing else hears of its equity.
    if (this.#parts.risk.looksBack) this.#parts.evaluate();
  }

  /** Values all at the newest prices, in binary numbers: `equity` and `exposure`. False, and they are what they were, while something of it is unknown. */
  value(): boolean {
    if (this.#isFresh && this.#isValued) return true;
    const { config, portfolio, markets } = this.#parts;
    const worth = approximateWorth(this.#instruments, config.quoteAsset, portfolio, markets);
    if (worth === null) return false;
    this.#equity = worth.equity;
    this.#exposure = worth.exposure;
    return true;
  }

  /** Cash and all positions as they were valued last; see `value`. */
  get equity(): number {
    return this.#equity;
  }

  /** The positions alone, a short one below 0. */
  get exposure(): number {
    return this.#exposure;
  }

  /** The bars at these indices (−1: none) close: their closes become quote and last trade. False, and nothing is done, where more may come of it. */
  prices(us: TimestampUs, at: Int32Array): boolean {
    if (!this.#isFresh && !this.#freshen()) return false;
    const lanes = this.#lanes;
    let exposure = 0;
    let size = Math.abs(this.#cash);
    for (let index = 0; index < lanes.length; index += 1) {
      const lane = lanes[index] as Lane;
      const bar = at[index] as number;
      const close = bar < 0 ? (lane.cell.mark ?? 0) : (lane.series.close[bar] as number);
      if (bar >= 0 && (close <= lane.below || close >= lane.above || lane.hearsTrades)) return false;
      if (lane.coins === 0) continue;
      const value = binaryValue(lane.coins, close, lane.series.instrument);
      exposure += value;
      size += Math.abs(value);
    }
    const equity = this.#cash + exposure;
    if (equity <= this.#limits.floor + size * NEAR) return false;
    this.#passTo(us);
    for (let index = 0; index < lanes.length; index += 1)
      if ((at[index] as number) >= 0) this.#price(lanes[index] as Lane, at[index] as number, us);
    this.#freshUntilUs = lanes.length === 1 ? us + this.#staleUs : this.#parts.risk.freshUntilUs;
    this.#equity = equity;
    this.#exposure = exposure;
    this.#isValued = true;
    if (equity >= this.#limits.peak - size * NEAR && this.#mayPeak(lanes[0]?.cell.mark ?? 0)) this.#lookAtPeak();
    return true;
  }

  /** The close of a bar whose price was told: strategies are asked. What the kernel says; null, and nothing is done, where it has to be told the ordinary way. */
  bar(lane: number, bar: number): readonly KernelOutput[] | null {
    return this.#bar(this.#lanes[lane] as Lane, bar);
  }

  /** The same for one of the longer series of a lane. */
  longerBar(lane: number, which: number, bar: number): readonly KernelOutput[] | null {
    const longer = this.#longer[lane]?.[which] as Lane;
    if (!this.#isFresh && !this.#freshen()) return null;
    seeBars(longer, bar, bar + 1, this.#parts.portfolio);
    return this.#bar(longer, bar);
  }

  /** What was said to the last close that `glide` let by, which ends it: the others were silent. */
  get said(): readonly KernelOutput[] {
    return this.#said;
  }

  /**
   * `prices` and `bar` for one close of a lone series after another, from an index on and before another, while nothing is said; what each is valued at goes to the curve, but for one that something is said to. The index
   * of the first that is left.
   */
  glide(from: number, end: number, until: Glide, curve: CurvePen): number {
    this.#said = NOTHING;
    const lane = this.#lanes[0];
    if (lane === undefined || this.#lanes.length > 1 || this.#longer[0]?.length !== 0) return from;
    let at = from;
    while (at < end && this.#said === NOTHING) {
      const next = this.#glide(lane, at, end, until, curve);
      if (next === at) break;
      at = next;
    }
    return at;
  }

  /** As far as what is known of orders and positions now is good for. Everything that is looked at for each close is at hand, and nothing is made: not even a list of two, to take them apart again. */
  #glide(lane: Lane, from: number, end: number, until: Glide, curve: CurvePen): number {
    const { series, stepUs, passing } = lane;
    const { openTimeMs, close } = series;
    if (!this.ready((openTimeMs[from] as number) * 1_000 + stepUs)) return from;
    if (!this.#isFresh && !this.#freshen()) return from;
    if (lane.hearsTrades) return from;
    const { strategies, keeps, markets } = this.#parts;
    const { seats } = lane;
    const plain = keeps.decisions !== 'all' && seats.every(isPlain);
    // Most often one strategy looks at bars that follow each other: then it is called right here.
    const lone = plain && !this.#isWatched && seats.length === 1 ? (seats[0] as Seat) : null;
    const alone = lone?.window.isSteady(from) === true ? lone : null;
    const bars = this.#quietBars(lane, until, alone !== null);
    markets.passing = passing;
    let at = from;
    let ahead = AHEAD_MIN;
    let acted = false;
    while (at < end && !acted) {
      let quietEnd = bars.end(at, Math.min(end, at + ahead));
      ahead *= 2;
      if (quietEnd === at) {
        if (!bars.passes(at)) break;
        this.#settleBars(lane, bars, from, at);
        this.#look(lane, at, bars);
        quietEnd = at + 1;
      }
      for (; at < quietEnd && !acted; at += 1) {
        strategies.nowUs = ((openTimeMs[at] as number) * 1_000 + stepUs) as TimestampUs;
        passing.at = at;
        if (alone === null) acted = this.#ask(lane, at, plain);
        else {
          alone.window.stepTo(at);
          // Not as a method, of which the machine would make a part of this loop: then there is no room left for what the strategy itself calls, such as its bar, which it leaves unmade where it sees all of it.
          const outcome = alone.callBar.call(alone.place.run, alone.context);
          if (isKnownNothing(alone, lane, outcome, close[at] as number)) continue;
          this.#valueAt(lane, at);
          if (this.#isNothing(alone, lane, outcome, close[at] as number, this.#equity)) continue;
          acted = true;
          this.#settleBars(lane, bars, from, at + 1);
          passing.at = at;
          this.#act(lane, 0, at, outcome);
        }
      }
    }
    if (at === from) return from;
    curve.stretch(lane, from, acted ? at - 1 : at, this.#cash, lane.coins);
    if (!acted) {
      this.#settleBars(lane, bars, from, at);
      passing.at = at - 1;
      this.#valueAt(lane, at - 1);
      this.#arrive(lane, strategies.nowUs);
      return at;
    }
    this.#said = this.#end();
    if (this.#said.length > 0) return at;
    this.#said = NOTHING;
    if (this.value()) curve.add((openTimeMs[at - 1] as number) + stepUs / 1_000, this.#equity, this.#exposure);
    return at;
  }

  #quietBars(lane: Lane, until: Glide, looksLater: boolean): QuietBars {
    const standing = {
      cash: this.#cash,
      calmUntilUs: Math.min(this.#calmUntilUs, until.untilUs + 1),
      freshUntilUs: this.#freshUntilUs,
      staleUs: this.#staleUs,
      limits: this.#limits,
      looked: this.#looked,
      looksLater,
    };
    return new QuietBars(lane, standing, until);
  }

  /** What bars that went by mean to positions and peak, before anybody looks: of new peaks the highest is looked at, as of then. */
  #settleBars(lane: Lane, bars: QuietBars, from: number, to: number): void {
    seeBars(lane, from, to, this.#parts.portfolio);
    const best = bars.peakAmong(from, to);
    if (best < 0) return;
    lane.passing.at = best;
    this.#arrive(lane, ((lane.series.openTimeMs[best] as number) * 1_000 + lane.stepUs) as TimestampUs);
    this.#lookAtPeak();
    bars.look(this.#looked);
  }

  /** A bar goes by at which the equity may be higher than ever. */
  #look(lane: Lane, at: number, bars: QuietBars): void {
    const us = ((lane.series.openTimeMs[at] as number) * 1_000 + lane.stepUs) as TimestampUs;
    this.#parts.strategies.nowUs = us;
    lane.passing.at = at;
    this.#valueAt(lane, at);
    const size = Math.abs(this.#cash) + Math.abs(this.#exposure);
    if (this.#equity >= this.#limits.peak - size * NEAR && this.#mayPeak(lane.series.close[at] as number)) {
      this.#arrive(lane, us);
      this.#lookAtPeak();
    }
    bars.look(this.#looked);
  }

  /** `equity` and `exposure` at the close of a bar of the lone series. */
  #valueAt(lane: Lane, at: number): void {
    this.#exposure = binaryValue(lane.coins, lane.series.close[at] as number, lane.series.instrument);
    this.#equity = this.#cash + this.#exposure;
  }

  /** Asks the strategies at a close; true where something was done that has to be settled. `plain`: none has anything else to do, if its window is full. */
  #ask(lane: Lane, at: number, plain: boolean): boolean {
    const { seats } = lane;
    seeBars(lane, at, at + 1, this.#parts.portfolio);
    let isPlain = plain;
    for (let index = 0; index < seats.length; index += 1) {
      if (!(seats[index] as Seat).window.glideTo(at)) isPlain = false;
    }
    this.#valueAt(lane, at);
    const us = this.#parts.strategies.nowUs;
    if (!isPlain) {
      this.#arrive(lane, us);
      let acted = false;
      for (const seat of seats) if (this.#decide(seat, lane, at, acted)) acted = true;
      return acted;
    }
    for (let index = 0; index < seats.length; index += 1) {
      const seat = seats[index] as Seat;
      const outcome = this.#call(seat);
      if (this.#isNothing(seat, lane, outcome, lane.series.close[at] as number, this.#equity)) continue;
      this.#act(lane, index, at, outcome);
      return true;
    }
    return false;
  }

  /** Carries out what the strategy of a seat asked for at a close, and asks those behind it. */
  #act(lane: Lane, index: number, at: number, outcome: BarOutcome): void {
    const { strategies } = this.#parts;
    const { seats, series } = lane;
    this.#arrive(lane, strategies.nowUs);
    this.#begin();
    strategies.answerBar((seats[index] as Seat).place, series.openTimeMs[at] as number, outcome);
    for (let rest = index + 1; rest < seats.length; rest += 1) this.#decide(seats[rest] as Seat, lane, at, true);
  }

  /** Everybody has come to a close that has gone by. */
  #arrive({ seats, cell, passing }: Lane, us: TimestampUs): void {
    this.#parts.passTo(us);
    passing.settle();
    cell.lastDataUs = us;
    this.#freshUntilUs = us + this.#staleUs;
    this.#isValued = true;
    for (const { place, isMain } of seats) if (isMain) place.slot.decidedUs = us;
  }

  #passTo(us: TimestampUs): void {
    this.#parts.passTo(us);
    this.#parts.strategies.nowUs = us;
  }

  #price(lane: Lane, bar: number, us: TimestampUs): void {
    const { passing, cell } = lane;
    passing.at = bar;
    passing.settle();
    cell.lastDataUs = us;
    seeBars(lane, bar, bar + 1, this.#parts.portfolio);
  }

  /** False where an equity near the peak is surely no higher than what was looked at: `mark` is the newest price of the first series. */
  #mayPeak(mark: number): boolean {
    const looked = this.#looked;
    if (looked === null) return true;
    if (this.#flat) return false;
    const [lane, another] = this.#lanes;
    // With one market the equity is as high as its price is.
    if (another !== undefined || lane === undefined) return true;
    return lane.coins > 0 ? mark > looked : mark < looked;
  }

  /** The highest equity is exact: where this one may be higher, it is looked at. */
  #lookAtPeak(): void {
    this.#looked = this.#lanes[0]?.cell.mark ?? 0;
    this.#parts.evaluate();
    this.#limits.read(this.#parts);
  }

  #calm(): void {
    const { algos, commands, protective, risk, strategies, portfolio, monitor } = this.#parts;
    this.#isCalm = true;
    this.#calmUntilUs = -1;
    if (
      !this.#isCut ||
      !this.#parts.open() ||
      risk.watchesStrategies ||
      !algos.idle ||
      !commands.idle ||
      !portfolio.money.agrees
    )
      return;
    const { dayStartUs } = monitor.state;
    if (dayStartUs === null) return;
    for (const { slot } of strategies.places.all)
      if (slot.pending !== null || slot.closing !== null || (slot.full && slot.notices.length > 0)) return;
    this.#freshUntilUs = risk.freshUntilUs;
    this.#calmUntilUs = Math.min(protective.dueUs, risk.dueUs, strategies.dueUs, this.#days.of(dayStartUs).endUs);
  }

  /** Reads anew what follows from orders and positions; false where there is a position whose prices do not come here. */
  #freshen(): boolean {
    const { config, portfolio, protective, strategies } = this.#parts;
    const cash = portfolio.money.of(config.quoteAsset);
    if (cash === null) return false;
    this.#cash = binaryOf(cash);
    this.#flat = true;
    for (const lane of this.#lanes) {
      const { id } = lane.series.instrument;
      lane.coins = binaryOf(portfolio.coinsIn(id));
      if (lane.coins !== 0) this.#flat = false;
      lane.extremes = portfolio.extremesIn(id);
      const { below, above } = protective.reachIn(id);
      lane.below = below;
      lane.above = above;
      lane.hearsTrades = strategies.places.hearing('onTrade', id).length > 0;
    }
    for (const { quantity, instrument } of portfolio.positions())
      if (quantity !== 0n && !this.#lanes.some(({ series }) => series.instrument.id === instrument)) return false;
    for (const lane of this.#lanes) this.#seat(lane);
    for (const lane of this.#longer.flat()) {
      this.#seat(lane);
      lane.extremes = portfolio.extremesIn(lane.series.instrument.id);
    }
    this.#looked = null;
    this.#isValued = false;
    this.#limits.read(this.#parts);
    this.#isFresh = true;
    return true;
  }

  #seat(lane: Lane): void {
    const { instrument, interval } = lane.series;
    const { strategies, config } = this.#parts;
    const places = strategies.places.of(instrument.id);
    // New parameters bring new windows.
    if (!lane.seats.every(({ place, window }) => place.slot.windows.get(interval) === window)) lane.seats = [];
    if (lane.seats.length === 0)
      lane.seats = places.flatMap(
        (place) => seatOf(place, strategies.places.runs.indexOf(place.run), lane.series, config) ?? [],
      );
    for (const seat of lane.seats) refreshSeat(seat, lane.series, this.#parts);
  }

  #bar(lane: Lane, bar: number): readonly KernelOutput[] | null {
    if (!this.#isFresh && !this.#freshen()) return null;
    const { seats } = lane;
    for (const { window } of seats) window.advanceTo(bar);
    let acted = false;
    for (const seat of seats) if (this.#decide(seat, lane, bar, acted)) acted = true;
    return acted ? this.#end() : NOTHING;
  }

  #begin(): void {
    this.#parts.begin();
    this.catchUp();
  }

  #end(): readonly KernelOutput[] {
    const said = this.#parts.end();
    this.moved();
    return said;
  }

  /** True where something was done that has to be settled; `acted`: something was before, in the same bar. */
  #decide(seat: Seat, lane: Lane, bar: number, acted: boolean): boolean {
    const { strategies, keeps } = this.#parts;
    const { series } = lane;
    const { place, isMain } = seat;
    const { run, slot } = place;
    const openMs = series.openTimeMs[bar] as number;
    const us = (openMs * 1_000 + lane.stepUs) as TimestampUs;
    if (isMain) slot.decidedUs = us;
    else if (slot.pending === null) return false;
    const all = keeps.decisions === 'all';
    const idle = !slot.full || run.failure !== null || seat.halted;
    if (idle && !all) {
      slot.pending = null;
      return false;
    }
    if (idle || !slot.started || (!(isMain && seat.isAlone) && slot.behind(us) !== null)) {
      if (!isMain && slot.behind(us) !== null) return false;
      if (!acted) this.#begin();
      strategies.decide(place, isMain ? barAt(series, bar) : null);
      return true;
    }
    const mainMs = slot.pending === null ? openMs : slot.pending.bar.openTimeUs / 1_000;
    slot.pending = null;
    if (!seat.hasOnBar) return false;
    const outcome = this.#call(seat);
    if (!acted && !all && this.#isNothing(seat, lane, outcome, lane.cell.mark, this.#isValued ? this.#equity : null))
      return false;
    if (!acted) this.#begin();
    strategies.answerBar(place, mainMs, outcome);
    return true;
  }

  /** True where surely nothing comes of what a strategy asked for, at the price of its market and an equity; null while one is unknown. */
  #isNothing(seat: Seat, lane: Lane, outcome: BarOutcome, mark: number | null, equity: number | null): boolean {
    if (isKnownNothing(seat, lane, outcome, mark)) return true;
    const { target, others, failure } = outcome;
    if (failure !== null || others.length > 0 || target === null) return false;
    const worth = { equity: mark === null ? 0 : (equity ?? 0), cash: this.#cash, isLone: this.#lanes.length === 1 };
    return isHeld(seat, lane, target, mark ?? 0, worth, this.#parts.config.rebalanceBandPpm);
  }

  #call({ place: { run }, context, index }: Seat): BarOutcome {
    if (!this.#isWatched) return run.callBar(context);
    const { watch } = this.#parts;
    watch.enter(index, 'onBar');
    try {
      return run.callBar(context);
    } finally {
      watch.leave();
    }
  }
}
