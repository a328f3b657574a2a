import type { CurveColumns, Glide } from './closes-parts.ts';
import { NEAR, type EquityLimits } from './equity-limits.ts';
import type { Lane } from './lane.ts';
import { SeenRange } from './seen-range.ts';

/** What is known of the account while its orders and positions stay as they are. */
interface Standing {
  readonly cash: number;
  /** Until when time alone changes nothing, this moment not included; and until when its market is fresh, this moment included. */
  readonly calmUntilUs: number;
  readonly freshUntilUs: number;
  readonly staleUs: number;
  readonly limits: EquityLimits;
  /** The price that the peak was looked at with; null: it was not yet. */
  readonly looked: number | null;
}

/**
 * The bars of a lone series at which nothing but a new mark and a question to the strategies can come about. They are gone through twice, before the strategies are asked and after, with nothing called in between:
 * such a loop costs a few nanoseconds a bar, where one that asks strategies has to read everything anew after each.
 */
export class QuietBars {
  readonly #lane: Lane;
  readonly #standing: Standing;
  readonly #until: Glide;
  readonly #seen: SeenRange;
  /** Last times of bars that are fresh, given the one that was looked at last. */
  #freshUntilUs: number;
  #looked: number | null;

  constructor(lane: Lane, standing: Standing, until: Glide) {
    this.#lane = lane;
    this.#standing = standing;
    this.#until = until;
    this.#seen = new SeenRange(lane);
    this.#freshUntilUs = standing.freshUntilUs;
    this.#looked = standing.looked;
  }

  /** Reads anew what positions have seen, and which price the peak was looked at with. */
  look(looked: number | null): void {
    this.#looked = looked;
    this.#seen.read(this.#lane);
  }

  /** The index of the first that is not quiet, `to` where all are, from an index on. */
  end(from: number, to: number): number {
    const { low, high, wholeFromUs } = this.#seen;
    const { coins } = this.#lane;
    const looked = this.#looked;
    // With one market the equity is as high as its price is; while nothing is held it stays.
    const above = looked === null ? -Infinity : coins > 0 ? looked : Infinity;
    const below = looked !== null && coins < 0 ? looked : -Infinity;
    return this.#end(from, to, low, high, wholeFromUs, above, below);
  }

  /** True where the bar at an index may go by once positions have seen it, and the peak was looked at. */
  passes(at: number): boolean {
    return this.#end(at, at + 1, -Infinity, Infinity, -Infinity, Infinity, -Infinity) > at;
  }

  /** Bars go by as long as positions have seen all from `seenLow` to `seenHigh`, and no price is above `peakAbove` or below `peakBelow` at an equity that may be a new peak. */
  #end(
    from: number,
    to: number,
    seenLow: number,
    seenHigh: number,
    wholeFromUs: number,
    peakAbove: number,
    peakBelow: number,
  ): number {
    const { series, coins, stepUs, tickUnits, tickPower, below: restsBelow, above: restsAbove } = this.#lane;
    const { openTimeMs, low, high, close } = series;
    const { cash, calmUntilUs, staleUs, limits } = this.#standing;
    const { below, above } = this.#until;
    const { floor, peak } = limits;
    const size = Math.abs(cash);
    let freshUntilUs = this.#freshUntilUs;
    let at = from;
    for (; at < to; at += 1) {
      const us = (openTimeMs[at] as number) * 1_000 + stepUs;
      const price = close[at] as number;
      const lowest = low[at] as number;
      const highest = high[at] as number;
      if (us >= calmUntilUs || us > freshUntilUs || us < wholeFromUs) break;
      if (price <= restsBelow || price >= restsAbove || lowest <= below || highest >= above) break;
      if (lowest < seenLow || highest > seenHigh) break;
      const exposure = coins === 0 ? 0 : coins * ((price * tickUnits) / tickPower);
      const equity = cash + exposure;
      const near = (size + Math.abs(exposure)) * NEAR;
      if (equity <= floor + near) break;
      if (equity >= peak - near && (price > peakAbove || price < peakBelow)) break;
      freshUntilUs = us + staleUs;
    }
    this.#freshUntilUs = freshUntilUs;
    return at;
  }

  /** Puts the points of bars that went by behind those of a curve, which has room for them. */
  draw(from: number, to: number, curve: CurveColumns): void {
    const { series, coins, stepUs, tickUnits, tickPower } = this.#lane;
    const { openTimeMs, close } = series;
    const { cash } = this.#standing;
    const { timeMs, equity, exposure } = curve;
    const stepMs = stepUs / 1_000;
    let points = curve.length;
    for (let at = from; at < to; at += 1) {
      const worth = coins === 0 ? 0 : coins * (((close[at] as number) * tickUnits) / tickPower);
      timeMs[points] = (openTimeMs[at] as number) + stepMs;
      equity[points] = cash + worth;
      exposure[points] = worth;
      points += 1;
    }
    curve.length = points;
  }
}
