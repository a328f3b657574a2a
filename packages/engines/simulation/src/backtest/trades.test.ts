import { defineStrategy } from '@monsta/trading';
import { expect, it } from 'vitest';
import { Backtest } from './backtest.ts';
import { configured, flat, optionsOf, seriesOf } from './backtest.test-support.ts';

const inAndOut = defineStrategy({
  name: 'in-and-out',
  parameters: {},
  intervals: () => ['1m'],
  state: () => ({ at: 0 }),
  onBar({ state, order, close }) {
    state.at += 1;
    if (state.at % 2 === 1) order({ side: 'buy', type: 'market', quantity: 0.00777 + state.at / 100_000, tag: 'in' });
    else close({ reason: 'out' });
  },
});

it('what fees in coins have left of earlier trades is sold with a later one, and begins none of its own', () => {
  const plain = optionsOf([configured(inAndOut)], [seriesOf(Array.from({ length: 120 }, () => flat(10_000)))]);
  const backtest = new Backtest({ ...plain, account: { ...plain.account, feesFrom: 'received' } });
  while (backtest.step(10));
  const { trades, fills, fillCount, turnover } = backtest.outcome();
  const bought = fills.filter(({ side }) => side === 'buy');
  const sold = fills.filter(({ side }) => side === 'sell');
  expect(sold.some(({ quantity }, index) => quantity > (bought[index]?.quantity ?? 0) - 1)).toBe(true);
  expect(new Set(trades.map(({ direction, entryTag }) => `${direction} ${entryTag}`))).toEqual(new Set(['long in']));
  expect(trades.filter(({ closedMs }) => closedMs !== null)).toHaveLength(sold.length);
  expect(fillCount).toBeGreaterThan(100);
  const lots = fills.reduce((sum, { quantity }) => sum + quantity, 0);
  expect(turnover).toBeCloseTo(lots * 0.1, 6);
});
