import type { InstrumentId } from '@monsta/core';
import { DEFAULT_EDGE } from './disclosure.ts';
import { LiveMarket } from './live-market.test-support.ts';
import { LatentMarket, SEED_OFFSET } from './latent-market.ts';
import { MINUTE_MS, PriceProcess, tradesBy } from './price-process.ts';
import { EPOCH_MS, SIMULATED_PROFILES } from './profiles.ts';
import { autocorrelation, autocorrelationError, kurtosis, logReturns } from './statistics.test-support.ts';

const LOOK_MS = 10_000;

/** What was seen of one symbol while its market ran untouched. */
export interface Seen {
  readonly kurtosis: number;
  /** Of the returns of a minute, at lag 1 and 2, in standard errors. */
  readonly lag1: number;
  readonly lag2: number;
  /** Of absolute returns at lag 10. */
  readonly absolute10: number;
  /** Ticks, once every ten seconds. */
  readonly spreads: readonly number[];
  /** Ticks between the mid and the middle of the latent bid and ask, at its largest. */
  readonly distanceMax: number;
  /** Quantity within a thousandth of the mid, both sides together, in medians of a level. */
  readonly nearLevels: readonly number[];
  readonly tradesPerHour: number;
}

/** Runs the market of one symbol for so many hours without users. */
export function observe(instrument: InstrumentId, seed: number, startMs: number, hours: number): Seen {
  const profile = SIMULATED_PROFILES.find(({ symbol }) => symbol.instrument.id === instrument);
  if (profile === undefined) throw new Error(`${instrument} is not simulated`);
  const process = new PriceProcess(new LatentMarket(seed + SEED_OFFSET, DEFAULT_EDGE), profile);
  const market = new LiveMarket(startMs, seed, [instrument]);
  const { lot } = profile.symbol.instrument;
  const levelLots = (profile.levelSize * 10 ** lot.scale) / lot.units;
  const spreads: number[] = [];
  const nearLevels: number[] = [];
  let distanceMax = 0;
  for (let passedMs = LOOK_MS; passedMs <= hours * 3_600_000; passedMs += LOOK_MS) {
    market.pass(LOOK_MS);
    const book = market.model.book(instrument, 200);
    if (!book.ok) throw new Error(book.fault.message);
    const { bids, asks } = book.value;
    const [bid, ask] = [bids[0]?.[0] ?? 0, asks[0]?.[0] ?? 0];
    const mid = (bid + ask) / 2;
    spreads.push(ask - bid);
    const near = [...bids, ...asks].filter(([ticks]) => Math.abs(ticks - mid) <= mid / 1_000);
    nearLevels.push(near.reduce((sum, [, lots]) => sum + lots, 0) / levelLots);
    const nowMs = startMs + passedMs;
    const minute = process.minute(Math.floor((nowMs - EPOCH_MS) / MINUTE_MS));
    const latent = (minute.bids[tradesBy(minute, nowMs)] ?? minute.lastBid) + 0.5;
    distanceMax = Math.max(distanceMax, Math.abs(mid - latent));
  }
  const bars = market.model.klines(instrument, '1m', { fromUs: null, toUs: null, limit: hours * 60 });
  const returns = logReturns(bars.map(({ close }) => close));
  const inErrors = (lag: number): number => autocorrelation(returns, lag) / autocorrelationError(returns, lag);
  const trades = bars.reduce((sum, bar) => sum + (bar.trades ?? 0), 0);
  market.model.close();
  return {
    kurtosis: kurtosis(returns),
    lag1: inErrors(1),
    lag2: inErrors(2),
    absolute10: autocorrelation(returns.map(Math.abs), 10),
    spreads,
    distanceMax,
    nearLevels,
    tradesPerHour: trades / hours,
  };
}
