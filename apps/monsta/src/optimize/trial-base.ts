import { invariant, type InstrumentId, type Interval, type StrategyId } from '@monsta/core';
import type { BacktestOptions } from '@monsta/simulation/backtest';
import type { AnyParameterValues } from '@monsta/trading';
import type { PreparedBacktest } from '../backtest/prepare.ts';

/** A prepared backtest as it goes to another thread: all but the strategy's code, which each loads for itself, and nothing else. */
export interface TrialBase extends Pick<
  BacktestOptions,
  'config' | 'account' | 'series' | 'finer' | 'fromMs' | 'endOfData'
> {
  /** Shipped name, or file. */
  readonly strategy: string;
  readonly strategyId: StrategyId;
  readonly instruments: readonly InstrumentId[];
  readonly parameters: AnyParameterValues;
  readonly interval: Interval;
}

/** What trials are run from. `prepared` begins with the first bar: parameters need more or less before their first decision, and each trial looks for what it needs itself. */
export function trialBaseOf(prepared: PreparedBacktest, strategy: string): TrialBase {
  const { config, account, series, finer, fromMs, endOfData, parameters, interval, strategies } = prepared;
  const [configured] = strategies;
  invariant(configured !== undefined, 'a prepared backtest has a strategy');
  const { id, instruments } = configured;
  return {
    ...{ config, account, series, fromMs, endOfData, parameters, interval, strategy, strategyId: id, instruments },
    ...(finer === undefined ? {} : { finer }),
  };
}
