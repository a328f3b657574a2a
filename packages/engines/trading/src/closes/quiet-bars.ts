import { isEvenlySpaced } from '@monsta/features/indicators';
import type { Glide } from './closes-parts.ts';
import { NEAR, type EquityLimits } from './equity-limits.ts';
import type { Lane } from './lane.ts';

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
  /** Whether new peaks are looked at later, the highest of them for all. */
  readonly looksLater: boolean;
}

/**
 * The bars of a lone series at which nothing but a new mark and a question to the strategies can come about. They are gone through twice, before the strategies are asked and after, with nothing called in between:
 * such a loop costs a few nanoseconds a bar, where one that asks strategies has to read everything anew after each.
 */
export class QuietBars {
  readonly #lane: Lane;
  readonly #standing: Standing;
  readonly #until: Glide;
  /** Last times of bars that are fresh, given the one that was gone through last. Begun as a number: what was undefined once is boxed by the machine ever after, each time that it is looked at in a loop. */
  #freshUntilUs = 0;
  #looked: number | null;
  /** The peak may be higher since it was looked at. */
  #mayPeak = false;

  constructor(lane: Lane, standing: Standing, until: Glide) {
    this.#lane = lane;
    this.#standing = standing;
    this.#until = until;
    this.#freshUntilUs = standing.freshUntilUs;
    this.#looked = standing.looked;
  }

  /** The peak was looked at with this price. */
  look(looked: number | null): void {
    this.#looked = looked;
    this.#mayPeak = false;
  }

  /** The index of the first that is not quiet, `to` where all are, from an index on. */
  end(from: number, to: number): number {
    const { coins } = this.#lane;
    const looksLater = this.#standing.looksLater && coins !== 0;
    if (!this.#isOpen()) return this.#end(from, to, looksLater);
    return coins === 0 ? this.#endFlat(from, to) : this.#endHeld(from, to, looksLater);
  }

  /** True where the bar at an index may go by once the peak was looked at. */
  passes(at: number): boolean {
    return this.#end(at, at + 1, true) > at;
  }

  /** The index of the bar among these, gone through since the last look, at which the peak may be higher, and is the highest; −1 where there is none. */
  peakAmong(from: number, to: number): number {
    if (!this.#mayPeak) return -1;
    const { series, coins } = this.#lane;
    const { close } = series;
    let best = this.#looked ?? (coins > 0 ? -Infinity : Infinity);
    let found = -1;
    for (let at = from; at < to; at += 1) {
      const price = close[at] as number;
      if (coins > 0 ? price <= best : price >= best) continue;
      best = price;
      found = at;
    }
    return found;
  }

  /** Nothing waits for any price. */
  #isOpen(): boolean {
    const { below, above, series } = this.#lane;
    const { below: reachedBelow, above: reachedAbove } = this.#until;
    const { staleUs } = this.#standing;
    const isFree = Math.max(below, reachedBelow) === -Infinity && Math.min(above, reachedAbove) === Infinity;
    return isFree && this.#lane.stepUs <= staleUs && isEvenlySpaced(series);
  }

  /** While nothing is held, and nothing waits for a price, only time matters: it is reckoned when that is. */
  #endFlat(from: number, to: number): number {
    const { cash, limits } = this.#standing;
    const near = Math.abs(cash) * NEAR;
    if (cash <= limits.floor + near) return from;
    if (this.#looked === null && cash >= limits.peak - near) return from;
    const end = this.#calmEnd(from, to);
    if (end > from) this.#freshen(end);
    return end;
  }

  /** Of evenly spaced bars that are as fresh as each other, the first that time alone does not let by. */
  #calmEnd(from: number, to: number): number {
    const { series, stepUs } = this.#lane;
    const us = (series.openTimeMs[from] as number) * 1_000 + stepUs;
    if (us > this.#freshUntilUs) return from;
    return from + Math.max(0, Math.min(to - from, Math.ceil((this.#standing.calmUntilUs - us) / stepUs)));
  }

  /** The bars before an index have gone by. */
  #freshen(end: number): void {
    const { series, stepUs } = this.#lane;
    this.#freshUntilUs = (series.openTimeMs[end - 1] as number) * 1_000 + stepUs + this.#standing.staleUs;
  }

  /** While nothing waits for a price, of those only the closes matter, for what the account is worth. */
  #endHeld(from: number, to: number, looksLater: boolean): number {
    const { series, coins, tickUnits, tickPower } = this.#lane;
    const { close } = series;
    const { cash, limits } = this.#standing;
    const size = Math.abs(cash);
    let { floor, peak } = limits;
    let [above, below] = this.#pricesOfPeak();
    const end = this.#calmEnd(from, to);
    let at = from;
    for (; at < end; at += 1) {
      const price = close[at] as number;
      const exposure = coins * ((price * tickUnits) / tickPower);
      const equity = cash + exposure;
      const near = (size + Math.abs(exposure)) * NEAR;
      if (equity <= floor + near) break;
      if (equity < peak - near || (price <= above && price >= below)) continue;
      if (!looksLater) break;
      this.#mayPeak = true;
      // Exactly, it is a little lower at most: what is above this floor is above that of the exact one.
      peak = Math.max(peak, equity + near);
      floor = Math.max(floor, limits.floorBelow(peak));
      above = coins > 0 ? price : Infinity;
      below = coins < 0 ? price : -Infinity;
    }
    if (at > from) this.#freshen(at);
    return at;
  }

  /** Prices above the one, or below the other, may be those of a new peak: with one market the equity is as high as its price is; while nothing is held it stays. */
  #pricesOfPeak(): readonly [above: number, below: number] {
    const { coins } = this.#lane;
    const looked = this.#looked;
    if (looked === null) return [-Infinity, -Infinity];
    return [coins > 0 ? looked : Infinity, coins < 0 ? looked : -Infinity];
  }

  /** Bars go by at no equity that may be a new peak, unless it is looked at later. */
  #end(from: number, to: number, looksLater: boolean): number {
    const { series, coins, stepUs, tickUnits, tickPower, below: restsBelow, above: restsAbove } = this.#lane;
    const { openTimeMs, low, high, close } = series;
    const { cash, calmUntilUs, staleUs, limits } = this.#standing;
    const { below, above } = this.#until;
    const size = Math.abs(cash);
    let { floor, peak } = limits;
    let [peakAbove, peakBelow] = this.#pricesOfPeak();
    let freshUntilUs = this.#freshUntilUs;
    let at = from;
    for (; at < to; at += 1) {
      const us = (openTimeMs[at] as number) * 1_000 + stepUs;
      const price = close[at] as number;
      if (us >= calmUntilUs || us > freshUntilUs) break;
      if (price <= restsBelow || price >= restsAbove) break;
      if ((low[at] as number) <= below || (high[at] as number) >= above) break;
      const exposure = coins === 0 ? 0 : coins * ((price * tickUnits) / tickPower);
      const equity = cash + exposure;
      const near = (size + Math.abs(exposure)) * NEAR;
      if (equity <= floor + near) break;
      if (equity >= peak - near && (price > peakAbove || price < peakBelow)) {
        if (!looksLater) break;
        this.#mayPeak = true;
        // Exactly, it is a little lower at most: what is above this floor is above that of the exact one.
        peak = Math.max(peak, equity + near);
        floor = Math.max(floor, limits.floorBelow(peak));
        peakAbove = coins > 0 ? price : Infinity;
        peakBelow = coins < 0 ? price : -Infinity;
      }
      freshUntilUs = us + staleUs;
    }
    this.#freshUntilUs = freshUntilUs;
    return at;
  }
}
