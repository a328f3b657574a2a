import type { ExchangeModel } from '@monsta/binance-server';
import { US_PER_MS, timestampUs, usFromMs, type InstrumentId } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import type { BenchOptions, BenchReport } from './report.ts';

/** 2025-07-01: the market is half a year old. */
const START_MS = Date.UTC(2025, 6, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const LOOK_MS = 1_000;
const BARS_PER_PAGE = 1_000;

/** A clock that stands still until it is set; what waits on it never runs. */
class SetClock implements Clock {
  nowMs = START_MS;
  readonly nowUs = () => usFromMs(this.nowMs);
  readonly monotonicMs = () => this.nowMs;
  readonly setTimer = () => ({ cancel: () => undefined });
  readonly sleep = () => Promise.resolve();
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));
const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(part * (values.length - 1))] ?? Number.NaN;

function autocorrelation(values: readonly number[], lag: number): number {
  const middle = mean(values);
  const centred = values.map((value) => value - middle);
  const product = centred.reduce((sum, value, index) => sum + value * (centred[index + lag] ?? 0), 0);
  return product / centred.reduce((sum, value) => sum + value * value, 0);
}

/** Standard error of an autocorrelation that is truly 0, allowing for a variance that changes in time (H. White, Econometrica 48, 1980). */
function autocorrelationError(values: readonly number[], lag: number): number {
  const middle = mean(values);
  const squares = values.map((value) => (value - middle) ** 2);
  const products = squares.reduce((sum, square, index) => sum + square * (squares[index + lag] ?? 0), 0);
  return Math.sqrt(products) / squares.reduce((sum, square) => sum + square, 0);
}

const returnsOf = (closes: readonly number[]): number[] =>
  closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? close)));

function kurtosis(values: readonly number[]): number {
  const middle = mean(values);
  const variance = mean(values.map((value) => (value - middle) ** 2));
  return mean(values.map((value) => (value - middle) ** 4)) / variance ** 2;
}

const clustering = (returns: readonly number[]): number => autocorrelation(returns.map(Math.abs), 10);

function describeReturns(returns: readonly number[]): string {
  const first = `${round(autocorrelation(returns, 1))} (standard error ${round(autocorrelationError(returns, 1))})`;
  return `${returns.length} returns of 1m: kurtosis ${round(kurtosis(returns), 1)}, autocorrelation lag 1 ${first}, of absolute returns lag 10 ${round(clustering(returns))}`;
}

/** How many stretches of so many minutes fall short of what is said of long ones. */
function describeWindows(series: readonly (readonly number[])[], minutes: number): string {
  const windows = series.flatMap((returns) =>
    Array.from({ length: Math.floor(returns.length / minutes) }, (_, index) =>
      returns.slice(index * minutes, (index + 1) * minutes),
    ),
  );
  const share = (falls: (returns: readonly number[]) => boolean): string =>
    `${round((windows.filter(falls).length / windows.length) * 100, 1)} %`;
  const thin = share((returns) => kurtosis(returns) < 5);
  return `of ${windows.length}, ${thin} have a kurtosis below 5, ${share((returns) => clustering(returns) < 0.1)} an autocorrelation of absolute returns at lag 10 below 0.1`;
}

function closesOf(model: ExchangeModel, instrument: InstrumentId, fromMs: number, toMs: number): number[] {
  const closes: number[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += BARS_PER_PAGE * MINUTE_MS) {
    const untilMs = Math.min(toMs, atMs + BARS_PER_PAGE * MINUTE_MS) - 1;
    const bars = model.klines(instrument, '1m', {
      fromUs: usFromMs(atMs),
      toUs: usFromMs(untilMs),
      limit: BARS_PER_PAGE,
    });
    closes.push(...bars.map(({ close }) => close));
  }
  return closes;
}

interface Looks {
  readonly spreads: number[];
  /** Base asset's lots within a thousandth and five thousandths of the mid, both sides. */
  readonly near: number[];
  readonly wide: number[];
}

