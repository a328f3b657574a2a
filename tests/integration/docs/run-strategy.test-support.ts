/**
 * `node run-strategy.test-support.ts FILE CLOSES`: loads a strategy file as the program does, runs it in the trading kernel with the default sizing and limits over
 * one-minute bars of BTCUSDT that close at CLOSES (whole prices, by commas), fills its orders with the matching engine, and prints
 * `{decisions, fills}` as JSON. A program of its own, since strategy files are found and stripped by Node, not by the test runner.
 */
import { aiTradingConfigSchema, kernelConfigOf } from '@monsta/ai-trading';
import { LISTED_SYMBOLS } from '@monsta/binance-server';
import {
  accountId,
  assetId,
  expectOk,
  parseAmount,
  price,
  quantity,
  strategyId,
  usFromMs,
  type Bar,
  type Instrument,
  type MarketEvent,
  type VenueOrderEvent,
} from '@monsta/core';
import { DEFAULT_TICK_RULES, FeedAccount } from '@monsta/matching';
import { Kernel, parseParameters, type KernelInput, type KernelOutput } from '@monsta/trading';
import { loadStrategy } from '../../../apps/monsta/src/strategies/load.ts';

const START_MS = 1_723_075_200_000;
const MINUTE_MS = 60_000;
const TICKS_PER_UNIT = 100;

const [file = '', closesText = ''] = process.argv.slice(2);
const closes = closesText.split(',').map((text) => Number(text) * TICKS_PER_UNIT);

function listed(name: string): Instrument {
  const found = LISTED_SYMBOLS.find(({ instrument }) => instrument.id === name);
  if (found === undefined) throw new Error(`${name} is not listed`);
  return found.instrument;
}
const btc = listed('BTCUSDT');

const definition = expectOk(await loadStrategy(file));
const kernel = new Kernel(kernelConfigOf(aiTradingConfigSchema.parse({}), accountId('paper:docs'), null), [
  {
    id: strategyId(definition.name),
    definition,
    parameters: expectOk(parseParameters(definition, null)),
    instruments: [btc.id],
  },
]);
const venue = new FeedAccount({
  rules: DEFAULT_TICK_RULES,
  fees: { makerPpm: 1_000, takerPpm: 1_000 },
  feesFrom: 'received',
  balances: [{ asset: assetId('USDT'), free: expectOk(parseAmount('10000')) }],
});
venue.useInstruments([btc]);

const said: KernelOutput[] = [];

function give(input: KernelInput): void {
  const outputs = kernel.handle(input);
  said.push(...outputs);
  for (const output of outputs) {
    if (output.kind === 'submit') answer(venue.submit(output.request));
    if (output.kind === 'cancel') answer(venue.cancel(output.clientOrderId, kernel.nowUs));
  }
}

function answer(events: readonly VenueOrderEvent[]): void {
  for (const event of events) give({ kind: 'venue', tsUs: event.tsEventUs, event });
}

function market(event: MarketEvent): void {
  answer(venue.observe(event));
  if (event.kind === 'trade' || event.kind === 'quote' || event.kind === 'bar' || event.kind === 'feed')
    give({ kind: 'market', tsUs: event.tsInitUs, event });
}

function minute(index: number, close: number): void {
  const closeTimeUs = usFromMs(START_MS + (index + 1) * MINUTE_MS);
  const at = { instrument: btc.id, tsEventUs: closeTimeUs, tsInitUs: closeTimeUs };
  const bar: Bar = {
    ...at,
    kind: 'bar',
    interval: '1m',
    openTimeUs: usFromMs(START_MS + index * MINUTE_MS),
    closeTimeUs,
    open: price(close),
    high: price(close),
    low: price(close),
    close: price(close),
    volume: 100_000_000n,
    quoteVolume: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
    trades: 1,
    firstTradeId: index,
    lastTradeId: index,
    closed: true,
  };
  market({
    ...at,
    kind: 'trade',
    tradeId: index,
    price: price(close),
    quantity: quantity(1_000),
    buyerIsMaker: false,
  });
  market({
    ...at,
    kind: 'quote',
    updateId: index,
    bidPrice: price(close - 1),
    bidQuantity: quantity(1_000_000),
    askPrice: price(close),
    askQuantity: quantity(1_000_000),
  });
  market(bar);
}

const startUs = usFromMs(START_MS);
give({ kind: 'instruments', tsUs: startUs, instruments: [btc] });
give({
  kind: 'recover',
  tsUs: startUs,
  state: {
    account: null,
    balances: [],
    positions: [],
    openOrders: [],
    seenFills: [],
    seenTransfers: [],
    decided: [],
    strategies: [],
    roundTrips: [],
  },
});
give({
  kind: 'reconcile',
  tsUs: startUs,
  plan: { events: [], cancels: [], divergences: [] },
  balances: venue.balances(),
});
market({
  kind: 'feed',
  instrument: btc.id,
  status: 'live',
  reason: null,
  tsEventUs: startUs,
  tsInitUs: startUs,
});
closes.forEach((close, index) => minute(index, close));

const of = <K extends KernelOutput['kind']>(kind: K): Extract<KernelOutput, { kind: K }>[] =>
  said.filter((output): output is Extract<KernelOutput, { kind: K }> => output.kind === kind);
process.stdout.write(
  `${JSON.stringify({
    decisions: of('decision').map(({ decision: { action, wanted, risk: answered } }) => ({
      action,
      wanted,
      risk: answered,
    })),
    fills: of('fill').map(({ fill }) => ({ side: fill.side, price: fill.price / TICKS_PER_UNIT, lots: fill.quantity })),
  })}\n`,
);
