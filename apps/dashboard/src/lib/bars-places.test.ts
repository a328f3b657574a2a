import type { BacktestSource } from '@monsta/contracts';
import { expect, test } from 'vitest';
import { EMPTY_DRAFT } from './backtest-draft.ts';
import { barsPlaces, placeOfBars, placeValue } from './bars-places.ts';

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

test('a market that is named by the beginning of one alone is that one, as the server takes it', () => {
  const sources = ['binance', 'simulated_7', 'simulated_70', 'replay_2024'].map(ofMarket);
  const marketOf = (market: string | null, source: 'catalogue' | 'collected' = 'catalogue'): string | null =>
    placeOfBars(sources, { source, market }).market;
  expect(['replay', 'simulated_70', 'simulated_7', 'bin'].map((each) => marketOf(each))).toEqual([
    ...['replay_2024', 'simulated_70', 'simulated_7', null],
  ]);
  // Of two, of none, and what is no catalogue.
  expect([marketOf('simulated'), marketOf('other'), marketOf(null)]).toEqual(['simulated', 'other', null]);
  expect(marketOf('replay', 'collected')).toBe('replay');
});
