import {
  accountId,
  amount,
  assetId,
  expectOk,
  instrumentId,
  parseAmount,
  price,
  quantity,
  strategyId,
  timestampUs,
  usFromMs,
  type Amount,
  type Balance,
  type Bar,
  type Fill,
  type Instrument,
  type VenueOrderEvent,
} from '@monsta/core';
import { emaCross } from './strategies/ema-cross.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput } from './kernel-types.ts';
import type { RecoveredState } from './records.ts';
import { UNLIMITED } from './risk.ts';
import { defineStrategy, type ConfiguredStrategy, type StrategyDefinition } from './strategy.ts';
import { parseParameters } from './strategy/validate.ts';

export const money = (text: string): Amount => expectOk(parseAmount(text));

export const BTC: Instrument = {
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

export const CONFIG: KernelConfig = {
  accountId: accountId('paper:test'),
  quoteAsset: assetId('USDT'),
  allocationPpm: 95_000,
  rebalanceBandPpm: 200_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  limits: {
    ...UNLIMITED,
    positionPpmMax: 100_000,
    dailyLossPpmMax: 50_000,
    drawdownPpmMax: 200_000,
    openOrdersMax: 10,
    priceCollarPpm: 50_000,
    staleAfterMs: 200_000,
    orderNotionalMin: money('5'),
    cashReservePpm: 5_000,
    exposureMax: null,
  },
};

/** 2024-08-08T00:00:00Z. */
const START_MS = 1_723_075_200_000;

export const configured = (definition: StrategyDefinition, given: unknown = null): ConfiguredStrategy => ({
  id: strategyId(definition.name),
  definition,
  parameters: expectOk(parseParameters(definition, given)),
  instruments: [BTC.id],
});

/** Needs one bar; does at each what the list says: a target, or null for nothing. */
export function scripted(
  targets: readonly (number | null)[],
  name = 'scripted',
  limitPrice?: number,
): ConfiguredStrategy {
  return configured(
    defineStrategy({
      name,
      parameters: {},
      intervals: () => ['1m'],
      onBar(context) {
        const target = targets[(context.bar.openTimeMs - START_MS) / 60_000] ?? null;
        if (target !== null) context.setTarget(target, limitPrice === undefined ? {} : { limitPrice });
      },
    }),
  );
}

export const crossing = configured(emaCross, { fast: 2, slow: 3 });

export const atMs = (ms: number) => usFromMs(START_MS + ms);

/** The bar of minute `n`, closing at `close` ticks. */
export function barOf(n: number, close: number): Bar {
  return {
    kind: 'bar',
    instrument: BTC.id,
    interval: '1m',
    openTimeUs: atMs(n * 60_000),
    closeTimeUs: atMs((n + 1) * 60_000),
    open: price(close),
    high: price(close),
    low: price(close),
    close: price(close),
    volume: 100_000_000n,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: 1,
    firstTradeId: n,
    lastTradeId: n,
    bookImbalance: null,
    closed: true,
    tsEventUs: atMs((n + 1) * 60_000),
    tsInitUs: atMs((n + 1) * 60_000),
  };
}

export const barInput = (n: number, close: number): KernelInput => ({
  kind: 'market',
  tsUs: atMs((n + 1) * 60_000),
  event: barOf(n, close),
});

export const tradeInput = (ms: number, at: number, id = ms): KernelInput => ({
  kind: 'market',
  tsUs: atMs(ms),
  event: {
    kind: 'trade',
    instrument: BTC.id,
    tradeId: id,
    price: price(at),
    quantity: quantity(1_000),
    buyerIsMaker: false,
    tsEventUs: atMs(ms),
    tsInitUs: atMs(ms),
  },
});

export const quoteInput = (ms: number, bid: number, ask: number): KernelInput => ({
  kind: 'market',
  tsUs: atMs(ms),
  event: {
    kind: 'quote',
    instrument: BTC.id,
    updateId: ms,
    bidPrice: price(bid),
    bidQuantity: quantity(1_000_000),
    askPrice: price(ask),
    askQuantity: quantity(1_000_000),
    tsEventUs: atMs(ms),
    tsInitUs: atMs(ms),
  },
});

export const feedInput = (ms: number, status: 'live' | 'stale'): KernelInput => ({
  kind: 'market',
  tsUs: atMs(ms),
  event: { kind: 'feed', instrument: BTC.id, status, reason: null, tsEventUs: atMs(ms), tsInitUs: atMs(ms) },
});

export const balance = (asset: string, free: string): Balance => ({
  asset: assetId(asset),
  free: money(free),
  locked: amount(0n),
});

export const EMPTY: RecoveredState = {
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

/** What a start feeds the kernel: instruments, an empty ledger, a venue with 10,000 USDT. */
export const startInputs = (
  ms = 0,
  balances: readonly Balance[] = [balance('USDT', '10000')],
  state = EMPTY,
): KernelInput[] => [
  { kind: 'instruments', tsUs: atMs(ms), instruments: [BTC] },
  { kind: 'recover', tsUs: atMs(ms), state },
  { kind: 'reconcile', tsUs: atMs(ms), plan: { events: [], cancels: [], divergences: [] }, balances },
  feedInput(ms, 'live'),
];

/** A started kernel that has seen a trade and a quote around `at`. */
export function running(strategies: readonly ConfiguredStrategy[], at = 6_000_000, config = CONFIG): Kernel {
  const kernel = new Kernel(config, strategies);
  for (const input of [...startInputs(), tradeInput(1, at), quoteInput(2, at - 1, at)]) kernel.handle(input);
  return kernel;
}

export type Only<K extends KernelOutput['kind']> = Extract<KernelOutput, { kind: K }>;
export const only = <K extends KernelOutput['kind']>(outputs: readonly KernelOutput[], kind: K): Only<K>[] =>
  outputs.filter((output): output is Only<K> => output.kind === kind);

export const venueInput = (ms: number, event: VenueOrderEvent): KernelInput => ({
  kind: 'venue',
  tsUs: atMs(ms),
  event,
});

/** Feeds what a submit asked for as accepted and wholly filled at `at`, fee in the received asset's quote (none). */
export function fillAll(
  kernel: Kernel,
  outputs: readonly KernelOutput[],
  at: number,
  ms: number,
  feeUnits = 0n,
): KernelOutput[] {
  return only(outputs, 'submit').flatMap(({ request }) => {
    const fill: Fill = {
      fillId: `f-${request.clientOrderId}` as Fill['fillId'],
      clientOrderId: request.clientOrderId,
      venueOrderId: `v-${request.clientOrderId}` as Fill['venueOrderId'],
      strategyId: request.strategyId,
      instrument: request.instrument,
      side: request.side,
      price: price(at),
      quantity: request.quantity,
      fee: amount(feeUnits),
      feeAsset: assetId('USDT'),
      liquidity: 'taker',
      tsEventUs: atMs(ms),
    };
    const { clientOrderId } = request;
    return [
      ...kernel.handle(
        venueInput(ms, { kind: 'order-accepted', clientOrderId, venueOrderId: fill.venueOrderId, tsEventUs: atMs(ms) }),
      ),
      ...kernel.handle(venueInput(ms, { kind: 'order-filled', fill, tsEventUs: atMs(ms) })),
    ];
  });
}
