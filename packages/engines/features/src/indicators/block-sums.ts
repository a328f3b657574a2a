import { intervalMs } from '@monsta/core';
import { isEvenlySpaced, type BarFrame } from './bar-frame.ts';
import { nextBlockMs } from './blocks-of-time.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { columnFor } from './shared-values.ts';

/*
 * The sum of the last n closes, in an order of additions that depends on the bars' times alone, so that it can slide and yet be the same number wherever one begins (van Herk 1992 has the
 * trick for extremes). Time is cut into blocks of n bars since 1970. What a window holds of its oldest block is added up from the newest of it to the oldest, what it holds of each later block
 * from the oldest to the newest, and these sums in the order of the blocks.
 */

/** The sum over exactly these bars. */
export function blockSum(bars: readonly IndicatorBar[]): number {
  const [first] = bars;
  if (first === undefined) return 0;
  const stepMs = first.closeTimeMs - first.openTimeMs;
  let endsMs = nextBlockMs(first.openTimeMs, stepMs, bars.length);
  let end = 1;
  while (end < bars.length && (bars[end]?.openTimeMs ?? 0) < endsMs) end += 1;
  let sum = 0;
  for (let index = end - 1; index >= 0; index -= 1) sum += bars[index]?.close ?? 0;
  let part = 0;
  for (let index = end; index < bars.length; index += 1) {
    const openTimeMs = bars[index]?.openTimeMs ?? 0;
    if (openTimeMs >= endsMs) {
      sum += part;
      part = 0;
      endsMs = nextBlockMs(openTimeMs, stepMs, bars.length);
    }
    part += bars[index]?.close ?? 0;
  }
  return sum + part;
}

/** `blockSum` of the `count` bars that end at each index, over `divisor`, from the index on that has so many; 0 before. */
export function blockSums(frame: BarFrame, count: number, divisor = 1): Float64Array {
  if (isEvenlySpaced(frame)) return regularSums(frame, count, divisor);
  const sums = irregularSums(frame, count);
  for (let index = 0; index < sums.length; index += 1) sums[index] = (sums[index] as number) / divisor;
  return sums;
}

/** Then a window lies in one block, or in two that follow each other: nothing but the sums of the block before is needed. */
function regularSums(frame: BarFrame, count: number, divisor: number): Float64Array {
  const { length, close, openTimeMs, interval } = frame;
  const sums = columnFor(frame);
  /** Of the block before, and of this one, from each place to its end. */
  let [before, after] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  const [firstMs, stepMs] = [openTimeMs[0] as number, intervalMs(interval)];
  // The first block may have begun before the first bar.
  let begin = (nextBlockMs(firstMs, stepMs, count) - firstMs) / stepMs - count;
  for (; begin < length; begin += count) {
    const isWhole = begin >= 0 && begin + count <= length;
    (isWhole ? sumWholeBlock : sumPartBlock)(close, sums, before, after, begin, divisor);
    [before, after] = [after, before];
  }
  sums.fill(0, 0, Math.min(count - 1, length));
  return sums;
}

/** The sums of the windows that end in a block, from `begin` on, all of whose bars are there; what `after` is for the next. Both ways at once: neither sum waits for the other. */
function sumWholeBlock(
  close: Float64Array,
  sums: Float64Array,
  before: Float64Array,
  after: Float64Array,
  begin: number,
  divisor: number,
): void {
  const most = before.length - 2;
  const last = begin + most;
  let [part, sum] = [0, 0];
  for (let step = 0; step < most; step += 1) {
    part += close[begin + step] as number;
    sums[begin + step] = ((before[step + 1] as number) + part) / divisor;
    sum += close[last - step] as number;
    after[most - step] = sum;
  }
  sum += close[begin] as number;
  after[0] = sum;
  sums[last] = sum / divisor;
}

/** The same of the first block and the last, of which bars may be missing. */
function sumPartBlock(
  close: Float64Array,
  sums: Float64Array,
  before: Float64Array,
  after: Float64Array,
  begin: number,
  divisor: number,
): void {
  const { length } = close;
  const last = begin + before.length - 2;
  let part = 0;
  for (let index = Math.max(0, begin); index < Math.min(last, length); index += 1) {
    part += close[index] as number;
    sums[index] = ((before[index - begin + 1] as number) + part) / divisor;
  }
  if (last >= length) return;
  let sum = 0;
  for (let index = last; index >= begin && index >= 0; index -= 1) {
    sum += close[index] as number;
    after[index - begin] = sum;
  }
  // What came before the first bar counts nothing.
  for (let place = -begin - 1; place >= 0; place -= 1) after[place] = sum;
  sums[last] = sum / divisor;
}

function irregularSums(frame: BarFrame, count: number): Float64Array {
  const { length, close, openTimeMs } = frame;
  const stepMs = intervalMs(frame.interval);
  const sums = columnFor(frame).fill(0, 0, Math.min(count - 1, length));
  const [toEnd, fromStart] = [new Float64Array(length), new Float64Array(length)];
  /** Index of the last bar of each bar's block. */
  const ends = new Int32Array(length);
  for (let start = 0; start < length;) {
    const endsMs = nextBlockMs(openTimeMs[start] as number, stepMs, count);
    let part = 0;
    let index = start;
    for (; index < length && (openTimeMs[index] as number) < endsMs; index += 1) {
      part += close[index] as number;
      fromStart[index] = part;
    }
    part = 0;
    for (let back = index - 1; back >= start; back -= 1) {
      part += close[back] as number;
      toEnd[back] = part;
      ends[back] = index - 1;
    }
    start = index;
  }
  for (let index = count - 1; index < length; index += 1) {
    const oldest = index - count + 1;
    let end = ends[oldest] as number;
    if (end === index) sums[index] = toEnd[oldest] as number;
    else if (end > index) sums[index] = sumBack(close, oldest, index);
    else {
      let sum = toEnd[oldest] as number;
      for (end = ends[end + 1] as number; end < index; end = ends[end + 1] as number) sum += fromStart[end] as number;
      sums[index] = sum + (fromStart[index] as number);
    }
  }
  return sums;
}

/** Bars that are closer together than their interval: more of them than `count` lie in one block. */
function sumBack(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let index = to; index >= from; index -= 1) sum += values[index] as number;
  return sum;
}
