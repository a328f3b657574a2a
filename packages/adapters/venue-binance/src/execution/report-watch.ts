import type { Clock, Timer } from '@monsta/ports';
import type { OrderTracker } from './order-tracker.ts';

export interface ReportWatchOptions {
  readonly clock: Clock;
  readonly reportTimeoutMs: number;
  readonly tradesGraceMs: number;
  /** The stream did not report in time what an answer told. */
  readonly onSilent: (reason: string) => void;
  /** Trades of an order have not come in time. */
  readonly onMissing: (tracker: OrderTracker) => void;
}

interface Waiting {
  unreportedSinceMs: number | null;
  missingSinceMs: number | null;
  /** Times that its trades were asked for. */
  asked: number;
}

const LOOK_MS = 250;
const DOUBLINGS_MAX = 6;

/** Sees to it that what is known of orders from elsewhere is reported by the user stream, and that all trades of an order come. */
export class ReportWatch {
  readonly #options: ReportWatchOptions;
  readonly #waiting = new Map<OrderTracker, Waiting>();
  #timer: Timer | null = null;
  #listening = false;

  constructor(options: ReportWatchOptions) {
    this.#options = options;
  }

  /** The stream is being listened to, or not: while it is not, it can't be late. */
  listening(listens: boolean): void {
    this.#listening = listens;
    for (const [tracker, waiting] of this.#waiting) {
      tracker.forgive();
      waiting.unreportedSinceMs = null;
      this.heard(tracker);
    }
  }

  /** To be called whenever something was heard of an order. */
  heard(tracker: OrderTracker): void {
    if (!this.#listening) tracker.forgive();
    if (!tracker.unreported && !tracker.missesTrades) {
      this.#waiting.delete(tracker);
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#waiting.get(tracker) ?? { unreportedSinceMs: null, missingSinceMs: null, asked: 0 };
    known.unreportedSinceMs = tracker.unreported ? (known.unreportedSinceMs ?? nowMs) : null;
    known.missingSinceMs = tracker.missesTrades ? (known.missingSinceMs ?? nowMs) : null;
    this.#waiting.set(tracker, known);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#waiting.clear();
  }

  #schedule(): void {
    this.#timer ??= this.#options.clock.setTimer(LOOK_MS, () => {
      this.#timer = null;
      this.#look();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  #look(): void {
    const { clock, reportTimeoutMs, tradesGraceMs, onMissing, onSilent } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const [tracker, waiting] of this.#waiting) {
      const graceMs = tradesGraceMs * 2 ** Math.min(waiting.asked, DOUBLINGS_MAX);
      if (waiting.missingSinceMs !== null && nowMs - waiting.missingSinceMs >= graceMs) {
        waiting.missingSinceMs = nowMs;
        waiting.asked += 1;
        onMissing(tracker);
      }
      if (waiting.unreportedSinceMs === null || nowMs - waiting.unreportedSinceMs < reportTimeoutMs) continue;
      tracker.forgive();
      waiting.unreportedSinceMs = null;
      onSilent(`nothing was reported of the order ${tracker.clientOrderId} for ${reportTimeoutMs} ms after its answer`);
    }
    for (const [tracker] of this.#waiting) this.heard(tracker);
  }
}
