import { aiTradingConfigSchema, kernelConfigOf } from '@monsta/ai-trading/config';
import {
  accountId,
  approximateAmount,
  approximatePrice,
  approximateQuantity,
  barAt,
  commonBase,
  expectOk,
  intervalMs,
  INTERVALS,
  intervalUs,
  msFromUs,
  parseAmount,
  strategyId,
  usFromMs,
  type BarSeries,
  type Instrument,
  type Interval,
  type MarketEvent,
  type Price,
} from '@monsta/core';
import { DEFAULT_BAR_RULES, DEFAULT_TICK_RULES, type FeedAccountOptions } from '@monsta/matching';
import { TapeRun } from '@monsta/simulation';
import { Backtest, longerSeriesOf, type TimedPrediction } from '@monsta/simulation/backtest';
import {
  parseParameters,
  validateStrategy,
  type ConfiguredStrategy,
  type DecisionRecord,
  type Kernel,
  type KernelConfig,
  type KernelOutput,
  type StrategyFailure,
} from '@monsta/trading';
import {
  barOfCloses,
  quoteAt,
  predictionOf,
  seriesOf,
  testInstrument,
  tradeOf,
  type TestBar,
  type TestInstrument,
  type TestPrediction,
  type TestTrade,
} from './market.ts';

/** 2024-08-08T00:00:00Z: a bar of every interval begins there. */
const START_MS = 1_723_075_200_000;
const FEE_PPM = 1_000;

export interface StrategyTest {
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Closed bars, one after another; those of longer intervals are put together from them. */
  readonly bars?: readonly TestBar[];
  /** The same where only closes matter. */
  readonly closes?: readonly number[];
  /** What is traded meanwhile: orders fill from it. Without trades they fill from the bars, at the next bar's open at the earliest, and the last trade of each bar is told. */
  readonly trades?: readonly TestTrade[];
  /** What models say of the bars: each is told when its latency has passed, never before its bar has closed. */
  readonly predictions?: readonly TestPrediction[];
  /** Of `bars` and `closes`; the shortest of the strategy's intervals unless given. */
  readonly interval?: Interval;
  readonly instrument?: TestInstrument;
  /** Of the quote asset at the beginning; 10000 unless given. */
  readonly cash?: number;
  /** Lets it be short against a margin, the share of all positions that the equity has to be worth; null, or left out: long only. Fees are then taken from the quote asset. */
  readonly short?: { readonly initialMargin?: number } | null;
  /** Settings of `trading.role`, in camel case, that are to differ from their defaults: `{ allocationPpm: 500_000 }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface StrategyRun {
  /** Each bar, and whatever else asked for something. */
  readonly decisions: readonly (Pick<DecisionRecord, 'action' | 'wanted' | 'risk'> & { readonly timeMs: number })[];
  /** Every order as it was last heard of, in the order in which they were placed. */
  readonly orders: readonly {
    readonly id: string;
    readonly side: 'buy' | 'sell';
    readonly type: string;
    readonly tag: string | null;
    readonly status: string;
    readonly quantity: number;
    readonly filledQuantity: number;
    readonly limitPrice: number | null;
    readonly stopPrice: number | null;
  }[];
  readonly fills: readonly {
    readonly timeMs: number;
    readonly side: 'buy' | 'sell';
    readonly price: number;
    readonly quantity: number;
    readonly fee: number;
    readonly feeAsset: string;
  }[];
  /** At the end. */
  readonly position: {
    readonly quantity: number;
    readonly averagePrice: number | null;
    readonly realizedProfit: number;
  };
  /** At the end, marked at the last price; null while none was seen. */
  readonly equity: number | null;
  /** Marked at each bar's close, or without bars after each trade. */
  readonly equities: readonly { readonly timeMs: number; readonly equity: number }[];
  /** What the strategy remembers of the instrument. */
  readonly state: unknown;
  /** How the strategy failed; null when it did not. */
  readonly failure: StrategyFailure | null;
}

/**
 * Runs a strategy on bars or trades, in the kernel that trades for real, with its risk rules and its default settings, against the exchange that paper trading fills from (fees of
 * 0.1 %). Throws a TypeError for what is no strategy, and a RangeError for parameters, settings or a market that don't fit.
 */
export function runStrategy(strategy: unknown, test: StrategyTest): StrategyRun {
  const world = testWorld(strategy, test);
  return resultOf(test.trades === undefined ? runOnBars(world) : runOnTrades(world, test.trades));
}

