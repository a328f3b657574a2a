import { intervalMs } from '@monsta/core';
import type { BarFrame } from './bar-frame.ts';
import { nextBlockMs } from './blocks-of-time.ts';
import type { IndicatorBar } from './indicator-bar.ts';

/*
 * Averages of the last `count` values that begin with the mean of the first `period` of them and then go a share `alpha` of the way to each further one, in an order of operations that depends on
 * the bars' times alone: so they can be reckoned in a few steps a bar, and yet are the same number wherever one begins. Time is cut into blocks of `count` bars since 1970. What a window holds before
 * the block of its newest bar was weighed backwards from the end of the block before, what it holds of that block forwards from its beginning; the two are put together by a power of `1 − alpha`.
 */

export interface SeededTerms {
  /** Values in a window, at least `period`. */
  readonly count: number;
  readonly period: number;
  /** What a new value weighs, 0–1. */
  readonly alpha: number;
  /** `value`: weighs how far values are from one of their own, so that the average of equal values is that value to the last bit. `nothing`: weighs the values themselves, so that of values from 0 on it is never below 0. */
  readonly from: 'value' | 'nothing';
}

/** When bars begin, and how long they are. */
export interface BarTimes {
  readonly openTimeMs: Float64Array;
  readonly lengthMs: number;
}

export function timesOf(bars: readonly IndicatorBar[]): BarTimes {
  const [first] = bars;
  const lengthMs = first === undefined ? 1 : first.closeTimeMs - first.openTimeMs;
  return { openTimeMs: Float64Array.from(bars, ({ openTimeMs }) => openTimeMs), lengthMs };
}

/** The same of bars in columns. */
export const timesIn = ({ openTimeMs, interval }: Pick<BarFrame, 'openTimeMs' | 'interval'>): BarTimes => ({
  openTimeMs,
  lengthMs: intervalMs(interval),
});

/** The average over exactly these values, one of each bar that begins then. */
export function seededAverage(values: Float64Array, times: BarTimes, terms: SeededTerms): number {
  const out = new Float64Array(values.length);
  const newest = values.length - 1;
  new Blocks(values, terms, out).play(beginOfBlock(times, newest, terms.count), values.length, newest);
  return out[newest] ?? Number.NaN;
}

/** The same for the `count` values that end at each index, from the index on that has so many; 0 before. `values`: one of each bar. Written into `out`. */
export function seededAverages(
  values: Float64Array,
  { openTimeMs, lengthMs }: BarTimes,
  terms: SeededTerms,
  out: Float64Array = new Float64Array(values.length),
): Float64Array {
  const { length } = values;
  out.fill(0, 0, Math.min(length, terms.count - 1));
  const blocks = new Blocks(values, terms, out);
  for (let begin = 0; begin < length;) {
    const endsMs = nextBlockMs(openTimeMs[begin] as number, lengthMs, terms.count);
    let end = begin + 1;
    while (end < length && (openTimeMs[end] as number) < endsMs) end += 1;
    blocks.play(begin, end, Math.max(begin, terms.count - 1));
    begin = end;
  }
  return out;
}

function beginOfBlock({ openTimeMs, lengthMs }: BarTimes, index: number, count: number): number {
  const beginsMs = nextBlockMs(openTimeMs[index] as number, lengthMs, count) - count * lengthMs;
  let begin = index;
  while (begin > 0 && (openTimeMs[begin - 1] as number) >= beginsMs) begin -= 1;
  return begin;
}

/** The averages of one block after another. */
class Blocks {
  readonly #values: Float64Array;
  readonly #terms: SeededTerms;
  readonly #out: Float64Array;
  /** `1 − alpha` to the power of the place. */
  readonly #powers: Float64Array;
  /** Of what lies before a block, from so many values before its begin up to there: values weighed as of the last of them, and their plain sum. */
  readonly #weighed: Float64Array;
  readonly #sums: Float64Array;
  /** The same of the block, from its begin up to each of its values. */
  readonly #weighedSince: Float64Array;
  readonly #sumsSince: Float64Array;

