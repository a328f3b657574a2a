import {
  accountId,
  assetId,
  expectOk,
  instrumentId,
  parseAmount,
  price,
  quantity,
  seededRandom,
  strategyId,
  timestampUs,
  type Bar,
  type Instrument,
} from '@monsta/core';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { TapeRun } from '@monsta/simulation';
import {
  defineStrategy,
  parseParameters,
  UNLIMITED,
  type KernelConfig,
  type KernelInput,
  type KernelOutput,
  type StrategyDefinition,
} from '@monsta/trading';
import type { BenchOptions, BenchReport } from './report.ts';

const BARS = 60_000;
const MINUTE_US = 60_000_000;
const START_US = 1_723_075_200_000_000;
/** What issue 6 leaves an order of 0.2 µs a bar where an SMA cross trades every 36 bars or so. */
const AIM_US = 5;
const PLENTY = quantity(1_000_000_000);
const money = (text: string) => expectOk(parseAmount(text));

const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: money('5'),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};

const CONFIG: KernelConfig = {
  accountId: accountId('bench:orders'),
  quoteAsset: BTC.quote,
  allocationPpm: 950_000,
  rebalanceBandPpm: 50_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  limits: UNLIMITED,
};

const base = { description: 'For the benchmark.', parameters: {}, intervals: () => ['1m'] as const };

/** Asks for what it has, which is nothing: what bars cost without an order. */
const still = defineStrategy({ name: 'still', ...base, onBar: ({ setTarget }) => setTarget(0) });

/** All in for two bars, and out for two. */
const turning = defineStrategy({
  name: 'turning',
  ...base,
  onBar: ({ setTarget, bar }) => setTarget((bar.openTimeMs / 60_000) % 4 < 2 ? 1 : 0),
});

/** Always in a position that a stop and a take profit leave, which rest at the venue and cancel each other. */
const bracketing = defineStrategy({
  name: 'bracketing',
  ...base,
  onBar: ({ bracket, position, orders }) => {
    if (position.quantity > 0 || orders.length > 0) return;
    bracket({ fraction: 1, stopDistance: 0.001, takeProfitDistance: 0.001 });
  },
});

/** A seeded walk whose bars are wide enough that most brackets last a few of them. */
function walk(seed: number): readonly Bar[] {
  const random = seededRandom(seed);
  let at = 6_000_000;
  return Array.from({ length: BARS }, (_, index): Bar => {
    const open = at;
    at = Math.max(1_000_000, at + Math.round(random.gaussian() * 3_000));
    const closeTimeUs = timestampUs(START_US + (index + 1) * MINUTE_US);
    return {
      kind: 'bar',
      instrument: BTC.id,
      interval: '1m',
      openTimeUs: timestampUs(START_US + index * MINUTE_US),
      closeTimeUs,
      open: price(open),
      high: price(Math.max(open, at) + random.integer(1_500)),
      low: price(Math.min(open, at) - random.integer(1_500)),
      close: price(at),
      volume: 5_000_000_000n,
      quoteVolume: null,
      takerBuyVolume: null,
      takerBuyQuoteVolume: null,
      trades: null,
      firstTradeId: null,
      lastTradeId: null,
      bookImbalance: null,
      closed: true,
      tsEventUs: closeTimeUs,
      tsInitUs: closeTimeUs,
    };
  });
}

/** What is known at a close: quote, last trade and bar. */
function closeOf({ instrument, closeTimeUs: tsUs, close }: Bar, number: number): readonly KernelInput[] {
  const at = { instrument, tsEventUs: tsUs, tsInitUs: tsUs };
  const sides = { bidPrice: close, bidQuantity: PLENTY, askPrice: close, askQuantity: PLENTY };
  const last = { tradeId: number, price: close, quantity: quantity(1), buyerIsMaker: false };
  return [
    { kind: 'market', tsUs, event: { kind: 'quote', updateId: number, ...sides, ...at } },
    { kind: 'market', tsUs, event: { kind: 'trade', ...last, ...at } },
  ];
}

interface Counts {
  orders: number;
  fills: number;
  trips: number;
}

function tapeOf(definition: StrategyDefinition, counts: Counts): TapeRun {
  const heard = (output: KernelOutput): void => {
    if (output.kind === 'order' && output.order.status === 'pending_submit') counts.orders += 1;
    else if (output.kind === 'fill') counts.fills += 1;
    else if (output.kind === 'trip-ended') counts.trips += 1;
  };
  const startUs = timestampUs(START_US);
  const parameters = expectOk(parseParameters(definition, {}));
  const run = new TapeRun({
    config: CONFIG,
    strategies: [{ id: strategyId(definition.name), definition, parameters, instruments: [BTC.id] }],
    instruments: [BTC],
    account: {
      rules: { ...DEFAULT_BAR_RULES, slippage: { kind: 'none' } },
      fees: { makerPpm: 100, takerPpm: 100 },
      feesFrom: 'quote',
      balances: [{ asset: BTC.quote, free: money('100000000') }],
    },
    startUs,
    tickUs: MINUTE_US,
    bookEveryMs: 0,
    keeps: { decisions: 'none', ledger: false },
    heard,
  });
  const at = { tsEventUs: startUs, tsInitUs: startUs };
  const event = { kind: 'feed', instrument: BTC.id, status: 'live', reason: null, ...at } as const;
  run.take({ kind: 'market', tsUs: startUs, event });
  return run;
}

/** Plays the bars; microseconds of the processor, which others on the machine stretch less than the clock's. */
function play(definition: StrategyDefinition, bars: readonly Bar[]): Counts & { readonly us: number } {
  const counts: Counts = { orders: 0, fills: 0, trips: 0 };
  const run = tapeOf(definition, counts);
  const from = process.cpuUsage();
  for (const [index, bar] of bars.entries()) {
    run.passTime(bar.closeTimeUs);
    run.show(bar);
    for (const input of closeOf(bar, index)) run.tell(input);
    run.tell({ kind: 'market', tsUs: bar.closeTimeUs, event: bar });
  }
  const { user, system } = process.cpuUsage(from);
  return { ...counts, us: user + system };
}

/**
 * What an order costs, all told: sizing, risk's rules, the order desk, the exchange with its filters, funds and fees, its reports, and the books. Every input is told as it is live; what
 * the same bars cost without an order is taken off.
 */
export async function run({ rounds, seed, log }: BenchOptions): Promise<BenchReport> {
  const bars = walk(seed);
  const [market, bracket]: [number[], number[]] = [[], []];
  const facts: Record<string, number> = { bars: BARS };
  // The runtime needs some rounds to have compiled what it runs.
  for (let round = -3; round < rounds; round += 1) {
    const none = play(still, bars);
    const turned = play(turning, bars);
    const left = play(bracketing, bars);
    if (round < 0) continue;
    market.push((turned.us - none.us) / turned.orders);
    bracket.push((left.us - none.us) / left.trips);
    Object.assign(facts, { marketOrders: turned.orders, bracketOrders: left.orders, bracketTrips: left.trips });
    log(`round ${round + 1} of ${rounds}`);
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return {
    title:
      'An order from wish to booked fill, through the kernel and the exchange that backtests and paper trading fill from',
    cases: [
      { name: 'a market order', unit: 'us', better: 'lower', samples: market, aimAtMost: AIM_US },
      {
        name: 'a bracket: its entry, its pair, and what leaves it',
        unit: 'us',
        better: 'lower',
        samples: bracket,
        aimAtMost: 3 * AIM_US,
      },
    ],
    comparisons: [],
    facts,
    skipped: null,
  };
}
