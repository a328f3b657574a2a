import { MS_PER_HOUR, seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { outcomeOf, START_MS, tradeOf } from './outcomes.test-support.ts';
import { objectiveOf, STATISTICS, statisticsOf, type StatisticName } from './statistics.ts';

const random = seededRandom(5);
const walk = (length: number): number[] => {
  let worth = 10_000;
  return Array.from({ length }, () => (worth *= Math.exp(0.01 * random.gaussian())));
};

const outcome = outcomeOf({
  equity: walk(2_000),
  benchmark: walk(2_000),
  exposure: walk(2_000),
  stepMs: MS_PER_HOUR,
  trades: Array.from({ length: 60 }, (_, index) =>
    tradeOf({
      profit: Math.round(100 * random.gaussian()),
      openedMs: START_MS + index * 20 * MS_PER_HOUR,
      closedMs: START_MS + (index * 20 + 7) * MS_PER_HOUR,
    }),
  ),
});

describe('statistics of a backtest', () => {
  it('are all of those that are defined, in the order in which they are', () => {
    expect(Object.keys(statisticsOf(outcome))).toEqual(Object.keys(STATISTICS));
  });

  it('are the same one by one as together', () => {
    const all = statisticsOf(outcome);
    for (const name of Object.keys(STATISTICS) as StatisticName[])
      expect([name, objectiveOf(outcome, name)]).toEqual([name, all[name]]);
  });

  it('are all known of an ordinary run', () => {
    const unknown = Object.entries(statisticsOf(outcome)).filter(([, value]) => value === null);
    expect(unknown).toEqual([]);
  });
});
