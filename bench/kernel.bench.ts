import {
  accountId,
  amount,
  assetId,
  clientOrderId,
  expectOk,
  fillId,
  instrumentId,
  parseAmount,
  price,
  quantity,
  seededRandom,
  strategyId,
  timestampUs,
  venueOrderId,
  type Instrument,
  type InstrumentId,
  type OrderRequest,
} from '@monsta/core';
import { emaCross, Kernel, parseParameters, UNLIMITED, type KernelConfig, type KernelInput } from '@monsta/trading';
import { underLoad } from './kernel/under-load.ts';
import type { BenchOptions, BenchReport } from './report.ts';

const START_US = 1_723_075_200_000_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT'];
/** A trade and two quotes a second for each instrument. */
const SECONDS = 20_000;

const money = (text: string) => expectOk(parseAmount(text));

const instrumentOf = (symbol: string): Instrument => ({
  id: instrumentId(symbol),
  base: assetId(symbol.slice(0, -4)),
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
});

const CONFIG: KernelConfig = {
  accountId: accountId('paper:bench'),
  quoteAsset: assetId('USDT'),
  allocationPpm: 95_000,
  rebalanceBandPpm: 200_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  limits: {
    ...UNLIMITED,
    positionPpmMax: 100_000,
    dailyLossPpmMax: 500_000,
    drawdownPpmMax: 900_000,
    openOrdersMax: 20,
    priceCollarPpm: 50_000,
    staleAfterMs: 30_000,
    orderNotionalMin: money('5'),
    cashReservePpm: 5_000,
    exposureMax: null,
  },
};

/** A seeded walk of five instruments: trades, quotes, closed minutes, and a tick a second. */
function tape(seed: number, instruments: readonly Instrument[]): readonly KernelInput[] {
  const random = seededRandom(seed);
  const at = new Map<InstrumentId, number>(instruments.map(({ id }) => [id, 6_000_000]));
  const inputs: KernelInput[] = [];
  for (let second = 1; second <= SECONDS; second += 1) {
    const us = timestampUs(START_US + second * 1_000_000);
    for (const { id } of instruments) {
      const here = Math.max(100_000, (at.get(id) ?? 0) + Math.round(random.gaussian() * 300));
      at.set(id, here);
      const stamps = { instrument: id, tsEventUs: us, tsInitUs: us };
      for (const updateId of [2 * second, 2 * second + 1]) {
        const sizes = { bidQuantity: quantity(50_000), askQuantity: quantity(50_000) };
        const event = {
          kind: 'quote' as const,
          ...stamps,
          updateId,
          bidPrice: price(here - 1),
          askPrice: price(here),
          ...sizes,
        };
        inputs.push({ kind: 'market', tsUs: us, event });
      }
      const trade = {
        kind: 'trade' as const,
        ...stamps,
        tradeId: second,
        price: price(here),
        quantity: quantity(1_000),
        buyerIsMaker: false,
      };
      inputs.push({ kind: 'market', tsUs: us, event: trade });
      if (second % 60 !== 0) continue;
      const openTimeUs = timestampUs(us - 60_000_000);
      const ohlc = { open: price(here), high: price(here), low: price(here), close: price(here) };
      const none = {
        quoteVolume: null,
        takerBuyVolume: null,
        takerBuyQuoteVolume: null,
        trades: null,
        firstTradeId: null,
        lastTradeId: null,
        bookImbalance: null,
      };
      const bar = {
        kind: 'bar' as const,
        ...stamps,
        interval: '1m' as const,
        openTimeUs,
        closeTimeUs: us,
        ...ohlc,
        volume: 100_000_000n,
        ...none,
        closed: true,
      };
      inputs.push({ kind: 'market', tsUs: us, event: bar });
    }
    inputs.push({ kind: 'tick', tsUs: us });
  }
  return inputs;
}

function startKernel(instruments: readonly Instrument[]): Kernel {
  const parameters = expectOk(parseParameters(emaCross, { fast: 3, slow: 8 }));
  const kernel = new Kernel(CONFIG, [
    { id: strategyId(emaCross.name), definition: emaCross, parameters, instruments: instruments.map(({ id }) => id) },
  ]);
  const tsUs = timestampUs(START_US);
  const balances = [{ asset: assetId('USDT'), free: money('10000'), locked: amount(0n) }];
  const state = {
    account: null,
    balances: [],
    positions: [],
    openOrders: [],
    seenFills: [],
    seenTransfers: [],
    decided: [],
    strategies: [],
    roundTrips: [],
  };
  kernel.handle({ kind: 'instruments', tsUs, instruments });
  kernel.handle({ kind: 'recover', tsUs, state });
  kernel.handle({ kind: 'reconcile', tsUs, plan: { events: [], cancels: [], divergences: [] }, balances });
  for (const { id } of instruments) {
    kernel.handle({
      kind: 'market',
      tsUs,
      event: { kind: 'feed', instrument: id, status: 'live', reason: null, tsEventUs: tsUs, tsInitUs: tsUs },
    });
  }
  return kernel;
}

