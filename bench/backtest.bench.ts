import {
  accountId,
  assetId,
  emptyBarSeries,
  expectOk,
  instrumentId,
  parseAmount,
  quantity,
  seededRandom,
  strategyId,
  timestampUs,
  type BarSeries,
} from '@monsta/core';
import { sma } from '@monsta/features/indicators';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { statisticsOf } from '@monsta/simulation/statistics';
import { Backtest, type BacktestOptions } from '@monsta/simulation/backtest';
import {
  defineStrategy,
  parseParameters,
  SHIPPED_STRATEGIES,
  UNLIMITED,
  type StrategyDefinition,
} from '@monsta/trading';
import { peerCross, peerPackages } from './backtest/grademark.ts';
import type { BenchCase, BenchComparison, BenchOptions, BenchReport } from './report.ts';

const PEER = 'grademark 0.3.0, 10/50';

const BARS = 1_000_000;
const START_MS = 1_577_836_800_000;
const MINUTE_MS = 60_000;
const money = (text: string) => expectOk(parseAmount(text));

const INSTRUMENT = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000_000),
  marketQuantityMax: null,
  notionalMin: money('5'),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
} as const;

/** A walk of 0.08 % a minute with wicks. */
function walk(seed: number, length: number): BarSeries {
  const random = seededRandom(seed);
  const series = emptyBarSeries(INSTRUMENT, '1m', length);
  let last = 6_000_000;
  for (let index = 0; index < length; index += 1) {
    const open = last;
    last = Math.max(100_000, Math.round(last * (1 + 0.0008 * random.gaussian())));
    series.openTimeMs[index] = START_MS + index * MINUTE_MS;
    series.open[index] = open;
    series.close[index] = last;
    series.high[index] = Math.max(open, last) + random.integer(3_000);
    series.low[index] = Math.min(open, last) - random.integer(3_000);
    series.volume[index] = 1_000_000_000;
  }
  return series;
}

/** Enters by a bracket where the fast average is above the slow one, and leaves by its stop or its take profit. */
const bracket = defineStrategy({
  name: 'bracket',
  parameters: {},
  intervals: () => ['1m'],
  indicators: () => ({ fast: sma(10), slow: sma(50) }),
  onBar({ indicators: { fast, slow }, position, orders, bracket: enter }) {
    if (fast > slow && position.quantity === 0 && orders.length === 0)
      enter({ fraction: 1, stopDistance: 0.01, takeProfitDistance: 0.015, tag: 'entry' });
  },
});

const shipped = SHIPPED_STRATEGIES.find(({ name }) => name === 'sma-cross');

/** Ten thousand a trade of ten million: fees never end it, however often it trades. */
function optionsOf(definition: StrategyDefinition, given: unknown, series: BarSeries): BacktestOptions {
  const parameters = expectOk(parseParameters(definition, given));
  const strategy = { id: strategyId(definition.name), definition, parameters, instruments: [INSTRUMENT.id] };
  return {
    config: {
      accountId: accountId('backtest'),
      quoteAsset: INSTRUMENT.quote,
      limits: UNLIMITED,
      allocationPpm: 1_000_000,
      sizing: { kind: 'fixed', amount: money('10000') },
      rebalanceBandPpm: 200_000,
      exitPlan: null,
      equitySampleMs: 60_000,
    },
    strategies: [strategy],
    account: {
      rules: { ...DEFAULT_BAR_RULES, interval: '1m' },
      fees: { makerPpm: 1_000, takerPpm: 1_000 },
      feesFrom: 'quote',
      balances: [{ asset: INSTRUMENT.quote, free: money('10000000') }],
    },
    series: [series],
    fromMs: null,
    endOfData: 'mark',
    records: 'fills',
  };
}

/** The same averages and the same question in a loop over the same columns: what is left when there is no kernel. */
function bareLoop({ close, open, length }: BarSeries, fast: number, slow: number): number {
  let [fastSum, slowSum, cash, coins] = [0, 0, 1e9, 0];
  const curve = new Float64Array(length);
  let wanted = 0;
  for (let index = 0; index < length; index += 1) {
    const at = open[index] as number;
    if (wanted !== (coins > 0 ? 1 : 0)) {
      cash += wanted === 1 ? -1_001_000 : coins * at * 0.999;
      coins = wanted === 1 ? 1_000_000 / at : 0;
    }
    const last = close[index] as number;
    fastSum += last - (index >= fast ? (close[index - fast] as number) : 0);
    slowSum += last - (index >= slow ? (close[index - slow] as number) : 0);
    if (index >= slow) wanted = fastSum / fast > slowSum / slow ? 1 : 0;
    curve[index] = cash + coins * last;
  }
  return curve[length - 1] ?? 0;
}

