import {
  emptyBarSeries,
  emptyTradeSeries,
  indexFrom,
  inferInstrument,
  sliceBarSeries,
  unknownBarFlow,
  type BarSeries,
  type Instrument,
  type Step,
  type TradeSeries,
} from '@monsta/core';
import type { Span } from './spans.ts';

/** Parts of a series that lie in spans, the same memory. */
export const barsIn = (series: BarSeries, spans: readonly Span[]): readonly BarSeries[] =>
  spans.map(({ fromMs, toMs }) => {
    const times = series.openTimeMs;
    return sliceBarSeries(series, indexFrom(times, fromMs), indexFrom(times, toMs));
  });

/** The same of trades. */
export const tradesIn = (series: TradeSeries, spans: readonly Span[]): readonly TradeSeries[] =>
  spans.map(({ fromMs, toMs }) => {
    const { timeUs } = series;
    const [from, to] = [indexFrom(timeUs, fromMs * 1_000), indexFrom(timeUs, toMs * 1_000)];
    return {
      instrument: series.instrument,
      length: to - from,
      tradeId: series.tradeId.subarray(from, to),
      timeUs: timeUs.subarray(from, to),
      price: series.price.subarray(from, to),
      quantity: series.quantity.subarray(from, to),
      buyerIsMaker: series.buyerIsMaker.subarray(from, to),
    };
  });

/** The instrument in the finest tick of all, and how many of those a tick of each is. */
function inFinestTick(instruments: readonly [Instrument, ...Instrument[]]): {
  readonly instrument: Instrument;
  readonly factors: readonly number[];
} {
  const scale = Math.max(...instruments.map(({ tick }) => tick.scale));
  const tick: Step = { units: 1, scale };
  const factors = instruments.map((each) => each.tick.units * 10 ** (scale - each.tick.scale));
  return { instrument: inferInstrument({ ...instruments[0], tick }), factors };
}

type Column = Float64Array | Uint8Array;

function put(target: Column, source: Column, at: number, factor = 1): void {
  if (factor === 1) target.set(source, at);
  else for (let row = 0; row < source.length; row += 1) target[at + row] = (source[row] ?? 0) * factor;
}

/** Series of one instrument and interval that follow each other, as one in the finest of their ticks; null where there is no bar. */
export function joinBars(parts: readonly BarSeries[]): BarSeries | null {
  const [first, ...more] = parts
    .filter(({ length }) => length > 0)
    .toSorted((left, right) => (left.openTimeMs[0] ?? 0) - (right.openTimeMs[0] ?? 0));
  if (first === undefined || more.length === 0) return first ?? null;
  const all = [first, ...more];
  const { instrument, factors } = inFinestTick([first.instrument, ...more.map((part) => part.instrument)]);
  const length = all.reduce((sum, part) => sum + part.length, 0);
  const flow = unknownBarFlow(length);
  const whole = { ...emptyBarSeries(instrument, first.interval, length), flow };
  let at = 0;
  for (const [index, part] of all.entries()) {
    for (const name of ['takerBuyVolume', 'trades', 'bookImbalance'] as const)
      if (part.flow !== undefined) put(flow[name], part.flow[name], at);
    put(whole.openTimeMs, part.openTimeMs, at);
    for (const name of ['open', 'high', 'low', 'close'] as const) put(whole[name], part[name], at, factors[index]);
    put(whole.volume, part.volume, at);
    at += part.length;
  }
  return whole;
}

/** The same of trades, all in one lot. */
export function joinTrades(parts: readonly TradeSeries[]): TradeSeries | null {
  const [first, ...more] = parts
    .filter(({ length }) => length > 0)
    .toSorted((left, right) => (left.tradeId[0] ?? 0) - (right.tradeId[0] ?? 0));
  if (first === undefined || more.length === 0) return first ?? null;
  const all = [first, ...more];
  const { instrument, factors } = inFinestTick([first.instrument, ...more.map((part) => part.instrument)]);
  const whole = emptyTradeSeries(
    instrument,
    all.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const [index, part] of all.entries()) {
    for (const name of ['tradeId', 'timeUs', 'quantity', 'buyerIsMaker'] as const) put(whole[name], part[name], at);
    put(whole.price, part.price, at, factors[index]);
    at += part.length;
  }
  return whole;
}
