import { aiTradingConfigSchema, kernelConfigOf } from '@monsta/ai-trading';
import {
  accountId,
  approximateAmount,
  approximatePrice,
  approximateQuantity,
  expectOk,
  INTERVALS,
  intervalUs,
  msFromUs,
  parseAmount,
  quantity,
  strategyId,
  timestampUs,
  US_PER_MS,
  type Bar,
  type Instrument,
  type Interval,
  type MarketEvent,
} from '@monsta/core';
import { DEFAULT_BAR_RULES, DEFAULT_TICK_RULES } from '@monsta/matching';
import { TapeRun } from '@monsta/simulation';
import {
  parseParameters,
  validateStrategy,
  type DecisionRecord,
  type KernelOutput,
  type StrategyFailure,
} from '@monsta/trading';
import {
  barOf,
  barOfCloses,
  LongerBars,
  quoteAt,
  predictionOf,
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
  return new TestWorld(strategy, test).run();
}

class TestWorld {
  readonly #test: StrategyTest;
  readonly #instrument: Instrument;
  readonly #interval: Interval;
  /** The strategy's own. */
  readonly #main: Interval;
  readonly #longer: readonly LongerBars[];
  readonly #run: TapeRun;
  readonly #said: KernelOutput[] = [];
  readonly #equities: { timeMs: number; equity: number }[] = [];
  #updates = 0;