/** A strategy that is checked, and what it is put into. */
interface TestWorld {
  readonly instrument: Instrument;
  readonly strategy: ConfiguredStrategy;
  readonly config: KernelConfig;
  readonly account: Omit<FeedAccountOptions, 'rules'>;
  readonly series: BarSeries;
  readonly predictions: readonly TimedPrediction[];
}

function testWorld(exported: unknown, test: StrategyTest): TestWorld {
  const valid = validateStrategy(exported);
  if (!valid.ok) throw new TypeError(valid.fault.message);
  const definition = valid.value;
  const parameters = parseParameters(definition, test.parameters ?? null);
  if (!parameters.ok) throw new RangeError(parameters.fault.message);
  const instrument = testInstrument(test.instrument);
  const wanted = definition.intervals(parameters.value);
  const interval = test.interval ?? commonBase(wanted) ?? '1m';
  const settings = aiTradingConfigSchema.safeParse({ quoteAsset: instrument.quote, ...test.settings });
  if (!settings.success) throw new RangeError(`settings: ${settings.error.message}`);
  const series = seriesOf(test.bars ?? (test.closes ?? []).map(barOfCloses), interval, START_MS, instrument);
  const { quote } = instrument;
  const { short = null } = test;
  const marginPpm = short === null ? null : Math.round((short.initialMargin ?? 1) * 1_000_000);
  return {
    instrument,
    strategy: {
      id: strategyId(definition.name),
      definition,
      parameters: parameters.value,
      instruments: [instrument.id],
    },
    config: {
      ...kernelConfigOf(settings.data, accountId('paper:test'), null),
      short: marginPpm === null ? null : { initialMarginPpm: marginPpm },
    },
    account: {
      fees: { makerPpm: FEE_PPM, takerPpm: FEE_PPM },
      feesFrom: marginPpm === null ? 'received' : 'quote',
      margin: marginPpm === null ? null : { initialPpm: marginPpm },
      balances: [{ asset: quote, free: expectOk(parseAmount((test.cash ?? 10_000).toFixed(8))) }],
    },
    series,
    predictions: predictionsOf(test.predictions ?? [], series, wanted[0] ?? interval),
  };
}

function predictionsOf(
  given: readonly TestPrediction[],
  { instrument, interval, openTimeMs }: BarSeries,
  main: Interval,
): readonly TimedPrediction[] {
  const told = given.map((each) => {
    const openMs = openTimeMs[each.atBar];
    if (openMs === undefined)
      throw new RangeError(
        `predictions: there is no bar ${each.atBar}; bars are counted from 0 to ${openTimeMs.length - 1}`,
      );
    return predictionOf(each, usFromMs(openMs + intervalMs(interval)), main, instrument);
  });
  return told.toSorted((one, other) => one.learnedUs - other.learnedUs);
}

/** What a run has come to. */
interface Ended {
  readonly instrument: Instrument;
  readonly kernel: Kernel;
  readonly said: readonly KernelOutput[];
  readonly equities: StrategyRun['equities'];
}

function runOnBars({ instrument, strategy, config, account, series, predictions }: TestWorld): Ended {
  const said: KernelOutput[] = [];
  const backtest = new Backtest({
    config,
    strategies: [strategy],
    account: { ...account, rules: { ...DEFAULT_BAR_RULES, interval: series.interval } },
    series: [series],
    fromMs: START_MS,
    endOfData: 'mark',
    records: 'all',
    predictions,
    // Sixty looks at the time a bar, so that timers ring on time.
    tickUs: intervalUs(series.interval) / 60,
    heard: (output) => said.push(output),
  });
  backtest.step(Infinity);
  const { timeMs, equity } = backtest.outcome().curve;
  const equities = [...equity].map((value, index) => ({ timeMs: timeMs[index] ?? 0, equity: value })).slice(1);
  return { instrument, kernel: backtest.kernel, said, equities };
}

