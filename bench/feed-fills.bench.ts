import {
  accountId,
  assetId,
  expectOk,
  clientOrderId,
  instrumentId,
  parseAmount,
  PLAIN_TERMS,
  price,
  quantity,
  seededRandom,
  strategyId,
  timestampUs,
} from '@monsta/core';
import type { Bar, Instrument, OrderRequest, QuoteTick, TradeTick } from '@monsta/core';
import { DEFAULT_BAR_RULES, DEFAULT_TICK_RULES, FeedAccount, FeedExchange, rulesOfInstrument } from '@monsta/matching';
import type { FillRules, NewOrder } from '@monsta/matching';
import type { BenchCase, BenchOptions, BenchReport } from './report.ts';

const OWNER = accountId('owner');
const SYMBOL = instrumentId('BTCUSDT');
const EVENTS = 500_000;
const MIDDLE = 6_000_000;
const MINUTE_US = 60_000_000;
const money = (text: string) => expectOk(parseAmount(text));

const INSTRUMENT: Instrument = {
  id: SYMBOL,
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
const RULES = rulesOfInstrument(INSTRUMENT);

/** Prices of a random walk, a step of up to 5 ticks for each event. */
function walk(seed: number): Float64Array {
  const random = seededRandom(seed);
  const prices = new Float64Array(EVENTS);
  let at = MIDDLE;
  for (let index = 0; index < EVENTS; index += 1) {
    at += random.integer(11) - 5;
    prices[index] = at;
  }
  return prices;
}

const bars = (prices: Float64Array): readonly Bar[] =>
  Array.from(prices, (close, index): Bar => {
    const open = index === 0 ? close : (prices[index - 1] as number);
    const closeTimeUs = timestampUs((index + 1) * MINUTE_US);
    return {
      kind: 'bar',
      instrument: SYMBOL,
      interval: '1m',
      openTimeUs: timestampUs(index * MINUTE_US),
      closeTimeUs,
      open: price(open),
      high: price(Math.max(open, close) + 3),
      low: price(Math.min(open, close) - 3),
      close: price(close),
      volume: 1_000_000_000n,
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

const quotes = (prices: Float64Array): readonly QuoteTick[] =>
  Array.from(prices, (at, index): QuoteTick => ({
    kind: 'quote',
    instrument: SYMBOL,
    updateId: index,
    bidPrice: price(at),
    bidQuantity: quantity(1_000),
    askPrice: price(at + 1),
    askQuantity: quantity(1_000),
    tsEventUs: timestampUs(index * 1_000),
    tsInitUs: timestampUs(index * 1_000),
  }));

const trades = (prices: Float64Array): readonly TradeTick[] =>
  Array.from(prices, (at, index): TradeTick => ({
    kind: 'trade',
    instrument: SYMBOL,
    tradeId: index,
    price: price(at),
    quantity: quantity(10),
    buyerIsMaker: index % 2 === 0,
    tsEventUs: timestampUs(index * 1_000),
    tsInitUs: timestampUs(index * 1_000),
  }));

const BASE: Omit<NewOrder, 'side' | 'type' | 'timeInForce' | 'price' | 'stopPrice'> = {
  account: OWNER,
  symbol: SYMBOL,
  quantity: quantity(1_000),
  quoteOrderQuantity: null,
  trailingDelta: null,
  icebergQuantity: null,
  clientOrderId: null,
  selfTradeMode: null,
  strategyId: null,
  strategyType: null,
};

/** Two limits and a stop that the walk never reaches: what every event then has to look at. */
const RESTING: readonly NewOrder[] = [
  { ...BASE, side: 'buy', type: 'LIMIT', timeInForce: 'gtc', price: price(1_000_000), stopPrice: null },
  { ...BASE, side: 'sell', type: 'LIMIT', timeInForce: 'gtc', price: price(20_000_000), stopPrice: null },
  { ...BASE, side: 'sell', type: 'STOP_LOSS', timeInForce: null, price: null, stopPrice: price(1_000_000) },
];

interface Counter {
  reports: number;
}

function exchangeOf(rules: FillRules, counter: Counter): FeedExchange {
  return new FeedExchange({
    symbols: [RULES],
    rules,
    accounts: [
      {
        id: OWNER,
        balances: [
          { asset: assetId('USDT'), free: money('100000000') },
          { asset: assetId('BTC'), free: money('1000') },
        ],
      },
    ],
    hear: (message) => {
      if (message.kind === 'report') counter.reports += 1;
    },
  });
}

/** Nanoseconds for each event. */
function measure<T>(events: readonly T[], each: (event: T, index: number) => void): number {
  const startedNs = process.hrtime.bigint();
  for (let index = 0; index < events.length; index += 1) each(events[index] as T, index);
  return Number(process.hrtime.bigint() - startedNs) / events.length;
}

/** Orders of one account that a market order enters and leaves, or a pair of stop and take profit; ids are made before. */
const ACCOUNT_ORDERS = 200_000;

function requestsOf(): readonly OrderRequest[] {
  return Array.from({ length: ACCOUNT_ORDERS }, (_, index): OrderRequest => {
    const side = index % 2 === 0 ? 'buy' : 'sell';
    return {
      ...PLAIN_TERMS,
      clientOrderId: clientOrderId(`o${index}`),
      strategyId: strategyId('bench'),
      instrument: SYMBOL,
      side,
      type: 'market',
      timeInForce: 'gtc',
      quantity: quantity(1_000),
      limitPrice: null,
      reduceOnly: false,
      createdUs: timestampUs(index * MINUTE_US),
    };
  });
}

function accountOf(): FeedAccount {
  const account = new FeedAccount({
    rules: DEFAULT_BAR_RULES,
    fees: { makerPpm: 1_000, takerPpm: 1_000 },
    feesFrom: 'quote',
    balances: [{ asset: assetId('USDT'), free: money('100000000') }],
    endedOrdersKept: 0,
  });
  account.useInstruments([INSTRUMENT]);
  return account;
}

/** Sent after each close, filled at the next open: nanoseconds for each order. */
function marketOrders(someBars: readonly Bar[], requests: readonly OrderRequest[], counter: Counter): number {
  const account = accountOf();
  return measure(requests, (request, index) => {
    const bar = someBars[index] as Bar;
    account.submit(request);
    counter.reports += account.showOpen(bar).length;
    account.observe(bar);
  });
}

/** A market order, and with its fill a stop and a take profit of which the stop is reached two bars later: nanoseconds for each such trip. */
function brackets(someBars: readonly Bar[], requests: readonly OrderRequest[], counter: Counter): number {
  const account = accountOf();
  const trips = requests.filter((_, index) => index % 4 === 0);
  return measure(trips, (request, index) => {
    const [first, second] = [someBars[index * 2] as Bar, someBars[index * 2 + 1] as Bar];
    const leg = (type: 'take_profit' | 'stop_loss', apart: number): OrderRequest => ({
      ...(requests[index * 4 + (apart > 0 ? 1 : 2)] as OrderRequest),
      side: 'sell',
      type,
      stopPrice: price(first.open + apart),
      listId: request.clientOrderId,
      createdUs: first.openTimeUs,
    });
    account.submit({ ...request, createdUs: first.openTimeUs });
    account.showOpen(first);
    account.submitList({
      listId: request.clientOrderId,
      kind: 'oco',
      orders: [leg('take_profit', 1_000), leg('stop_loss', -1_000)],
    });
    account.observe(first);
    const crash = { ...second, low: price(first.open - 1_000) };
    account.showOpen(crash);
    counter.reports += account.observe(crash).length;
  });
}

export async function run(options: BenchOptions): Promise<BenchReport> {
  const prices = walk(options.seed);
  const [someBars, someQuotes, someTrades] = [bars(prices), quotes(prices), trades(prices)];
  const requests = requestsOf();
  const samples = new Map<string, number[]>();
  const facts: Record<string, string | number | boolean | null> = { events: EVENTS };
  const note = (name: string, ns: number, round: number): void => {
    if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), ns]);
  };
  for (let round = -1; round < options.rounds; round += 1) {
    for (const open of [false, true]) {
      const with3 = open ? 'three open orders' : 'no open order';
      const begun = (rules: FillRules, counter: Counter): FeedExchange => {
        const exchange = exchangeOf(rules, counter);
        const [firstBar, firstQuote] = [someBars[0], someQuotes[0]];
        if (firstBar !== undefined) exchange.observe(firstBar);
        if (firstQuote !== undefined) exchange.observe(firstQuote);
        if (open) for (const order of RESTING) exchange.send({ kind: 'place', order }, 0);
        return exchange;
      };
      const counter = { reports: 0 };
      const onBars = begun(DEFAULT_BAR_RULES, counter);
      note(
        `a bar, ${with3}`,
        measure(someBars.slice(1), (bar) => onBars.observeBar(bar)),
        round,
      );
      const onTicks = begun(DEFAULT_TICK_RULES, counter);
      note(
        `a quote, ${with3}`,
        measure(someQuotes, (quote) => onTicks.observe(quote)),
        round,
      );
      const onTrades = begun(DEFAULT_TICK_RULES, counter);
      note(
        `a trade, ${with3}`,
        measure(someTrades, (trade) => onTrades.observe(trade)),
        round,
      );
      facts[`reports, ${with3}`] = counter.reports;
    }
    const counter = { reports: 0 };
    const active = exchangeOf(DEFAULT_BAR_RULES, counter);
    const turn = (bar: Bar, index: number): void => {
      active.observeBar(bar);
      const side = index % 2 === 0 ? 'buy' : 'sell';
      const order: NewOrder = { ...BASE, side, type: 'MARKET', timeInForce: null, price: null, stopPrice: null };
      active.send({ kind: 'place', order }, bar.closeTimeUs);
    };
    note('a bar with a market order after each', measure(someBars, turn), round);
    facts['reports, a market order after each bar'] = counter.reports;
    const told = { reports: 0 };
    note('an account’s market order, from submit to fill', marketOrders(someBars, requests, told), round);
    note('an account’s bracket, from submit to the stop’s fill', brackets(someBars, requests, told), round);
    facts['events told of an account’s orders'] = told.reports;
    if (round >= 0) options.log(`round ${round + 1} of ${options.rounds}`);
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  const cases = [...samples].map(([name, figures]): BenchCase => ({
    name,
    unit: 'ns',
    better: 'lower',
    samples: figures,
  }));
  return { title: 'Fills from a feed: what an event costs', cases, comparisons: [], facts, skipped: null };
}
