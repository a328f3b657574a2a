import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/** A venue whose clock runs this close to ours runs at our speed: the rest is jitter of the measurement. */
const RATE_TOLERANCE = 0.05;
/** Two measurements closer together than this say nothing about the rate. */
const RATE_BASELINE_MS = 500;
/** How fast two clocks may drift apart: 100 parts in a million, more than any quartz. */
const DRIFT_US_PER_MS = 0.1;
/** The venue tells whole milliseconds. */
const RESOLUTION_US = 1_000;
/** A measured time this far behind the estimate is a venue whose clock was set back. */
const SET_BACK_US = 10_000_000;

const isClose = (rate: number, other: number): boolean => Math.abs(rate - other) < RATE_TOLERANCE * Math.max(1, other);

/**
 * The venue's clock, estimated from its time service. It may be years away from ours and run faster (a replay), so both
 * offset and rate are measured. Times of events push it on: the venue's now is never before what it has told. It goes
 * back only when the venue's clock was set back.
 */
export class VenueTime {
  readonly #clock: Clock;
  #anchorMs = 0;
  #anchorUs = 0;
  #rate = 1;
  /** What the last two measurements made it. */
  #seenRate = 1;
  /** How wrong the estimate may be at the anchor: half of the round trip, and what the venue rounds off. */
  #errorUs = 0;
  #latestUs = 0;
  #known = false;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False until the first measurement. */
  get known(): boolean {
    return this.#known;
  }

  /** Venue time that passes while ours passes once: 1 but for a replay at another speed. */
  get rate(): number {
    return this.#rate;
  }

  /** The venue's clock less ours, milliseconds; null before the first measurement. */
  get offsetMs(): number | null {
    return this.#known ? (this.#estimateUs() - this.#clock.nowUs()) / US_PER_MS : null;
  }

  /** How wrong the estimate may be by now, milliseconds; null before the first measurement. */
  get errorMs(): number | null {
    return this.#known ? this.#errorNowUs() / US_PER_MS : null;
  }

  /** The venue's clock as it was measured, whatever the data say: for signatures and limits. Our clock's now before the first measurement. */
  measuredNowUs(): TimestampUs {
    return this.#known ? timestampUs(this.#estimateUs()) : this.#clock.nowUs();
  }

  /** Now for the data. Our clock's before the first measurement. */
  nowUs(): TimestampUs {
    if (!this.#known) return this.#clock.nowUs();
    return timestampUs(this.#ended ? this.#latestUs : Math.max(this.#latestUs, this.#estimateUs()));
  }

  /**
   * Takes a measurement: the venue said `serverMs` in answer to a request sent and answered at these monotonic times.
   * The answer is taken to have been half-way. One that was long on its way, and says nothing against what is known better, changes nothing.
   */
  measured(serverMs: number, sentMs: number, receivedMs: number): void {
    if (this.#ended) return;
    const atMs = (sentMs + receivedMs) / 2;
    const serverUs = serverMs * US_PER_MS;
    const errorUs = ((receivedMs - sentMs) / 2) * US_PER_MS + RESOLUTION_US;
    if (this.#known) {
      const differenceUs = serverUs - this.#estimateUs(atMs);
      const knownUs = this.#errorNowUs();
      if (this.#rate === 1 && errorUs > knownUs && Math.abs(differenceUs) <= errorUs + knownUs) return;
      if (serverUs < this.#estimateUs() - SET_BACK_US) {
        this.#rate = 1;
        this.#seenRate = 1;
        this.#latestUs = 0;
      } else if (atMs - this.#anchorMs >= RATE_BASELINE_MS) {
        const rate = (serverUs - this.#anchorUs) / ((atMs - this.#anchorMs) * US_PER_MS);
        this.#seeRate(isClose(rate, 1) ? 1 : Math.max(0, rate));
      }
    }
    this.#known = true;
    this.#anchorMs = atMs;
    this.#anchorUs = serverUs;
    this.#errorUs = errorUs;
  }

  /** The venue has no more to come: its time stands still but for events that were on their way. */
  end(): void {
    if (this.#known) this.#latestUs = this.nowUs();
    this.#ended = true;
  }

  /** An event of this time was seen: now is not before it. */
  observed(us: TimestampUs): void {
    if (us > this.#latestUs) this.#latestUs = us;
  }

  /** Two measurements can't tell a faster clock from one that was set: another speed than ours takes a third that says the same. */
  #seeRate(rate: number): void {
    if (rate === 1 || isClose(rate, this.#seenRate)) this.#rate = rate;
    this.#seenRate = rate;
  }

  #estimateUs(atMs = this.#clock.monotonicMs()): number {
    return Math.round(this.#anchorUs + (atMs - this.#anchorMs) * US_PER_MS * this.#rate);
  }

  #errorNowUs(): number {
    return this.#errorUs + (this.#clock.monotonicMs() - this.#anchorMs) * DRIFT_US_PER_MS;
  }
}
