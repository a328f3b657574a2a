import { strategyId } from '@monsta/core';
import fc from 'fast-check';
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

test('added one by one or given back all at once, the same round trips are looked back on', () => {
  const ids = fc.constantFrom('one', 'two', 'manual', 'other');
  const added = fc.array(fc.tuple(ids, fc.integer({ min: 0, max: 3 })), {
    minLength: 2 * TRADES_MAX,
    maxLength: 4 * TRADES_MAX,
    size: 'max',
  });
  fc.assert(
    fc.property(added, fc.constantFrom(-2, 0), (list, least) => {
      const configured = [strategyId('one'), strategyId('two')];
      const [added, given] = [new ClosedTrades(configured), new ClosedTrades(configured)];
      let minute = 0;
      const all = list.map(([id, later]) => trade(id, (minute += Math.max(least, later - 1))));
      for (const each of all) added.add(each);
      given.restore(all);
      expect(added.all).toEqual(given.all);
      for (const { strategyId: id } of all.slice(0, 20)) expect(added.of(id)).toEqual(given.of(id));
    }),
    { numRuns: 20 },
  );
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
