import { assetId, expectOk, parseDecimal } from '@monsta/core';
import { expect } from 'vitest';
import { Exchange } from './exchange.ts';
import type { ExchangeRefusal, Outcome } from './exchange-faults.ts';
import type { ExecutionReport } from './execution-report.ts';
import { ANN, BEN, BNB, BTC, CYD, OPEN_RULES, SYMBOL, USDT, money, ticks } from './exchange.test-support.ts';
import { NaiveExchange } from './naive-exchange.test-support.ts';
import type { NaiveSetting } from './naive-order.test-support.ts';
import { commandOf, MIDDLE, type Command, type Draw } from './random-commands.test-support.ts';
import { NO_EXCHANGE_RULES, type ExchangeRules, type SymbolRules } from './symbol-rules.ts';
import type { BestBidAsk, ExchangeTrade, OrderListStatus } from './vocabulary.ts';

const half = expectOk(parseDecimal('0.994'));
const more = expectOk(parseDecimal('1.006'));

/** Filters that random commands run into often enough. */
const TIGHT_RULES: SymbolRules = {
  ...OPEN_RULES,
  percentPrice: {
    name: 'PERCENT_PRICE_BY_SIDE',
    bidUp: more,
    bidDown: half,
    askUp: more,
    askDown: half,
    averageMinutes: 1,
  },
  quantity: { min: 1, max: 11 },
  marketQuantity: { min: 2, max: 10, step: 2 },
  notional: [
    {
      name: 'NOTIONAL',
      min: money('0.0199'),
      max: money('0.1101'),
      minAppliesToMarket: true,
      maxAppliesToMarket: true,
      averageMinutes: 1,
    },
  ],
  icebergPartsMax: 3,
  ordersMax: 7,
  algoOrdersMax: 4,
  icebergOrdersMax: 2,
  orderListsMax: 2,
  orderAmendsMax: 2,
  positionMax: money('0.07'),
  trailing: { aboveMin: 20, aboveMax: 100, belowMin: 30, belowMax: 110 },
};

/** Tighter than the symbol's where the symbol has none. */
const TIGHT_EXCHANGE: ExchangeRules = { ordersMax: 8, algoOrdersMax: 3, icebergOrdersMax: 1, orderListsMax: 2 };

/** How a comparison is set up: filters or none, and which asset fees may be paid in at a discount. */
export interface Setting {
  readonly rules: SymbolRules;
  readonly exchangeRules: ExchangeRules;
  readonly discountAsset: 'BNB' | 'BTC';
}

export const SETTINGS: readonly Setting[] = [
  { rules: OPEN_RULES, exchangeRules: NO_EXCHANGE_RULES, discountAsset: 'BNB' },
  { rules: TIGHT_RULES, exchangeRules: NO_EXCHANGE_RULES, discountAsset: 'BNB' },
  { rules: OPEN_RULES, exchangeRules: TIGHT_EXCHANGE, discountAsset: 'BTC' },
];

const ACCOUNTS = new Map([
  [ANN, { group: 7, discount: true }],
  [BEN, { group: 7, discount: false }],
  [CYD, { group: null, discount: true }],
]);

const START: readonly (readonly [string, string])[] = [
  ['BTC', '0.05'],
  ['USDT', '0.6'],
  ['BNB', '0.00002'],
];

/** Every event in one line, as `NaiveExchange` writes it. */
class Lines {
  readonly log: string[] = [];

