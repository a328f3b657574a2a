import { at } from './columns.ts';

/** A fall from the highest equity so far: from the last point at it until it is reached again, or to the end. */
export interface Drawdown {
  readonly peakMs: number;
  readonly troughMs: number;
  /** Null: not reached again by the end. */
  readonly recoveredMs: number | null;
  /** From the peak until it was reached again, or to the last point. */
  readonly durationMs: number;
  /** Of the peak; above 1 where more than everything was lost. */
  readonly share: number;
  /** Peak less trough, in the quote asset. */
  readonly amount: number;
}

export interface DrawdownSummary {
  readonly count: number;
  /** By share; of equal ones the first. Null where equity never fell. */
  readonly deepest: Drawdown | null;
  /** The largest peak less trough, in the quote asset. */
  readonly largestAmount: number;
  readonly longestMs: number;
  /** Sums over all drawdowns. */
  readonly shareSum: number;
  readonly durationSumMs: number;
  /** Sum over all points of the square of the share that is missing to the highest so far. */
  readonly squareSum: number;
  readonly peak: number;
}

/** The depth of the deepest drawdown alone, as `drawdownsOf` has it; 0 where the curve, which begins above zero, never falls. */
export function deepestShareOf(values: Float64Array): number {
  let peak = values[0] ?? 0;
  let [trough, deepest] = [peak, 0];
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value >= peak) {
      if (trough < peak) deepest = Math.max(deepest, (peak - trough) / peak);
      peak = value;
      trough = value;
    } else if (value < trough) trough = value;
  }
  return trough < peak ? Math.max(deepest, (peak - trough) / peak) : deepest;
}

/** What is known of the drawdowns that have ended. */
class Ended {
  readonly #timeMs: Float64Array;
  readonly #top: number;
  deepest: readonly Drawdown[] = [];
  count = 0;
  largestAmount = 0;
  longestMs = 0;
  shareSum = 0;
  durationSumMs = 0;
  squareSum = 0;

  constructor(timeMs: Float64Array, top: number) {
    this.#timeMs = timeMs;
    this.#top = top;
  }

  /** `squares`: Σ(peak − value)² of its points. */
  add(peak: number, peakIndex: number, trough: number, troughIndex: number, squares: number, end: End): void {
    const timeMs = this.#timeMs;
    const [amount, peakMs, untilMs] = [peak - trough, at(timeMs, peakIndex), at(timeMs, end.index)];
    const [share, durationMs] = [amount / peak, untilMs - peakMs];
    this.count += 1;
    this.shareSum += share;
    this.durationSumMs += durationMs;
    this.squareSum += squares / (peak * peak);
    if (amount > this.largestAmount) this.largestAmount = amount;
    if (durationMs > this.longestMs) this.longestMs = durationMs;
    const least = this.deepest.at(-1);
    if (this.deepest.length === this.#top && least !== undefined && share <= least.share) return;
    const recoveredMs = end.recovered ? untilMs : null;
    const found = { peakMs, troughMs: at(timeMs, troughIndex), recoveredMs, durationMs, share, amount };
    const place = this.deepest.findIndex((each) => each.share < share);
    this.deepest = this.deepest.toSpliced(place === -1 ? this.deepest.length : place, 0, found).slice(0, this.#top);
  }
}

/** The point at which a drawdown ended, by reaching its peak again or by being the last. */
interface End {
  readonly index: number;
  readonly recovered: boolean;
}

/**
 * All drawdowns of a curve in one pass; the `top` deepest of them, deepest first. The curve begins above zero.
 * Where a curve is level at its peak, a drawdown begins with the last of these points.
 */
export function drawdownsOf(
  timeMs: Float64Array,
  equity: Float64Array,
  top = 1,
): { readonly summary: DrawdownSummary; readonly deepest: readonly Drawdown[] } {
  const { length } = equity;
  const ended = new Ended(timeMs, top);
  let [peak, peakIndex] = [equity[0] ?? 0, 0];
  let [trough, troughIndex] = [peak, 0];
  /** Of this drawdown: Σ(peak − value)². */
  let squares = 0;
  for (let index = 1; index < length; index += 1) {
    const value = equity[index] ?? 0;
    if (value >= peak) {
      if (trough < peak) ended.add(peak, peakIndex, trough, troughIndex, squares, { index, recovered: true });
      squares = 0;
      peak = value;
      trough = value;
      peakIndex = index;
      continue;
    }
    squares += (peak - value) * (peak - value);
    if (value < trough) {
      trough = value;
      troughIndex = index;
    }
  }
  if (trough < peak) ended.add(peak, peakIndex, trough, troughIndex, squares, { index: length - 1, recovered: false });
  const { count, largestAmount, longestMs, shareSum, durationSumMs, squareSum, deepest } = ended;
  const summary = { count, largestAmount, longestMs, shareSum, durationSumMs, squareSum, peak };
  return { summary: { ...summary, deepest: deepest[0] ?? null }, deepest };
}
