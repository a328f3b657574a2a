import { timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/** A venue whose clock runs this close to ours runs at our speed: the rest is jitter of the measurement. */
const RATE_TOLERANCE = 0.05;
/** Two measurements closer together than this say nothing about the rate. */
const RATE_BASELINE_MS = 500;
/** A measured time this far behind the estimate is a venue whose clock was set back. */
const SET_BACK_US = 10_000_000;

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

  /** Our clock's now before the first measurement. */
  nowUs(): TimestampUs {
    if (!this.#known) return this.#clock.nowUs();
    return timestampUs(this.#ended ? this.#latestUs : Math.max(this.#latestUs, this.#estimateUs()));
  }

  /**
   * Takes a measurement: the venue said `serverMs` in answer to a request sent and answered at these monotonic times.
   * The answer is taken to have been half-way.
   */
  measured(serverMs: number, sentMs: number, receivedMs: number): void {
    if (this.#ended) return;
    const atMs = (sentMs + receivedMs) / 2;
    const serverUs = serverMs * US_PER_MS;
    if (this.#known) {
      if (serverUs < this.#estimateUs() - SET_BACK_US) {
        this.#rate = 1;
        this.#latestUs = 0;
      } else if (atMs - this.#anchorMs >= RATE_BASELINE_MS) {
        const rate = (serverUs - this.#anchorUs) / ((atMs - this.#anchorMs) * US_PER_MS);
        this.#rate = Math.abs(rate - 1) < RATE_TOLERANCE ? 1 : Math.max(0, rate);
      }
    }
    this.#known = true;
    this.#anchorMs = atMs;
    this.#anchorUs = serverUs;
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

  #estimateUs(): number {
    return Math.round(this.#anchorUs + (this.#clock.monotonicMs() - this.#anchorMs) * US_PER_MS * this.#rate);
  }
}
