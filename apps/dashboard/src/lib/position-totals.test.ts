import type { PositionMessage } from '@monsta/contracts';
import { expect, it } from 'vitest';
import { positionTotals } from './position-totals.ts';

const position = (strategyId: string, instrument: string, changes: Partial<PositionMessage> = {}): PositionMessage => ({
  strategyId,
  instrument,
  quantity: '1',
  averagePrice: '1',
  markPrice: '1',
  marketValue: '0.1',
  realizedProfit: '0.2',
  unrealizedProfit: '-0.3',
  feesPaid: '0',
  fees: { byAsset: {}, otherValue: '0', unvalued: {} },
  netProfit: '0.2',
  netProfitAbsence: null,
  exposure: 0,
  excursions: null,
  protection: null,
  openedMs: 0,
  updatedMs: 0,
  ...changes,
});

it('sums positions exactly, by strategy and over the account; what is unknown of one is unknown of the sum', () => {
  const rows = positionTotals([
    position('b', 'BTCUSDT'),
    position('a', 'BTCUSDT', { netProfit: null, marketValue: '0.2' }),
    position('a', 'ETHUSDT'),
  ]);
  expect(rows).toEqual([
    { strategyId: 'a', marketValue: '0.3', unrealizedProfit: '-0.6', realizedProfit: '0.4', netProfit: null },
    { strategyId: 'b', marketValue: '0.1', unrealizedProfit: '-0.3', realizedProfit: '0.2', netProfit: '0.2' },
    { strategyId: null, marketValue: '0.4', unrealizedProfit: '-0.9', realizedProfit: '0.6', netProfit: null },
  ]);
});
