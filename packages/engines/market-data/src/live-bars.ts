import { type Bar, type Instrument, type Interval, type TimestampUs, type TradeTick } from '@monsta/core';
import { BarBuilder } from './bar-builder.ts';
import { TradeSequence } from './trade-sequence.ts';

/** A bar that ended, and whose it is: ours from trades, or the exchange's own because our trades of it were incomplete. */
export interface ClosedBar {
  readonly bar: Bar;
  readonly source: 'trades' | 'exchange';
  /** Why the exchange's was taken; null for ours. */
  readonly reason: string | null;
}

/** Our closed bar beside the exchange's own where they differ, though no trade of ours was missing. */
export interface BarDifference {
  readonly ours: Bar;
  readonly theirs: Bar;
  /** Names of the fields that differ. */
  readonly fields: readonly string[];
}

export interface LiveBarsHandlers {
  onClosed(closed: ClosedBar): void;
  /** A closed bar of ours was compared with the exchange's; null when equal. */
  onCompared(interval: Interval, difference: BarDifference | null): void;
}

const COMPARED = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'takerBuyVolume',
  'takerBuyQuoteVolume',
  'trades',
  'firstTradeId',
  'lastTradeId',
] as const satisfies readonly (keyof Bar)[];

/** Fields in which two bars differ; a field that one of them doesn't know is no difference. */
export function differingFields(ours: Bar, theirs: Bar): readonly string[] {
  return COMPARED.filter((field) => ours[field] !== null && theirs[field] !== null && ours[field] !== theirs[field]);
}

/** Closed bars remembered per interval, so that none is given out twice and late klines can still be compared. */
const CLOSED_MEMORY = 8;

/** The bars of one interval: its builder and what is known from the exchange beside it. */
class Track {
  readonly interval: Interval;
  readonly builder: BarBuilder;
  /** Null while the forming bar is exact; otherwise why it can't be known from trades yet. */
  waitingFor: string | null = 'collecting began while the bar was under way';
  /** Last trade id in the builder or its seed. */
  appliedId = -1;
  /** The exchange's newest bar, while no trade of ours is there to continue it. */
  candidate: Bar | null = null;
  /** The exchange's closed bars that came before ours ended. */
  readonly ahead = new Map<TimestampUs, Bar>();
  /** The newest closed bars given out, by open time, and whether the exchange's twin was compared. */
  readonly closed = new Map<TimestampUs, { readonly bar: Bar; compared: boolean }>();

  constructor(instrument: Pick<Instrument, 'id' | 'tick' | 'lot'>, interval: Interval) {
    this.interval = interval;
    this.builder = new BarBuilder(instrument, interval);
  }
}

function trimOldest<K, V>(map: Map<K, V>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) return;
    map.delete(key);
  }
}

/**
 * The bars of one instrument, of some intervals, live. Trades come in id order; the exchange's own bars (kline frames, which
 * carry trade ids) tell what was in a bar before we listened: a forming bar starts from the first of them that our
 * trades continue without a hole, so that even a day's bar is exact seconds after the start. After missing trades the
 * forming bars start anew in the same way, and a bar that ends meanwhile is the exchange's own.
 */
export class LiveBars {
  readonly #tracks: ReadonlyMap<Interval, Track>;
  readonly #handlers: LiveBarsHandlers;
  readonly #sequence = new TradeSequence();
  readonly #recentMax: number;
  /** Trades in a row without a hole, kept only while a track waits for its seed. */
  #recent: TradeTick[] = [];
  #waiting: number;

  /** `intervals`: each costs its share at every trade. `recentMax`: trades kept for a seed that lags behind; with more, the oldest go and an older seed no longer fits. */
  constructor(
    instrument: Pick<Instrument, 'id' | 'tick' | 'lot'>,
    intervals: readonly Interval[],
    handlers: LiveBarsHandlers,
    recentMax = 20_000,
  ) {
    this.#handlers = handlers;
    this.#recentMax = recentMax;
    this.#tracks = new Map(intervals.map((interval) => [interval, new Track(instrument, interval)]));
    this.#waiting = this.#tracks.size;
  }

  /** Last trade id taken; null before the first. */
  get lastTradeId(): number | null {
    return this.#sequence.lastId;
  }

  /** The forming bar, exact; null while there is none or it can't be known (see `waitingFor`). */
  forming(interval: Interval): Bar | null {
    const track = this.#tracks.get(interval);
    return track === undefined || track.waitingFor !== null ? null : track.builder.forming();
  }

  /** Why the forming bar can't be known from trades yet; null when it is exact. */
  waitingFor(interval: Interval): string | null {
    return this.#tracks.get(interval)?.waitingFor ?? null;
  }

