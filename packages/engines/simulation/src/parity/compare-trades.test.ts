import { instrumentId, strategyId } from '@monsta/core';
import { expect, it } from 'vitest';
import type { BacktestTrade } from '../backtest/outcome.ts';
import { compareTrades } from './compare-trades.ts';

const trade = (openedMs: number, part: Partial<BacktestTrade> = {}): BacktestTrade => ({
  id: `t${openedMs}`,
  strategyId: strategyId('s'),
  instrument: instrumentId('BTCUSDT'),
  direction: 'long',
  openedMs,
  closedMs: openedMs + 1_000,
  entryPrice: '100',
  exitPrice: '110',
  quantity: '1',
  profit: '10',
  fees: '0',
  returnShare: 0.1,
  adverseShare: 0,
  favourableShare: 0.1,
  bars: 1,
  entryTag: null,
  exitTag: null,
  exitCause: null,
  ...part,
});

it('tells what a run paid more than its backtest says, in basis points of both prices', () => {
  const run = trade(60_200, { entryPrice: '100.05', exitPrice: '109.89', returnShare: 0.098 });
  const { pairs, entryCostBps } = compareTrades([run], [trade(60_000)], 1_000);
  const [pair] = pairs;
  expect(pair?.lateMs).toBe(200);
  expect(pair?.entryCostBps).toBeCloseTo(5, 9);
  expect(pair?.exitCostBps).toBeCloseTo(10, 9);
  expect(pair?.returnCostBps).toBeCloseTo(20, 9);
  expect(entryCostBps).toMatchObject({ count: 1 });
});

it('turns the signs of a short trade round: selling lower and buying back higher is worse', () => {
  const short = { direction: 'short', exitPrice: '90' } as const;
  const run = trade(0, { ...short, entryPrice: '99.9', exitPrice: '90.09' });
  const [pair] = compareTrades([run], [trade(0, short)], 0).pairs;
  expect(pair?.entryCostBps).toBeCloseTo(10, 9);
  expect(pair?.exitCostBps).toBeCloseTo(10, 9);
});

it('leaves trades without a counterpart alone: of another strategy, or too far away', () => {
  const mine = [trade(0), trade(10_000)];
  const theirs = [trade(0, { strategyId: strategyId('other') }), trade(10_600), trade(12_000)];
  const { pairs, onlyRun, onlyBacktest } = compareTrades(mine, theirs, 1_000);
  expect(pairs.map((pair) => [pair.run.openedMs, pair.backtest.openedMs])).toEqual([[10_000, 10_600]]);
  expect(onlyRun.map(({ openedMs }) => openedMs)).toEqual([0]);
  expect(onlyBacktest.map(({ openedMs }) => openedMs)).toEqual([0, 12_000]);
});

it('says of a trade that is still open only what it paid', () => {
  const [pair] = compareTrades([trade(0, { closedMs: null })], [trade(0)], 0).pairs;
  expect(pair).toMatchObject({ entryCostBps: 0, exitCostBps: null, returnCostBps: null });
});

it('knows nothing of no trades', () => {
  expect(compareTrades([], [], 0)).toEqual({
    pairs: [],
    onlyRun: [],
    onlyBacktest: [],
    entryCostBps: null,
    exitCostBps: null,
    returnCostBps: null,
  });
});