interface Measured {
  readonly nsPerBar: number;
  readonly cpuNsPerBar: number;
  readonly orders: number;
}

/** Wall time, and the processor's time of all threads: on a machine that does something else too, the second tells more. */
function timed(bars: number, run: () => number): Measured {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const orders = run();
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { nsPerBar: (wallMs * 1e6) / bars, cpuNsPerBar: ((user + system) * 1_000) / bars, orders };
}

function played(options: BacktestOptions): number {
  const backtest = new Backtest(options);
  backtest.step(Infinity);
  return backtest.outcome().orderCount;
}

/** The same, and everything that is told of it: curve, trades, and what follows from them. */
function judged(options: BacktestOptions): number {
  const backtest = new Backtest(options);
  backtest.step(Infinity);
  return statisticsOf(backtest.outcome()).orders ?? 0;
}

export function run({ rounds, seed, settings, log }: BenchOptions): Promise<BenchReport> {
  const bars = Number(settings['bars'] ?? BARS);
  if (shipped === undefined) throw new Error('sma-cross is shipped');
  const peer = peerPackages();
  if (peer === null) log(`${PEER} is left out: it is not installed (npm ci)`);
  /** What each does before it is timed, and what is timed. */
  const rivals: readonly (readonly [name: string, aim: number | null, run: (series: BarSeries) => () => number])[] = [
    ['sma-cross 10/50', 200, (series) => () => played(optionsOf(shipped, {}, series))],
    ['sma-cross 50/200', 200, (series) => () => played(optionsOf(shipped, { fast: 50, slow: 200 }, series))],
    [
      'sma-cross 50/200, every statistic',
      null,
      (series) => () => judged(optionsOf(shipped, { fast: 50, slow: 200 }, series)),
    ],
    ['bracket', 500, (series) => () => played(optionsOf(bracket, {}, series))],
    ['bare loop 10/50', null, (series) => () => bareLoop(series, 10, 50)],
    ...(peer === null ? [] : [[PEER, null, (series: BarSeries) => peerCross(peer, series, 10, 50)] as const]),
  ];
  const all = new Map(rivals.map(([name]) => [name, [] as Measured[]]));
  let [peakMb, heapMb] = [0, 0];
  // One round more than is told: the first makes the code fast.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, , play] of rivals) {
      const series = walk(seed + round, bars);
      const measured = timed(bars, play(series));
      const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
      peakMb = Math.max(peakMb, rss / 1e6);
      heapMb = Math.max(heapMb, (heapUsed + arrayBuffers) / 1e6);
      log(`${name}: ${measured.nsPerBar.toFixed(0)} ns a bar, ${measured.cpuNsPerBar.toFixed(0)} ns of CPU`);
      if (round > 0) all.get(name)?.push(measured);
    }
  }
  const cases = rivals.flatMap(([name, aim]): BenchCase[] => {
    const samples = all.get(name) ?? [];
    const of = (what: string, figures: readonly number[]): BenchCase => ({
      name: `${name}${what}`,
      unit: 'ns/bar',
      better: 'lower',
      samples: figures,
      ...(aim === null ? {} : { aimAtMost: aim }),
    });
    return [
      of(
        '',
        samples.map(({ nsPerBar }) => nsPerBar),
      ),
      of(
        ', CPU',
        samples.map(({ cpuNsPerBar }) => cpuNsPerBar),
      ),
    ];
  });
  const ordersOf = (name: string): number => all.get(name)?.at(-1)?.orders ?? 0;
  const comparisons = ['sma-cross 10/50', 'sma-cross 50/200', 'bracket'].map((name): BenchComparison => ({
    case: `${name}, CPU`,
    baseline: 'bare loop 10/50, CPU',
  }));
  if (peer !== null) comparisons.push({ case: 'sma-cross 10/50, CPU', baseline: `${PEER}, CPU` });
  return Promise.resolve({
    title:
      'Backtest: bars through the whole kernel, the records of fills and trades and what the curve is drawn from included',
    cases,
    comparisons,
    facts: {
      bars,
      seed,
      'orders sma-cross 10/50': ordersOf('sma-cross 10/50'),
      'orders sma-cross 50/200': ordersOf('sma-cross 50/200'),
      'orders bracket': ordersOf('bracket'),
      [`orders ${PEER}`]: peer === null ? null : ordersOf(PEER),
      'peak memory MB': Math.round(peakMb),
      'peak heap and columns MB': Math.round(heapMb),
    },
    skipped: null,
  });
}
