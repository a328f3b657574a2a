import type { AiTradingConfig } from '@monsta/ai-trading/config';
import type { BacktestDataFacts, BacktestSpec, Note } from '@monsta/contracts';
import {
  err,
  gridWords,
  indexFrom,
  intervalMs,
  minutesOffGrid,
  ok,
  opensInterval,
  sliceBarSeries,
  type BarSeries,
  type Interval,
  type Result,
} from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import type { BacktestOptions } from '@monsta/simulation/backtest';
import type { AnyParameterValues } from '@monsta/trading';
import { UNWATCHED, type StrategyWatch } from '@monsta/trading/strategy-watch';
import { assumptionsOf } from './assumptions.ts';
import { factsOf, loadBacktestData, sourceOf, type BacktestData, type CatalogSource } from './data.ts';
import { finerFault } from './finer-fault.ts';
import { accountFor, kernelConfigFor } from './settings.ts';
import { specFault } from './spec-faults.ts';
import { configuredStrategy, strategyOf, type LoadedStrategy } from './strategy.ts';
import { lotFault, quoteAssetOf } from './terms.ts';

/** What a backtest is prepared from, beside its specification. */
export interface BacktestSources {
  /** `trading.role` of the configuration: what `limits: configured` takes. */
  readonly role: AiTradingConfig;
  /** Bars that were loaded before (`loadBacktestData`): threads share them. Left out, they are loaded. */
  readonly data?: BacktestData;
  /** What `--bars catalogue` is read from; left out: there is none. */
  readonly catalogs?: CatalogSource;
  /** What the running program collects; left out: there is none. */
  readonly history?: MarketHistory;
  /** Sees the strategy's code being called, its loading too. */
  readonly watch?: StrategyWatch;
}

/** A backtest ready to run, and what is to be known of it. */
export interface PreparedBacktest extends BacktestOptions {
  /** How it fills, sizes, costs and ends. Every result shows them. */
  readonly assumptions: readonly Note[];
  /** Of all bars, warm-up included. */
  readonly facts: readonly BacktestDataFacts[];
  readonly interval: Interval;
  /** The parameters in force, defaults included. */
  readonly parameters: AnyParameterValues;
  /** Closed bars of the main interval that the strategy needs before it is asked. */
  readonly warmUpBars: number;
}

/** How many bars of the data fill all windows that a strategy needs. */
const barsNeeded = (needs: ReadonlyMap<Interval, number>, interval: Interval): number =>
  Math.max(0, ...[...needs].map(([each, count]) => (count * intervalMs(each)) / intervalMs(interval)));

/** Index of the first bar that closes after a time. */
const firstTraded = ({ openTimeMs, interval }: BarSeries, fromMs: number): number =>
  indexFrom(openTimeMs, fromMs - intervalMs(interval) + 1);

/** The bars that matter: what the strategy needs before the beginning, and all from there on. A longer bar that begins before them would not be whole: one more of each is kept. */
function trimmed(series: BarSeries, fromMs: number | null, needs: LoadedStrategy['needs']): BarSeries {
  if (fromMs === null) return series;
  const { interval, length } = series;
  const longest = Math.max(...[...needs.keys(), interval].map((each) => intervalMs(each) / intervalMs(interval)));
  const from = Math.max(0, firstTraded(series, fromMs) - barsNeeded(needs, interval) - longest);
  return sliceBarSeries(series, from, length);
}

/** Fault `backtest_interval` where a strategy wants longer bars of such as open on no whole interval: where those would begin nobody says. */
function offGridFault({ openTimeMs, interval, instrument }: BarSeries, needs: LoadedStrategy['needs']): Result<null> {
  const [firstMs] = openTimeMs;
  const longer = [...needs.keys()].find((each) => each !== interval);
  if (firstMs === undefined || longer === undefined || opensInterval(firstMs, interval)) return ok(null);
  return err(
    'backtest_interval',
    `the strategy wants bars of ${longer}, too, and those of ${instrument.id} open ${minutesOffGrid(firstMs, interval)} min behind ${gridWords(interval)}, so that no longer ones are made of them; give parameters with which it wants ${interval} alone, or bars on whole intervals`,
  );
}

