import { expectOk, strategyId, type InstrumentId } from '@monsta/core';
import { parseParameters, SHIPPED_STRATEGIES, type ConfiguredStrategy } from '@monsta/trading';
import { MARKETS } from './market.ts';

const [BTC, ETH, SOL, XRP, DOGE] = MARKETS.map(({ instrument }) => instrument.id) as [
  InstrumentId,
  InstrumentId,
  InstrumentId,
  InstrumentId,
  InstrumentId,
];

function shipped(name: string, parameters: object, instruments: readonly InstrumentId[]): ConfiguredStrategy {
  const definition = SHIPPED_STRATEGIES.find((each) => each.name === name);
  if (definition === undefined) throw new RangeError(`no shipped strategy is called ${name}`);
  const values = expectOk(parseParameters(definition, parameters));
  return { id: strategyId(name), definition, parameters: values, instruments };
}

/** Orders that rest, brackets, trailing stops, market orders by the clock: four strategies, two of them in one instrument. */
export const strategies = (): readonly ConfiguredStrategy[] => [
  shipped('grid', { levels: 3, spacing: 0.004, interval: '1h' }, [ETH, SOL]),
  shipped('rsi-reversal', { period: 4, oversold: 40, exit: 60, stop: 0.02, interval: '1h' }, [XRP, SOL]),
  shipped('bollinger-breakout', { period: 8, width: 1, trailingBps: 100, interval: '1h' }, [DOGE, BTC]),
  shipped('dca', { amount: 300, everyHours: 5 }, [BTC]),
];
