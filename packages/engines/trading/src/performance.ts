import { addAmounts, AMOUNT_SCALE, approximateAmount, divide, pow10, subtractAmounts, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, TimestampUs } from '@monsta/core';

/** Definitions with their formulas and sources are in docs/performance.md. Ratios are binary numbers: they are statistics, and nothing is decided by them. */

const ONE = pow10(AMOUNT_SCALE) as Amount;

/** A point of a curve: growth of one unit of money, or a profit, at an instant. */
export interface CurvePoint {
  readonly tsUs: TimestampUs;
  readonly value: Amount;
}

/** The deepest fall from a highest point before it. */
export interface Drawdown {
  /** Of the peak, 0…1; null where the peak was not above zero. */
  readonly share: number | null;
  /** Peak less trough, in the curve's unit. */
  readonly amount: Amount;
  readonly peakUs: TimestampUs;
  readonly troughUs: TimestampUs;
}

const ratio = (part: Amount, whole: Amount): number | null =>
  whole <= 0n ? null : approximateAmount(divide(part * ONE, whole, 'half-even') as Amount);

/** Takes a curve point by point; holds no points. */
export class DrawdownMeter {
  #peak: CurvePoint | null = null;
  #last: CurvePoint | null = null;
  #deepest: Drawdown | null = null;
  #longestUs = 0;
  /** True while the last point is below the peak. */
  #under = false;

