import { expectOk } from '@monsta/core';
import { expect, it } from 'vitest';
import { walkColumns } from './bars.test-support.ts';
import { featureSet } from './feature-set.ts';
import { FLOW_SET, STANDARD_SET } from './shipped-sets.ts';
import { unknownFlow } from './unknown-flow.ts';

it('columns of flow and of the book are unknown where no bar tells what they are made of', () => {
  const bars = walkColumns(3, 50);
  const unknown = (): Float64Array => new Float64Array(50).fill(Number.NaN);
  const trades = unknown();
  trades[7] = 3;
  const some = { ...bars, takerBuyVolume: unknown(), trades };
  const takers = ['taker_imbalance_1', 'taker_imbalance_12'];
  const book = ['book_imbalance_1', 'book_imbalance_12'];
  expect(unknownFlow(STANDARD_SET, bars)).toEqual([]);
  expect(unknownFlow(FLOW_SET, some)).toEqual([...takers, ...book]);
  expect(unknownFlow(FLOW_SET, bars)).toEqual([...takers, 'trade_count_ratio_24', 'trade_size_ratio_24', ...book]);
  const own = expectOk(featureSet({ id: 'own', version: 1, features: [{ feature: 'book_imbalance', bars: 3 }] }));
  expect(unknownFlow(own, { ...bars, bookImbalance: new Float64Array(50) })).toEqual([]);
});
