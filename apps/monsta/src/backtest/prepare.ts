import type { AiTradingConfig } from '@monsta/ai-trading';
import type { BacktestDataFacts, BacktestSpec } from '@monsta/contracts';
import {
  err,
  expectOk,
  instrumentId,
  intervalMs,
  ok,
  sliceBarSeries,
  strategyId,
  type BarSeries,
  type Interval,
  type Result,
} from '@monsta/core';
import type { Catalog, MarketHistory } from '@monsta/ports';
import type { BacktestOptions } from '@monsta/simulation';
import {
  LONG_ONLY,
  needsOf,
  parseParameters,
  UNWATCHED,
  type AnyParameterValues,
  type StrategyDefinition,
  type StrategyWatch,
} from '@monsta/trading';
import { loadStrategy } from '../strategies/load.ts';
import { assumptionsOf } from './assumptions.ts';
import { factsOf, indexFrom, loadBacktestData, sourceOf, type BacktestData } from './data.ts';
import { finerFault } from './finer-fault.ts';
import { accountFor, kernelConfigFor } from './settings.ts';
import { lotFault, quoteAssetOf } from './terms.ts';

/** What a backtest is prepared from, beside its specification. */
export interface BacktestSources {
  /** `trading.role` of the configuration: what `limits: configured` takes. */
  readonly role: AiTradingConfig;
  /** Bars that were loaded before (`loadBacktestData`): threads share them. Left out, they are loaded. */
  readonly data?: BacktestData;
  /** What `--bars catalogue` is read from; left out: there is none. */
  readonly catalog?: Catalog;
  /** What the running program collects; left out: there is none. */
  readonly history?: MarketHistory;
  /** Sees the strategy's code being called, its loading too. */
  readonly watch?: StrategyWatch;
}

/** A backtest ready to run, and what is to be known of it. */
export interface PreparedBacktest extends BacktestOptions {
  /** In plain sentences, with their numbers: how it fills, sizes, costs and ends. Every result shows them. */
  readonly assumptions: readonly string[];
  /** Of all bars, warm-up included. */
  readonly facts: readonly BacktestDataFacts[];
  readonly interval: Interval;
  /** The parameters in force, defaults included. */
  readonly parameters: AnyParameterValues;
  /** Closed bars of the main interval that the strategy needs before it is asked. */
  readonly warmUpBars: number;
}

interface LoadedStrategy {
  readonly definition: StrategyDefinition;
  readonly parameters: AnyParameterValues;
  readonly needs: ReadonlyMap<Interval, number>;
}

/** A strategy's own parameter `interval`, where it has one that fits and nothing is said of it, is that of the data. */
function withInterval(definition: StrategyDefinition, params: BacktestSpec['params'], interval: Interval) {
  const own = definition.parameters['interval'];
  const fits = own?.kind === 'choice' && own.options.includes(interval) && !Object.hasOwn(params, 'interval');
  return fits ? { ...params, interval } : params;
}

async function strategyOf(spec: BacktestSpec, interval: Interval): Promise<Result<LoadedStrategy>> {
  const definition = await loadStrategy(spec.strategy);
  if (!definition.ok) return definition;
  const parameters = parseParameters(definition.value, withInterval(definition.value, spec.params, interval));
  if (!parameters.ok) return parameters;
  const needs = expectOk(needsOf(definition.value, parameters.value)).bars;
  const finer = [...needs.keys()].find((each) => intervalMs(each) < intervalMs(interval));
  if (finer !== undefined)
    return err(
      'backtest_interval',
      `${definition.value.name} wants bars of ${finer}, and the data has bars of ${interval}; give data of ${finer} or shorter, or parameters with which it wants ${interval} or longer`,
    );
  return ok({ definition: definition.value, parameters: parameters.value, needs });
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

/** What goes together in a specification and what does not. Fault `backtest_spec`. */
function specFault(spec: BacktestSpec): Result<null> {
  const { costs, instruments, fromMs, toMs, data, finer } = spec;
  const wrong = (message: string) => err('backtest_spec', message);
  const twice = instruments.find((id, index) => instruments.indexOf(id) < index);
  if (twice !== undefined) return wrong(`${twice} is named twice`);
  if (fromMs !== null && toMs !== null && fromMs >= toMs) return wrong('--from is not before --to');
  if (data.kind === 'file' && data.paths.length !== instruments.length)
    return wrong(
      `there are ${instruments.length} instruments and ${data.paths.length} file${data.paths.length === 1 ? '' : 's'} of bars; give one --bars for each --instrument, in the same order`,
    );
  if (finer !== null && finer.paths.length !== instruments.length)
    return wrong(`give one --finer for each --instrument, in the same order, or none`);
  if (data.kind !== 'ticks' && costs.slippage.kind === 'spread')
    return wrong('bars have no spread to take slippage from; give slippage in basis points, or run on --ticks');
  if (data.kind !== 'ticks' && spec.latency !== null)
    return wrong('latency is for runs of ticks; on bars an order acts at the next open, or at the close');
  if (data.kind === 'collected' && spec.interval === null)
    return wrong('bars are collected in several intervals; name the one to run on');
  if (spec.short !== null && costs.feesFrom === 'received')
    return wrong(
      'an account that may be short pays its fees in the quote asset; fees from what was received are for long only',
    );
  const missing = notYet(spec);
  return missing === null ? ok(null) : wrong(`${missing} is not there yet`);
}

/** What the engines can't do yet. */
function notYet({ data }: BacktestSpec): string | null {
  return data.kind === 'ticks' ? 'a run on ticks' : null;
}

/**
 * From a specification to what runs it: bars, strategy, parameters, terms, limits, fees, and the assumptions behind them. Nothing is started and nothing written.
 * Faults: `backtest_spec`, `backtest_quote`, `backtest_lot`, `backtest_interval`, `backtest_data`, those of reading bars, of loading strategies and of their parameters.
 */
export async function prepareBacktest(
  spec: BacktestSpec,
  { role, data: given, catalog, history, watch = UNWATCHED }: BacktestSources,
): Promise<Result<PreparedBacktest>> {
  const wrong = specFault(spec);
  if (!wrong.ok) return wrong;
  const quote = quoteAssetOf(spec);
  if (!quote.ok) return quote;
  const data =
    given === undefined
      ? await loadBacktestData(spec, quote.value, {
          ...(catalog === undefined ? {} : { catalog }),
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
  const { definition, parameters, needs } = strategy.value;
  const warmUpBars = barsNeeded(needs, interval);
  for (const series of data.value.series) {
    for (const fault of [spanFault(spec, series, warmUpBars), lotFault(series, spec.cash)]) if (!fault.ok) return fault;
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
  if (spec.short === null && definition.shorts?.(parameters) === true)
    return err('parameters_invalid', `${definition.name} asks for short positions with these parameters: ${LONG_ONLY}`);
  const series = data.value.series.map((each) => trimmed(each, spec.fromMs, needs));
  const facts = series.map((each, index) => factsOf(each, sourceOf(spec, index)));
  const config = kernelConfigFor(spec, quote.value, role);
  return ok({
    config,
    strategies: [
      {
        id: strategyId(definition.name),
        definition,
        parameters,
        instruments: spec.instruments.map((id) => instrumentId(id)),
      },
    ],
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
