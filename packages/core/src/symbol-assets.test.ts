import { expect, it } from 'vitest';
import { symbolAssets } from './symbol-assets.ts';

it.each([
  ['BTCUSDT', { base: 'BTC', quote: 'USDT' }],
  ['ETHBTC', { base: 'ETH', quote: 'BTC' }],
  ['BTCFDUSD', { base: 'BTC', quote: 'FDUSD' }],
  ['EURUSD', { base: 'EUR', quote: 'USD' }],
  ['BTC', null],
  ['GOOG', null],
])('the assets of %s are told by its end', (symbol, assets) => {
  expect(symbolAssets(symbol)).toEqual(assets);
});