  /** Takes the next trade. One seen before is ignored; missing ids make the forming bars wait for the exchange's. */
  onTrade(trade: TradeTick): void {
    const step = this.#sequence.look(trade.tradeId);
    if (step.kind === 'duplicate') return;
    if (step.kind === 'missing') this.#break(step.from, step.to);
    this.#sequence.accept(trade.tradeId);
    if (this.#waiting > 0) {
      if (this.#recent.length >= 2 * this.#recentMax) this.#recent = this.#recent.slice(-this.#recentMax);
      this.#recent.push(trade);
    }
    for (const track of this.#tracks.values()) {
      if (track.waitingFor === null) this.#apply(track, trade);
      else if (track.candidate !== null) this.#trySeed(track, track.candidate);
    }
    if (this.#waiting === 0 && this.#recent.length > 0) this.#recent = [];
  }

  /** Takes a bar of the exchange, forming or closed. */
  onExchangeBar(bar: Bar): void {
    const track = this.#tracks.get(bar.interval);
    if (track === undefined) return;
    if (track.waitingFor !== null) {
      if (bar.closed) this.#giveOut(track, bar, 'exchange', track.waitingFor);
      this.#trySeed(track, bar);
      if (this.#waiting === 0) this.#recent = [];
    } else if (bar.closed) this.#settleClosed(track, bar);
  }

  #settleClosed(track: Track, theirs: Bar): void {
    const ours = track.closed.get(theirs.openTimeUs);
    if (ours !== undefined) {
      if (!ours.compared) this.#compare(track, ours.bar, theirs);
      return;
    }
    track.ahead.set(theirs.openTimeUs, theirs);
    trimOldest(track.ahead, CLOSED_MEMORY);
    this.#closeIfComplete(track, theirs.tsInitUs);
    if (track.builder.formingOpenUs === null) this.#drainPassed(track, Number.POSITIVE_INFINITY);
    else this.#drainPassed(track, track.builder.formingOpenUs);
  }

  #apply(track: Track, trade: TradeTick): void {
    if (trade.tradeId <= track.appliedId) return;
    track.appliedId = trade.tradeId;
    const ended = track.builder.apply(trade);
    if (ended !== null) this.#giveOut(track, ended, 'trades', null);
    if (track.ahead.size === 0) return;
    this.#closeIfComplete(track, trade.tsInitUs);
    this.#drainPassed(track, track.builder.formingOpenUs ?? Number.POSITIVE_INFINITY);
  }

  /** Ends the forming bar when the exchange has ended it and its last trade is in. */
  #closeIfComplete(track: Track, tsInitUs: TimestampUs): void {
    const openTimeUs = track.builder.formingOpenUs;
    const theirs = openTimeUs === null ? undefined : track.ahead.get(openTimeUs);
    if (theirs?.lastTradeId === undefined || theirs.lastTradeId === null || track.appliedId < theirs.lastTradeId)
      return;
    const ended = track.builder.close(tsInitUs);
    if (ended !== null) this.#giveOut(track, ended, 'trades', null);
  }

  /**
   * The exchange's closed bars that none of our trades fell into: those without trades are given out as they are; one
   * with trades that all lie before our seed likewise; one whose trades are still to come waits on.
   */
  #drainPassed(track: Track, beforeUs: number): void {
    for (const theirs of track.ahead.values()) {
      if (theirs.openTimeUs >= beforeUs) continue;
      if (theirs.lastTradeId !== null && theirs.lastTradeId > track.appliedId) continue;
      track.ahead.delete(theirs.openTimeUs);
      this.#giveOut(
        track,
        theirs,
        'exchange',
        theirs.lastTradeId === null ? 'no trade fell into it' : 'collecting began after it',
      );
    }
  }

  #trySeed(track: Track, bar: Bar): void {
    const lastId = bar.lastTradeId;
    if (lastId === null) return;
    const first = this.#recent[0];
    if (first === undefined) {
      track.candidate = bar;
      return;
    }
    track.candidate = null;
    if (lastId < first.tradeId - 1 || !track.builder.seed(bar)) return;
    track.waitingFor = null;
    track.appliedId = lastId;
    this.#waiting -= 1;
    for (const trade of this.#recent) this.#apply(track, trade);
  }

  #break(from: number, to: number): void {
    const reason = from === to ? `trade ${from} is missing` : `trades ${from} to ${to} are missing`;
    this.#recent = [];
    for (const track of this.#tracks.values()) {
      // Its seed may have held them already.
      if (track.appliedId >= to) continue;
      track.candidate = null;
      track.builder.reset();
      if (track.waitingFor === null) this.#waiting += 1;
      track.waitingFor = reason;
      for (const theirs of track.ahead.values()) this.#giveOut(track, theirs, 'exchange', reason);
      track.ahead.clear();
    }
  }

  #giveOut(track: Track, bar: Bar, source: ClosedBar['source'], reason: string | null): void {
    const oldest = track.closed.size < CLOSED_MEMORY ? undefined : track.closed.keys().next().value;
    if (track.closed.has(bar.openTimeUs) || (oldest !== undefined && bar.openTimeUs < oldest)) return;
    track.closed.set(bar.openTimeUs, { bar, compared: source === 'exchange' });
    trimOldest(track.closed, CLOSED_MEMORY);
    this.#handlers.onClosed({ bar, source, reason });
    const theirs = track.ahead.get(bar.openTimeUs);
    if (theirs === undefined || source === 'exchange') return;
    track.ahead.delete(bar.openTimeUs);
    this.#compare(track, bar, theirs);
  }

  #compare(track: Track, ours: Bar, theirs: Bar): void {
    track.closed.set(ours.openTimeUs, { bar: ours, compared: true });
    const fields = differingFields(ours, theirs);
    this.#handlers.onCompared(track.interval, fields.length === 0 ? null : { ours, theirs, fields });
  }
}
