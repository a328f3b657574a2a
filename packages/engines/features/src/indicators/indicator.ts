import type { Interval } from '@monsta/core';

/** A closed bar in binary numbers, good for indicators, never used for orders. */
export interface IndicatorBar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In the base asset. */
  readonly volume: number;
}

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
}

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

/** The same over bars of `interval`, which the strategy's `intervals` must list. */
export function on<V>(interval: Interval, inner: Indicator<V>): Indicator<V> {
  const name = `${inner.name} on ${interval}`;
  return { name, length: inner.length, interval, compute: (bars) => inner.compute(bars) };
}

/** What it was `ago` closed bars before: `lag(1, donchian(20))` is the channel without the newest bar. */
export function lag<V>(ago: number, inner: Indicator<V>): Indicator<V> {
  const name = `lag(${ago}, ${inner.name})`;
  const length = wholeNumber(name, 'the number of bars', inner.length + wholeNumber(name, 'ago', ago));
  return { name, length, interval: inner.interval, compute: (bars) => inner.compute(bars.slice(0, inner.length)) };
}