/** What a venue would answer at once: accepted and filled. */
function answers(request: OrderRequest, at: number, tsUs: KernelInput['tsUs']): readonly KernelInput[] {
  const id = clientOrderId(request.clientOrderId);
  const orderId = venueOrderId(`v${id}`);
  const fill = {
    fillId: fillId(`f${id}`),
    clientOrderId: id,
    venueOrderId: orderId,
    strategyId: request.strategyId,
    instrument: request.instrument,
    side: request.side,
    price: price(at),
    quantity: request.quantity,
    fee: amount(0n),
    feeAsset: assetId('USDT'),
    liquidity: 'taker' as const,
    tsEventUs: tsUs,
  };
  return [
    {
      kind: 'venue',
      tsUs,
      event: { kind: 'order-accepted', clientOrderId: id, venueOrderId: orderId, tsEventUs: tsUs },
    },
    { kind: 'venue', tsUs, event: { kind: 'order-filled', fill, tsEventUs: tsUs } },
  ];
}

interface KernelRun {
  readonly seconds: number;
  readonly p99Us: number;
  readonly decisions: number;
  readonly orders: number;
}

function runKernel(inputs: readonly KernelInput[], instruments: readonly Instrument[], timed: boolean): KernelRun {
  const kernel = startKernel(instruments);
  const times = timed ? new Float64Array(inputs.length) : null;
  let decisions = 0;
  let orders = 0;
  const began = performance.now();
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index];
    if (input === undefined) break;
    const from = times === null ? 0 : performance.now();
    const outputs = kernel.handle(input);
    if (times !== null) times[index] = performance.now() - from;
    for (const output of outputs) {
      if (output.kind === 'decision') decisions += 1;
      if (output.kind !== 'submit' || input.kind !== 'market' || input.event.kind !== 'bar') continue;
      orders += 1;
      for (const answer of answers(output.request, input.event.close, input.tsUs)) kernel.handle(answer);
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  times?.sort();
  return { seconds, p99Us: (times?.[Math.floor(inputs.length * 0.99)] ?? 0) * 1_000, decisions, orders };
}

/** The least anything could do with the same events: read each one's kind and price, and keep the last. */
function runBare(inputs: readonly KernelInput[]): { readonly seconds: number; readonly last: number } {
  const lastPrice = new Map<string, number>();
  const began = performance.now();
  for (const input of inputs) {
    if (input.kind !== 'market') continue;
    const { event } = input;
    if (event.kind === 'trade') lastPrice.set(event.instrument, event.price);
    else if (event.kind === 'quote') lastPrice.set(event.instrument, event.askPrice);
    else if (event.kind === 'bar') lastPrice.set(event.instrument, event.close);
  }
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, last: [...lastPrice.values()].reduce((sum, value) => sum + value, 0) };
}

/** With `--under-load` the trading thread of the real program. Else events a second through the kernel, with the EMA cross on five instruments, beside a bare loop over the same events. */
export function run(options: BenchOptions): Promise<BenchReport> {
  if (options.settings['load'] === 'true') return underLoad(options);
  const { rounds, seed, log } = options;
  const instruments = SYMBOLS.map(instrumentOf);
  const inputs = tape(seed, instruments);
  runKernel(inputs, instruments, false);
  runBare(inputs);
  const kernel: number[] = [];
  const bare: number[] = [];
  const p99: number[] = [];
  let decisions = 0;
  let orders = 0;
  let checksum = 0;
  for (let round = 0; round < rounds; round += 1) {
    const through = runKernel(inputs, instruments, false);
    const loop = runBare(inputs);
    kernel.push(inputs.length / through.seconds);
    bare.push(inputs.length / loop.seconds);
    p99.push(runKernel(inputs, instruments, true).p99Us);
    ({ decisions, orders } = through);
    checksum = loop.last;
    log(`round ${round + 1}: ${Math.round(inputs.length / through.seconds)} events/s`);
  }
  return Promise.resolve({
    title: 'The trading kernel: trades, quotes, bars and ticks of five instruments, EMA cross, orders filled at once',
    cases: [
      { name: 'kernel', unit: 'events/s', better: 'higher', samples: kernel },
      { name: 'bare loop', unit: 'events/s', better: 'higher', samples: bare },
      { name: 'kernel p99 of one input', unit: 'us', better: 'lower', samples: p99 },
    ],
    comparisons: [{ case: 'kernel', baseline: 'bare loop' }],
    facts: { events: inputs.length, instruments: instruments.length, decisions, orders, checksum },
    skipped: null,
  });
}