  onReport(report: ExecutionReport): void {
    const { execution, prevention } = report;
    let about = '';
    if (execution !== null) {
      const { price, quantity, tradeId, isMaker, commission, commissionAsset } = execution;
      about = `${price} ${quantity} ${tradeId} ${isMaker} ${commission} ${commissionAsset}`;
    }
    if (prevention !== null) {
      const { preventedMatchId, lastPreventedQuantity, executionQuantity, executionPrice, counterOrderId } = prevention;
      const counts = `${preventedMatchId} ${lastPreventedQuantity} ${executionQuantity}`;
      about = `prevented ${counts} ${executionPrice} #${counterOrderId}`;
    }
    const { quantity, cumulativeQuantity, preventedQuantity, cumulativeQuote } = report;
    const counts = `${quantity} ${cumulativeQuantity} ${preventedQuantity} ${cumulativeQuote}`;
    const names = `${report.clientOrderId}<${report.originalClientOrderId}`;
    const kind = `#${report.orderId} ${report.executionType}/${report.status}`;
    this.log.push(`report ${report.executionId} ${kind} ${counts} ${names} ${report.rejectReason} ${about}`);
  }
  onTrade({ tradeId, price, quantity, buyerOrderId, sellerOrderId, buyerIsMaker }: ExchangeTrade): void {
    const maker = buyerIsMaker ? 'buy' : 'sell';
    this.log.push(`trade ${tradeId} ${price} ${quantity} #${buyerOrderId} #${sellerOrderId} ${maker}`);
  }
  onBest(_best: BestBidAsk): void {
    // The best prices follow from the depth, which is compared itself.
  }
  onListStatus({ orderListId, listStatusType }: OrderListStatus): void {
    this.log.push(`list ${orderListId} ${listStatusType}`);
  }
  onAccount(): void {
    // Balances are compared as they are after each command.
  }
}

const said = (fault: ExchangeRefusal['fault']): string => `${fault.number} ${fault.message}`;

function answerOf<T>(outcome: Outcome<T>, word: (value: T) => string): string {
  return outcome.ok ? word(outcome.value) : said(outcome.fault);
}

function run(exchange: Exchange, command: Command, us: number): string {
  switch (command.kind) {
    case 'place':
      return answerOf(exchange.place(command.request, us), ({ orderId }) => `placed ${orderId}`);
    case 'list':
      return answerOf(exchange.placeList(command.request, us), () => 'placed');
    case 'cancel':
      return answerOf(exchange.cancel(command.request, us), () => 'canceled');
    case 'cancel-all':
      return answerOf(exchange.cancelAll(command.account, SYMBOL, us), () => 'canceled');
    case 'amend':
      return answerOf(exchange.amend(command.request, us), () => 'amended');
    case 'replace':
      return answerOf(exchange.cancelReplace(command.request, us), (done) => {
        const outcome = `${done.cancelResult} ${done.newOrderResult}`;
        return done.fault === null ? outcome : `${said(done.fault)} ${outcome}`;
      });
  }
}

function runNaive(naive: NaiveExchange, command: Command, us: number): string {
  switch (command.kind) {
    case 'place':
      return naive.place(command.request, us);
    case 'list':
      return naive.placeList(command.request, us);
    case 'cancel':
      return naive.cancel(command.request, us);
    case 'cancel-all':
      return naive.cancelAll(command.account, us);
    case 'amend':
      return naive.amend(command.request, us);
    case 'replace':
      return naive.cancelReplace(command.request, us);
  }
}

/** How often what happened in a comparison, to show that it reached what it should. */
export type Tally = Map<string, number>;

/** What a comparison has to have seen; one that never got there would prove nothing. */
export const MUST_BE_SEEN = [
  'TRADE/FILLED',
  'TRADE/EXPIRED_IN_MATCH',
  'TRADE_PREVENTION/EXPIRED_IN_MATCH',
  'TRADE_PREVENTION/NEW',
  'EXPIRED/EXPIRED',
  'CANCELED/CANCELED',
  'REJECTED/REJECTED',
  'NEW/PENDING_NEW',
  'REPLACED/NEW',
  'REPLACED/PARTIALLY_FILLED',
  'REPLACED/PENDING_NEW',
  '-2010 Account has insufficient balance for requested action.',
  '-2010 Order would immediately match and take.',
  '-2010 The relationship of the prices for the orders is not correct.',
  '-2010 Duplicate order sent.',
  ...[
    'PERCENT_PRICE_BY_SIDE',
    'LOT_SIZE',
    'NOTIONAL',
    'MARKET_LOT_SIZE',
    'MAX_NUM_ORDERS',
    'MAX_NUM_ALGO_ORDERS',
    'MAX_POSITION',
    'TRAILING_DELTA',
    'EXCHANGE_MAX_NUM_ORDERS',
    'EXCHANGE_MAX_NUM_ALGO_ORDERS',
  ].map((name) => `-1013 Filter failure: ${name}`),
] as const;

