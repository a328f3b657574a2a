import type { Interval } from '@monsta/core';
import type { BarFrame } from './bar-frame.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { nameFigure, valuesOver } from './shared-values.ts';

/**
 * A figure of the newest closed bars. It is computed over exactly `length` of them each time, and from nothing else: its value does not depend on when anybody began to watch,
 * so that a restart changes nothing.
 */
export interface Indicator<V = unknown> {
  /** Says what it is: `rsi(14)`. */
  readonly name: string;
  /** How many closed bars it is computed over: its warm-up. */
  readonly length: number;
  /** Whose bars; null: those of the strategy's main interval. */
  readonly interval: Interval | null;
  /** `bars`: exactly `length`, oldest first, without a gap. */
  compute(bars: readonly IndicatorBar[]): V;
  /** The same over columns; left out: only `compute` is there, and always right. */
  readonly over?: (frame: BarFrame) => FrameValues<V>;
  /** True: it is a number each time, which is read without an object around it. Left out: it may be anything. */
  readonly isNumber?: boolean;
}

/** A figure over bars in columns: for an index, to the last bit what `compute` makes of the `length` bars that end there. Asked only where there are so many. */
export type FrameValues<V> = (index: number) => V;

export const INDICATOR_BARS_MAX = 5_000;

/** `value` where it is a whole number from `min` on; throws a RangeError that names the indicator and the argument otherwise. */
export function wholeNumber(name: string, argument: string, value: number, min = 1): number {
  if (Number.isInteger(value) && value >= min && value <= INDICATOR_BARS_MAX) return value;
  throw new RangeError(
    `${name}: ${argument} must be a whole number from ${min} to ${INDICATOR_BARS_MAX}, not ${value}`,
  );
}

/** An indicator of its own making, over `length` bars of the main interval. */
export function indicator<V>(
  name: string,
  length: number,
  compute: (bars: readonly IndicatorBar[]) => V,
): Indicator<V> {
  return { name, length: wholeNumber(name, 'the number of bars', length), interval: null, compute };
}

/** One that ships: with a form over columns. */
export function columnar<V>(inner: Indicator<V>, over: (frame: BarFrame) => FrameValues<V>): Indicator<V> {
  nameFigure(over, `${inner.name} over ${inner.length}`);
  return { ...inner, over };
}

/** `columnar` of a figure that is a number each time. */
export const columnarNumber = (
  inner: Indicator<number>,
  over: (frame: BarFrame) => FrameValues<number>,
): Indicator<number> => ({ ...columnar(inner, over), isNumber: true });

/** The same over bars of `interval`, which the strategy's `intervals` must list. */
export function on<V>(interval: Interval, inner: Indicator<V>): Indicator<V> {
  const name = `${inner.name} on ${interval}`;
  const { length, over, isNumber = false } = inner;
  const compute: Indicator<V>['compute'] = (bars) => inner.compute(bars);
  return { name, length, interval, compute, isNumber, ...(over === undefined ? {} : { over }) };
}

/** What it was `ago` closed bars before: `lag(1, donchian(20))` is the channel without the newest bar. */
export function lag<V>(ago: number, inner: Indicator<V>): Indicator<V> {
  const name = `lag(${ago}, ${inner.name})`;
  const length = wholeNumber(name, 'the number of bars', inner.length + wholeNumber(name, 'ago', ago));
  const { interval, over, isNumber = false } = inner;
  return {
    name,
    length,
    interval,
    compute: (bars) => inner.compute(bars.slice(0, inner.length)),
    isNumber,
    ...(over === undefined ? {} : { over: (frame) => earlier(valuesOver(over, frame) as FrameValues<V>, ago) }),
  };
}

const earlier =
  <V>(values: FrameValues<V>, ago: number): FrameValues<V> =>
  (index) =>
    values(index - ago);
