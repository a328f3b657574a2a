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
  let deepest: Drawdown[] = [];
  let [count, largestAmount, longestMs, shareSum, durationSumMs, squareSum] = [0, 0, 0, 0, 0, 0];
  let [peak, peakIndex] = [equity[0] ?? 0, 0];
  let [trough, troughIndex] = [peak, 0];
  /** Of this drawdown: Σ(peak − value)². */
  let squares = 0;

  const ended = (index: number, recovered: boolean): void => {
    const [amount, peakMs, untilMs] = [peak - trough, at(timeMs, peakIndex), at(timeMs, index)];
    const [share, durationMs] = [amount / peak, untilMs - peakMs];
    count += 1;
    shareSum += share;
    durationSumMs += durationMs;
    squareSum += squares / (peak * peak);
    squares = 0;
    if (amount > largestAmount) largestAmount = amount;
    if (durationMs > longestMs) longestMs = durationMs;
    const least = deepest.at(-1);
    if (deepest.length === top && least !== undefined && share <= least.share) return;
    const recoveredMs = recovered ? untilMs : null;
    const found = { peakMs, troughMs: at(timeMs, troughIndex), recoveredMs, durationMs, share, amount };
    const place = deepest.findIndex((each) => each.share < share);
    deepest = deepest.toSpliced(place === -1 ? deepest.length : place, 0, found).slice(0, top);
  };

  for (let index = 1; index < length; index += 1) {
    const value = equity[index] ?? 0;
    if (value >= peak) {
      if (trough < peak) ended(index, true);
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
  if (trough < peak) ended(length - 1, false);
  const summary = { count, largestAmount, longestMs, shareSum, durationSumMs, squareSum, peak };
  return { summary: { ...summary, deepest: deepest[0] ?? null }, deepest };
}
