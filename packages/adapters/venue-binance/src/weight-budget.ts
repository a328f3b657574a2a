import { MS_PER_MINUTE, msFromUs, type TimestampUs } from '@monsta/core';

/** Background work stops at this share of what may be used, so that repairs and snapshots always find room. */
const BACKGROUND_SHARE = 2 / 3;

/**
 * The request weight used in the present minute. Binance's windows begin with each minute of its clock; the count in its
 * answers is the truth (others may share our address), what we sent since then is added until the next answer.
 */
export class WeightBudget {
  readonly #usable: number;
  readonly #nowUs: () => TimestampUs;
  #minute = -1;
  #used = 0;
  #blockedUntilMs = 0;
  #blockReason: string | null = null;

  /** `nowUs`: the clock the windows are aligned to. */
  constructor(usable: number, nowUs: () => TimestampUs) {
    this.#usable = usable;
    this.#nowUs = nowUs;
  }

  get used(): number {
    this.#roll();
    return this.#used;
  }

  /** Milliseconds until a call of this weight may go, 0 for now. A call heavier than the budget goes when the window is empty. */
  waitMs(weight: number, background: boolean): number {
    this.#roll();
    const limit = background ? this.#usable * BACKGROUND_SHARE : this.#usable;
    if (this.#used === 0 || this.#used + weight <= limit) return 0;
    const nowMs = msFromUs(this.#nowUs());
    return MS_PER_MINUTE - (nowMs % MS_PER_MINUTE) + 1;
  }

  spend(weight: number): void {
    this.#roll();
    this.#used += weight;
  }

  /** The venue's own count, from `X-MBX-USED-WEIGHT-1M`. */
  reported(used: number): void {
    this.#roll();
    this.#used = Math.max(this.#used, used);
  }

  /** No call until `untilMs` of the monotonic clock. A longer block stays. */
  block(untilMs: number, reason: string): void {
    if (untilMs <= this.#blockedUntilMs) return;
    this.#blockedUntilMs = untilMs;
    this.#blockReason = reason;
  }

  /** The block that is on at this monotonic time, or null. */
  blockAt(monotonicMs: number): { readonly leftMs: number; readonly reason: string } | null {
    const leftMs = this.#blockedUntilMs - monotonicMs;
    return leftMs > 0 && this.#blockReason !== null ? { leftMs, reason: this.#blockReason } : null;
  }

  #roll(): void {
    const minute = Math.floor(msFromUs(this.#nowUs()) / MS_PER_MINUTE);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used = 0;
  }
}