/** Runs the same commands through the engine and the plain exchange and expects the same answers, events, balances, books and fees after each. */
export function compare(setting: Setting, draws: readonly Draw[], tally: Tally): void {
  const lines = new Lines();
  const { rules, exchangeRules, discountAsset } = setting;
  const exchange = new Exchange({
    symbols: [{ rules, openingPrice: ticks(MIDDLE) }],
    listener: lines,
    rules: exchangeRules,
    discount: { asset: assetId(discountAsset), payPpm: 750_000 },
  });
  exchange.setDiscountPrice(USDT, expectOk(parseDecimal('260')));
  exchange.setDiscountPrice(BTC, expectOk(parseDecimal('0.013')));
  const naiveSetting: NaiveSetting = {
    rules,
    exchangeRules,
    openingPrice: MIDDLE,
    makerPpm: 1_000n,
    takerPpm: 1_500n,
    accounts: ACCOUNTS,
    discount: {
      asset: discountAsset,
      payPpm: 750_000n,
      inBase: 13n * 10n ** 15n,
      inQuote: 260n * 10n ** 18n,
    },
  };
  const naive = new NaiveExchange(naiveSetting);
  for (const [id, { group, discount }] of ACCOUNTS) {
    exchange.addAccount(id, {
      balances: START.map(([asset, free]) => ({ asset: assetId(asset), free: money(free) })),
      fees: { makerPpm: 1_000, takerPpm: 1_500 },
      tradeGroupId: group,
      paysInDiscountAsset: discount,
    });
    for (const [asset, free] of START) naive.deposit(id, asset, money(free));
  }
  let us = 1_700_000_000_000_000;
  for (const draw of draws) {
    us += draw.waitsMs * 1_000;
    const command = commandOf(draw, exchange);
    lines.log.length = 0;
    naive.log.length = 0;
    const answer = run(exchange, command, us);
    const naiveAnswer = runNaive(naive, command, us);
    expectSame([answer, ...lines.log], [naiveAnswer, ...naive.log], command);
    expectSame(stateOf(exchange), naiveStateOf(naive), command);
    for (const line of [answer, ...lines.log]) {
      const word = line.startsWith('report') ? (line.split(' ')[3] ?? '') : line.replaceAll(/[0-9]+$|(?<= )\d.*/g, '');
      tally.set(word, (tally.get(word) ?? 0) + 1);
    }
  }
}

function stateOf(exchange: Exchange): readonly string[] {
  const depth = exchange.depth(SYMBOL, 1_000);
  const lines = [JSON.stringify(depth?.bids), JSON.stringify(depth?.asks)];
  for (const account of [ANN, BEN, CYD]) {
    const positions = exchange.positions(account);
    for (const name of [BTC, USDT, BNB]) {
      const position = positions.find(({ asset }) => asset === name);
      lines.push(`${account} ${name} ${position?.free} ${position?.locked}`);
    }
  }
  return [...lines, ...[...exchange.feesCollected()].map(([asset, fee]) => `${asset} ${fee}`).toSorted()];
}

function naiveStateOf(naive: NaiveExchange): readonly string[] {
  const lines = [JSON.stringify(naive.depth('buy')), JSON.stringify(naive.depth('sell'))];
  for (const account of [ANN, BEN, CYD]) {
    for (const asset of [BTC, USDT, BNB]) {
      const locked = naive.lockedOf(account, asset);
      lines.push(`${account} ${asset} ${naive.totalOf(account, asset) - locked} ${locked}`);
    }
  }
  return [...lines, ...[...naive.fees].map(([asset, fee]) => `${asset} ${fee}`).toSorted()];
}

/** As `toEqual`, which is too slow to be called at every step. */
function expectSame(actual: readonly string[], expected: readonly string[], command: Command): void {
  if (actual.length === expected.length && actual.every((line, index) => line === expected[index])) return;
  expect(actual, shown(command)).toEqual(expected);
}

const shown = (command: Command): string =>
  JSON.stringify(command, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