  add(point: CurvePoint): void {
    this.#last = point;
    if (this.#peak === null || point.value >= this.#peak.value) {
      if (this.#peak !== null && this.#under) this.#longestUs = Math.max(this.#longestUs, point.tsUs - this.#peak.tsUs);
      this.#peak = point;
      this.#under = false;
      return;
    }
    this.#under = true;
    const amount = subtractAmounts(this.#peak.value, point.value);
    const found: Drawdown = {
      amount,
      share: ratio(amount, this.#peak.value),
      peakUs: this.#peak.tsUs,
      troughUs: point.tsUs,
    };
    if (this.#deepest === null || deeper(found, this.#deepest)) this.#deepest = found;
  }

  /** Null while the curve has never fallen. */
  get deepest(): Drawdown | null {
    return this.#deepest;
  }

  /** Now, of the peak; null before the first point and where the peak is not above zero. */
  get current(): number | null {
    if (this.#peak === null || this.#last === null) return null;
    return ratio(subtractAmounts(this.#peak.value, this.#last.value), this.#peak.value);
  }

  /** The longest time from a peak to when it was reached again, or to the last point while it was not, in microseconds. */
  get longestUs(): number {
    if (this.#peak === null || this.#last === null || !this.#under) return this.#longestUs;
    return Math.max(this.#longestUs, this.#last.tsUs - this.#peak.tsUs);
  }
}

/** By share where both have one, else by amount. */
const deeper = (left: Drawdown, right: Drawdown): boolean =>
  left.share !== null && right.share !== null ? left.share > right.share : left.amount > right.amount;

/** The share lost from the highest point before, at each point. */
export function drawdownCurve(points: readonly CurvePoint[]): readonly (number | null)[] {
  const meter = new DrawdownMeter();
  return points.map((point) => {
    meter.add(point);
    return meter.current;
  });
}

/** What one unit of money became from the first value to the last, less one; null where there was none. */
export const returnOf = (first: Amount, last: Amount): number | null => ratio(subtractAmounts(last, first), first);

/** What trade statistics need of a round trip. */
export interface TripFigures {
  readonly profit: Amount;
  readonly entryValue: Amount;
  readonly exitValue: Amount;
  readonly holdingUs: number;
  readonly adverse: Amount;
  readonly favourable: Amount;
}

export interface TripStatistics {
  readonly trips: number;
  readonly won: number;
  readonly lost: number;
  /** Won over all, 0…1. */
  readonly winRate: number | null;
  readonly grossProfit: Amount;
  readonly grossLoss: Amount;
  readonly profit: Amount;
  /** Gross profit over gross loss; null where nothing was lost. */
  readonly profitFactor: number | null;
  /** Mean profit of a round trip, in quote. */
  readonly expectancy: Amount | null;
  readonly averageWin: Amount | null;
  readonly averageLoss: Amount | null;
  readonly averageHoldingUs: number | null;
  readonly averageAdverse: Amount | null;
  readonly averageFavourable: Amount | null;
  readonly worstAdverse: Amount | null;
  readonly bestFavourable: Amount | null;
  /** Bought and sold, in quote. */
  readonly turnover: Amount;
}

const meanOf = (sum: Amount, count: number): Amount | null =>
  count === 0 ? null : (divide(sum, BigInt(count), 'half-even') as Amount);

const larger = (left: Amount, right: Amount): Amount => (left > right ? left : right);

/** Takes round trips one by one; holds none. */
export class TripMeter {
  #trips = 0;
  #won = 0;
  #lost = 0;
  #holdingUs = 0;
  #grossProfit = ZERO_AMOUNT;
  #grossLoss = ZERO_AMOUNT;
  #turnover = ZERO_AMOUNT;
  #adverse = ZERO_AMOUNT;
  #favourable = ZERO_AMOUNT;
  #worst = ZERO_AMOUNT;
  #best = ZERO_AMOUNT;

  add({ profit, entryValue, exitValue, holdingUs, adverse, favourable }: TripFigures): void {
    this.#trips += 1;
    if (profit > 0n) {
      this.#won += 1;
      this.#grossProfit = addAmounts(this.#grossProfit, profit);
    } else if (profit < 0n) {
      this.#lost += 1;
      this.#grossLoss = subtractAmounts(this.#grossLoss, profit);
    }
    this.#holdingUs += holdingUs;
    this.#turnover = addAmounts(this.#turnover, addAmounts(entryValue, exitValue));
    this.#adverse = addAmounts(this.#adverse, adverse);
    this.#favourable = addAmounts(this.#favourable, favourable);
    this.#worst = larger(this.#worst, adverse);
    this.#best = larger(this.#best, favourable);
  }

  get statistics(): TripStatistics {
    const trips = this.#trips;
    const profit = subtractAmounts(this.#grossProfit, this.#grossLoss);
    return {
      trips,
      won: this.#won,
      lost: this.#lost,
      winRate: trips === 0 ? null : this.#won / trips,
      grossProfit: this.#grossProfit,
      grossLoss: this.#grossLoss,
      profit,
      profitFactor: ratio(this.#grossProfit, this.#grossLoss),
      expectancy: meanOf(profit, trips),
      averageWin: meanOf(this.#grossProfit, this.#won),
      averageLoss: meanOf(this.#grossLoss, this.#lost),
      averageHoldingUs: trips === 0 ? null : Math.round(this.#holdingUs / trips),
      averageAdverse: meanOf(this.#adverse, trips),
      averageFavourable: meanOf(this.#favourable, trips),
      worstAdverse: trips === 0 ? null : this.#worst,
      bestFavourable: trips === 0 ? null : this.#best,
      turnover: this.#turnover,
    };
  }
}

/** Mean of a share over time, each point standing until the next; null with fewer than two points. */
export class TimeAverage {
  #before: { readonly tsUs: number; readonly value: number } | null = null;
  #sum = 0;
  #lengthUs = 0;

  add(tsUs: TimestampUs, value: number): void {
    if (this.#before !== null) {
      const lengthUs = tsUs - this.#before.tsUs;
      this.#sum += this.#before.value * lengthUs;
      this.#lengthUs += lengthUs;
    }
    this.#before = { tsUs, value };
  }

  get mean(): number | null {
    return this.#lengthUs === 0 ? null : this.#sum / this.#lengthUs;
  }
}
