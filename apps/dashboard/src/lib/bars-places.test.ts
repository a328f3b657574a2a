import type { BacktestSource } from '@monsta/contracts';
import { expect, test } from 'vitest';
import { EMPTY_DRAFT } from './backtest-draft.ts';
import { barsPlaces, placeValue } from './bars-places.ts';

const ofMarket = (market: string): BacktestSource => ({
  ...{ kind: 'catalogue', market, instrument: 'BTCUSDT', interval: '1h' },
  ...{ path: null, bars: 1, startMs: 0, endMs: 1 },
});
const valuesOf = (sources: readonly BacktestSource[], place: object = {}): readonly string[] =>
  barsPlaces(sources, { ...EMPTY_DRAFT, ...place }).map(placeValue);

test('bars come from what is collected, from each catalogue that there is, and from files', () => {
  expect(valuesOf([])).toEqual(['collected', 'file']);
  const sources = [ofMarket('binance'), ofMarket('simulated_7'), ofMarket('binance')];
  expect(valuesOf(sources)).toEqual(['collected', 'catalogue', 'catalogue:simulated_7', 'file']);
});

test('where a form takes its bars from is among the places, whether it is there or not: no other one is shown for it', () => {
  for (const market of [null, 'simulated', 'simulated_7']) {
    const place = { source: 'catalogue', market } as const;
    for (const sources of [[], [ofMarket('binance')], [ofMarket('simulated_7')]])
      expect(valuesOf(sources, place).filter((each) => each === placeValue(place))).toHaveLength(1);
  }
});