/** Fault `backtest_data` where nothing is left to trade on. */
function spanFault(spec: BacktestSpec, series: BarSeries, needed: number): Result<null> {
  const { openTimeMs, length, instrument } = series;
  const first = spec.fromMs === null ? 0 : firstTraded(series, spec.fromMs);
  const span = `from ${new Date(openTimeMs[0] ?? 0).toISOString()} to ${new Date((openTimeMs[length - 1] ?? 0) + intervalMs(series.interval)).toISOString()}`;
  if (length - first < 1)
    return err(
      'backtest_data',
      `no bar of ${instrument.id} lies between --from and --to${length === 0 ? '' : `; the data goes ${span}`}`,
    );
  if (length <= needed)
    return err(
      'backtest_data',
      `the strategy needs ${needed} bars of ${instrument.id} before its first decision, and there are ${length}, ${span}; give more data, or parameters that need less`,
    );
  return ok(null);
}

/**
 * From a specification to what runs it: bars, strategy, parameters, terms, limits, fees, and the assumptions behind them. Nothing is started and nothing written.
 * Faults: `backtest_spec`, `backtest_quote`, `backtest_lot`, `backtest_interval`, `backtest_data`, those of reading bars, of loading strategies and of their parameters.
 */
export async function prepareBacktest(
  spec: BacktestSpec,
  { role, data: given, catalogs, history, watch = UNWATCHED }: BacktestSources,
): Promise<Result<PreparedBacktest>> {
  const wrong = specFault(spec);
  if (!wrong.ok) return wrong;
  const quote = quoteAssetOf(spec);
  if (!quote.ok) return quote;
  const data =
    given === undefined
      ? await loadBacktestData(spec, quote.value, {
          ...(catalogs === undefined ? {} : { catalogs }),
          ...(history === undefined ? {} : { history }),
        })
      : ok(given);
  if (!data.ok) return data;
  const [first] = data.value.series;
  if (first === undefined) return err('backtest_data', 'there are no bars');
  const { interval } = first;
  watch.enter(0, 'setup');
  const strategy = await strategyOf(spec, interval);
  watch.leave();
  if (!strategy.ok) return strategy;
  const { parameters, needs } = strategy.value;
  const warmUpBars = barsNeeded(needs, interval);
  for (const series of data.value.series) {
    for (const fault of [offGridFault(series, needs), spanFault(spec, series, warmUpBars), lotFault(series, spec.cash)])
      if (!fault.ok) return fault;
  }
  const other = data.value.series.find((each) => each.interval !== interval);
  if (other !== undefined)
    return err(
      'backtest_interval',
      `the bars of ${first.instrument.id} are of ${interval}, those of ${other.instrument.id} of ${other.interval}; give files of one interval`,
    );
  const { finer } = data.value;
  const fitting = finerFault(data.value.series, finer);
  if (!fitting.ok) return fitting;
  const series = data.value.series.map((each) => trimmed(each, spec.fromMs, needs));
  const facts = series.map((each, index) => factsOf(each, sourceOf(spec, index)));
  const config = kernelConfigFor(spec, quote.value, role);
  return ok({
    config,
    strategies: [configuredStrategy(spec, strategy.value)],
    account: accountFor(spec, quote.value, finer[0]?.interval ?? interval),
    series,
    ...(finer.length === 0 ? {} : { finer }),
    fromMs: spec.fromMs,
    endOfData: spec.fills.endOfData,
    watch,
    records: 'all',
    assumptions: assumptionsOf({ spec, config, series, facts, interval, warmUpBars, quote: quote.value }),
    facts,
    interval,
    parameters,
    warmUpBars,
  });
}