  constructor(strategy: unknown, test: StrategyTest) {
    const valid = validateStrategy(strategy);
    if (!valid.ok) throw new TypeError(valid.fault.message);
    const definition = valid.value;
    const parameters = parseParameters(definition, test.parameters ?? null);
    if (!parameters.ok) throw new RangeError(parameters.fault.message);
    this.#test = test;
    this.#instrument = testInstrument(test.instrument);
    const intervals = INTERVALS.filter((interval) => definition.intervals(parameters.value).includes(interval));
    this.#interval = test.interval ?? intervals[0] ?? '1m';
    this.#main = definition.intervals(parameters.value)[0] ?? this.#interval;
    this.#longer = intervals
      .filter((interval) => intervalUs(interval) > intervalUs(this.#interval))
      .map((interval) => new LongerBars(interval));
    const { quote } = this.#instrument;
    const settings = aiTradingConfigSchema.safeParse({ quoteAsset: quote, ...test.settings });
    if (!settings.success) throw new RangeError(`settings: ${settings.error.message}`);
    const set = kernelConfigOf(settings.data, accountId('paper:test'), null);
    // Between two bars nothing is heard: that alone makes no market stale, however long they are.
    const staleAfterMs = Math.max(set.limits.staleAfterMs, (2 * intervalUs(this.#interval)) / US_PER_MS);
    const config = { ...set, limits: { ...set.limits, staleAfterMs } };
    const instruments = [this.#instrument.id];
    const configured = { id: strategyId(definition.name), definition, parameters: parameters.value, instruments };
    this.#run = new TapeRun({
      config,
      strategies: [configured],
      instruments: [this.#instrument],
      account: {
        rules: test.trades === undefined ? { ...DEFAULT_BAR_RULES, interval: this.#interval } : DEFAULT_TICK_RULES,
        fees: { makerPpm: FEE_PPM, takerPpm: FEE_PPM },
        feesFrom: 'received',
        balances: [{ asset: quote, free: expectOk(parseAmount((test.cash ?? 10_000).toFixed(8))) }],
      },
      startUs: timestampUs(START_MS * US_PER_MS),
      // Sixty looks at the time a bar, so that timers ring on time.
      tickUs: intervalUs(this.#interval) / 60,
      bookEveryMs: 0,
      heard: (output) => this.#said.push(output),
    });
  }

  run(): StrategyRun {
    const startUs = timestampUs(START_MS * US_PER_MS);
    const { id } = this.#instrument;
    this.#market({ kind: 'feed', instrument: id, status: 'live', reason: null, tsEventUs: startUs, tsInitUs: startUs });
    const given = this.#test.bars ?? (this.#test.closes ?? []).map(barOfCloses);
    const bars = given.map((bar, index) => barOf(bar, index, this.#interval, startUs, this.#instrument));
    const trades = (this.#test.trades ?? []).map((trade, index) => tradeOf(trade, index, startUs, this.#instrument));
    const told = this.#predictions(bars);
    const events = [...trades, ...bars, ...told].toSorted((one, other) => one.tsInitUs - other.tsInitUs);
    for (const event of events) {
      this.#run.passTime(event.tsInitUs);
      if (event.kind === 'bar') this.#close(event);
      else if (event.kind === 'prediction') {
        // It is as old as its bar, and is learned now.
        this.#run.tell({ kind: 'tick', tsUs: event.tsInitUs });
        this.#run.tell(event);
      } else {
        this.#quote(event.price, event.tsInitUs);
        this.#market(event);
        if (bars.length === 0) this.#value();
      }
    }
    return this.#result();
  }

  #predictions(bars: readonly Bar[]) {
    return (this.#test.predictions ?? []).map((given) => {
      const bar = bars[given.atBar];
      if (bar === undefined)
        throw new RangeError(
          `predictions: there is no bar ${given.atBar}; bars are counted from 0 to ${bars.length - 1}`,
        );
      const { atUs, prediction } = predictionOf(given, bar.closeTimeUs, this.#main, this.#instrument);
      return { kind: 'prediction', tsInitUs: atUs, tsUs: bar.closeTimeUs, prediction } as const;
    });
  }

  #close(bar: Bar): void {
    // Without trades the bar is all that is known: what was ordered before it fills from it, and its last trade was at its close.
    this.#run.show(bar);
    if (this.#test.trades === undefined) {
      this.#quote(bar.close, bar.closeTimeUs);
      const at = { instrument: bar.instrument, tsEventUs: bar.closeTimeUs, tsInitUs: bar.closeTimeUs };
      const last = { tradeId: this.#updates, price: bar.close, quantity: quantity(1), buyerIsMaker: false };
      this.#market({ kind: 'trade', ...last, ...at });
    }
    for (const longer of this.#longer) {
      const closed = longer.push(bar);
      if (closed !== null) this.#run.tell({ kind: 'market', tsUs: closed.tsInitUs, event: closed });
    }
    this.#run.tell({ kind: 'market', tsUs: bar.tsInitUs, event: bar });
    this.#value();
  }

  #quote(price: Bar['close'], atUs: number): void {
    this.#updates += 1;
    this.#market(quoteAt(price, this.#updates, atUs, this.#instrument));
  }

  #market(event: MarketEvent): void {
    this.#run.take({ kind: 'market', tsUs: event.tsInitUs, event });
  }

  #value(): void {
    const { equity } = this.#run.kernel.account();
    if (equity !== null)
      this.#equities.push({ timeMs: msFromUs(this.#run.kernel.nowUs), equity: approximateAmount(equity) });
  }

  #of<K extends KernelOutput['kind']>(kind: K): Extract<KernelOutput, { kind: K }>[] {
    return this.#said.filter((output): output is Extract<KernelOutput, { kind: K }> => output.kind === kind);
  }

  #result(): StrategyRun {
    const instrument = this.#instrument;
    const shown = (price: Bar['close'] | null): number | null =>
      price === null ? null : approximatePrice(price, instrument);
    const orders = new Map(this.#of('order').map(({ order }) => [order.clientOrderId, order]));
    const [view] = this.#run.kernel.strategies();
    const position = this.#run.kernel.positions().find(({ strategyId: id }) => id === view?.strategy.id);
    const averagePrice = position?.averagePrice ?? null;
    const { equity } = this.#run.kernel.account();
    const record = this.#of('strategy').at(-1)?.strategy.state as Readonly<Record<string, unknown>> | undefined;
    return {
      decisions: this.#of('decision').map(({ decision: { action, wanted, risk, tsEventUs } }) => {
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
      fills: this.#of('fill').map(({ fill }) => ({
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
      equities: this.#equities,
      state: record?.[instrument.id] ?? null,
      failure: view?.failure ?? null,
    };
  }
}
