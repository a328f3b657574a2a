import type { BacktestResult, BacktestSummary } from '@monsta/contracts';
import { honestyOf, perPeriod, statisticsOf, type BacktestStatistics } from '@monsta/simulation/statistics';
import type { BacktestOutcome } from '@monsta/simulation/backtest';
import { RecordEncoder } from './encode.ts';
import { equityBytes, equityColumns } from './equity-file.ts';
import { trialFingerprint, trialsKey } from './fingerprints.ts';
import type { RunFolder, StoredSpec } from './run-folder.ts';
import type { RunPlan } from './run-plan.ts';
import type { BacktestStore } from './store.ts';
import { warningsOf } from './warnings.ts';

/** What is told of a finished run in the summary of its folder. */
export type KeptFigures = Pick<BacktestSummary, 'interval' | 'startMs' | 'endMs' | 'statistics'>;

export interface KeptResult {
  readonly figures: KeptFigures;
  /** True where a strategy failed on the way: the result is that of a part. */
  readonly strategyFailed: boolean;
}

interface Finished {
  readonly store: BacktestStore;
  readonly folder: RunFolder;
  readonly createdMs: number;
  readonly stored: StoredSpec;
  readonly plan: RunPlan;
  readonly outcome: BacktestOutcome;
}

function summaryOf({ plan, outcome }: Finished): BacktestResult['summary'] {
  const { curve, startMs, endMs, bars, initialCash, trades, orderCount, fillCount, denials, failures } = outcome;
  const open = trades.filter(({ closedMs }) => closedMs === null).length;
  return {
    strategy: plan.strategyName,
    parameters: plan.parameters,
    instruments: plan.instruments.map(({ id }) => id),
    interval: plan.interval,
    quoteAsset: plan.quoteAsset,
    ...{ startMs, endMs, bars, warmUpBars: plan.warmUpBars, initialCash },
    finalEquity: curve.equity.at(-1) ?? initialCash,
    ...{ orders: orderCount, fills: fillCount, trades: trades.length - open, tradesOpen: open },
    denials: { ...denials },
    failures: failures.map(({ strategyId, failure }) => ({ strategyId, ...failure })),
  };
}

function versusBuyAndHold(of: BacktestStatistics): BacktestResult['versusBuyAndHold'] {
  const { totalReturn, cagr, volatilityAnnual, sharpe, maxDrawdown } = of;
  return {
    strategy: { totalReturn, cagr, volatilityAnnual, sharpe, maxDrawdown },
    buyAndHold: {
      totalReturn: of.buyAndHoldReturn,
      cagr: of.buyAndHoldCagr,
      volatilityAnnual: of.buyAndHoldVolatility,
      sharpe: of.buyAndHoldSharpe,
      maxDrawdown: of.buyAndHoldMaxDrawdown,
    },
    excessReturn: of.excessReturn,
    alpha: of.alpha,
    beta: of.beta,
    correlation: of.correlation,
    informationRatio: of.informationRatio,
  };
}

/** Reckons all that follows from an outcome, and keeps it in the folder: the result last, so that where it is, all is. */
export function keepResult(finished: Finished): KeptResult {
  const { store, folder, createdMs, stored, plan, outcome } = finished;
  const { spec, records } = stored;
  const statistics = statisticsOf(outcome, spec.yearDays);
  const key = trialsKey(spec);
  store.remember(key, [[trialFingerprint(spec, plan.data), statistics.sharpePerDay]]);
  const result: BacktestResult = {
    ...{ id: folder.id, createdMs, version: stored.version, spec },
    assumptions: [...plan.assumptions],
    data: [...plan.facts],
    summary: summaryOf(finished),
    statistics,
    versusBuyAndHold: versusBuyAndHold(statistics),
    periods: { month: [...perPeriod(outcome, 'month')], year: [...perPeriod(outcome, 'year')] },
    honesty: honestyOf(outcome, { seed: spec.seed, trials: store.trials(key), yearDays: spec.yearDays }),
    warnings: [...warningsOf(spec, plan.facts, outcome)],
  };
  folder.writePart('trades', JSON.stringify(outcome.trades));
  if (records) {
    const encoder = new RecordEncoder(plan.instruments);
    folder.writePart('orders', JSON.stringify(encoder.orders(outcome.orders)));
    folder.writePart('fills', JSON.stringify(encoder.fills(outcome.fills)));
    folder.writePart('prices', JSON.stringify(plan.prices(outcome.startMs)));
    folder.writeBinary('equity.bin', ...equityBytes(equityColumns(outcome)));
  }
  folder.writePart('result', JSON.stringify(result));
  const { startMs, endMs } = outcome;
  return {
    figures: { interval: plan.interval, startMs, endMs, statistics },
    strategyFailed: outcome.failures.length > 0,
  };
}
