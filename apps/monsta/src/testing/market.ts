import {
  assetId,
  emptyBarSeries,
  expectOk,
  instrumentId,
  intervalMs,
  intervalUs,
  msFromUs,
  parseAmount,
  parsePrice,
  parseQuantity,
  parseStep,
  parseVolume,
  quantity,
  timestampUs,
  US_PER_MS,
  type BarSeries,
  type Instrument,
  type Interval,
  type Price,
  type QuoteTick,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { TimedPrediction } from '@monsta/simulation/backtest';

/** A bar of a test: prices and base quantity as plain numbers. */
export interface TestBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** 1 unless given. */
  readonly volume?: number;
}

/** A trade of a test. */
export interface TestTrade {
  /** Since the beginning of the test. */
  readonly afterMs: number;
  readonly price: number;
  readonly quantity: number;
  /** `buy` unless given. */
  readonly taker?: 'buy' | 'sell';
}

/** What a model says in a test, made at a bar's close and learned later. */
export interface TestPrediction {
  /** Made at the close of the bar of this index, from 0; it knows nothing later. */
  readonly atBar: number;
  /** How long the model takes; 200 unless given. With bars alone an order that is sent after a bar has opened waits for the next open: with 0 it fills at the open that follows the close. */
  readonly latencyMs?: number;
  /** 0 to 1; null: it has nothing to say, and `absence` tells why. */
  readonly probabilityUp: number | null;
  /** As `probabilityUp` unless given. */
  readonly rawProbabilityUp?: number;
  /** True unless given, where it says something. */
  readonly calibrated?: boolean;
  /** True unless given, where it says something. */
  readonly hasVote?: boolean;
  /** 0.01 unless given. */
  readonly skillLow?: number | null;
  /** `test-model` unless given. */
  readonly model?: string;
  /** The strategy's main one unless given. */
  readonly interval?: Interval;
  /** One bar of that unless given. */
  readonly horizonMs?: number;
  readonly absence?: { readonly code: string; readonly reason: string };
}

/** What is traded; BTCUSDT with ticks of 0.01 and lots of 0.00001 unless said otherwise. */
export interface TestInstrument {
  readonly id?: string;
  readonly base?: string;
  readonly quote?: string;
  readonly tick?: string;
  readonly lot?: string;
  /** Least value of an order in the quote asset. */
  readonly notionalMin?: string;
}

export function testInstrument(given: TestInstrument = {}): Instrument {
  const { id = 'BTCUSDT', base = 'BTC', quote = 'USDT', tick = '0.01', lot = '0.00001', notionalMin = '5' } = given;
  return {
    id: instrumentId(id),
    base: assetId(base),
    quote: assetId(quote),
    tick: expectOk(parseStep(tick)),
    lot: expectOk(parseStep(lot)),
    quantityMin: quantity(1),
    quantityMax: quantity(900_000_000_000),
    marketQuantityMax: null,
    notionalMin: expectOk(parseAmount(notionalMin)),
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(0),
  };
}

const onGrid = (value: number, instrument: Instrument): Price =>
  expectOk(parsePrice(value.toFixed(instrument.tick.scale), instrument, 'down'));

export const barOfCloses = (close: number): TestBar => ({ open: close, high: close, low: close, close });

/** Bars one after another since the beginning. Prices are put on the tick. */
export function seriesOf(
  given: readonly TestBar[],
  interval: Interval,
  startMs: number,
  instrument: Instrument,
): BarSeries {
  const series = emptyBarSeries(instrument, interval, given.length);
  for (const [index, bar] of given.entries()) {
    series.openTimeMs[index] = startMs + index * intervalMs(interval);
    series.open[index] = onGrid(bar.open, instrument);
    series.high[index] = onGrid(bar.high, instrument);
    series.low[index] = onGrid(bar.low, instrument);
    series.close[index] = onGrid(bar.close, instrument);
    series.volume[index] = Number(expectOk(parseVolume((bar.volume ?? 1).toFixed(8))));
  }
  return series;
}

export function tradeOf(given: TestTrade, index: number, startUs: number, instrument: Instrument): TradeTick {
  const tsEventUs = timestampUs(startUs + Math.round(given.afterMs * 1_000));
  return {
    kind: 'trade',
    instrument: instrument.id,
    tradeId: index + 1,
    price: onGrid(given.price, instrument),
    quantity: expectOk(parseQuantity(given.quantity.toFixed(instrument.lot.scale), instrument, 'down')),
    buyerIsMaker: given.taker === 'sell',
    tsEventUs,
    tsInitUs: tsEventUs,
  };
}

/** The prediction as the kernel learns it, and when. `closeTimeUs`: of the bar that it was made at. */
export function predictionOf(
  given: TestPrediction,
  closeTimeUs: TimestampUs,
  main: Interval,
  { id }: Instrument,
): TimedPrediction {
  const { probabilityUp, latencyMs = 200, interval = main, model = 'test-model' } = given;
  if (!(latencyMs >= 0)) throw new RangeError(`predictions: latencyMs must be 0 or more, not ${latencyMs}`);
  if (probabilityUp !== null && !(probabilityUp >= 0 && probabilityUp <= 1))
    throw new RangeError(`predictions: probabilityUp must be from 0 to 1, or null, not ${probabilityUp}`);
  const said = probabilityUp !== null;
  const prediction = {
    instrument: id,
    model,
    interval,
    horizonMs: given.horizonMs ?? intervalUs(interval) / US_PER_MS,
    timeMs: msFromUs(closeTimeUs),
    probabilityUp,
    rawProbabilityUp: said ? (given.rawProbabilityUp ?? probabilityUp) : null,
    calibrated: said && (given.calibrated ?? true),
    hasVote: said && (given.hasVote ?? true),
    skillLow: given.skillLow === undefined ? 0.01 : given.skillLow,
    absence: said ? null : (given.absence ?? { code: 'training', reason: 'the model has not been trained yet' }),
  };
  return { learnedUs: timestampUs(closeTimeUs + Math.round(latencyMs * US_PER_MS)), prediction };
}

/** A market of one price without a spread, and as deep as anybody wants: what a bar or a trade tells of it. */
export function quoteAt(price: Price, updateId: number, atUs: number, { id }: Instrument): QuoteTick {
  const [size, at] = [quantity(1_000_000_000), timestampUs(atUs)];
  const sides = { bidPrice: price, bidQuantity: size, askPrice: price, askQuantity: size };
  return { kind: 'quote', instrument: id, updateId, ...sides, tsEventUs: at, tsInitUs: at };
}
