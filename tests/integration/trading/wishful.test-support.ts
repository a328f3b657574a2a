import { price, seededRandom, strategyId, timestampUs, expectOk, type Bar, type TimestampUs } from '@monsta/core';
import { defineStrategy, parseParameters, type ConfiguredStrategy } from '@monsta/trading';
import { BTC } from './world.ts';

export const START_US = 1_723_075_200_000_000;

/** Wants something else at most bars, the same whenever it is asked of the same bar. */
export function wishful(name: string, seed: number, atLimit: boolean): ConfiguredStrategy {
  const definition = defineStrategy({
    name,
    parameters: {},
    intervals: () => ['1m'],
    onBar(context) {
      const random = seededRandom(seed + context.bar.openTimeMs / 60_000);
      const wish = random.integer(6);
      const near = context.bar.close * (1 + (random.integer(5) - 2) / 2_000);
      if (wish < 5) context.setTarget([0, 0.5, 1, 1, 0.7][wish] ?? 0, atLimit ? { limitPrice: near } : {});
    },
  });
  return {
    id: strategyId(name),
    definition,
    parameters: expectOk(parseParameters(definition, null)),
    instruments: [BTC.id],
  };
}

/** The bar of a minute of which nothing but its close is told. */
export function barOf(minute: number, close: number): Bar {
  const closeUs: TimestampUs = timestampUs(START_US + minute * 60_000_000);
  return {
    kind: 'bar',
    instrument: BTC.id,
    interval: '1m',
    openTimeUs: timestampUs(closeUs - 60_000_000),
    closeTimeUs: closeUs,
    open: price(close),
    high: price(close),
    low: price(close),
    close: price(close),
    volume: 1n,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: 1,
    firstTradeId: minute,
    lastTradeId: minute,
    bookImbalance: null,
    closed: true,
    tsEventUs: closeUs,
    tsInitUs: closeUs,
  };
}
