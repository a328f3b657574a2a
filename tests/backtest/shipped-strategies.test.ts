import { createHash } from 'node:crypto';
import {
  assetId,
  emptyBarSeries,
  expectOk,
  instrumentId,
  MS_PER_HOUR,
  parseStep,
  seededRandom,
  timestampUs,
  US_PER_MS,
  type BarSeries,
} from '@monsta/core';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { hashRun } from '@monsta/simulation';
import { statisticsOf } from '@monsta/simulation/statistics';
import { Backtest, type BacktestOptions, type TimedPrediction } from '@monsta/simulation/backtest';
import { parseParameters, SHIPPED_STRATEGIES } from '@monsta/trading';
import { expect, it } from 'vitest';
import { START_MS, testInstrument, testOptions } from './backtest-world.test-support.ts';

const HOURS = 2_000;
const SEED = 20_260_101;

/** A market of one seed: calm and wild months, up and down ones; hours of 50,000 to begin with. */
function market(): BarSeries {
  const instrument = { ...testInstrument(5), lot: expectOk(parseStep('0.00001')) };
  const series = emptyBarSeries({ ...instrument, id: instrumentId('BTCUSDT'), base: assetId('BTC') }, '1h', HOURS);
  const random = seededRandom(SEED);
  let [last, drift, volatility] = [5_000_000, 0, 0.005];
  for (let index = 0; index < HOURS; index += 1) {
    if (index % 250 === 0) [drift, volatility] = [0.001 * random.gaussian(), 0.003 + 0.006 * random.next()];
    const open = Math.max(100, Math.round(last * (1 + 0.0003 * random.gaussian())));
    const close = Math.max(100, Math.round(open * Math.exp(drift + volatility * random.gaussian())));
    const reach = (): number => 1 + volatility * random.next();
    series.openTimeMs[index] = START_MS + index * MS_PER_HOUR;
    series.open[index] = open;
    series.high[index] = Math.round(Math.max(open, close) * reach());
    series.low[index] = Math.round(Math.min(open, close) / reach());
    series.close[index] = close;
    series.volume[index] = Math.round(1e10 * (0.5 + random.next()));
    last = close;
  }
  return series;
}

/** A model that knows a little: at each close, whether the next hour rises, right somewhat more often than not. */
function predictions({ instrument, open, close, openTimeMs }: BarSeries): readonly TimedPrediction[] {
  const random = seededRandom(SEED + 1);
  return Array.from({ length: HOURS - 1 }, (_, index) => {
    const closeMs = (openTimeMs[index] ?? 0) + MS_PER_HOUR;
    const rises = (close[index + 1] ?? 0) > (open[index + 1] ?? 0);
    const probabilityUp = 0.5 + (rises === random.next() < 0.6 ? 1 : -1) * (0.05 + 0.4 * random.next());
    return {
      learnedUs: timestampUs((closeMs + 200) * US_PER_MS),
      prediction: {
        instrument: instrument.id,
        model: 'expected',
        interval: '1h',
        horizonMs: MS_PER_HOUR,
        timeMs: closeMs,
        probabilityUp,
        rawProbabilityUp: probabilityUp,
        calibrated: true,
        skillLow: 0.01,
        hasVote: true,
        absence: null,
      },
    };
  });
}

function optionsFor(definition: (typeof SHIPPED_STRATEGIES)[number], series: BarSeries): BacktestOptions {
  const given = 'interval' in definition.parameters ? { interval: '1h' } : {};
  const options = testOptions({
    strategy: definition,
    series: [series],
    cash: '100000',
    rules: { ...DEFAULT_BAR_RULES, interval: '1h' },
    feePpm: 1_000,
  });
  const parameters = expectOk(parseParameters(definition, given));
  return {
    ...options,
    config: { ...options.config, allocationPpm: 500_000, rebalanceBandPpm: 50_000 },
    strategies: options.strategies.map((strategy) => ({ ...strategy, parameters })),
    predictions: predictions(series),
  };
}

const digits = (value: number | null): string => (value === null ? '—' : value.toFixed(6));

function rowOf(definition: (typeof SHIPPED_STRATEGIES)[number], series: BarSeries): string {
  const backtest = new Backtest(optionsFor(definition, series));
  while (backtest.step(1_000));
  const outcome = backtest.outcome();
  const { totalReturn, maxDrawdown, sharpe, winRate } = statisticsOf(outcome);
  const { orders, fills, trades } = outcome;
  const hash = hashRun({ orders, fills, decisions: [] }, createHash('sha256')).digest('hex').slice(0, 16);
  const figures = [totalReturn, maxDrawdown, sharpe, winRate].map(digits).join(' | ');
  return `| ${definition.name} | ${orders.length} | ${fills.length} | ${trades.length} | ${figures} | \`${hash}\` |`;
}

it(
  'each shipped strategy does on the seeded market what it is expected to, order by order',
  { timeout: 60_000 },
  async () => {
    const series = market();
    const table = [
      '# What the shipped strategies are expected to do',
      '',
      `On one seeded market of ${HOURS} hours, with their defaults: half of 100,000 allocated, fees of 0.1 %, half a basis point of slippage, next opens, no limits; \`model-driven\` with a model`,
      'that is right in six of ten hours. The hash is that of every order and fill, each with all its terms. Made and held by `tests/backtest/shipped-strategies.test.ts`; a change here is a change of what',
      'people trade, and belongs into the changelog.',
      '',
      '| strategy | orders | fills | trades | total return | max drawdown | Sharpe | win rate | orders and fills |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      ...SHIPPED_STRATEGIES.map((definition) => rowOf(definition, series)),
      '',
    ].join('\n');
    await expect(table).toMatchFileSnapshot('../../docs/expected-statistics.md');
  },
);