  constructor(values: Float64Array, terms: SeededTerms, out: Float64Array) {
    const { count, alpha } = terms;
    this.#values = values;
    this.#terms = terms;
    this.#out = out;
    this.#powers = new Float64Array(count + 1);
    this.#powers[0] = 1;
    for (let place = 1; place <= count; place += 1)
      this.#powers[place] = (this.#powers[place - 1] as number) * (1 - alpha);
    this.#weighed = new Float64Array(count + 1);
    this.#sums = new Float64Array(count + 1);
    this.#weighedSince = new Float64Array(count);
    this.#sumsSince = new Float64Array(count);
  }

  /** Those of the bars of a block, which begins and ends there, from an index on. */
  play(begin: number, end: number, first: number): void {
    const { count, period, from } = this.#terms;
    const base = from === 'value' && begin > 0 ? (this.#values[begin - 1] as number) : 0;
    // A window of bars that are all of the block: of evenly spaced ones the last; of such that are closer together than their interval there may be more.
    const whole = Math.min(end, begin + count - 1);
    const reaching = Math.min(whole, begin + count - period);
    this.#weighBefore(begin, base);
    this.#weighSince(begin, whole, base);
    this.#join(begin, first, reaching, base);
    this.#joinWithinSeed(begin, Math.max(first, reaching), whole, base);
    for (let index = Math.max(first, whole); index < end; index += 1) this.#out[index] = this.#alone(index);
  }

  /** Backwards from the value before a block. */
  #weighBefore(begin: number, base: number): void {
    const values = this.#values;
    const { alpha, count } = this.#terms;
    const [powers, weighed, sums] = [this.#powers, this.#weighed, this.#sums];
    const most = Math.min(begin, count - 1);
    let [average, sum] = [0, 0];
    for (let back = 1; back <= most; back += 1) {
      const value = (values[begin - back] as number) - base;
      average += value * alpha * (powers[back - 1] as number);
      sum += value;
      weighed[back] = average;
      sums[back] = sum;
    }
  }

  #weighSince(begin: number, end: number, base: number): void {
    const values = this.#values;
    const { alpha } = this.#terms;
    const [weighed, sums] = [this.#weighedSince, this.#sumsSince];
    const keep = 1 - alpha;
    let [average, sum] = [0, 0];
    for (let index = begin; index < end; index += 1) {
      const value = (values[index] as number) - base;
      average = average * keep + value * alpha;
      sum += value;
      weighed[index - begin] = average;
      sums[index - begin] = sum;
    }
  }

  /** Windows whose first `period` values lie before the block. */
  #join(begin: number, from: number, to: number, base: number): void {
    const { count, period } = this.#terms;
    const [powers, weighed, sums, since, out] = [
      this.#powers,
      this.#weighed,
      this.#sums,
      this.#weighedSince,
      this.#out,
    ];
    for (let index = from; index < to; index += 1) {
      const before = begin - index + count - 1;
      const rest = before - period;
      const seed = ((sums[before] as number) - (sums[rest] as number)) / period;
      const old = (powers[rest] as number) * seed + (weighed[rest] as number);
      out[index] = base + ((powers[index - begin + 1] as number) * old + (since[index - begin] as number));
    }
  }

  /** Windows whose first `period` values end in the block. */
  #joinWithinSeed(begin: number, from: number, to: number, base: number): void {
    const { count, period } = this.#terms;
    const [powers, sums, since, sumsSince] = [this.#powers, this.#sums, this.#weighedSince, this.#sumsSince];
    const power = powers[count - period] as number;
    for (let index = from; index < to; index += 1) {
      const last = index - count + period - begin;
      const seed = ((sums[begin - index + count - 1] as number) + (sumsSince[last] as number)) / period;
      const rest = (since[index - begin] as number) - power * (since[last] as number);
      this.#out[index] = base + (power * seed + rest);
    }
  }

  /** A window that lies in one block. */
  #alone(index: number): number {
    const values = this.#values;
    const { count, period, alpha, from } = this.#terms;
    const begin = index - count + 1;
    const base = from === 'value' ? (values[begin] as number) : 0;
    const keep = 1 - alpha;
    let average = 0;
    for (let at = begin; at < begin + period; at += 1) average += (values[at] as number) - base;
    average /= period;
    for (let at = begin + period; at <= index; at += 1)
      average = average * keep + ((values[at] as number) - base) * alpha;
    return base + average;
  }
}
