import {
  floorToInterval,
  IMBALANCE_UNITS,
  intervalUs,
  timestampUs,
  type BookLevel,
  type Interval,
  type TimestampUs,
} from '@monsta/core';

/** A bar of whose time the book was known for a smaller share has no imbalance. */
const KNOWN_SHARE_MIN = 0.5;
/** Bars that have ended and are still remembered: the word that one has closed may come late. */
const ENDED_MEMORY = 8;

/** What came together of one bar: the time of which the book was known, and the imbalance times that time. */
interface Tally {
  readonly openUs: TimestampUs;
  knownUs: number;
  weighted: number;
}

/** The tallies of one interval, the newest last. */
class Track {
  readonly lengthUs: number;
  readonly #interval: Interval;
  readonly #tallies: Tally[] = [];

  constructor(interval: Interval) {
    this.#interval = interval;
    this.lengthUs = intervalUs(interval);
  }

  /** Adds a span of time in which the imbalance was one and the same. */
  add(fromUs: number, toUs: number, imbalance: number): void {
    for (let at = fromUs; at < toUs;) {
      const tally = this.#at(at);
      const end = Math.min(toUs, tally.openUs + this.lengthUs);
      tally.knownUs += end - at;
      tally.weighted += imbalance * (end - at);
      at = end;
    }
  }

  find(openUs: TimestampUs): Tally | null {
    return this.#tallies.findLast((tally) => tally.openUs === openUs) ?? null;
  }

  #at(us: number): Tally {
    const newest = this.#tallies.at(-1);
    if (newest !== undefined && us < newest.openUs + this.lengthUs) return newest;
    const tally = { openUs: floorToInterval(timestampUs(us), this.#interval), knownUs: 0, weighted: 0 };
    this.#tallies.push(tally);
    if (this.#tallies.length > ENDED_MEMORY) this.#tallies.shift();
    return tally;
  }
}

/**
 * The imbalance of one instrument's order book over the time of each bar: the mean of (bid size − ask size) / (bid size + ask size) at the best prices, weighted by how long each stood
 * by the exchange's own times of its changes. (Cont, Kukanov, Stoikov 2014 reckon with the same two sizes.)
 *
 * What is known of a bar begins with the bar, or with the first book in it, and ends with it, or with the last change before the book was lost. Where that is less than half of the bar's time,
 * the bar has none. The same events in the same order give the same numbers.
 */
export class BookImbalance {
  readonly #tracks: ReadonlyMap<Interval, Track>;
  /** Up to when the time is counted. */
  #atUs = Number.NEGATIVE_INFINITY;
  /** As it stands since then; null: not known. */
  #imbalance: number | null = null;

  constructor(intervals: readonly Interval[]) {
    this.#tracks = new Map(intervals.map((interval) => [interval, new Track(interval)]));
  }

  /** The best levels as they are from a moment on; without both of them there is no imbalance. A moment before the last one counts as that: clocks are set back. */
  changed(atUs: TimestampUs, bid: BookLevel | undefined, ask: BookLevel | undefined): void {
    const us = Math.max(atUs, this.#atUs);
    if (this.#imbalance !== null) for (const track of this.#tracks.values()) track.add(this.#atUs, us, this.#imbalance);
    this.#atUs = us;
    this.#imbalance = bid === undefined || ask === undefined ? null : imbalanceOf(bid[1], ask[1]);
  }

  /** The book is not known since its last change. */
  lost(): void {
    this.#imbalance = null;
  }

  /**
   * Of the bar of an interval that opened then, in units of 1/`IMBALANCE_UNITS`, as far as it is known now: what stands goes on until the bar's end. Null where less than half of its time is known, or
   * it ended too long ago.
   */
  of(interval: Interval, openUs: TimestampUs): number | null {
    const track = this.#tracks.get(interval);
    if (track === undefined) return null;
    const { knownUs = 0, weighted = 0 } = track.find(openUs) ?? {};
    const restUs = this.#imbalance === null ? 0 : Math.max(0, openUs + track.lengthUs - Math.max(openUs, this.#atUs));
    const allUs = knownUs + restUs;
    if (allUs < track.lengthUs * KNOWN_SHARE_MIN) return null;
    const mean = (weighted + (this.#imbalance ?? 0) * restUs) / allUs;
    // −0 would be another number.
    return Math.round(mean * IMBALANCE_UNITS) + 0;
  }
}

/** Of sizes in any one unit; a book has no empty level. */
const imbalanceOf = (bid: number, ask: number): number => (bid - ask) / (bid + ask);
