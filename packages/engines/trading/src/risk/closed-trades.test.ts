import { strategyId } from '@monsta/core';
import { expect, test } from 'vitest';
import { atMs, BTC, money } from '../kernel.test-support.ts';
import { ClosedTrades, TRADES_MAX, type ClosedTrade } from './closed-trades.ts';

const trade = (id: string, minute: number): ClosedTrade => ({
  strategyId: strategyId(id),
  instrument: BTC.id,
  closedUs: atMs(minute * 60_000),
  cost: money('100'),
  profit: money('1'),
  exitCause: 'strategy',
});

test('a strategy that trades seldom keeps its own newest round trips, whatever the others do', () => {
  const trades = new ClosedTrades([strategyId('seldom'), strategyId('busy')]);
  for (let n = 0; n < 3; n += 1) trades.add(trade('seldom', n));
  for (let n = 0; n < 3; n += 1) trades.add(trade('manual', 10 + n));
  for (let n = 0; n < TRADES_MAX + 20; n += 1) trades.add(trade('busy', 20 + n));
  expect(trades.of(strategyId('seldom'))).toEqual([0, 1, 2].map((n) => trade('seldom', n)));
  expect(trades.of(strategyId('busy'))).toHaveLength(TRADES_MAX);
  expect(trades.of(strategyId('busy'))[0]).toEqual(trade('busy', 40));
  // Nothing is sized by what no configured strategy did.
  expect(trades.of(strategyId('manual'))).toEqual([]);
  expect(trades.all).toHaveLength(TRADES_MAX + 3);
  const again = new ClosedTrades([strategyId('seldom'), strategyId('busy')]);
  again.restore(trades.all.toReversed());
  expect(again.all).toEqual(trades.all);
});