function look(model: ExchangeModel, instrument: InstrumentId, looks: Looks): void {
  const book = model.book(instrument, 5_000);
  if (!book.ok) return;
  const { bids, asks } = book.value;
  const [bid, ask] = [bids[0]?.[0] ?? 0, asks[0]?.[0] ?? 0];
  looks.spreads.push(ask - bid);
  const mid = (bid + ask) / 2;
  for (const [part, into] of [
    [0.001, looks.near],
    [0.005, looks.wide],
  ] as const) {
    const within = [...bids, ...asks].filter(([price]) => Math.abs(price - mid) <= part * mid);
    into.push(within.reduce((sum, [, lots]) => sum + lots, 0));
  }
}

/**
 * The simulated market as it is documented: what it costs to run, and the statistics of its returns, in history and live, of its spread and its depth.
 * `--set hours=N` (default 6) of the live market, `--set edge=N`; `--seed` is the market's.
 */
export function run({ seed, settings, log }: BenchOptions): Promise<BenchReport> {
  const hours = Number(settings['hours'] ?? 6);
  const edge = Number(settings['edge'] ?? 0.05);
  const clock = new SetClock();
  const model = createSimulatedExchange({ seed, edge, clock });
  const symbols = model.symbols();
  const looks = new Map<InstrumentId, Looks>();
  for (const { instrument } of symbols) looks.set(instrument.id, { spreads: [], near: [], wide: [] });
  const samples: number[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    let busyMs = 0;
    for (let second = 0; second < 3_600; second += 1) {
      clock.nowMs += LOOK_MS;
      const before = performance.now();
      model.trading?.advance();
      busyMs += performance.now() - before;
      if (second % 10 === 0) for (const [id, kept] of looks) look(model, id, kept);
    }
    samples.push(busyMs);
    log(`hour ${hour + 1} of ${hours}: ${Math.round(busyMs)} ms`);
  }
  const facts: Record<string, string | number> = { seed, edge, hours, disclosure: model.disclosure };
  const histories: number[][] = [];
  for (const { instrument } of symbols) {
    const { id, lot } = instrument;
    const { spreads, near, wide } = looks.get(id) ?? { spreads: [], near: [], wide: [] };
    const history = returnsOf(closesOf(model, id, START_MS - 30 * 24 * HOUR_MS, START_MS));
    histories.push(history);
    facts[`${id} history`] = describeReturns(history);
    facts[`${id} live`] = describeReturns(returnsOf(closesOf(model, id, START_MS, START_MS + hours * HOUR_MS)));
    const one = spreads.filter((spread) => spread === 1).length / spreads.length;
    facts[`${id} spread`] =
      `1 tick ${round(one * 100, 1)} % of the time, 95 % quantile ${quantile(spreads, 0.95)}, largest ${Math.max(...spreads)}`;
    const base = (lots: readonly number[], part: number): number =>
      round((quantile(lots, part) * lot.units) / 10 ** lot.scale, 2);
    facts[`${id} depth`] =
      `within 0.1 % of the mid ${base(near, 0.05)} / ${base(near, 0.5)} / ${base(near, 0.95)}, within 0.5 % ${base(wide, 0.05)} / ${base(wide, 0.5)} / ${base(wide, 0.95)} ${instrument.base} (5 % / median / 95 %)`;
    const all = model
      .trades(id, { fromId: null, limit: 1_000_000 })
      .filter(({ tsEventUs }) => tsEventUs > timestampUs(START_MS * US_PER_MS));
    facts[`${id} trades`] = `${round(all.length / hours, 0)} an hour live`;
  }
  for (const span of [12, 24]) facts[`windows of ${span} h, history`] = describeWindows(histories, span * 60);
  model.close();
  return Promise.resolve({
    title: 'The simulated market',
    cases: [{ name: 'five symbols, live', unit: 'ms per simulated hour', better: 'lower', samples }],
    comparisons: [],
    facts,
    skipped: null,
  });
}