/** With trades orders fill from them; bars and predictions are only told. */
function runOnTrades(world: TestWorld, given: readonly TestTrade[]): Ended {
  const { instrument, strategy, config, series, predictions } = world;
  const said: KernelOutput[] = [];
  const equities: { timeMs: number; equity: number }[] = [];
  const startUs = usFromMs(START_MS);
  // Between two bars nothing is heard: that alone makes no market stale, however long they are.
  const staleAfterMs = Math.max(config.limits.staleAfterMs, 2 * intervalMs(series.interval));
  const run = new TapeRun({
    config: { ...config, limits: { ...config.limits, staleAfterMs } },
    strategies: [strategy],
    instruments: [instrument],
    account: { ...world.account, rules: DEFAULT_TICK_RULES },
    startUs,
    tickUs: intervalUs(series.interval) / 60,
    bookEveryMs: 0,
    heard: (output) => said.push(output),
  });
  const market = (event: MarketEvent): void => run.take({ kind: 'market', tsUs: event.tsInitUs, event });
  const value = (): void => {
    const { equity } = run.kernel.account();
    if (equity !== null) equities.push({ timeMs: msFromUs(run.kernel.nowUs), equity: approximateAmount(equity) });
  };
  const id = { instrument: instrument.id };
  market({ kind: 'feed', ...id, status: 'live', reason: null, tsEventUs: startUs, tsInitUs: startUs });
  const wanted = strategy.definition.intervals(strategy.parameters);
  const longer = INTERVALS.filter(
    (each) => intervalUs(each) > intervalUs(series.interval) && wanted.includes(each),
  ).map((each) => longerSeriesOf(series, each));
  const trades = given.map((trade, index) => tradeOf(trade, index, startUs, instrument));
  const bars = [...longer, series].flatMap((each) => Array.from({ length: each.length }, (_, at) => barAt(each, at)));
  const told = predictions.map(({ learnedUs, prediction }) => {
    return { kind: 'prediction', tsInitUs: learnedUs, tsUs: usFromMs(prediction.timeMs), prediction } as const;
  });
  for (const event of [...trades, ...bars, ...told].toSorted((one, other) => one.tsInitUs - other.tsInitUs)) {
    run.passTime(event.tsInitUs);
    if (event.kind === 'prediction') {
      // It is as old as its bar, and is learned now.
      run.tell({ kind: 'tick', tsUs: event.tsInitUs });
      run.tell(event);
    } else if (event.kind === 'bar') {
      run.tell({ kind: 'market', tsUs: event.tsInitUs, event });
      if (event.interval === series.interval) value();
    } else {
      market(quoteAt(event.price, event.tradeId, event.tsInitUs, instrument));
      market(event);
      if (bars.length === 0) value();
    }
  }
  return { instrument, kernel: run.kernel, said, equities };
}

function resultOf({ instrument, kernel, said, equities }: Ended): StrategyRun {
  const of = <K extends KernelOutput['kind']>(kind: K) =>
    said.filter((output): output is Extract<KernelOutput, { kind: K }> => output.kind === kind);
  const shown = (price: Price | null): number | null => (price === null ? null : approximatePrice(price, instrument));
  const orders = new Map(of('order').map(({ order }) => [order.clientOrderId, order]));
  const [view] = kernel.strategies();
  const position = kernel.positions().find(({ strategyId: id }) => id === view?.strategy.id);
  const averagePrice = position?.averagePrice ?? null;
  const { equity } = kernel.account();
  const record = of('strategy').at(-1)?.strategy.state as Readonly<Record<string, unknown>> | undefined;
  return {
    decisions: of('decision').map(({ decision: { action, wanted, risk, tsEventUs } }) => {
      return { timeMs: msFromUs(tsEventUs), action, wanted, risk };
    }),
    orders: [...orders.values()].map((order) => ({
      id: order.clientOrderId,
      side: order.side,
      type: order.type,
      tag: order.tag,
      status: order.status,
      quantity: approximateQuantity(order.quantity, instrument),
      filledQuantity: approximateQuantity(order.filledQuantity, instrument),
      limitPrice: shown(order.limitPrice),
      stopPrice: shown(order.stopPrice),
    })),
    fills: of('fill').map(({ fill }) => ({
      timeMs: msFromUs(fill.tsEventUs),
      side: fill.side,
      price: approximatePrice(fill.price, instrument),
      quantity: approximateQuantity(fill.quantity, instrument),
      fee: approximateAmount(fill.fee),
      feeAsset: fill.feeAsset,
    })),
    position: {
      quantity: position === undefined ? 0 : approximateAmount(position.quantity),
      averagePrice: averagePrice === null ? null : approximateAmount(averagePrice),
      realizedProfit: position === undefined ? 0 : approximateAmount(position.realizedProfit),
    },
    equity: equity === null ? null : approximateAmount(equity),
    equities,
    state: record?.[instrument.id] ?? null,
    failure: view?.failure ?? null,
  };
}
